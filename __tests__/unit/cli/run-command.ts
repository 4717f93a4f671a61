import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../../src/cli/main';
import type { Output } from '../../../src/cli/report';

/** The time of the fixtures. */
export const AT = ['--now', '2026-01-01T00:00:00Z'];

/** The built command. */
export const CLI = join(__dirname, '..', '..', '..', 'dist', 'cli', 'main.js');

export interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

interface Setup {
  env?: object;
  /** Standard input. Null for a terminal. */
  input?: string | Buffer | AsyncIterable<Buffer> | null;
  /** The width of the terminal for both outputs. Default: the outputs are pipes. */
  columns?: number | undefined;
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

/** Runs a command with --json and returns what it writes. */
export async function jsonOf(args: string[], env: object = {}): Promise<Record<string, unknown>> {
  return JSON.parse((await runCommand([...args, '--json'], { env })).stdout) as Record<string, unknown>;
}

/** Runs the built command as a process. */
export function spawnCommand(args: string[], env: object = {}, input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    input,
  });
}

/** Lists the characters that must not reach a terminal. Does not use the regular expression under test. */
export function unprintableIn(text: string): string[] {
  return Array.from(text).filter((character) => {
    const code = character.codePointAt(0)!;
    return (
      (code < 0x20 && character !== '\n') ||
      (code >= 0x7f && code <= 0xa0) ||
      [0xad, 0x61c, 0x180e, 0x2800, 0x3000, 0xfeff].includes(code) ||
      (code >= 0x2000 && code <= 0x200f) ||
      (code >= 0x2028 && code <= 0x202f) ||
      (code >= 0x205f && code <= 0x206f) ||
      (code >= 0xd800 && code <= 0xf8ff) ||
      code >= 0xe0000
    );
  });
}
