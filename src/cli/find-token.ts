import { UsageError } from './arguments';
import { writeMessage, type Terminal } from './report';

/** Most bytes that are read. Stops an endless input. */
const MAX_INPUT = 16_000_000;

/** What was pasted, and the token in it. */
export interface Paste {
  /** The token. If none was found, the whole input without the white space around it. */
  readonly text: string;
  /** How many different tokens could be meant. */
  readonly count: number;
  /** The path of the token if the input is JSON, such as `data.token`. */
  readonly path: string | undefined;
  /** What a page would receive before and after the token: the rest of the JSON value, or `b'` and `'`. */
  readonly around: readonly [before: string, after: string] | undefined;
  /** Whether anything of the input is not part of the token. */
  readonly isPeeled: boolean;
  /** The input, if it is JSON without a token. */
  readonly json: unknown;
}

/**
 * Reads the input: the argument, or standard input if the argument is `-` or left out.
 *
 * @throws {UsageError} There is no input.
 */
export async function readInput(argument: string | undefined, terminal: Terminal): Promise<string> {
  const input = argument !== undefined && argument !== '-' ? argument : await readStdin(argument, terminal);
  if (removeInvisible(input).trim() !== '') return input;
  throw new UsageError('The input is empty. Check that the command before it printed a token.');
}

async function readStdin(argument: string | undefined, terminal: Terminal): Promise<string> {
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
    if (size > MAX_INPUT) {
      writeMessage(terminal, 'Only the first 16 MB of the input were read.');
      break;
    }
  }
  const bytes = Buffer.concat(chunks);
  // Windows PowerShell writes UTF-16 with a byte order mark into files.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** Finds the token in pasted text. */
export function findToken(input: string): Paste {
  const text = removeInvisible(input).trim();
  const json = parseJson(text);
  const candidates = prefer(listStrings(text, json).flatMap(findCandidates));
  const { token = text, path, around } = candidates[0] ?? {};
  const count = new Set(candidates.map((candidate) => candidate.token)).size;
  return {
    text: token,
    count,
    path,
    around,
    isPeeled: count > 0 && token !== input.trim(),
    json: count > 0 ? undefined : json,
  };
}

/** Removes characters without a width, such as a byte order mark. */
function removeInvisible(text: string): string {
  return text.replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '');
}

function parseJson(text: string): unknown {
  try {
    return /^\s*[[{"]/.test(text) ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

/** Text of the input, with its path if it is a value in JSON. */
interface Text {
  readonly text: string;
  readonly path: string | undefined;
}

/** Lists the strings of the input: itself, or all values of its JSON, also of JSON in a string and in an HTTP body. */
function listStrings(input: string, json: unknown): Text[] {
  const body: unknown = json ?? parseJson(input.slice(input.search(/\n\r?\n/) + 1));
  if (body === undefined) return [{ text: input, path: undefined }];
  const texts: Text[] = [];
  // A list, not a recursion: deep JSON would exhaust the stack.
  const values: { value: unknown; path: string }[] = [{ value: body, path: '' }];
  for (const { value, path } of values) {
    const inner = typeof value === 'string' ? parseJson(value) : value;
    // A string in a string stays as it is: the page receives it with its quotes.
    if (typeof value === 'string' && typeof inner !== 'object') texts.push({ text: value, path });
    else if (typeof inner === 'object' && inner !== null) {
      for (const [name, each] of Object.entries(inner)) {
        values.push({ value: each, path: path === '' ? name : `${path}.${name}` });
      }
    }
  }
  return texts;
}

interface Candidate extends Pick<Paste, 'path' | 'around'> {
  readonly token: string;
}

/** Where a token can start: not inside a word, but after an escape such as `\n` or `%22`. */
const START = /(?:^|[^\w.-]|\\[nrt]|%2[027])(?=ey[\w-]{8})/g;
/** Up to five segments, which may be broken into lines. The header is short, so that every search ends soon. */
const RUN = /[\w\n+/=-]{2,1000}(?:\.[\w\n+/=-]*){0,4}/y;
/** Lengths of the signatures of HS256, HS384, HS512 and RS256. */
const SIGNATURE_LENGTHS = [43, 64, 86, 342];
const SIGNATURE = SIGNATURE_LENGTHS.map((length) => `(?:\\n?[\\w-]){${length}}`).join('|');
/** Three segments, with a signature of a usual length and then other text. */
const COMPLETE = new RegExp(`^[^.]*\\.[^.]*\\.(?:${SIGNATURE})(?![\\w-]|\\.[\\w-])`);

/** Two strings of source code, one on each line: `"a" +`, `"b"`. */
const JOIN = /(["']) ?\+\n\1/g;

/** Removes white space, the marks of a quoted mail, and the backslash of a shell. */
function cleanLine(line: string): string {
  return line.trim().replace(/^(?:> ?)+|\\$/g, '');
}

function findCandidates({ text, path }: Text): Candidate[] {
  const all = text.split(/\r\n?|\n/);
  // What a page receives in JSON counts with its white space.
  const lines = path === undefined ? all.map(cleanLine).join('\n').replace(JOIN, '\n') : all.join('\n');
  const found: Candidate[] = [];
  START.lastIndex = 0;
  for (let match = START.exec(lines); match !== null; match = START.exec(lines)) {
    const start = match.index + match[0].length;
    RUN.lastIndex = start;
    const raw = trimRun(RUN.exec(lines)![0]);
    const token = raw.replaceAll('\n', '');
    if (isHeader(token.split('.', 1)[0]!)) {
      const [before, after] = [lines.slice(0, start), lines.slice(start + raw.length)];
      found.push({ token, path, around: receivedAround(before, after, path !== undefined) });
      START.lastIndex = start + raw.length;
    } else {
      START.lastIndex = start + 2;
    }
  }
  return found;
}

/** Cuts off what follows the token in a run: the next lines, or the full stop of a sentence. */
function trimRun(run: string): string {
  const complete = COMPLETE.exec(run);
  if (complete !== null) return complete[0];
  const lines = run.replace(/\n$/, '').split('\n');
  // Lines of one length are a token broken into lines. Otherwise the next line is other text.
  const isBroken = lines.every(({ length }, index) =>
    index < lines.length - 1 ? length === lines[0]!.length : length <= lines[0]!.length,
  );
  const token = isBroken && lines[0]!.length >= 40 ? lines.join('\n') : lines[0]!;
  return token.replace(/(?<=[\w-])\.{1,3}$/, (dots) =>
    dots === '.' && token.split('.').length === 3 ? dots : '',
  );
}

/** Returns whether a segment decodes to the header of a token. */
function isHeader(segment: string): boolean {
  try {
    const text = Buffer.from(segment, 'base64').toString('utf8').trim();
    // Most words are no JSON, and an exception for each would take long.
    if (!text.endsWith('}')) return false;
    const header: unknown = JSON.parse(text);
    return typeof header === 'object' && header !== null && ('alg' in header || 'typ' in header);
  } catch {
    return false;
  }
}

/** Returns the candidates that are most likely meant: with an HS256 signature, then complete, then named "token". */
function prefer(candidates: readonly Candidate[]): readonly Candidate[] {
  const rules: ((candidate: Candidate) => boolean)[] = [
    ({ token }) => token.split('.')[2]?.length === SIGNATURE_LENGTHS[0],
    ({ token }) => token.split('.').length === 3,
    ({ path }) => path !== undefined && /(?:^|\.)token$/.test(path),
  ];
  return rules.reduce((rest, rule) => {
    const kept = rest.filter(rule);
    return kept.length > 0 ? kept : rest;
  }, candidates);
}

/** Longest rest of a JSON value that is a mistake around a token, not a text with a token in it. */
const MAX_AROUND = 24;

function receivedAround(before: string, after: string, isJson: boolean): Paste['around'] {
  const bytes = /^b(["'])$/.exec(before.slice(-2));
  if (bytes !== null && after.startsWith(bytes[1]!)) return [bytes[0], bytes[1]!];
  const length = before.length + after.length;
  return isJson && length > 0 && length <= MAX_AROUND ? [before, after] : undefined;
}
