import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import ts from 'typescript';
import { AccessTokenVerifier, CapabilityVerifier, decodeToken } from '../../../src';
import { accountSid, authToken } from '../../helpers/fixed';
import { install, pack, PROJECT, run } from '../../helpers/pack';
import { CREDENTIALS, env } from './credentials';
import { addressOf, freePortFlags, writeFreePort } from './free-port';
import { pages, type Block, type Kind, type Page } from './pages';
import { copyStandIns, EXAMPLE } from './stand-ins';

/**
 * Every TypeScript block of README.md and docs/*.md, compiled as in a strict project and run against the built package.
 * The word after "ts" is how it is run: see `Kind`.
 */

jest.setTimeout(240_000);

const KINDS: readonly Kind[] = [
  'run',
  'file',
  'server',
  'installed',
  'next',
  'web',
  'lambda',
  'jest',
  'vitest',
];

/** Blocks that are compiled where they run, since their packages are not installed here. */
const COMPILED_ELSEWHERE: readonly string[] = ['installed', 'next', 'vitest'];

const STRICT: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
};

/** A session of the user alice: see support/auth.ts. */
const ALICE = { authorization: 'Bearer session-of-alice' };

const verifiers = {
  capability: new CapabilityVerifier({ accountSid, authToken }),
  'access-token': new AccessTokenVerifier({
    accountSid,
    apiKeySid: CREDENTIALS.TWILIO_API_KEY_SID,
    apiKeySecret: CREDENTIALS.TWILIO_API_KEY_SECRET,
  }),
};

/** Verifies a token of either kind. */
const verify = (token: string): { readonly clientNames: readonly string[] } =>
  verifiers[decodeToken(token).kind].verify(token);

/** The folders for the code of the pages, one for each page. */
let folder: string;
let program: ts.Program;

const at = (...path: string[]): string => join(folder, ...path);

const rows = (kind: Kind): { title: string; page: Page; block: Block }[] =>
  pages.flatMap((page) =>
    page.blocks.filter((block) => block.kind === kind).map((block) => ({ title: block.title, page, block })),
  );

/** The two configuration files of docs/testing.md. */
const [jestConfigJson, tsconfigJson] = [
  ...readFileSync(join(PROJECT, 'docs/testing.md'), 'utf8').matchAll(/^```json\n([\s\S]*?)^```$/gm),
].map(([, json]) => json!) as [string, string];

/** Writes the code of a page, and stand-ins for the reader's own modules. */
function writePage(page: Page, directory: string, type: 'module' | 'commonjs'): void {
  copyStandIns(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type }));
  for (const { path, code } of page.blocks) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), code);
  }
}

beforeAll(() => {
  // Inside the project, so that its node_modules provide express and other packages.
  folder = mkdtempSync(join(PROJECT, '.docs-'));
  mkdirSync(at('node_modules'));
  symlinkSync(PROJECT, at('node_modules', 'twilio-capability'));
  for (const page of pages) writePage(page, at(page.name), 'module');
  writeFreePort(folder);
  const files = pages.flatMap((page) =>
    page.blocks
      .filter(({ kind }) => !COMPILED_ELSEWHERE.includes(kind))
      .map(({ path }) => at(page.name, path)),
  );
  program = ts.createProgram(files, STRICT);
  program.emit();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(page: Page, script: string, ...flags: string[]): ChildProcess {
  return spawn(process.execPath, [...flags, at(page.name, script)], {
    env,
    cwd: at(page.name),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const compiled = ({ path }: Block): string => path.replace(/ts$/, 'js');

/** Starts a server and returns its address. */
async function listen(page: Page, block: Block): Promise<{ child: ChildProcess; address: string }> {
  const child = start(page, compiled(block), ...freePortFlags(folder));
  return { child, address: await addressOf(child) };
}

/** Runs a module that imports a block, and returns the lines that it prints. */
async function outputOf(page: Page, script: string): Promise<string[]> {
  writeFileSync(at(page.name, 'ask.mjs'), script);
  const child = start(page, 'ask.mjs');
  child.stderr!.pipe(process.stderr);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout!)) lines.push(line);
  return lines;
}

describe('the blocks of the pages', () => {
  test('say how they are run', () => {
    const unknown = pages.flatMap(({ blocks }) =>
      blocks
        .filter(({ kind }) => !KINDS.includes(kind as Kind))
        .map(({ title, kind }) => `${title}: ${kind}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each(pages.filter(({ blocks }) => blocks.length > 0))('compile: $path', (page) => {
    const problems = ts
      .getPreEmitDiagnostics(program)
      .filter(({ file }) => file?.fileName.startsWith(at(page.name) + '/') ?? true)
      .map(({ file, start: position, messageText }) => {
        const line =
          file && position !== undefined ? file.getLineAndCharacterOfPosition(position).line + 1 : 0;
        return `${file?.fileName ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
    expect(problems).toEqual([]);
  });

  test.each(rows('run'))('$title runs', async ({ page, block }) => {
    const child = start(page, compiled(block));
    let errors = '';
    child.stderr!.on('data', (text) => (errors += String(text)));
    child.stdout!.resume();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, errors]).toEqual([0, '']);
  });

  test.each(rows('server'))('$title issues tokens and exits', async ({ page, block }) => {
    const { child, address } = await listen(page, block);
    try {
      const refused = await fetch(`${address}/token`, { method: 'POST' });
      expect(refused.status).toBe(401);
      const granted = await fetch(`${address}/token`, { method: 'POST', headers: ALICE });
      expect(granted.headers.get('cache-control')).toBe('no-store');
      const { token } = (await granted.json()) as { token: string };
      expect(verify(token).clientNames).toEqual(['alice']);
    } finally {
      child.kill();
    }
    // The client above keeps its connection open.
    const handlesSignal = block.code.includes("'SIGTERM'");
    expect(await once(child, 'exit')).toEqual(handlesSignal ? [0, null] : [null, 'SIGTERM']);
  });

  test.each(rows('web'))('$title answers a Request', async ({ page, block }) => {
    const lines = await outputOf(
      page,
      `import * as module from './${compiled(block)}';
       const fetch = module.POST ?? module.default.fetch;
       const ask = async (headers) => fetch(new Request('http://localhost/token', { method: 'POST', headers }));
       console.log((await ask({})).status);
       console.log((await (await ask(${JSON.stringify(ALICE)})).json()).token);`,
    );
    expect(lines[0]).toBe('401');
    expect(verify(lines[1]!).clientNames).toEqual(['alice']);
  });

  test.each(rows('lambda'))('$title answers an event', async ({ page, block }) => {
    const lines = await outputOf(
      page,
      `import { handler } from './${compiled(block)}';
       console.log((await handler({ headers: {} })).statusCode);
       console.log((await handler({ headers: ${JSON.stringify(ALICE)} })).body);
       console.log((await handler({ headers: { Authorization: '${ALICE.authorization}' } })).body);`,
    );
    expect(lines[0]).toBe('401');
    for (const line of lines.slice(1)) {
      const { token } = JSON.parse(line) as { token: string };
      expect(verify(token).clientNames).toEqual(['alice']);
    }
    expect(lines).toHaveLength(3);
  });

  test.each(pages.filter(({ blocks }) => blocks.some(({ kind }) => kind === 'jest')))(
    'pass under jest: $path',
    async (page) => {
      const directory = at(`${page.name}-jest`);
      mkdirSync(directory);
      writePage(page, directory, 'commonjs');
      writeFileSync(join(directory, 'tsconfig.json'), tsconfigJson);
      const paths = page.blocks.filter(({ kind }) => kind === 'jest').map(({ path }) => path);
      writeFileSync(join(directory, 'jest.config.json'), jestConfigJson);
      const program = join(PROJECT, 'node_modules/jest/bin/jest.js');
      const args = [program, '--config', 'jest.config.json', '--ci', '--maxWorkers=1', ...paths];
      const { code, stderr } = await run(process.execPath, args, directory, CREDENTIALS);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining(`${paths.length} passed`),
      });
    },
  );
});

test('docs/production.md shows the files of examples/production, whose test passes', async () => {
  const page = pages.find(({ name }) => name === 'production')!;
  const named = page.blocks.filter(({ code }) => code.startsWith('// '));
  expect(named).toHaveLength(7);
  for (const { path, code } of named) {
    expect(code).toBe(`// ${path}\n${readFileSync(join(EXAMPLE, path), 'utf8')}`);
  }
  const config = join(EXAMPLE, 'jest.config.json');
  const args = [join(PROJECT, 'node_modules/jest/bin/jest.js'), '--config', config, '--ci'];
  const { code, stderr } = await run(process.execPath, args, PROJECT, CREDENTIALS);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('6 passed') });
});

describe('vitest', () => {
  let project: string;

  beforeAll(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'docs-')));
    const { tarball } = await pack(project);
    await install(join(project, 'app'), {
      'twilio-capability': `file:${tarball}`,
      vitest: '4.1.12',
      express: '5.3.0',
      '@types/express': '5.0.6',
      '@types/node': '20.19.43',
    });
  });

  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  test.each(pages.filter(({ blocks }) => blocks.some(({ kind }) => kind === 'vitest')))(
    'compile and pass under vitest: $path',
    async (page) => {
      const directory = join(project, 'app', page.name);
      writePage(page, directory, 'module');
      const paths = page.blocks.filter(({ kind }) => kind === 'vitest').map(({ path }) => path);
      const diagnostics = ts.getPreEmitDiagnostics(
        ts.createProgram(
          paths.map((path) => join(directory, path)),
          { ...STRICT, noEmit: true, typeRoots: [join(project, 'app/node_modules/@types')] },
        ),
      );
      expect(
        diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      ).toEqual([]);
      const tests = paths.filter((path) => path.endsWith('.test.ts'));
      const vitest = join(project, 'app/node_modules/vitest/vitest.mjs');
      const { code, stdout, stderr } = await run(process.execPath, [vitest, 'run', ...tests], directory);
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    },
  );
});
