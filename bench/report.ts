import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import type { Figures } from './speed';

export type Results = Readonly<{ node: string; machine: string; figures: Figures }>;

/** By major version of Node, or one for all. */
type PerNode = number | Readonly<Record<number, number>>;
/** A figure, or its ratio to another one of the same run. */
type Measure = Readonly<{ of: string; to?: string; atLeast?: PerNode; atMost?: PerNode; first?: PerNode }>;

export function major({ node }: Results): number {
  return Number(/\d+/.exec(node)![0]);
}

function at(run: Results, values?: PerNode): number | undefined {
  return typeof values === 'object' ? values[major(run)] : values;
}

/** Formats a Markdown table with a column for each run. */
export function formatTable(runs: readonly Results[]): string {
  const list = (sign: string, values?: PerNode) =>
    [...new Set(runs.flatMap((run) => at(run, values) ?? []))].map((value) => `${sign}${value}`).join(', ');
  const head = ['Figure', 'Floor', 'First edition', ...runs.map(({ node }) => `Node ${node.slice(1)}`)];
  const other = Object.keys(runs[0]!.figures).filter((name) => name.endsWith(' (against)'));
  const comparisons: Measure[] = other.map((to) => ({ of: to.replace(' (against)', ''), to }));
  const measures = JSON.parse(readFileSync(join(__dirname, 'floors.json'), 'utf8')) as Measure[];
  const rows = [...measures, ...comparisons].map((measure) => [
    measure.to ? `${measure.of} / ${measure.to.replace(/^\w+: /, '')}` : measure.of,
    list('≥ ', measure.atLeast) + list('≤ ', measure.atMost),
    list('', measure.first),
    ...runs.map((run) => formatValue(measure, run)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]!.length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}

function formatValue({ of, to, atLeast, atMost }: Measure, run: Results): string {
  const value = run.figures[of]! / (to ? run.figures[to]! : 1);
  if (Number.isNaN(value)) throw new Error(`There is no figure for "${of}" or "${String(to)}".`);
  const missed = value < (at(run, atLeast) ?? value) || value > (at(run, atMost) ?? value);
  return value.toFixed(value < 100 ? 2 : 0) + (missed ? ' (missed)' : '');
}

/** Draws the tokens per second of each contestant as SVG, from the Vega-Lite specification in plot.json. */
export async function drawPlot(runs: readonly Results[]): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const values = runs.flatMap((run) =>
    Object.entries(run.figures)
      .sort(([name, a], [other, b]) => name.slice(0, 6).localeCompare(other.slice(0, 6)) || a - b)
      .map(([name, figure]) => ({ node: `Node ${major(run)}`, name, figure })),
  );
  const spec = JSON.parse(readFileSync(join(__dirname, 'plot.json'), 'utf8')) as TopLevelSpec;
  return new vega.View(vega.parse(compile({ ...spec, datasets: { values } }).spec)).toSVG();
}
