import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFixtures } from '../../../src/testing';
import * as tokens from './tokens';
import { AT, CLI, jsonOf, runCommand, spawnCommand } from './run-command';

const ROOT = join(__dirname, '..', '..', '..');
const { ENV, capabilityToken, nameToken, now } = tokens;
const { valid, expired, accessToken, truncated } = createFixtures();
const folder = mkdtempSync(join(tmpdir(), 'twilio-capability-'));

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('There is no dist: npm test builds it first.');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** One case of each kind. The other faults are in diagnosis.test.ts. */
const KINDS: [kind: string, command: string, env: object, exit: number, verdict: string, says: string, token: string][] = [
  ['a valid token', 'verify', ENV, 0, '✓ VALID capability token, expires in 1 hour', 'region US1 only', valid.token],
  ['a valid Access Token', 'verify', ENV, 0, '✓ VALID Access Token, expires in 1 hour', 'Only Twilio knows', accessToken.token],
  ['a token inspected', 'inspect', {}, 0, '? UNVERIFIED capability token, expires in 1 hour', 'No problem found. Signature not checked', valid.token],
  ['an expired token', 'inspect', {}, 1, '✗ NOT VALID: expired 10 minutes ago', 'Fetch a new token', expired.token],
  ['a token without credentials', 'verify', {}, 2, '? NOT CHECKED: its credentials are not set', 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN are not set.', valid.token],
  ['another account', 'verify', ENV, 2, '? NOT CHECKED: it belongs to another account', 'Signature not checked', capabilityToken({ iss: 'AC2222' }, {}, 'other')],
  ['another secret', 'verify', ENV, 1, '✗ NOT VALID: the signature does not match', 'TWILIO_AUTH_TOKEN is current', capabilityToken({}, {}, 'other')],
  ['text that is no token', 'verify', ENV, 1, '✗ NOT A TOKEN: this is a URL', 'curl -X POST URL', 'https://example.com/token'],
  ['a cut token', 'verify', ENV, 1, `✗ NOT VALID: cut off: 2 of 3 parts, ${truncated.token.length} characters`, 'Copy the whole token', truncated.token],
  ['a claim', 'inspect', {}, 1, '✗ NOT VALID: its exp is in milliseconds', 'Unix seconds', capabilityToken({ exp: now * 1000 })],
  ['a name', 'verify', ENV, 0, '✓ VALID, but Twilio refuses the name (31105)', 'starts with "client:"', nameToken('client:alice')],
  ['a name inspected', 'inspect', {}, 0, '? UNVERIFIED, and Twilio refuses the name (31105)', 'a blank inside', nameToken('a b')],
  ['what a page receives', 'verify', ENV, 0, '✓ VALID, but what the page receives is not a token', 'as JSON twice', JSON.stringify({ token: JSON.stringify(valid.token) })],
  ['what got lost', 'verify', ENV, 0, '✓ VALID capability token, expires in 1 hour', 'may be cut off', tokens.scopeToken('scope:client:incoming?clientName=a&b=c')],
]; // prettier-ignore

describe('the process', () => {
  test.each(KINDS)('answers for %s', async (_, command, env, status, verdict, says, token) => {
    const text = spawnCommand([command, ...AT, token], env);
    expect([text.status, text.stderr]).toEqual([status, '']);
    const [first, ...lines] = text.stdout.split('\n');
    expect(first!.split('   ')[0]).toBe(verdict);
    expect(lines.filter((line) => line.includes(says))).toHaveLength(1);
    // The same in this process, for the coverage, and with --json.
    expect((await runCommand([command, ...AT, token], { env })).stdout).toBe(text.stdout);
    const valid = verdict.startsWith('✓') ? true : status === 1 ? false : null;
    const json = await jsonOf([command, ...AT, token], env);
    expect(json).toMatchObject({ valid, verdict: verdict.slice(2) });
  });

  test('writes the token alone to a pipe, and reads it from there', () => {
    const args = ['mint', '--incoming', 'alice', '--outgoing', tokens.AP, ...AT];
    const { status, stdout, stderr } = spawnCommand(args, ENV);
    expect([status, stdout, stderr]).toEqual([0, `${valid.token}\n`, '']);
    const verified = spawnCommand(['verify', '-', '--json', ...AT], ENV, stdout);
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true });
  });

  test('exits with 2 and without a stack if the output cannot be written', async () => {
    const args = [CLI, 'mint', '--incoming', 'alice'];
    if (existsSync('/dev/full')) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, args, {
        env: ENV,
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      expect([status, String(stderr)]).toEqual([
        2,
        'twilio-capability: The output cannot be written: ENOSPC.\n',
      ]);
    }
    const child = spawn(process.execPath, args, { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect([status, stderr]).toEqual([2, '']);
  });

  test('exits with 2 and without a stack after an unexpected error', () => {
    // Without a package.json, there is no version to show.
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const args = [join(folder, 'dist', 'cli', 'main.js'), '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^twilio-capability: Error: ENOENT: no such file or directory.*\n$/);
  });

  test('gives the same fixtures in every time zone', () => {
    const here = spawnCommand(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect(here.status).toBe(0);
    expect(spawnCommand(['fixtures', ...AT], { TZ: 'America/New_York' }).stdout).toBe(here.stdout);
  });
});

describe('twilio-capability', () => {
  test.each([
    ...[['--help'], ['-h'], ['help']],
    ...['mint', 'inspect', 'verify', 'fixtures'].flatMap((name) => [[name, '--help'], ['help', name]]),
  ])('has help: %s %s', async (...args) => {
    const { status, stdout, stderr } = await runCommand(args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nExample:\n {2}(?:export TWILIO|twilio-capability )/);
  }); // prettier-ignore

  test('has a version', async () => {
    const file = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect((await runCommand(['--version'])).stdout).toBe(`${file.version}\n`);
  });

  test.each([
    ['mnit', 'Unknown command mnit. Did you mean mint? Run twilio-capability --help.'],
    ['-v', 'Unknown command -v. Run twilio-capability --help.'],
    [valid.token, 'Unknown command. Run twilio-capability --help.'],
  ])('rejects the command %s', async (name, message) => {
    const stderr = `twilio-capability: ${message}\n`;
    expect(await runCommand([name])).toEqual({ status: 2, stdout: '', stderr });
  });

  test('shows help without a command', async () => {
    const { status, stdout, stderr } = await runCommand([]);
    const first = 'Create, inspect and verify Twilio Client capability tokens.';
    expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', first]);
  });

  test.each<[Record<string, string>, number | undefined, boolean]>([
    [{}, 80, true],
    [{ NO_COLOR: '' }, 80, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 80, true],
    [{ FORCE_COLOR: '1' }, undefined, true],
    [{}, undefined, false],
    [{ NO_COLOR: '1' }, 80, false],
    [{ TERM: 'dumb' }, 80, false],
    [{ FORCE_COLOR: '0' }, 80, false],
  ])('with %j at %s columns, colour is %s', async (env, columns, hasColour) => {
    const { stdout } = await runCommand(['inspect', expired.token, ...AT], { env, columns });
    const verdict = '✗ NOT VALID: expired 10 minutes ago';
    expect(stdout.startsWith(hasColour ? `\u001b[31m${verdict}\u001b[39m` : verdict)).toBe(true);
    expect(stdout.includes('\u001b')).toBe(hasColour);
  });
});
