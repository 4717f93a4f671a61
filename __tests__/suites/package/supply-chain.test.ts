import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT, remove, run, temporaryFolder } from '../../helpers/pack';

/** Rules for the dependencies and for a release. */

const read = (...path: string[]): string => readFileSync(join(PROJECT, ...path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Readonly<Record<string, unknown>>;

test('nothing runs or is required when the package is installed, except for jsonwebtoken', () => {
  expect(manifest['dependencies']).toEqual({ jsonwebtoken: '^9.0.3' });
  expect(manifest['peerDependencies']).toEqual({ '@types/express': '>=4' });
  expect(manifest['peerDependenciesMeta']).toEqual({ '@types/express': { optional: true } });
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
  expect(Object.keys(manifest['scripts'] as object).filter((name) => hooks.includes(name))).toEqual([]);
});

test('zod is named in core.js with its version, and its license is in THIRD-PARTY-LICENSES', () => {
  const { version } = JSON.parse(read('node_modules', 'zod', 'package.json')) as { version: string };
  const banner = `// Contains parts of zod ${version}. See THIRD-PARTY-LICENSES.`;
  expect(read('dist', 'core.js').split('\n', 1)).toEqual([banner]);
  expect(read('THIRD-PARTY-LICENSES')).toContain(`\nzod ${version}\n`);
  expect(read('THIRD-PARTY-LICENSES')).toContain(read('node_modules', 'zod', 'LICENSE'));
});

describe('npm publishes a release', () => {
  const addresses = {
    repository: 'github:example/x',
    bugs: 'https://example.com',
    homepage: 'https://example.com',
  };
  const changelog = '# Changelog\n\n## [Unreleased]\n';
  const dated = `${changelog}\n## [1.2.3] - 2026-01-31\n`;
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });

  afterAll(() => remove(folder));

  test.each([
    ['that is complete', addresses, dated, 'v1.2.3', ''],
    [
      'only with the addresses of the repository',
      {},
      dated,
      'v1.2.3',
      'package.json has no "repository".\npackage.json has no "bugs".\npackage.json has no "homepage".\n',
    ],
    [
      'only with a date in the changelog',
      addresses,
      changelog,
      'v1.2.3',
      'CHANGELOG.md has no section "## [1.2.3] - YYYY-MM-DD".\n',
    ],
    [
      'only with a tag of its version',
      addresses,
      dated,
      'v1.2.4',
      'The tag is v1.2.4, but the version in package.json is 1.2.3.\n',
    ],
  ])('%s', async (_, fields, text, tag, message) => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3', ...fields }));
    await writeFile(join(folder, 'CHANGELOG.md'), text);
    const script = join(PROJECT, '.ci', 'check-release.mjs');
    const { code, stderr } = await run(process.execPath, [script], folder, { GITHUB_REF_NAME: tag });
    expect({ code, stderr }).toEqual({ code: message === '' ? 0 : 1, stderr: message });
    expect(manifest['scripts']).toMatchObject({ prepublishOnly: 'node .ci/check-release.mjs' });
  });
});
