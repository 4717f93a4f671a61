import { line, type Growth } from './growth';
import type { Results } from './results';

/** The plots by their file names: SVG that is legible on light and on dark. */
export function plots(runs: readonly Results[]): Record<string, string> {
  // The oldest and the newest Node: those between are like the newest.
  const shown = [runs[0]!, runs.at(-1)!].filter((run, index, all) => all.indexOf(run) === index);
  return {
    'speed.svg': bars(
      'Capability tokens signed in a second',
      shown.map((run) => ({
        title: `Node ${run.node.slice(1)}`,
        bars: Object.entries(run.signing).map(([name, ns]) => ({ name, value: 1e9 / ns })),
        order: -1,
      })),
      (value) => Math.round(value).toLocaleString('en'),
    ),
    'cold-start.svg': bars(
      'From the start of a process to its first token, in milliseconds',
      shown.map((run) => ({
        title: `Node ${run.node.slice(1)}`,
        bars: Object.entries(run.coldStart).map(([name, value]) => ({
          name: START_NAMES[name] ?? name,
          value,
        })),
        order: 1,
      })),
      (value) => value.toFixed(0),
    ),
    'growth.svg': lines('Microseconds a token, by how much there is in it', runs[0]!.growth, runs[0]!.node),
  };
}

const START_NAMES: Readonly<Record<string, string>> = {
  ours: 'twilio-capability',
  ClientCapability: 'twilio/lib/jwt/ClientCapability',
};
const OURS = new Set([
  'signer.sign, ready scopes',
  'signer.sign, scopes anew',
  'Capability',
  'twilio-capability',
]);

interface Panel {
  readonly title: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
  /** 1 for the least first, -1 for the most. */
  readonly order: 1 | -1;
}

const ROW = 24;
const LABEL = 216;
const WIDTH = 720;

function bars(title: string, panels: readonly Panel[], format: (value: number) => string): string {
  let y = 34;
  const parts: string[] = [text(0, 16, title, 'title')];
  for (const panel of panels) {
    const most = Math.max(...panel.bars.map(({ value }) => value));
    parts.push(text(0, y + 12, panel.title, 'panel'));
    y += 22;
    for (const { name, value } of [...panel.bars].sort((a, b) => panel.order * (a.value - b.value))) {
      const width = Math.max(1, ((WIDTH - LABEL - 80) * value) / most);
      parts.push(
        text(LABEL - 8, y + 14, name, 'end'),
        `<rect class="${OURS.has(name) ? 'ours' : 'bar'}" x="${LABEL}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"/>`,
        text(LABEL + width + 6, y + 14, format(value), 'value'),
      );
      y += ROW;
    }
    y += 14;
  }
  return svg(WIDTH, y, title, parts);
}

const PLOT = { width: 190, height: 130, gap: 60 };

function lines(title: string, growth: Growth, node: string): string {
  const heading = `${title} (Node ${node.slice(1)})`;
  const parts: string[] = [text(0, 16, heading, 'title')];
  Object.entries(growth).forEach(([name, points], index) => {
    const left = 36 + index * (PLOT.width + PLOT.gap - 16);
    const top = 52;
    const bottom = top + PLOT.height;
    const maxX = points.at(-1)![0];
    const maxY = Math.max(...points.map(([, ns]) => ns)) / 1000;
    const at = (x: number, ns: number): [string, string] => [
      (left + (x / maxX) * PLOT.width).toFixed(1),
      (bottom - (ns / 1000 / maxY) * PLOT.height).toFixed(1),
    ];
    const { slope, intercept } = line(points);
    const [x1, y1] = at(points[0]![0], intercept + slope * points[0]![0]);
    const [x2, y2] = at(maxX, intercept + slope * maxX);
    parts.push(
      text(left, top - 12, name, 'panel'),
      `<path class="axis" d="M${left} ${top}V${bottom}H${left + PLOT.width}"/>`,
      `<path class="fit" d="M${x1} ${y1}L${x2} ${y2}"/>`,
      ...points.map(([x, ns]) => {
        const [cx, cy] = at(x, ns);
        return `<circle class="ours" cx="${cx}" cy="${cy}" r="3.5"/>`;
      }),
      text(left - 6, top + 4, maxY.toFixed(0), 'end'),
      text(left - 6, bottom + 4, '0', 'end'),
      text(left + PLOT.width, bottom + 18, String(maxX), 'end'),
      text(left, bottom + 18, '0', 'value'),
    );
  });
  return svg(WIDTH, 52 + PLOT.height + 30, heading, parts);
}

function text(x: number, y: number, content: string, kind: string): string {
  const safe = content.replace(/[&<]/g, (character) => (character === '&' ? '&amp;' : '&lt;'));
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${safe}</text>`;
}

function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .panel { font-weight: 600; fill: #1f2328; }
  .end { text-anchor: end; }
  .bar { fill: #b9c1ca; }
  .ours { fill: #0b6bcb; }
  .axis { fill: none; stroke: #8c959f; }
  .fit { fill: none; stroke: #0b6bcb; stroke-opacity: 0.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #a3adb8; }
    .title, .panel { fill: #e6edf3; }
    .bar { fill: #4b5560; }
    .ours { fill: #58a6ff; }
    .axis { stroke: #6e7681; }
    .fit { stroke: #58a6ff; }
  }
</style>
${parts.join('\n')}
</svg>
`;
}
