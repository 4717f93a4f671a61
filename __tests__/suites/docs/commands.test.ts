import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROJECT } from '../../helpers/pack';
import { DOTENV, env, pages, readPage } from './support';

const CLI = join(PROJECT, 'dist/cli/main.js');
const command = (...args: string[]): string =>
  execFileSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8' });
const { scripts, devDependencies } = JSON.parse(
  readFileSync(join(PROJECT, 'package.json'), 'utf8'),
) as Record<'scripts' | 'devDependencies', Record<string, string>>;
const contributing = readPage('CONTRIBUTING.md');

describe('the commands of the pages', () => {
  const shell = pages.flatMap(({ shellBlocks }) => shellBlocks);

  test('name npm scripts that exist', () => {
    const text = [contributing.text, ...shell.map(({ code }) => code)].join('\n');
    const named = Array.from(
      text.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g),
      ([, script, bare]) => script ?? bare!,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test.each(shell.filter(({ kind }) => kind === 'run'))('$title run', ({ code }) => {
    const directory = mkdtempSync(join(tmpdir(), 'docs-'));
    // The built command in place of npx, and no request to Twilio.
    const stubs = `npx() { shift; "${process.execPath}" "${CLI}" "$@"; }\ncurl() { echo "$@"; }`;
    writeFileSync(join(directory, '.env'), DOTENV);
    const token = command('mint', '--incoming', 'alice');
    for (const name of ['token', 'old-token', 'new-token']) {
      writeFileSync(join(directory, `${name}.txt`), token);
    }
    try {
      execFileSync('bash', ['-euc', `${stubs}\n${code}`], { cwd: directory, env, stdio: 'pipe' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  const { text: cli } = readPage('docs/cli.md');
  const flags = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();

  test.each(['mint', 'inspect', 'verify', 'fixtures'])('list every flag of %s', (name) => {
    const [, section] = new RegExp(`^## ${name}\\n([\\s\\S]*?)^## `, 'm').exec(cli)!;
    const table = section!.split('\n').filter((line) => line.startsWith('| `--'));
    const [usage] = command(name, '--help')
      .split('Exit codes')[0]!
      .match(/(?:^ {2}--.*\n(?: {6,}.*\n)*)+/m)!;
    expect(flags(table.map((line) => line.split('|')[1]!).join('\n'))).toEqual(
      flags(usage.replace(/^( {2}--\S+).*$/gm, '$1')),
    );
  });
});

describe('CONTRIBUTING.md', () => {
  test('lists every file of src once', () => {
    const [, tree = ''] = /^```\nsrc\/\n([\s\S]*?)^```$/m.exec(contributing.text) ?? [];
    let folder = '';
    // Two spaces are one level.
    const listed = [...tree.matchAll(/^( +)(\S+)/gm)].map(([, indent, name]) => {
      if (name!.endsWith('/')) folder = name!;
      return indent!.length === 2 ? name! : folder + name!;
    });
    const files = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' });
    const isSource = (file: string): boolean => file.endsWith('.ts');
    expect(listed.filter(isSource).sort()).toEqual(files.filter(isSource).sort());
  });

  test('has a reason for each development dependency, of which there are few', () => {
    const [, table = ''] =
      /^## Development dependencies\n([\s\S]*?)\n\n[^|\n]/m.exec(contributing.text) ?? [];
    const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
    const named = Array.from(cells.join().matchAll(/`([^`]+)`/g), ([, name]) => name!);
    expect(named.sort()).toEqual(Object.keys(devDependencies).sort());
    expect(named.length).toBeLessThanOrEqual(39);
  });
});
