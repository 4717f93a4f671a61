import { UsageError, type Arguments, type Terminal } from './terminal';

/** More than any token has: the rest of an endless input is not waited for. */
const ENOUGH = 100_000;

/**
 * Reads the token: the argument, or standard input where that is `-`, or where there is none but a pipe.
 *
 * @throws {UsageError} No argument, and standard input is a terminal.
 */
export async function readToken({ token }: Arguments, terminal: Terminal): Promise<string> {
  if (token !== undefined && token !== '-') return token.trim();
  const { stdin } = terminal;
  if (token === undefined && stdin.isTTY === true) {
    throw new UsageError('There is no token: give it as the argument, or pipe it in.');
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > ENOUGH) break;
  }
  return text.trim();
}
