import { existsSync } from 'node:fs';
import { UsageError } from './arguments';
import { writeMessage, type Terminal } from './report';

/** More than any token or response of an endpoint. Stops an endless input. */
const MAX_INPUT = 100_000;

/** A token as it was pasted. */
export interface Paste {
  readonly token: string;
  /** The text around the token, described in a sentence. */
  readonly peeled?: string | undefined;
}

/**
 * Reads a token: the argument, or standard input if the argument is `-` or left out.
 *
 * @param command - The name of the command, for messages.
 * @throws {UsageError} There is no token.
 */
export async function readToken(
  argument: string | undefined,
  command: string,
  terminal: Terminal,
): Promise<Paste> {
  if (argument !== undefined && argument !== '-') return peel(argument, command);
  const { stdin } = terminal;
  if (stdin.isTTY === true) {
    if (argument === undefined) throw new UsageError('No token. Pass it as the argument, or pipe it in.');
    writeMessage(terminal, 'Paste the token, then press Enter and Ctrl-D.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MAX_INPUT) break;
  }
  return peel(decodeText(Buffer.concat(chunks)), command);
}

/** Decodes text as UTF-8, or as UTF-16 with a byte order mark, which Windows PowerShell writes into files. */
function decodeText(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** One to three segments. The first is the base64url of a JSON object: `{"` starts with `ey`. */
const TOKEN = /^ey[\w-]*(?:\.[\w-]*){0,2}$/;
const BEARER = /^(?:authorization:\s*)?bearer\s+/i;
const QUOTES = new Set('"\'`\u2018\u2019\u201c\u201d,;');
const BLANKS = /[\s\u200b-\u200d\u2060\ufeff]/g;

/**
 * Extracts the token from pasted text.
 *
 * @throws {UsageError} There is no token, or more than one.
 */
function peel(pasted: string, command: string): Paste {
  const text = pasted.trim();
  if (text === '') {
    throw new UsageError('The input is empty. Check that the command before it printed a token.');
  }
  const json = parseJson(text);
  if (json !== undefined) return peelJson(json);

  const { token, removed } = unwrap(text);
  if (TOKEN.test(token)) {
    return {
      token,
      peeled: removed.length === 0 ? undefined : `Removed from the input: ${removed.join(', ')}.`,
    };
  }

  // A full stop may end the sentence that the token is in.
  const words = text.split(/[^\w.-]+/).map((word) => (TOKEN.test(word) ? word : word.replace(/\.$/, '')));
  const inside = words.filter(isToken);
  rejectSeveral(inside);
  const [found] = inside;
  if (found !== undefined) {
    return { token: found, peeled: 'The token was taken out of the text around it.' };
  }
  const other = describeInput(text, command);
  if (other !== undefined) throw new UsageError(other);
  return { token: text };
}

/** Removes what often surrounds a token. */
function unwrap(text: string): { readonly token: string; readonly removed: readonly string[] } {
  const removed: string[] = [];
  let token = text;
  for (const [what, remove] of [
    ['quotes', trimQuotes],
    ['"Bearer"', (rest: string) => rest.replace(BEARER, '')],
    ['line breaks or spaces', (rest: string) => rest.replace(BLANKS, '')],
  ] as const) {
    const rest = remove(token);
    if (rest !== token) removed.push(what);
    token = rest;
  }
  return { token, removed };
}

/** Returns whether a word between others is a token, not a word such as "eyes". */
function isToken(word: string): boolean {
  return word.length > 20 && word.includes('.') && TOKEN.test(word);
}

function trimQuotes(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && QUOTES.has(text[start]!)) start++;
  while (start < end && QUOTES.has(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Extracts the token from the response of an endpoint. */
function peelJson(json: object): Paste {
  const members = listMembers(json);
  const tokens = members.filter(({ value }) => typeof value === 'string' && isToken(value));
  const named = tokens.filter(({ name }) => name === 'token');
  const candidates = named.length > 0 ? named : tokens;
  const [found] = candidates;
  if (found === undefined) throw new UsageError(describeTokenless(json, members));
  rejectSeveral(candidates.map(({ value }) => value));
  return { token: found.value as string, peeled: `The input is JSON. The token is its "${found.path}".` };
}

/** A member of JSON, at any depth. */
interface Member {
  readonly name: string;
  /** Names joined by dots, such as `data.token`. */
  readonly path: string;
  /** Text is unwrapped. */
  readonly value: unknown;
}

/** Lists the members of JSON. Not recursive: deep input would exhaust the stack. */
function listMembers(json: object): Member[] {
  const members: Member[] = [{ name: '', path: '', value: json }];
  for (const { path, value } of members) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      const unwrapped: unknown = typeof inner === 'string' ? unwrap(inner).token : inner;
      members.push({ name, path: path === '' ? name : `${path}.${name}`, value: unwrapped });
    }
  }
  return members.slice(1);
}

function describeTokenless(json: object, members: readonly Member[]): string {
  const advice = 'Check that the endpoint returned a token, not an error.';
  const member = members.find(({ name }) => name === 'token');
  if (member !== undefined) {
    const { path, value } = member;
    const what = value === null ? 'null' : value === '' ? 'empty' : 'not a token';
    return `The input is JSON, but its "${path}" is ${what}. ${advice}`;
  }
  const names = Object.keys(json).slice(0, 5);
  const shown = names.length === 0 ? '' : ` Its members are: ${names.join(', ')}.`;
  return `The input is JSON without a token.${shown} ${advice}`;
}

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {UsageError} The tokens differ. */
function rejectSeveral(tokens: readonly unknown[]): void {
  const { size } = new Set(tokens);
  if (size > 1) throw new UsageError(`The input contains ${size} tokens. Pass one at a time.`);
}

/** Describes input that cannot be a token. */
function describeInput(text: string, command: string): string | undefined {
  if (/^https?:\/\//i.test(text)) {
    return `The input is a URL, not a token. Pass what it returns: curl URL | twilio-capability ${command}`;
  }
  if (/^<(?:!doctype|html)/i.test(text)) {
    return 'The input is an HTML page, not a token. The endpoint may redirect to a login page.';
  }
  if (/^(?:\.{0,2}\/|~\/|[a-z]:\\)|\.(?:txt|json|jwt|env)$/i.test(text) || isFile(text)) {
    return `The input is the path of a file, not a token. Pass its contents: twilio-capability ${command} - < FILE`;
  }
  return undefined;
}

function isFile(text: string): boolean {
  return text.length < 1000 && existsSync(text);
}
