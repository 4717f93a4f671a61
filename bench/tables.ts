import { missed, rows, type Results, type Row } from './results';

/** The tables of one run, or of several on different Nodes side by side. */
export function tables(runs: readonly Results[]): string {
  const { machine, rounds } = runs[0]!;
  const versions = runs.map(({ node }) => `Node ${node.slice(1)}`);
  return [
    `${machine}. Medians of ${rounds} rounds.`,
    table(['what', 'target', ...versions], targets(runs)),
    table(['signing, µs a token', ...versions], times(runs.map(({ signing }) => signing))),
    table(['verifying, µs a token', ...versions], times(runs.map(({ verifying }) => verifying))),
    table(
      ['where the time of a `Capability` goes, µs', ...versions],
      steps(runs.map(({ profile }) => profile.capability)),
    ),
    table(
      ['and that of `verifier.verify`, µs', ...versions],
      steps(runs.map(({ profile }) => profile.verify)),
    ),
    table(
      ['cold start, ms', ...versions],
      byName(fastestFirst(runs.map(({ coldStart }) => coldStart)), (ms) => ms.toFixed(0)),
    ),
  ].join('\n\n');
}

function targets(runs: readonly Results[]): string[][] {
  const columns = runs.map(rows);
  return columns[0]!.map((first, index) => [
    first.what,
    [...new Set(columns.map((column) => target(column[index]!)))].join(', newer '),
    ...columns.map((column) => figure(column[index]!)),
  ]);
}

function target({ target }: Row): string {
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}

/** A figure that misses its target is in bold. */
function figure(row: Row): string {
  const text = row.value.toFixed(row.digits);
  return missed(row) ? `**${text}**` : text;
}

function times(columns: readonly Readonly<Record<string, number>>[]): string[][] {
  return byName(fastestFirst(columns), microseconds);
}

function steps(columns: readonly Readonly<Record<string, number>>[]): string[][] {
  return byName(columns, microseconds);
}

function microseconds(ns: number): string {
  return (ns / 1000).toFixed(1);
}

/** With the names in the order of the first column's figures. */
function fastestFirst(
  columns: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>>[] {
  const [first, ...others] = columns;
  return [Object.fromEntries(Object.entries(first!).sort(([, a], [, b]) => a - b)), ...others];
}

/** A line for each name, in the order of the first column. */
function byName(
  columns: readonly Readonly<Record<string, number>>[],
  format: (value: number) => string,
): string[][] {
  return Object.keys(columns[0]!).map((name) => [name, ...columns.map((column) => format(column[name]!))]);
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [row(head), row(rule), ...body.map(row)].join('\n');
}
