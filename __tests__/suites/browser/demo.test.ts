import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { readDemoOptions } from '../../../examples/tour';

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
      if (!child.killed && /\nVoice URL: [^]*\n$/.test(output[name])) child.kill('SIGTERM');
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

const demo = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Done> =>
  run('demo.ts', args, { ...PORTS, ...env });

describe('the demo', () => {
  it('prints the tour, then runs the app and explains the certificate warning', async () => {
    const { status, stdout, stderr } = await demo();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Token for account AC\w{32}:\n[^]+\nVoice app: https:\/\/localhost:\d+\n[^]+\nVoice URL: http:\/\/localhost:\d+\/voice\nClosing\.\n$/,
    );
    expect(stdout).toContain('choose Advanced, then Proceed to localhost. Sign in with any name.');
  });

  it('lists what is missing to use Twilio', async () => {
    const { status, stdout } = await demo([], ALL_THREE);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `\nVoice app: http://localhost:\\d+\nTokens: capability tokens for account ${accountSid}\n` +
          'Voice URL: http://localhost:\\d+/voice\nNot set:\n  PUBLIC_URL: [^]+\nClosing\\.\n$',
      ),
    );
  });

  it('needs two of the three variables for the tour', async () => {
    const { status, stdout, stderr } = await demo(['--once'], TWO);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Token for account /);
  });

  it('requires the third variable before it prints anything', async () => {
    await expect(demo([], TWO)).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr: 'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID, all three.\n',
    });
  });

  it('refuses a bad port in one sentence', async () => {
    await expect(demo([], { PORT: 'abc' })).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr: 'PORT must be a number from 0 to 65535.\n',
    });
  });

  it.each([
    ['the local gateway', {}],
    ['Twilio', ALL_THREE],
  ])('says that the port is in use, with %s', async (_name, env) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const done = await run('demo.ts', [], { ...PORTS, ...env, PORT: String(port) });
    other.close();
    expect(done).toMatchObject({
      status: 1,
      stderr: `Port ${port} is in use. Set PORT to another number.\n`,
    });
  });

  it('says that the port of the Voice URL is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await demo([], { VOICE_PORT: String(port) });
    other.close();
    expect(status).toBe(1);
    expect(stderr).toBe(`Port ${port} is in use. Set VOICE_PORT to another number.\n`);
  });

  it('reads .env in the current folder, below the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voice-app-'));
    const lines = Object.entries({ ...ALL_THREE, PORT: 'abc', PUBLIC_URL: 'https://calls.example.com' });
    await writeFile(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const { status, stdout, stderr } = await run('demo.ts', [], PORTS, folder);
    await rm(folder, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('\nVoice URL: https://calls.example.com/voice\n');
  });

  it('prints its usage when asked', async () => {
    const { status, stdout, stderr } = await demo(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^npm run demo -- \[flags\]\n/);
    for (const flag of Object.keys(readDemoOptions([]))) {
      expect(stdout).toContain(flag === 'params' ? '--param ' : `--${flag} `);
    }
  });

  it.each([
    [['--port', '3105'], "Unknown option '--port'."],
    [['a.b'], "Unexpected argument 'a.b'."],
  ])('prints its usage for %j', async (args, fault) => {
    const { status, stdout, stderr } = await demo(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${fault}\n\nnpm run demo -- [flags]\n`);
    expect(stderr.indexOf(fault)).toBe(0);
  });

  it('explains in one sentence what a token cannot contain', async () => {
    const { status, stderr } = await demo(['--once', '--ttl', 'abc']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ERR_TTL_INVALID: [^\n]+\n$/);
  });
});
