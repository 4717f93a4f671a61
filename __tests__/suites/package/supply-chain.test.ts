import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  PRODUCTION,
  PROJECT,
  packDryRun,
  remove,
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
    expect(Object.keys(manifest.peerDependencies)).toEqual(['@types/express', 'express']);
    expect(manifest.peerDependenciesMeta).toEqual({
      '@types/express': { optional: true },
      express: { optional: true },
    });
    expect([manifest.bundleDependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
  });

  test('are the only imports of the source, except bundled packages and types', () => {
    const imported = new Set<string>();
    for (const file of sourceFiles()) {
      for (const [, clause, name] of read('src', file).matchAll(
        /^(import|export) [^;]*?from '([^.'][^']*)';$/gms,
      )) {
        if (!name!.startsWith('node:')) imported.add(`${file}: ${clause!} ${name!}`);
      }
    }
    expect([...imported].sort()).toEqual([
      'endpoint/express.ts: import express',
      'tokens/jws.ts: import jsonwebtoken',
      'zod.ts: export zod/mini',
      'zod.ts: import zod/mini',
    ]);
    expect(read('src', 'endpoint', 'express.ts')).toContain(
      "import type { Request, RequestHandler, Response } from 'express';",
    );
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
      'dist/zod.d.ts',
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
  test('is all of dist/zod.js, with its license in THIRD-PARTY-LICENSES', async () => {
    const { metafile } = await build({
      entryPoints: [join(PROJECT, 'src', 'zod.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      metafile: true,
      write: false,
    });
    const [own, ...others] = Object.keys(metafile.inputs)
      .map((path) => path.replace(/^.*?node_modules\//, 'node_modules/'))
      .sort((a, b) => Number(a.startsWith('node_modules/')) - Number(b.startsWith('node_modules/')));
    expect(own).toBe('src/zod.ts');
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((path) => !path.startsWith('node_modules/zod/'))).toEqual([]);
    expect(read('THIRD-PARTY-LICENSES')).toContain(read('node_modules', 'zod', 'LICENSE'));
  });
});

describe('the workflows', () => {
  const workflows = readdirSync(join(PROJECT, '.github', 'workflows')).sort();

  test("are two, and use only GitHub's own actions, by major version", () => {
    expect(workflows).toEqual(['ci.yml', 'release.yml']);
    const used = workflows.flatMap((file) =>
      [...read('.github', 'workflows', file).matchAll(/uses: (.*)/g)].map(([, action]) => action),
    );
    expect([...new Set(used)].sort()).toEqual(['actions/checkout@v6', 'actions/setup-node@v6']);
  });

  test('publish with provenance from a tag, without a stored token', () => {
    const release = read('.github', 'workflows', 'release.yml');
    expect(release).toMatch(/^on:\n {2}push:\n {4}tags: \['v\*\.\*\.\*'\]$/m);
    expect(release).toMatch(/^permissions: \{\}$/m);
    expect(release).toMatch(/^ {4}permissions:\n {6}contents: read\n {6}id-token: write\n {4}steps:$/m);
    expect(release).toMatch(/^ {6}- run: npm publish --provenance --access public$/m);
    expect(release).not.toContain('secrets.');
  });

  test('have only read access when they test', () => {
    expect(read('.github', 'workflows', 'ci.yml')).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });
});
