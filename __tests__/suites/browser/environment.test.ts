import { expect, it } from '@jest/globals';
import { executablePath } from './support/chromium';
import { redisServer } from '../../helpers/redis';

const isRequired = Boolean(process.env['REQUIRE_BROWSER'] ?? process.env['CI']);

// The tests that need these are skipped without them. In CI, that is an error.
it.each([
  ['Chromium', executablePath, 'CHROMIUM_PATH'],
  ['redis-server', redisServer, 'REDIS_SERVER'],
])('finds %s', (name, path, variable) => {
  if (path === undefined) process.stderr.write(`No ${name} found. Set ${variable} to its path.\n`);
  if (isRequired) expect(path).toBeDefined();
});
