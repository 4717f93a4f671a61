import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROJECT } from '../../helpers/pack';
import { CREDENTIALS, env } from './credentials';
import { pages } from './pages';

const CLI = join(PROJECT, 'dist/cli/main.js');

describe('the commands of the pages', () => {
  const shell = pages.flatMap(({ shellBlocks }) => shellBlocks);

  test('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = shell.flatMap(({ code }) =>
      [...code.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g)].map(([, script, bare]) => script ?? bare!),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test.each(shell.filter(({ kind }) => kind === 'run'))('$title run', ({ code }) => {
    const directory = mkdtempSync(join(tmpdir(), 'docs-'));
    // The built command in place of npx, and no request to Twilio.
    const stubs = `npx() { shift; "${process.execPath}" "${CLI}" "$@"; }\ncurl() { echo "$@"; }`;
    const text = Object.entries(CREDENTIALS).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(directory, '.env'), text.join(''));
    for (const name of ['token', 'old-token', 'new-token']) {
      writeFileSync(join(directory, `${name}.txt`), tokenForNow());
    }
    try {
      execFileSync('bash', ['-euc', `${stubs}\n${code}`], { cwd: directory, env, stdio: 'pipe' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('install packages of the versions that are tested here', () => {
    const lines = shell
      .filter(({ title }) => !title.includes('getting-started')) // followed in its own test
      .flatMap(({ code }) => [...code.matchAll(/^npm install (?:--save-dev )?(.+)$/gm)]);
    const packages = lines
      .flatMap(([, names]) => names!.split(' '))
      .filter((name) => name !== 'twilio-capability');
    expect(packages).toContain('ts-jest@29');
    for (const name of packages) {
      const [, path, major] = /^(@?[^@]+)(?:@(\d+))?$/.exec(name)!;
      const manifest = readFileSync(join(PROJECT, 'node_modules', path!, 'package.json'), 'utf8');
      const { version } = JSON.parse(manifest) as { version: string };
      expect(`${path} ${version}.`).toContain(`${path} ${major ?? ''}`);
    }
  });

  const cli = readFileSync(join(PROJECT, 'docs/cli.md'), 'utf8');
  const flags = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();

  test.each(['mint', 'inspect', 'verify', 'fixtures'])('list every flag of %s', (command) => {
    const [, section] = new RegExp(`^## ${command}\\n([\\s\\S]*?)^## `, 'm').exec(cli)!;
    const table = section!.split('\n').filter((line) => line.startsWith('| `--'));
    const help = execFileSync(process.execPath, [CLI, command, '--help'], {
      encoding: 'utf8',
    });
    const [usage] = help.split('Exit codes')[0]!.match(/(?:^ {2}--.*\n(?: {6,}.*\n)*)+/m)!;
    expect(flags(table.map((line) => line.split('|')[1]!).join('\n'))).toEqual(
      flags(usage.replace(/^( {2}--\S+).*$/gm, '$1')),
    );
  });
});

/** A token of the account of `CREDENTIALS`, made by the built command. */
function tokenForNow(): string {
  const args = [CLI, 'mint', '--incoming', 'alice'];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' });
}
