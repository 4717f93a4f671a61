import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PROJECT, run } from '../../helpers/pack';
import { redisServer, startRedis } from '../../helpers/redis';
import {
  ALICE,
  compile,
  CREDENTIALS,
  EXAMPLE,
  expectTokens,
  KINDS,
  namesIn,
  pages,
  readPage,
  start,
  withServer,
  writeBlocks,
  type Block,
  type Page,
} from './support';

/**
 * Every TypeScript block of README.md and docs/*.md, compiled as in a strict project and run against the built package.
 * The word after "ts" is how it is run: see `KINDS`.
 */

jest.setTimeout(240_000);

/** Blocks whose packages are not installed here. See installed.test.ts. */
const ELSEWHERE = ['installed', 'next', 'vitest'];

/** The folders for the code of the pages, one for each page. */
let folder: string;

const at = (...path: string[]): string => join(folder, ...path);
const script = ({ path }: Block): string => path.replace(/ts$/, 'js');
const rows = (kind: string): { title: string; page: Page; block: Block }[] =>
  pages.flatMap((page) =>
    page.blocks.filter((block) => block.kind === kind).map((block) => ({ title: block.title, page, block })),
  );
const tested = (kind: string): Page[] =>
  pages.filter((page) => page.blocks.some((block) => block.kind === kind));

function writePage(page: Page, directory: string, type: 'module' | 'commonjs'): void {
  writeBlocks(directory, [...page.blocks, { path: 'package.json', code: JSON.stringify({ type }) }]);
}

beforeAll(() => {
  // Inside the project, so that its node_modules provide express and other packages.
  folder = mkdtempSync(join(PROJECT, '.docs-'));
  mkdirSync(at('node_modules'));
  symlinkSync(PROJECT, at('node_modules', 'twilio-capability'));
  for (const page of pages) writePage(page, at(page.name), 'module');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the blocks say how they are run, and compile', () => {
  const blocks = pages.flatMap((page) => page.blocks.map((block) => ({ ...block, page: page.name })));
  expect(blocks.filter(({ kind }) => !KINDS.includes(kind))).toEqual([]);
  const here = blocks.filter(({ kind }) => !ELSEWHERE.includes(kind));
  expect(compile(here.map(({ page, path }) => at(page, path)))).toEqual([]);
});

test.each(rows('run'))('$title runs', async ({ page, block }) => {
  const { code, stderr } = await run(process.execPath, [script(block)], at(page.name), CREDENTIALS);
  expect([code, stderr]).toEqual([0, '']);
});

test.each(rows('server'))('$title issues tokens and exits', async ({ page, block }) => {
  const exit = await withServer(at(page.name), [script(block)], expectTokens);
  // The client keeps its connection open.
  expect(exit).toEqual(block.code.includes("'SIGTERM'") ? [0, null] : [null, 'SIGTERM']);
});

/** Runs a module that imports a block, and returns the lines that it prints. */
async function outputOf(page: Page, code: string): Promise<string[]> {
  const child = start(at(page.name), '--input-type=module', '-e', code);
  child.stderr!.pipe(process.stderr);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout!)) lines.push(line);
  return lines;
}

test.each(rows('web'))('$title answers a Request', async ({ page, block }) => {
  const [status, token] = await outputOf(
    page,
    `import * as module from './${script(block)}';
     const fetch = module.POST ?? module.default.fetch;
     const ask = async (headers) => fetch(new Request('http://localhost/token', { method: 'POST', headers }));
     console.log((await ask({})).status);
     console.log((await (await ask(${JSON.stringify(ALICE)})).json()).token);`,
  );
  expect(status).toBe('401');
  expect(namesIn(token!)).toEqual(['alice']);
});

test.each(rows('lambda'))('$title answers an event', async ({ page, block }) => {
  const [status, ...bodies] = await outputOf(
    page,
    `import { handler } from './${script(block)}';
     console.log((await handler({ headers: {} })).statusCode);
     console.log((await handler({ headers: ${JSON.stringify(ALICE)} })).body);
     console.log((await handler({ headers: { Authorization: '${ALICE.authorization}' } })).body);`,
  );
  expect(status).toBe('401');
  const tokens = bodies.map((body) => (JSON.parse(body) as { token: string }).token);
  expect(tokens.map(namesIn)).toEqual([['alice'], ['alice']]);
});

/** Runs jest in the project, or on a configuration. */
function runJest(directory: string, args: readonly string[], nodeOptions = '') {
  const program = join(PROJECT, 'node_modules/jest/bin/jest.js');
  const environment = { ...CREDENTIALS, NODE_OPTIONS: nodeOptions };
  return run(process.execPath, [program, '--ci', '--maxWorkers=1', ...args], directory, environment);
}

/** Runs the tests of a page with the configuration files of docs/testing.md. */
async function runTestsOf(page: Page, directory: string, type: 'module' | 'commonjs', nodeOptions?: string) {
  writePage(page, directory, type);
  const json = readPage('docs/testing.md').text.matchAll(/^```json\n([\s\S]*?)^```$/gm);
  const [config, tsconfig, configOfModules] = Array.from(json, ([, text]) => text!);
  writeFileSync(join(directory, 'jest.config.json'), type === 'module' ? configOfModules! : config!);
  writeFileSync(join(directory, 'tsconfig.json'), tsconfig!);
  const paths = page.blocks.filter(({ kind }) => kind === 'jest').map(({ path }) => path);
  const { code, stderr } = await runJest(directory, ['--config', 'jest.config.json', ...paths], nodeOptions);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`${paths.length} passed`) });
}

test.each(tested('jest'))('the tests of $path pass', async (page) => {
  await runTestsOf(page, at(`${page.name}-jest`), 'commonjs');
});

test('the tests of docs/testing.md pass in an ES module', async () => {
  const page = readPage('docs/testing.md');
  const [, option] = /^NODE_OPTIONS=(\S+) npx jest$/m.exec(page.text)!;
  await runTestsOf(page, at('testing-modules'), 'module', option);
});

describe('docs/production.md', () => {
  const page = readPage('docs/production.md');

  test('shows the files of examples/production, whose test passes', async () => {
    const named = page.blocks.filter(({ code }) => code.startsWith('// '));
    expect(named).toHaveLength(10);
    for (const { path, code } of named) {
      expect(code).toBe(`// ${path}\n${readFileSync(join(EXAMPLE, path), 'utf8')}`);
    }
    const { code, stderr } = await runJest(PROJECT, ['--config', join(EXAMPLE, 'jest.config.json')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('8 passed') });
  });

  // The browser suite fails in CI if there is no Redis.
  (redisServer === undefined ? test.skip : test)('shares the rate limit of two processes', async () => {
    const redis = await startRedis();
    const code = readFileSync(at('production', 'rate-limit.js'), 'utf8');
    writeFileSync(at('production', 'limit.js'), code.replace('redis://localhost:6379', redis.url));
    const ask = `import express from 'express';
      import { limitTokens } from './limit.js';
      const server = express().use(limitTokens, (_req, res) => res.end()).listen(0, async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        for (let i = 0; i < 20; i++) console.log((await fetch(url)).status);
        process.exit();
      });`;
    try {
      const statuses = [...(await outputOf(page, ask)), ...(await outputOf(page, ask))];
      expect(statuses).toEqual([...Array<string>(30).fill('200'), ...Array<string>(10).fill('429')]);
    } finally {
      await redis.stop();
    }
  });
});
