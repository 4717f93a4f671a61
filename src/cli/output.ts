import { styleText } from 'node:util';
import { printable } from '../printable';
import type { Output, Terminal } from './terminal';

/** Ways to set off text. Each gives it back as it is where there is no colour. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** A row of a table: what it is about, and what there is to say, in one line or several. */
export type Row = readonly [label: string, ...lines: string[]];

/** Colour on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is a dumb one. */
export function styleFor({ isTTY }: Output, env: Terminal['env']): Style {
  const coloured = isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const style =
    (format: string) =>
    (text: string): string =>
      coloured ? colour(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
  };
}

/** From Node 22 on it would look at the stream and the environment by itself. */
const colour = styleText as (format: string, text: string, options: { validateStream: boolean }) => string;

/** Writes JSON, with nothing in it that a terminal would act on. */
export function writeJson(output: Output, value: unknown): void {
  output.write(formatJson(value));
}

/** Lines of JSON. */
export function formatJson(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(printable).join('\n')}\n`;
}

/** Lays out rows, the labels aligned. */
export function layOut(rows: readonly Row[], { dim }: Style): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows
    .flatMap(([label, ...lines]) =>
      lines.map((line, index) => `  ${dim((index === 0 ? label : '').padEnd(width))}  ${line}\n`),
    )
    .join('');
}

/** Text from a token as part of a line: bare where it is one plain word, else quoted. */
export function shown(text: string): string {
  return /^[\w.@/+-]+$/.test(text) ? text : printable(JSON.stringify(text));
}
