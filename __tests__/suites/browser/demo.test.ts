import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CapabilityVerifier } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';

const ROOT = join(__dirname, '..', '..', '..');
const { accountSid, authToken } = testCredentials;
const TWO = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
const ALL_THREE = { ...TWO, TWILIO_APPLICATION_SID: testApplicationSid };
const PORTS = { PORT: '0', VOICE_PORT: '0' };

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example until it exits. A server is stopped as soon as it has started. */
async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = ROOT): Promise<Done> {
  const script = join(ROOT, 'examples', file);
  const command = ['-r', join(ROOT, 'node_modules/ts-node/register/transpile-only'), script, ...args];
  const child = spawn(process.execPath, command, {
    cwd,
    env: { PATH: process.env['PATH'], TS_NODE_PROJECT: join(ROOT, 'tsconfig.json'), ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      // A second signal would end the process at once.
      if (!child.killed && /^Open http\S+\n/m.test(output[name])) child.kill('SIGTERM');
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

const demo = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Done> =>
  run('demo.ts', args, { ...PORTS, ...env });

describe('the demo', () => {
  const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

  it('prints one token and what it allows, then runs the app and explains the certificate warning', async () => {
    const { status, stdout, stderr } = await demo();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(TOKEN)).toHaveLength(1);
    const [token = ''] = stdout.match(TOKEN) ?? [];
    const { scopes } = new CapabilityVerifier(testCredentials).verify(token);
    expect(scopes.map(String)).toEqual([
      'scope:client:incoming?clientName=alice',
      `scope:client:outgoing?appSid=${testApplicationSid}&clientName=alice&appParams=user_id%3D42`,
    ]);
    expect(stdout).toContain('its holder can receive calls as alice, and make calls through the TwiML app');
    expect(stdout).toMatch(
      /\nOpen https:\/\/localhost:\d+\nYour browser warns about the certificate, [^]+choose Advanced, then Accept the Risk\.\nClosing\.\n$/,
    );
  });

  it('prints the token only, with --once', async () => {
    const { status, stdout } = await demo(['--once']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^A capability token of a made-up account:\n\neyJ\S+\n\n[^\n]+\n[^\n]+user_id=42\.\n$/,
    );
  });

  it('prints no token of an account, and says what is missing', async () => {
    const once = await demo(['--once'], ALL_THREE);
    expect(once.stdout).toBe('No token is printed, since it would be one of your account.\n');
    const { status, stdout, stderr } = await demo([], ALL_THREE);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(TOKEN);
    expect(stdout).toMatch(
      new RegExp(
        `^Capability tokens for ${accountSid}\nVoice URL: http://localhost:\\d+/voice\n` +
          'Without PUBLIC_URL, Twilio cannot reach it, and no call goes through\\.\n' +
          'Without TWILIO_CALLER_ID and CALLABLE_PREFIXES, users cannot call phone numbers\\.\n' +
          'Without ANSWER_AS, nobody answers calls to your Twilio number\\.\n' +
          'Open http://localhost:\\d+\nClosing\\.\n$',
      ),
    );
  });

  it('requires the whole account', async () => {
    await expect(demo([], TWO)).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr:
        'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID in .env, as .env.example shows.\n',
    });
  });

  it('refuses a bad port in one sentence, before it prints anything', async () => {
    await expect(demo([], { PORT: 'abc' })).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr: 'PORT must be a number from 0 to 65535.\n',
    });
  });

  it.each([
    ['PORT', {}],
    ['VOICE_PORT', {}],
    ['PORT', ALL_THREE],
  ])('says that %s is in use', async (name, env) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await demo([], { ...env, [name]: String(port) });
    other.close();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `Port ${port} is in use or reserved. Set ${name} to another number.\n`,
    });
  });

  it('reads .env in the current folder, below the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voice-app-'));
    const lines = Object.entries({ ...ALL_THREE, PORT: 'abc', PUBLIC_URL: 'https://calls.invalid' });
    await writeFile(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const { status, stdout, stderr } = await run('demo.ts', [], PORTS, folder);
    await rm(folder, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(
      '\nVoice URL: https://calls.invalid/voice\nIt cannot be reached, so no call goes through. Check the tunnel.\n',
    );
  });

  it('prints its usage', async () => {
    const { status, stdout, stderr } = await demo(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^npm run demo -- \[flags\]\n/);
    const wrong = await demo(['--port', '3105']);
    expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^Unknown option '--port'/);
    expect(wrong.stderr).toContain(stdout);
  });
});
