import { styleText } from 'node:util';
import { printable } from '../printable';
import type { Result } from './result';

/*
 * The only file that writes text from a token: it masks secrets, escapes and cuts.
 */

/** A standard stream that the command writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The parts of the process that the command uses. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** 0: done. 1: the token is not valid. 2: wrong usage, or the token was not checked. */
export type ExitCode = 0 | 1 | 2;

/** A label and its values, one line each. */
export type Row = readonly [label: string, ...values: string[]];

const INDENT = '  ';
/** Longest text in a table. */
const MAX_VALUE = 60;
/** Longest text in a sentence. */
const MAX_QUOTE = 24;
const MIN_WIDTH = 20;
/** Between a verdict and its numbers. They share a line up to the width below. */
const GAP = '   ';
const LINE_WIDTH = 80;
/** JSON is indented up to this depth. Indenting deeper JSON would multiply its size. */
const MAX_INDENTED_DEPTH = 10;
/** A SID is shown whole, for copying. It has no character that could imitate a verdict. */
const SID = /^[A-Za-z0-9]{1,34}$/;

/** Writes the result as text, with tables of facts. */
export function writeReport(
  { stdout, env }: Terminal,
  { valid, verdict, numbers, advice, notes }: Result,
  tables: readonly (readonly Row[])[],
  secrets: readonly string[],
): void {
  const style = styleFor(stdout, env);
  const width = widthOf(stdout);
  const [mark, colour]: [string, Colour] =
    valid === null ? ['?', 'yellow'] : valid ? ['✓', 'green'] : ['✗', 'red'];
  const indent = (texts: readonly string[]): string[] => texts.map((text) => INDENT + clean(text, secrets));
  const first = clean(`${mark} ${verdict}`, secrets);
  const shown = describeNumbers(numbers);
  const isOneLine = [first, ...shown].join(GAP).length <= Math.min(width, LINE_WIDTH);
  const head = [style(colour, first), ...shown];
  const blocks = [
    [isOneLine ? head.join(GAP) : head.join(`\n${INDENT}`), ...indent(advice)],
    ...tables.map((rows) => formatTable(rows, width, secrets, style)),
    indent(notes),
  ];
  const text = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  stdout.write(`${text.join('\n\n')}\n`);
}

/** Describes the numbers on one line, or on none. */
function describeNumbers(numbers: Result['numbers']): string[] {
  if (numbers.length === 0) return [];
  const join = (list: number[]): string => [...new Set(list)].join(' or ');
  const gateway = join(numbers.map((each) => each.gateway));
  const page = join(numbers.map((each) => each.voiceSdk));
  return [`Twilio error ${gateway} (${page} in @twilio/voice-sdk)`];
}

/** Writes a message to standard error. */
export function writeMessage({ stderr }: Terminal, message: string): void {
  stderr.write(`${printable(message)}\n`);
}

/** Writes JSON, with characters escaped that move the cursor. */
export function writeJson({ stdout }: Terminal, value: unknown, secrets: readonly string[] = []): void {
  stdout.write(formatJson(value, secrets));
}

/** Formats JSON with an indent. Masks secrets in names and text. */
export function formatJson(value: unknown, secrets: readonly string[] = []): string {
  const mask = (_: string, each: unknown): unknown => {
    if (typeof each === 'string') return maskSecrets(each, secrets);
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    // The names of the members of a result stay, even if a variable is set to one of them by mistake.
    const maskName = (name: string): string =>
      /^[A-Za-z]{1,20}$/.test(name) ? name : maskSecrets(name, secrets);
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [maskName(name), inner]));
  };
  const plain: unknown = JSON.parse(JSON.stringify(value, secrets.length === 0 ? undefined : mask));
  return `${indentJson(plain).split('\n').map(printable).join('\n')}\n`;
}

function indentJson(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null || depth === MAX_INDENTED_DEPTH)
    return JSON.stringify(value);
  const isArray = Array.isArray(value);
  const parts = Object.entries(value).map(([name, inner]) => {
    const text = indentJson(inner, depth + 1);
    return isArray ? text : `${JSON.stringify(name)}: ${text}`;
  });
  const [open, close] = isArray ? '[]' : '{}';
  if (parts.length === 0) return `${open!}${close!}`;
  const indent = INDENT.repeat(depth);
  return `${open!}\n${indent}${INDENT}${parts.join(`,\n${indent}${INDENT}`)}\n${indent}${close!}`;
}

/**
 * Formats text from a token for a sentence: in quotes and cut. Only letters, digits, ASCII punctuation and spaces are
 * shown as they are, so that the end of a name on a new line cannot imitate a verdict.
 */
export function quote(text: string, secrets: readonly string[]): string {
  const short = cut(clean(text, secrets), MAX_QUOTE);
  return `"${short.replace(/[^\x20-\x7e\p{L}\p{M}\p{N}…]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)}"`;
}

/** Masks secrets and escapes the rest. */
function clean(text: string, secrets: readonly string[]): string {
  return printable(maskSecrets(text, secrets));
}

/** Replaces each secret by a placeholder. */
function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '[hidden]'), text);
}

function formatTable(
  rows: readonly Row[],
  width: number,
  secrets: readonly string[],
  style: Style,
): string[] {
  const column = Math.max(...rows.map(([label]) => label.length)) + 2 * INDENT.length;
  return rows.flatMap(([label, ...values]) => {
    const padding = ' '.repeat(column - INDENT.length - label.length);
    return values.map((value, line) => {
      const whole = clean(value, secrets);
      const text = SID.test(whole) ? whole : cut(whole, Math.min(MAX_VALUE, width - column));
      return line === 0 ? INDENT + style('dim', label) + padding + text : ' '.repeat(column) + text;
    });
  });
}

/** Cuts text to a number of columns. Characters beyond Latin may be two columns wide. */
function cut(text: string, limit: number): string {
  let [columns, end] = [0, 0];
  for (const character of text) {
    columns += character > '\u02ff' ? 2 : 1;
    // The ellipsis needs a column too, unless this is the end of the text.
    if (columns > limit - (end + character.length < text.length ? 1 : 0)) return `${text.slice(0, end)}…`;
    end += character.length;
  }
  return text;
}

type Colour = 'green' | 'red' | 'yellow' | 'dim';
type Style = (colour: Colour, text: string) => string;

/** Infinity unless the output is a terminal. */
function widthOf({ isTTY, columns }: Output): number {
  return isTTY === true && columns ? Math.max(columns, MIN_WIDTH) : Infinity;
}

/** Colours text on a terminal, or as NO_COLOR (https://no-color.org) and FORCE_COLOR say. */
function styleFor(output: Output, env: Terminal['env']): Style {
  return hasColour(output, env)
    ? (format, text) => colour(format, text, { validateStream: false })
    : (_, text) => text;
}

function hasColour({ isTTY }: Output, { NO_COLOR, FORCE_COLOR, TERM }: Terminal['env']): boolean {
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/** Newer versions of Node check the stream by default. Node 20.12 has no option to disable this. */
const colour = styleText as (format: string, text: string, options: { validateStream: boolean }) => string;
