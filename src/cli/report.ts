import { styleText } from 'node:util';
import { printable } from '../printable';

/*
 * Escapes, wraps and colours what the commands report, so that none of them can forget to.
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
  /** `process.env`: the library reads credentials from there. */
  readonly env: Record<string, string | undefined>;
}

/** 0: done. 1: the token is not valid. 2: wrong usage, or the token could not be checked. */
export type ExitCode = 0 | 1 | 2;

/** A label and its values, one line each. */
export type Row = readonly [label: string, ...values: string[]];

/** The answer of a command about a token, in the order in which it is shown. */
export interface Report {
  readonly mark: keyof typeof MARKS;
  /** The verdict, in a few words. */
  readonly verdict: string;
  /** Twilio's error numbers, added to the verdict. */
  readonly numbers?: string | undefined;
  /** What to do, one or two sentences a line. */
  readonly advice: Lines<string>;
  /** Tables, separated by blank lines. The facts that decide come first. */
  readonly tables: readonly Lines<Row>[];
  /** Sentences after the tables. */
  readonly notes: Lines<string>;
}

/** Lines of a report. False and undefined are left out. */
export type Lines<T> = readonly (T | false | undefined)[];

const MARKS = { good: ['✓', 'green'], bad: ['✗', 'red'], unknown: ['?', 'yellow'] } as const;

const INDENT = 2;
const GAP = 2;
/** The narrowest terminal that text is wrapped for. */
const MIN_WIDTH = 20;

type Style = (format: 'green' | 'red' | 'yellow' | 'dim', text: string) => string;

/** Writes a report. */
export function writeReport({ stdout, env }: Terminal, report: Report): void {
  const style = styleFor(stdout, env);
  const width = widthOf(stdout);
  const [mark, colour] = MARKS[report.mark];
  const verdict = `${mark} ${report.verdict}`;
  const numbers = report.numbers ?? '';
  const isOneLine = columnsOf(printable(`${verdict}   ${numbers}`)) <= width;
  const headline = wrap(verdict, width, INDENT).map((line) => style(colour, line));
  if (isOneLine && numbers !== '') headline[0] = `${headline[0]!}   ${numbers}`;
  const indented = (texts: Lines<string>): string[] =>
    present(texts).flatMap((text) => wrap(text, width, INDENT, INDENT));
  const blocks = [
    [...headline, ...indented([isOneLine ? undefined : report.numbers, ...report.advice])],
    ...report.tables.map((rows) => formatTable(present(rows), width, style)),
    indented(report.notes),
  ];
  const text = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  stdout.write(`${text.join('\n\n')}\n`);
}

function present<T>(lines: Lines<T>): T[] {
  return lines.filter((line) => line !== undefined && line !== false) as T[];
}

/** Writes a message to standard error. */
export function writeMessage({ stderr }: Terminal, message: string): void {
  stderr.write(`${wrap(message, widthOf(stderr), INDENT).join('\n')}\n`);
}

/** Writes JSON, with characters escaped that move the cursor. */
export function writeJson({ stdout }: Terminal, value: unknown): void {
  stdout.write(formatJson(value));
}

/** Formats JSON, indented. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).split('\n').map(printable).join('\n')}\n`;
}

function formatTable(rows: readonly Row[], width: number, style: Style): string[] {
  const labels = rows.map(([label]) => printable(label));
  const column = INDENT + Math.max(...labels.map(columnsOf)) + GAP;
  return rows.flatMap(([, ...values], index) => {
    const label = labels[index]!;
    const padded = ' '.repeat(INDENT) + style('dim', label) + ' '.repeat(column - INDENT - columnsOf(label));
    // A SID or a time that does not fit next to its label goes below it, in one piece for copying.
    if (values.some((value) => longestWord(value) > width - column - GAP)) {
      const below = values.flatMap((value) => wrap(value, width, 2 * INDENT, 2 * INDENT));
      return [padded.trimEnd(), ...below];
    }
    const lines = values.flatMap((value) => wrap(value, width, column + GAP, column));
    return lines.map((line, number) => (number === 0 ? padded + line.slice(column) : line));
  });
}

function longestWord(text: string): number {
  return Math.max(...printable(text).split(' ').map(columnsOf));
}

/**
 * Escapes text and breaks it into lines of a width: between words, and inside of a word only where it is longer than
 * a line.
 *
 * @param hanging - Columns before each line but the first.
 * @param first - Columns before the first line.
 */
function wrap(text: string, width: number, hanging: number, first = 0): string[] {
  if (width === Infinity) return [' '.repeat(first) + printable(text)];
  const lines: string[] = [];
  let line = ' '.repeat(first);
  let isEmpty = true;
  const breakLine = (): void => {
    lines.push(line);
    line = ' '.repeat(hanging);
    isEmpty = true;
  };
  for (const word of printable(text).split(' ')) {
    if (!isEmpty && columnsOf(line) + 1 + columnsOf(word) > width) breakLine();
    if (!isEmpty) line += ' ';
    for (const character of word) {
      if (columnsOf(line + character) > width) breakLine();
      line += character;
    }
    isEmpty = false;
  }
  return [...lines, line].map((each) => each.trimEnd());
}

/** Characters that take two columns of a terminal: East Asian ones and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/gu;

function columnsOf(text: string): number {
  return Array.from(text).length + (text.match(WIDE)?.length ?? 0);
}

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
