import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as main from '../../../src';
import * as express from '../../../src/endpoint/express';
import * as testing from '../../../src/testing';
import * as jestMatchers from '../../../src/testing/jest';
import * as vitestMatchers from '../../../src/testing/vitest';
import * as web from '../../../src/endpoint/web';
import {
  copy,
  install,
  installed,
  pack,
  PRODUCTION,
  PROJECT,
  remove,
  run,
  shippedFiles,
  sizeOf,
  temporaryFolder,
  writeJson,
  type Outcome,
  type Packed,
} from '../../helpers/pack';

/** Tests the packed tarball in consumer projects. */

jest.setTimeout(240_000);

const CONSUMERS = join(__dirname, 'consumers');
const COMPILERS = { 'TypeScript 5.9': '5.9.3', 'TypeScript 6': '6.0.3', 'TypeScript 7': '7.0.2' };
type Compiler = keyof typeof COMPILERS;
const compilers = Object.keys(COMPILERS) as Compiler[];

let folder: string;
let packed: Packed;

/** ts-jest does not support TypeScript 7, and vitest 5 does not support Node 20. */
const JEST = {
  jest: '30.5.2',
  'jest-environment-jsdom': '30.5.2',
  'ts-jest': '29.4.15',
  typescript: COMPILERS['TypeScript 5.9'],
  '@types/jest': '30.0.0',
  '@types/node': '20.19.43',
};

const PRODUCTION_APP = {
  express: '5.3.0',
  fastify: '5.12.8',
  hono: '4.13.19',
  '@types/express': '5.0.6',
  '@types/node': '20.19.43',
};

const BUNDLERS = { esbuild: '0.28.2', vite: '8.4.0', webpack: '5.113.0' };

/** Next.js compiles a route in TypeScript only if the types of React are installed. */
const NEXT = {
  next: '16.4.6',
  react: '19.2.0',
  'react-dom': '19.2.0',
  typescript: COMPILERS['TypeScript 5.9'],
  '@types/node': '20.19.43',
  '@types/react': '19.2.2',
};

/** The exports of the browser entry. Its source needs the DOM types, which these tests do not have. */
const BROWSER_NAMES = ['TokenFetchError', 'fetchToken', 'startDevice'];

/** The folder of a consumer project, by name. */
const at = (...path: string[]): string => join(folder, ...path);

beforeAll(async () => {
  folder = await temporaryFolder();
  packed = await pack(folder);
  const tarball = { 'twilio-capability': `file:${packed.tarball}` };
  const compilerAliases = Object.fromEntries(
    Object.values(COMPILERS).map((version) => [`typescript-${version}`, `npm:typescript@${version}`]),
  );
  // Two installs at a time, since small machines have two cores.
  await Promise.all([
    install(at('bare'), tarball)
      .then(() => install(at('express5'), { ...tarball, express: '5.3.0', '@types/express': '5.0.6' }))
      .then(() => install(at('express4'), { ...tarball, express: '4.22.3', '@types/express': '4.17.25' }))
      .then(() => install(at('vitest'), { ...tarball, vitest: '4.1.12' }))
      .then(() => install(at('vitest3'), { ...tarball, vitest: '3.2.7', '@types/node': '20.19.43' }))
      .then(() => install(at('vitest5'), { ...tarball, vitest: '5.1.2' }))
      .then(() => install(at('production'), { ...tarball, ...PRODUCTION_APP }))
      .then(() => install(at('bundlers'), { ...tarball, ...BUNDLERS })),
    install(at('compilers'), compilerAliases)
      .then(() => install(at('jest'), { ...tarball, ...JEST }))
      .then(() => install(at('next'), { ...tarball, ...NEXT })),
  ]);
});

afterAll(() => remove(folder));

describe('the tarball', () => {
  test('contains only the compiled source files and the documents', () => {
    expect(packed.files).toEqual(shippedFiles());
  });

  test('passes publint, with suggestions as errors', async () => {
    const { code, stdout } = await tool('publint', ['run', '--strict', packed.tarball]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('All good!') });
  });

  test('passes attw: types for import, require, bundlers and older resolution', async () => {
    const { code, stdout } = await tool('attw', ['--no-emoji', packed.tarball]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('No problems found') });
  });

  test('mentions no type of jsonwebtoken or zod in a declaration', async () => {
    const declarations = packed.files.filter((file) => /\.d\.m?ts$/.test(file));
    expect(declarations).toContain('dist/index.d.ts');
    for (const file of declarations) {
      const text = await readFile(at('bare', 'node_modules', 'twilio-capability', file), 'utf8');
      expect({
        file,
        foreign: /from '(?:zod|jsonwebtoken|\.{1,2}\/zod)|import\("(?:zod|jsonwebtoken)/.test(text),
      }).toEqual({ file, foreign: false });
    }
  });
});

describe('a production install', () => {
  test('has exactly these packages', async () => {
    expect(await installed(at('bare'))).toEqual(PRODUCTION);
  });

  test('takes less than a megabyte; zod alone would take six', async () => {
    expect(packed.unpackedSize).toBeLessThan(500_000);
    expect(await sizeOf(at('bare', 'node_modules'))).toBeLessThan(1_000_000);
    expect(await sizeOf(join(PROJECT, 'node_modules', 'zod'))).toBeGreaterThan(1_000_000);
  });
});

describe('entry points', () => {
  const names = (library: object): string[] => Object.keys(library).sort();
  const expected = {
    main: names(main),
    browser: BROWSER_NAMES,
    express: names(express),
    web: names(web),
    testing: names(testing),
    jest: names(jestMatchers),
    vitest: names(vitestMatchers),
  };

  test.each(['mjs', 'cjs'])('load, and export the same names (names.%s)', async (extension) => {
    const { code, stdout, stderr } = await program(`names.${extension}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  test('share one library between import and require in a process', async () => {
    const { code, stdout, stderr } = await program('both.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      sameExports: true,
      scopeInstance: true,
      verifiedInstance: true,
      refusal: [true, true, 'ERR_TOKEN_SIGNATURE'],
      configured: 'ACdeadbeefdeadbeefdeadbeefdeadbeef',
    });
  });

  test('are the only files that can be imported', async () => {
    const script = "require('twilio-capability/dist/core.js')";
    const { code, stderr } = await run('node', ['-e', script], at('bare'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('ERR_PACKAGE_PATH_NOT_EXPORTED'),
    });
  });
});

describe('TypeScript in strict mode, without skipLibCheck', () => {
  // Under "bundler" and for imports under "nodenext", a subpath resolves to the same file. One compiler is
  // enough.
  test.each(compilers)('%s: the main entry, in a project without @types', async (compiler) => {
    const options = { lib: ['es2023'], types: [] };
    expect(await compile('bare', compiler, 'nodenext', ['main'], options)).toEqual(GOOD);
  });

  test.each(compilers)(
    '%s, for a bundler: the main, web and browser entries, with the DOM types',
    async (compiler) => {
      const options = { lib: ['es2023', 'dom', 'dom.iterable'], types: [] };
      expect(await compile('bare', compiler, 'bundler', ['main', 'web', 'browser'], options)).toEqual(GOOD);
    },
  );

  test.each(['nodenext', 'node10'] as const)('the browser entry, %s', async (resolution) => {
    const options = { lib: ['es2023', 'dom'], types: [] };
    expect(await compile('bare', 'TypeScript 5.9', resolution, ['browser'], options)).toEqual(GOOD);
  });

  test.each(compilers.flatMap((compiler) => [4, 5].map((version) => [compiler, version] as const)))(
    '%s: with Express %i',
    async (compiler, version) => {
      const options = { lib: ['es2023'], types: ['node'] };
      expect(await compile(`express${version}`, compiler, 'nodenext', ['express', 'web'], options)).toEqual(
        GOOD,
      );
    },
  );

  test('TypeScript 7, for a bundler: with Express 5', async () => {
    const options = { lib: ['es2023'], types: ['node'] };
    expect(await compile('express5', 'TypeScript 7', 'bundler', ['express'], options)).toEqual(GOOD);
  });

  test('TypeScript 5.9, module commonjs and its old resolution: with Express 4', async () => {
    const options = { lib: ['es2023'], types: ['node'] };
    expect(await compile('express4', 'TypeScript 5.9', 'node10', ['express', 'web'], options)).toEqual(GOOD);
  });

  test('a type that cannot be resolved fails the check', async () => {
    await copy(at('bare', 'node_modules'), at('broken', 'node_modules'));
    await remove(
      at('broken', 'node_modules', 'twilio-capability', 'dist', 'capability', 'capability-signer.d.ts'),
    );
    const { code, stdout } = await compile('broken', 'TypeScript 6', 'nodenext', ['main'], {
      lib: ['es2023'],
      types: [],
    });
    expect(code).not.toBe(0);
    expect(stdout).toContain("Cannot find module './capability/capability-signer'");
    expect(stdout).toContain("Type 'false' does not satisfy the constraint 'true'");
  });
});

describe('an app in production', () => {
  // Of three tenants, one rotates its secret twice meanwhile and one has no secret. See
  // consumers/production/main.ts.
  const expected = {
    issued: 300,
    auditedOnce: true,
    versions: [[1], [1, 2, 3]],
    answers: [
      [403, 'refused', 'No calls.'],
      [500, 'token_unavailable', 'The token could not be created.'],
      [401, 'unauthorized', 'Sign in to get a token.'],
    ],
    reported: ['ERR_CONFIG_MISSING'],
    audited: 0,
  };

  test('issues, rotates, audits and rejects, with each framework', async () => {
    const files = ['app', 'main', 'services', 'signers', 'web-apps'].map((name) => `production/${name}`);
    const compiled = await compileApp('production', files);
    expect(compiled).toEqual(GOOD);
    const { code, stdout, stderr } = await run('node', ['app/out/main.js'], at('production'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      express: expected,
      fastify: expected,
      hono: expected,
      next: expected,
      cache: { kept: true, dropped: true },
    });
  });

  test('has a token route of fewer than 25 lines', async () => {
    const source = await consumer('production/app.ts');
    const [, route] = /\/\/ route\n(.*)\n *\/\/ end of route/s.exec(source)!;
    expect(route!.split('\n').length).toBeLessThan(25);
  });
});

test('the web entry is a route handler in Next.js', async () => {
  await mkdir(at('next', 'app', 'token'), { recursive: true });
  await copyFile(join(CONSUMERS, 'next', 'route.ts'), at('next', 'app', 'token', 'route.ts'));
  await copyFile(join(CONSUMERS, 'next', 'ask.mjs'), at('next', 'ask.mjs'));
  const environment = { NEXT_TELEMETRY_DISABLED: '1' };
  const built = await run('node', ['node_modules/next/dist/bin/next', 'build'], at('next'), environment);
  expect(built).toMatchObject({ code: 0, stdout: expect.stringContaining('/token') });
  const { code, stdout, stderr } = await run('node', ['ask.mjs'], at('next'), {
    ...environment,
    NODE_ENV: 'production',
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const headers = ['no-store', 'nosniff'];
  // Next.js prints lines of its own first.
  expect(JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1))).toEqual([
    { status: 200, headers, body: expect.objectContaining({ identity: 'alice', ttl: 600 }) },
    { status: 401, headers, body: { error: 'unauthorized', message: 'Sign in to get a token.' } },
  ]);
});

describe('the browser entry', () => {
  test('works in bundles of esbuild, vite and webpack, and takes at most 3 kB minified and gzipped', async () => {
    for (const name of ['bundle.mjs', 'page.js'])
      await copyFile(join(CONSUMERS, 'browser', name), at('bundlers', name));
    const { code, stdout, stderr } = await run('node', ['bundle.mjs'], at('bundlers'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { size, ...found } = JSON.parse(stdout) as { size: number };
    const title = 'on error, register POST /token, destroy';
    expect(found).toEqual({
      titles: { esbuild: title, vite: title, webpack: title },
      commonJs: BROWSER_NAMES,
    });
    expect(size).toBeLessThanOrEqual(3000);
  });

  test('works under jest with jsdom', async () => {
    const files = { 'jsdom.test.js': await consumer('browser/jsdom.test.js') };
    const { code, stderr } = await runJest('jest', files, { testEnvironment: 'jsdom' });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Tests: +2 passed, 2 total$/m),
    });
  });
});

describe('the command', () => {
  const environment = { TWILIO_ACCOUNT_SID: 'AC123', TWILIO_AUTH_TOKEN: 'secret' };

  test('runs with npx in a project that installed the package', async () => {
    const npx = (...args: string[]): Promise<Outcome> =>
      run('npx', ['--no', '--', 'twilio-capability', ...args], at('bare'), environment);
    expect(await npx('--version')).toMatchObject({ code: 0, stdout: '1.0.0\n' });
    const minted = await npx('mint', '--incoming', 'alice');
    expect(minted.code).toBe(0);
    const { clientNames } = new main.CapabilityVerifier({ accountSid: 'AC123', authToken: 'secret' }).verify(
      minted.stdout.trimEnd(),
    );
    expect(clientNames).toEqual(['alice']);
  });
});

describe('test frameworks', () => {
  test('jest, in JavaScript', async () => {
    const { code, stderr } = await runJest('jest', { 'plain.test.js': await consumer('jest/plain.js') }, {});
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Tests: +3 passed, 3 total$/m),
    });
  });

  test('jest by ts-jest, with @types/jest', async () => {
    const { code, stderr } = await runJest(
      'jest',
      { 'typed.test.ts': await consumer('jest/globals.ts') },
      TS_JEST,
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Tests: +1 passed, 1 total$/m),
    });
  });

  test('jest by ts-jest, with @jest/globals, without globals and @types/jest', async () => {
    await copy(at('jest', 'node_modules'), at('jest-globals', 'node_modules'));
    await remove(at('jest-globals', 'node_modules', '@types', 'jest'));
    const { code, stderr } = await runJest(
      'jest-globals',
      {
        'typed.test.ts': `import { expect, test } from '@jest/globals';\n${await consumer('jest/globals.ts')}`,
      },
      { ...TS_JEST, injectGlobals: false },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Tests: +1 passed, 1 total$/m),
    });
  });

  test('vitest', async () => {
    await writeFile(at('vitest', 'tokens.test.ts'), await consumer('jest/vitest.ts'));
    const { code, stdout } = await run('node', ['node_modules/vitest/vitest.mjs', 'run'], at('vitest'));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ *Tests +2 passed \(2\)$/m),
    });
  });

  // ts-jest has compiled its own files by now. This test checks the libraries too, with each compiler.
  test.each(compilers)('%s: @types/jest', async (compiler) => {
    const options = { lib: ['es2023'], types: ['jest'] };
    expect(await compile('jest', compiler, 'nodenext', ['testing', 'jest/globals'], options)).toEqual(GOOD);
  });

  test.each(
    compilers.flatMap((compiler) => (['bundler', 'nodenext'] as const).map((by) => [compiler, by] as const)),
  )('%s: vitest, %s', async (compiler, resolution) => {
    const options = { lib: ['es2023', 'dom'], types: [] };
    const files = ['testing', 'jest/vitest'];
    expect(await compile('vitest', compiler, resolution, files, options)).toEqual(GOOD);
  });

  // Matchers has other type parameters in vitest 5, which only skipLibCheck permits. See docs/testing.md.
  test.each([
    ['vitest3', 'bundler', false],
    ['vitest3', 'nodenext', false],
    ['vitest5', 'bundler', true],
    ['vitest5', 'nodenext', true],
  ] as const)('%s, %s, skipLibCheck %s', async (project, resolution, skipLibCheck) => {
    const options = { lib: ['es2023', 'dom'], types: [], skipLibCheck };
    expect(await compile(project, 'TypeScript 6', resolution, ['jest/vitest'], options)).toEqual(GOOD);
  });
});

/** The default ts-jest config. It checks types and fails on type errors. */
const TS_JEST = { transform: { '\\.ts$': 'ts-jest' } };

/** Reads a file next to this one. */
function consumer(name: string): Promise<string> {
  return readFile(join(CONSUMERS, name), 'utf8');
}

/** Runs jest in a project of its own. */
async function runJest(
  project: string,
  files: Readonly<Record<string, string>>,
  config: object,
): Promise<Outcome> {
  for (const [name, text] of Object.entries(files)) await writeFile(at(project, name), text);
  await writeJson(at(project, 'tsconfig.json'), {
    compilerOptions: {
      target: 'es2023',
      module: 'commonjs',
      moduleResolution: 'node10',
      strict: true,
      esModuleInterop: true,
    },
  });
  await writeJson(at(project, 'jest.config.json'), config);
  const jestProgram = 'node_modules/jest/bin/jest.js';
  return run('node', [jestProgram, '--ci', ...Object.keys(files)], at(project));
}

/** The outcome of a compiler without errors. */
const GOOD: Outcome = { code: 0, stdout: '', stderr: '' };

/** Runs one of this project's tools. */
function tool(name: string, args: readonly string[]): Promise<Outcome> {
  return run(join(PROJECT, 'node_modules', '.bin', name), args, PROJECT);
}

/** Runs a program from this folder in the project without extra packages. */
async function program(name: string): Promise<Outcome> {
  await copyFile(join(CONSUMERS, name), at('bare', name));
  return run('node', [name], at('bare'));
}

/** Compiles an app of several files as ES modules, with the strictest options. */
async function compileApp(project: string, files: readonly string[]): Promise<Outcome> {
  const root = at(project, 'app');
  await mkdir(root);
  for (const file of files) await copyFile(join(CONSUMERS, `${file}.ts`), join(root, `${basename(file)}.ts`));
  await writeJson(join(root, 'package.json'), { type: 'module' });
  await writeJson(join(root, 'tsconfig.json'), {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types: ['node'],
      rootDir: '.',
      outDir: 'out',
    },
  });
  const tsc = at('compilers', 'node_modules', `typescript-${COMPILERS['TypeScript 6']}`, 'bin', 'tsc');
  return run('node', [tsc, '-p', '.', '--pretty', 'false'], root);
}

/**
 * Compiles files from this folder in a consumer project. Under `nodenext`, compiles each as an ES module and
 * as CommonJS. Also emits declarations, since only that reveals types without a name.
 */
async function compile(
  project: string,
  compiler: Compiler,
  resolution: 'nodenext' | 'bundler' | 'node10',
  files: readonly string[],
  options: object,
): Promise<Outcome> {
  const root = at(
    project,
    [...files.map((file) => basename(file)), resolution, COMPILERS[compiler]].join('-'),
  );
  await mkdir(root);
  await copyFile(join(CONSUMERS, 'check.ts'), join(root, 'check.ts'));
  for (const file of files) {
    for (const extension of resolution === 'nodenext' ? ['mts', 'cts'] : ['ts']) {
      await copyFile(join(CONSUMERS, `${file}.ts`), join(root, `${basename(file)}.${extension}`));
    }
  }
  await writeJson(join(root, 'tsconfig.json'), {
    compilerOptions: {
      target: 'es2023',
      module: { nodenext: 'nodenext', bundler: 'esnext', node10: 'commonjs' }[resolution],
      moduleResolution: resolution,
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      esModuleInterop: true,
      declaration: true,
      rootDir: '.',
      outDir: 'out',
      ...options,
    },
    include: ['*'],
  });
  const tsc = at('compilers', 'node_modules', `typescript-${COMPILERS[compiler]}`, 'bin', 'tsc');
  return run('node', [tsc, '-p', '.', '--pretty', 'false'], root);
}
