import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../../src/cli/main';
import type { Output } from '../../../src/cli/report';

/** The built command. */
export const CLI = join(__dirname, '..', '..', '..', 'dist', 'cli', 'main.js');

export interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

export interface Setup {
  env?: Record<string, string>;
  /** Standard input. Null for a terminal. */
  input?: string | Buffer | AsyncIterable<Buffer> | null;
  /** The width of the terminal for both outputs. Default: the outputs are pipes. */
  columns?: number;
}

/** Runs the command in this process, with streams and an environment of its own. */
export async function runCommand(
  args: string[],
  { env = {}, input = '', columns }: Setup = {},
): Promise<Result> {
  const result: Result = { status: -1, stdout: '', stderr: '' };
  const to = (name: 'stdout' | 'stderr'): Output => ({
    isTTY: columns !== undefined,
    columns,
    write: (text) => (result[name] += text),
  });
  const before = process.env;
  process.env = { ...env };
  try {
    result.status = await run(args, {
      stdin: Object.assign(Readable.from(input ?? []), { isTTY: input === null }),
      stdout: to('stdout'),
      stderr: to('stderr'),
      env: process.env,
    });
  } finally {
    process.env = before;
  }
  return result;
}

/** Runs the built command as a process. */
export function spawnCommand(args: string[], env: object = {}, input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    input,
  });
}

/** Writes a token with a meaningless signature. */
export function forgeToken(claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...input, 'A'.repeat(43)].join('.');
}
