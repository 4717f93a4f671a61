import { readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as main from '../../../src';
import * as express from '../../../src/endpoint/express';
import * as testing from '../../../src/testing';
import * as jestMatchers from '../../../src/testing/jest';
import * as vitestMatchers from '../../../src/testing/vitest';
import * as web from '../../../src/endpoint/web';
import {
  install,
  installed,
  pack,
  PRODUCTION,
  PROJECT,
  remove,
  run,
  shippedFiles,
  temporaryFolder,
  writeJson,
  type Packed,
} from '../../helpers/pack';

/** Tests the packed tarball in consumer projects. */

jest.setTimeout(240_000);

const CONSUMERS = join(__dirname, 'consumers');
const COMPILERS = { 'TypeScript 5.9': '5.9.3', 'TypeScript 6': '6.0.3', 'TypeScript 7': '7.0.2' };
type Compiler = keyof typeof COMPILERS;
const compilers = Object.keys(COMPILERS) as Compiler[];
const NODE_TYPES = { '@types/node': '20.19.43' };

/** The consumer projects and what they install besides the tarball. */
const PROJECTS = {
  bare: {},
  express4: { express: '4.22.3', '@types/express': '4.17.25' },
  express5: { express: '5.3.0', '@types/express': '5.0.6' },
  // ts-jest does not support TypeScript 7.
  jest: {
    ...NODE_TYPES,
    jest: '30.5.2',
    'jest-environment-jsdom': '30.5.2',
    'ts-jest': '29.4.15',
    typescript: COMPILERS['TypeScript 5.9'],
    '@types/jest': '30.0.0',
  },
  vitest3: { ...NODE_TYPES, vitest: '3.2.7' },
  vitest4: { vitest: '4.1.12' },
  // Does not run on Node 20, so only its types are tested.
  vitest5: { vitest: '5.1.2' },
  bundlers: { esbuild: '0.28.2', vite: '8.4.0', webpack: '5.113.0' },
  compilers: Object.fromEntries(
    Object.values(COMPILERS).map((version) => [`typescript-${version}`, `npm:typescript@${version}`]),
  ),
};

let folder: string;
let packed: Packed;

/** The folder of a consumer project, by name. */
const at = (...path: string[]): string => join(folder, ...path);
const consumer = (name: string): string => readFileSync(join(CONSUMERS, name), 'utf8');

beforeAll(async () => {
  folder = await temporaryFolder();
  packed = await pack(folder);
  const queue = Object.entries(PROJECTS);
  // Two installs at a time, since small machines have two cores.
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [project, packages] = next;
      await install(at(project), { ...packages, 'twilio-capability': `file:${packed.tarball}` });
    }
  };
  await Promise.all([work(), work()]);
});

afterAll(() => remove(folder));

describe('the tarball', () => {
  test('contains only the compiled source files and the documents', () => {
    expect(packed.files).toEqual(shippedFiles());
  });

  test.each([
    ['publint', ['run', '--strict'], 'All good!'],
    ['attw', ['--no-emoji'], 'No problems found'],
  ])('passes %s', async (tool, args, message) => {
    const program = join(PROJECT, 'node_modules', '.bin', tool);
    const { code, stdout } = await run(program, [...args, packed.tarball], PROJECT);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(message) });
  });

  test('installs exactly these packages', async () => {
    expect(await installed(at('bare'))).toEqual(PRODUCTION);
    expect(packed.unpackedSize).toBeLessThan(480_000);
  });
});

test('the entries load by import and require, export the same names and share one library', async () => {
  // The source of the browser entry needs the DOM types, which these tests do not have.
  const browser = { TokenFetchError: 0, fetchToken: 0, startDevice: 0 };
  const sources = [main, browser, express, web, testing, jestMatchers, vitestMatchers];
  const names = sources.map((source) => Object.keys(source).sort());
  await copyFile(join(CONSUMERS, 'entries.mjs'), at('bare', 'entries.mjs'));
  const { code, stdout, stderr } = await run('node', ['entries.mjs'], at('bare'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    imported: names,
    required: names,
    // The browser entry is an ES module and a CommonJS one.
    shared: ['', '/express', '/web', '/testing', '/testing/jest', '/testing/vitest'],
    configured: testing.testCredentials.accountSid,
  });
});

test('other files cannot be imported', async () => {
  const script = "require('twilio-capability/dist/core.js')";
  const { stderr } = await run('node', ['-e', script], at('bare'));
  expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

const JEST = "import 'twilio-capability/testing/jest';";
const VITEST = `
  import { expect, test } from 'vitest';
  import { matchers } from 'twilio-capability/testing/vitest';
  expect.extend(matchers);`;
/** The test of the matchers, which test frameworks import in different ways. */
const matchers = (imports: string): string => `${imports}\n${consumer('matchers.ts')}`;

describe('TypeScript in strict mode', () => {
  const lib = ['es2023'];
  const bare = { lib, types: [] };
  const dom = { lib: ['es2023', 'dom', 'dom.iterable'], types: [] };
  const node = { lib, types: ['node'] };
  const ofJest = { 'matchers.ts': matchers(JEST) };
  const ofVitest = { 'matchers.ts': matchers(VITEST) };

  type Resolution = 'nodenext' | 'bundler' | 'node10';
  type Row = [
    project: keyof typeof PROJECTS,
    compiler: Compiler,
    resolution: Resolution,
    files: readonly string[],
    options: object,
    written?: Readonly<Record<string, string>>,
  ];
  // Under "bundler" and for imports under "nodenext", a subpath resolves to the same file.
  test.each<Row>([
    ...compilers.flatMap((compiler): Row[] => [
      ['bare', compiler, 'nodenext', ['main'], bare],
      ['bare', compiler, 'bundler', ['main', 'web', 'browser'], dom],
      ['express5', compiler, 'nodenext', ['express', 'web'], node],
    ]),
    ['bare', 'TypeScript 5.9', 'node10', ['browser'], dom],
    ['bare', 'TypeScript 5.9', 'nodenext', ['browser'], dom],
    ['express4', 'TypeScript 5.9', 'node10', ['express', 'web'], node],
    ['express4', 'TypeScript 7', 'nodenext', ['express', 'web'], node],
    ['express5', 'TypeScript 7', 'bundler', ['express'], node],
    // ts-jest has compiled its own files. This checks the libraries too.
    ['jest', 'TypeScript 5.9', 'nodenext', ['testing'], { lib, types: ['jest'] }, ofJest],
    ['jest', 'TypeScript 7', 'nodenext', ['testing'], { lib, types: ['jest'] }, ofJest],
    ['vitest3', 'TypeScript 6', 'nodenext', [], dom, ofVitest],
    ['vitest4', 'TypeScript 6', 'bundler', ['testing'], dom, ofVitest],
    ['vitest4', 'TypeScript 7', 'nodenext', ['testing'], dom, ofVitest],
    // Matchers has other type parameters in vitest 5, which only skipLibCheck permits. See docs/testing.md.
    ['vitest5', 'TypeScript 6', 'nodenext', [], { ...dom, skipLibCheck: true }, ofVitest],
    ['vitest5', 'TypeScript 6', 'bundler', [], { ...dom, skipLibCheck: true }, ofVitest],
  ])('%s, %s, %s: %j', async (project, compiler, resolution, files, options, written = {}) => {
    const root = at(project, `${resolution}-${COMPILERS[compiler]}-${files.join('-')}`);
    await mkdir(root);
    const sources: Record<string, string> = { 'check.ts': consumer('check.ts'), ...written };
    for (const file of files) sources[`${file}.ts`] = consumer(`${file}.ts`);
    for (const [name, text] of Object.entries(sources)) {
      // Compiles each file as an ES module and as CommonJS.
      const isBoth = resolution === 'nodenext' && name !== 'check.ts';
      for (const extension of isBoth ? ['mts', 'cts'] : ['ts']) {
        await writeFile(join(root, `${basename(name, 'ts')}${extension}`), text);
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
        // Only this reveals types without a name.
        declaration: true,
        rootDir: '.',
        outDir: 'out',
        ...options,
      },
      include: ['*'],
    });
    const tsc = at('compilers', 'node_modules', `typescript-${COMPILERS[compiler]}`, 'bin', 'tsc');
    const outcome = await run('node', [tsc, '-p', '.', '--pretty', 'false'], root);
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

// The docs suite runs the matchers with @jest/globals and under vitest.
describe('jest', () => {
  test.each([
    ['jest with jsdom', 'jsdom.test.js', consumer('browser/jsdom.test.js'), { testEnvironment: 'jsdom' }],
    ['ts-jest with @types/jest', 'types.test.ts', matchers(JEST), { transform: { '\\.ts$': 'ts-jest' } }],
  ])('%s', async (_name, file, text, config) => {
    await writeFile(at('jest', file), text);
    await writeJson(at('jest', 'tsconfig.json'), {
      compilerOptions: {
        target: 'es2023',
        module: 'commonjs',
        moduleResolution: 'node10',
        strict: true,
        esModuleInterop: true,
        types: ['jest'],
      },
    });
    await writeJson(at('jest', 'jest.config.json'), config);
    const { code, stderr } = await run('node', ['node_modules/jest/bin/jest.js', '--ci', file], at('jest'));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Tests: +1 passed, 1 total$/m),
    });
  });
});

test('the browser entry works in bundles of esbuild, vite and webpack, in at most 3 kB of gzip', async () => {
  for (const name of ['bundle.mjs', 'page.js'])
    await copyFile(join(CONSUMERS, 'browser', name), at('bundlers', name));
  const { code, stdout, stderr } = await run('node', ['bundle.mjs'], at('bundlers'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { size, titles } = JSON.parse(stdout) as { size: number; titles: object };
  const title = 'on error, register POST /token, destroy';
  expect(titles).toEqual({ esbuild: title, vite: title, webpack: title });
  expect(size).toBeLessThanOrEqual(3000);
});
