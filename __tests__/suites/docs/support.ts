import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';
import ts from 'typescript';
import { AccessTokenVerifier, CapabilityVerifier, decodeToken } from '../../../src';
import { accountSid, authToken } from '../../helpers/fixed';
import { PROJECT } from '../../helpers/pack';

/**
 * How a block of code is tested. The word follows the language, as in "```ts server".
 *
 * - `run`: a program, which must exit with 0 and print no errors.
 * - `file`: a module that other blocks import. It is compiled.
 * - `server`: a program that answers `POST /token`.
 * - `installed`: a server as above, in a project with packages that are not installed here.
 * - `next`: a route of Next.js, built and served by it.
 * - `web`: a module whose `POST`, or the `fetch` of its default export, answers a `Request`.
 * - `lambda`: a module whose `handler` answers an event.
 * - `jest`, `vitest`: a test.
 */
export const KINDS = ['run', 'file', 'server', 'installed', 'next', 'web', 'lambda', 'jest', 'vitest'];

/** A block of code on a page. */
export interface Block {
  /** The name in test titles. */
  readonly title: string;
  readonly kind: string;
  /** Path below the folder of the page: what the first line names ("// signers.ts"), else a number. */
  readonly path: string;
  readonly code: string;
}

/** A page and its blocks. */
export interface Page {
  /** Path below the project, such as `docs/scopes.md`. */
  readonly path: string;
  /** Name of the folder for its code. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly shellBlocks: readonly Block[];
}

/** README.md and docs/*.md. */
export const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => `docs/${file}`),
].map(readPage);

/** Reads a page by its path below the project. */
export function readPage(path: string): Page {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  const blocksIn = (language: string): Block[] =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}(.*)\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      ([, kind, code], index) => {
        const [, file = `${index + 1}.ts`] = /^\/\/ (\S+\.m?ts)\n/.exec(code!) ?? [];
        return { title: `${path} ${file}`, kind: kind!.trim(), path: file, code: code! };
      },
    );
  return { path, name: basename(path, '.md'), text, blocks: blocksIn('ts'), shellBlocks: blocksIn('sh') };
}

/** The rows of the first table after a line that starts so, as cells without code marks. */
export function tableAfter({ text }: Page, start: string): string[][] {
  const [table] = /^(?:\|.*\n)+/m.exec(text.slice(text.indexOf(`\n${start}`)))!;
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** The environment variables that the examples read. */
export const CREDENTIALS = {
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_API_KEY_SID: 'SK0123456789abcdef0123456789abcdef',
  TWILIO_API_KEY_SECRET: 'an-api-key-secret',
};

/** The contents of a `.env` file with these variables. */
export const DOTENV = Object.entries(CREDENTIALS)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('');

export const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...CREDENTIALS };

/** The app of docs/production.md. */
export const EXAMPLE = join(PROJECT, 'examples/production');

/** A session of the user alice: see examples/production/auth.ts. */
export const ALICE = { authorization: 'Bearer session-of-alice' };

const verifiers = {
  capability: new CapabilityVerifier({ accountSid, authToken }),
  'access-token': new AccessTokenVerifier({
    accountSid,
    apiKeySid: CREDENTIALS.TWILIO_API_KEY_SID,
    apiKeySecret: CREDENTIALS.TWILIO_API_KEY_SECRET,
  }),
};

/** Verifies a token of either kind, and returns its client names. */
export const namesIn = (token: string): readonly string[] =>
  verifiers[decodeToken(token).kind].verify(token).clientNames;

/** Replaces port 3000 by any free one, and prints which. */
const FREE_PORT = `
  import { Server } from 'node:net';
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    const port = args[0]?.port ?? args[0];
    if (Number(port) !== 3000) return listen.apply(this, args);
    this.once('listening', () => console.log('PORT ' + this.address().port));
    const [first, ...rest] = args;
    return listen.call(this, typeof first === 'object' ? { ...first, port: 0 } : 0, ...rest);
  };`;

/** Writes blocks into a folder, with the modules that the pages leave to the reader. */
export function writeBlocks(folder: string, blocks: readonly Pick<Block, 'path' | 'code'>[]): void {
  mkdirSync(folder, { recursive: true });
  for (const file of ['auth.ts', 'secret-manager.ts']) copyFileSync(join(EXAMPLE, file), join(folder, file));
  for (const { path, code } of [...blocks, { path: 'free-port.mjs', code: FREE_PORT }]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
}

/** Compiles files as in a strict project. Returns what is wrong with them. */
export function compile(files: readonly string[], options: ts.CompilerOptions = {}): string[] {
  const program = ts.createProgram(files, {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: ['node'],
    ...options,
  });
  program.emit();
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

/** Starts Node in a folder. */
export function start(folder: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, SESSION_SECRET: 'a-session-secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a server, calls a function with its address, and returns how the server ends. */
export async function withServer(
  folder: string,
  args: readonly string[],
  use: (address: string) => Promise<void>,
): Promise<unknown> {
  const server = start(folder, '--import', './free-port.mjs', ...args);
  const exited = once(server, 'exit');
  server.stderr!.pipe(process.stderr);
  let address: string | undefined;
  try {
    for await (const line of createInterface(server.stdout!)) {
      const [, port] = /^PORT (\d+)$/.exec(line) ?? [];
      if (port === undefined) continue;
      address = `http://127.0.0.1:${port}`;
      await use(address);
      break;
    }
  } finally {
    server.kill();
  }
  expect(address).toBeDefined();
  return exited;
}

/** Requires that a server refuses strangers and sends alice a token. */
export async function expectTokens(address: string): Promise<void> {
  expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
  const granted = await fetch(`${address}/token`, { method: 'POST', headers: ALICE });
  expect([granted.status, granted.headers.get('cache-control')]).toEqual([200, 'no-store']);
  const { token } = (await granted.json()) as { token: string };
  expect(namesIn(token)).toEqual(['alice']);
}
