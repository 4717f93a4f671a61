import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  PRODUCTION,
  PROJECT,
  packDryRun,
  remove,
  run,
  shippedFiles,
  sourceFiles,
  temporaryFolder,
} from '../../helpers/pack';

/** Rules for the dependencies, the package and the release workflow. */

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, unknown>>;
  readonly bundleDependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly scripts: Readonly<Record<string, string>>;
  readonly workspaces: readonly string[];
}

const read = (...path: string[]): string => readFileSync(join(PROJECT, ...path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as {
  readonly packages: { readonly '': Manifest } & { readonly [path: `node_modules/${string}`]: Locked };
};
const { '': root, ...packages } = lock.packages;
const examples = new Set(manifest.workspaces);
const locked = Object.entries<Locked>(packages).filter(([path]) => !examples.has(path));
const production = dependenciesOf(Object.keys(root.dependencies));

/** Returns the dependencies of packages, in the versions at the top of node_modules. */
function dependenciesOf(names: readonly string[]): [path: string, Locked][] {
  const found = new Map<string, Locked>();
  const queue = [...names];
  for (const name of queue) {
    const path = `node_modules/${name}` as const;
    if (found.has(path)) continue;
    const entry = packages[path]!;
    found.set(path, entry);
    queue.push(...Object.keys(entry.dependencies ?? {}));
  }
  return [...found];
}

describe('production packages', () => {
  test('are exactly these sixteen, including the library', () => {
    const names = production.map(([path]) => path.replace(/^node_modules\//, ''));
    expect([...names, 'twilio-capability'].sort()).toEqual(PRODUCTION);
    expect(PRODUCTION).toHaveLength(16);
  });

  test('have no install scripts', () => {
    const scripts = Object.keys(manifest.scripts);
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(scripts).not.toContain(hook);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  test('come from one dependency; peers are optional', () => {
    expect(manifest.dependencies).toEqual({ jsonwebtoken: '^9.0.3' });
    expect(manifest.peerDependencies).toEqual({ '@types/express': '>=4' });
    expect(manifest.peerDependenciesMeta).toEqual({ '@types/express': { optional: true } });
    expect([manifest.bundleDependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
  });

  test('are the only imports of the source, except bundled packages and types', () => {
    const imported = new Set<string>();
    for (const file of sourceFiles()) {
      for (const [, type = '', name] of read('src', file).matchAll(
        /^(?:import|export)( type)? [^;]*?from '([^.'][^']*)';$/gms,
      )) {
        if (!name!.startsWith('node:')) imported.add(name! + type);
      }
    }
    expect([...imported].sort()).toEqual([
      'express type',
      'jsonwebtoken',
      'vitest type',
      'zod/mini',
      'zod/mini type',
    ]);
  });
});

describe('the lockfile', () => {
  test('matches package.json', () => {
    const { dependencies, devDependencies, peerDependencies } = manifest;
    expect(root).toMatchObject({ dependencies, devDependencies, peerDependencies });
  });

  test('has the hash of every package and no registry address', () => {
    expect(locked.length).toBeGreaterThan(100);
    // The examples and the library are links into this repository.
    const links = locked.filter(([, { link }]) => link);
    expect(links).toEqual([
      ['node_modules/gateway', { resolved: 'examples/gateway', link: true }],
      ['node_modules/minimal', { resolved: 'examples/minimal', link: true }],
      ['node_modules/twilio-capability', { resolved: '', link: true }],
      ['node_modules/voice-app', { resolved: 'examples/voice-app', link: true }],
    ]);
    const odd = locked.filter(
      ([, { resolved, integrity, link }]) =>
        !link && (resolved !== undefined || !/^sha512-[\w+/]{86}==$/.test(integrity ?? '')),
    );
    expect(odd).toEqual([]);
  });

  test('has exact versions, since every tool is pinned', () => {
    const ofExamples = manifest.workspaces.flatMap((path) => {
      const { dependencies, devDependencies } = JSON.parse(read(path, 'package.json')) as Manifest;
      return Object.entries({ ...dependencies, ...devDependencies });
    });
    // An override can be limited to the dependencies of one package.
    const overrides = Object.entries(manifest.overrides).flatMap(([name, pin]) =>
      typeof pin === 'string' ? [[name, pin] as const] : Object.entries(pin),
    );
    const pins = [
      ...Object.entries(manifest.devDependencies),
      ...overrides,
      ...ofExamples.filter(([name]) => name !== 'twilio-capability'),
    ];
    const loose = pins.filter(([, pin]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(pin));
    expect(loose).toEqual([]);
  });
});

describe('npm pack', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });

  afterAll(() => remove(folder));

  test('includes only the build and the documents, whatever other files exist', async () => {
    const shipped = shippedFiles();
    const strays = [
      '.env',
      '.npmrc',
      '.github/workflows/ci.yml',
      '__tests__/package.test.ts',
      'bench/run.ts',
      'coverage/lcov.info',
      'docs/api/README.md',
      'examples/tour.ts',
      'secrets.json',
      'src/index.ts',
      'tsconfig.json',
      'twilio-capability-0.9.0.tgz',
    ];
    for (const file of [...shipped, ...strays]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), file === 'package.json' ? read(file) : '');
    }
    expect(await packDryRun(folder)).toEqual(shipped);
  });
});

describe('zod, which the build bundles', () => {
  test('is named in core.js with its version, and its license is in THIRD-PARTY-LICENSES', () => {
    const { version } = packages['node_modules/zod']!;
    const banner = `// Contains parts of zod ${version}. See THIRD-PARTY-LICENSES.`;
    expect(read('dist', 'core.js').split('\n', 1)).toEqual([banner]);
    expect(read('THIRD-PARTY-LICENSES')).toContain(`\nzod ${version}\n`);
    expect(read('THIRD-PARTY-LICENSES')).toContain(read('node_modules', 'zod', 'LICENSE'));
  });
});

describe('the workflows', () => {
  const workflows = readdirSync(join(PROJECT, '.github', 'workflows')).sort();

  test("are two, and use only GitHub's own actions, each pinned to a commit", () => {
    expect(workflows).toEqual(['ci.yml', 'release.yml']);
    const used = workflows.flatMap((file) =>
      [...read('.github', 'workflows', file).matchAll(/uses: (.*)/g)].map(([, action]) => action!),
    );
    const remote = [...new Set(used)].filter((action) => !action.startsWith('./'));
    expect(remote.length).toBeGreaterThan(0);
    for (const action of remote) {
      expect(action).toMatch(/^actions\/(?:checkout|setup-node)@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('publish with provenance from a tag, after everything that CI runs, without a stored token', () => {
    const release = read('.github', 'workflows', 'release.yml');
    expect(release).toMatch(/^on:\n {2}push:\n {4}tags: \['v\*\.\*\.\*'\]$/m);
    expect(release).toMatch(/^permissions: \{\}$/m);
    expect(release).toMatch(/^ {2}publish:\n {4}needs: test$/m);
    expect(release).toMatch(/^ {4}uses: \.\/\.github\/workflows\/ci\.yml$/m);
    expect(release).toMatch(/^ {4}permissions:\n {6}contents: read\n {6}id-token: write\n {4}steps:$/m);
    expect(release).toMatch(/^ {6}- run: npm publish --provenance --access public$/m);
    expect(release).not.toContain('secrets.');
  });

  test('have only read access when they test', () => {
    expect(read('.github', 'workflows', 'ci.yml')).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });
});

describe('a release', () => {
  const complete = {
    version: '1.2.3',
    repository: 'github:example/twilio-capability',
    bugs: 'https://example.com/issues',
    homepage: 'https://example.com',
  };
  const dated = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n';
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });

  afterAll(() => remove(folder));

  test.each([
    ['complete', complete, dated, 'v1.2.3', ''],
    [
      'without the addresses of the repository',
      { version: '1.2.3' },
      dated,
      'v1.2.3',
      'package.json has no "repository".\npackage.json has no "bugs".\npackage.json has no "homepage".\n',
    ],
    [
      'without a date in the changelog',
      complete,
      '# Changelog\n\n## [Unreleased]\n',
      'v1.2.3',
      'CHANGELOG.md has no section "## [1.2.3] - YYYY-MM-DD".\n',
    ],
    [
      'with a tag of another version',
      complete,
      dated,
      'v1.2.4',
      'The tag is v1.2.4, but the version in package.json is 1.2.3.\n',
    ],
  ])('%s', async (_, packageJson, changelog, tag, message) => {
    await writeFile(join(folder, 'package.json'), JSON.stringify(packageJson));
    await writeFile(join(folder, 'CHANGELOG.md'), changelog);
    const script = join(PROJECT, '.ci', 'check-release.mjs');
    const { code, stderr } = await run(process.execPath, [script], folder, { GITHUB_REF_NAME: tag });
    expect({ code, stderr }).toEqual({ code: message === '' ? 0 : 1, stderr: message });
  });

  test('checks this before npm publishes', () => {
    expect(manifest.scripts['prepublishOnly']).toBe('node .ci/check-release.mjs');
  });
});
