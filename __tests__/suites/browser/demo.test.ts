import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CapabilityVerifier } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { serve } from './support/http';

const ROOT = join(__dirname, '..', '..', '..');
const { accountSid, authToken } = testCredentials;
const TWO = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
const ALL_THREE = { ...TWO, TWILIO_APPLICATION_SID: testApplicationSid };
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** Runs an example until it exits. A server gets the signal as soon as it has started. */
async function run(
  env: NodeJS.ProcessEnv = {},
  options: { file?: string; args?: readonly string[]; cwd?: string; signal?: NodeJS.Signals } = {},
) {
  const { file = 'demo.ts', args = [], cwd = ROOT, signal = 'SIGTERM' } = options;
  const script = join(ROOT, 'examples', file);
  const command = ['-r', join(ROOT, 'node_modules/ts-node/register/transpile-only'), script, ...args];
  const base = { PATH: process.env['PATH'], TS_NODE_PROJECT: join(ROOT, 'tsconfig.json') };
  const child = spawn(process.execPath, command, {
    cwd,
    env: { ...base, PORT: '0', VOICE_PORT: '0', ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      // A second signal would end the process at once.
      if (!child.killed && /^Open http\S+\n/m.test(output[name])) child.kill(signal);
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

describe('the demo', () => {
  it('prints one token and what it allows, then runs the app and explains the certificate warning', async () => {
    const { status, stdout, stderr } = await run();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(TOKEN)).toHaveLength(1);
    const { scopes } = new CapabilityVerifier(testCredentials).verify(TOKEN.exec(stdout)![0]);
    expect(scopes.map(String)).toEqual([
      'scope:client:incoming?clientName=alice',
      `scope:client:outgoing?appSid=${testApplicationSid}&clientName=alice&appParams=user_id%3D42`,
    ]);
    expect(stdout).toMatch(/its holder can receive calls as alice/);
    expect(stdout).toMatch(
      /\nOpen https:\/\/localhost:\d+\nYour browser warns about the certificate[^]+\.\n$/,
    );
  });

  it('prints the token only, with --once, and none of an account', async () => {
    const { status, stdout } = await run({}, { args: ['--once'] });
    expect(status).toBe(0);
    expect(stdout.match(TOKEN)).toHaveLength(1);
    expect(stdout).not.toContain('Open http');
    const ofAccount = await run(ALL_THREE, { args: ['--once'] });
    expect(ofAccount.stdout).toBe('No token is printed, since it would be one of your account.\n');
  });

  it('says what is missing for the calls of an account', async () => {
    const { status, stdout, stderr } = await run(ALL_THREE);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(TOKEN);
    expect(stdout).toMatch(
      new RegExp(`^Capability tokens for ${accountSid}\nVoice URL: http://localhost:\\d+/voice\n`),
    );
    for (const name of ['PUBLIC_URL', 'TWILIO_CALLER_ID and CALLABLE_PREFIXES', 'ANSWER_AS']) {
      expect(stdout).toContain(`\nWithout ${name}, `);
    }
    expect(stdout).toMatch(/\nOpen http:\/\/localhost:\d+\n$/);
  });

  it.each([
    [TWO, /^Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID in \.env, .+\n$/],
    [{ PORT: 'abc' }, /^PORT must be a number from 0 to 59999\.\n$/],
  ])('refuses settings in one sentence, before it prints anything: %j', async (env, message) => {
    await expect(run(env)).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  it.each([
    ['PORT', {}],
    ['VOICE_PORT', {}],
    ['PORT', ALL_THREE],
  ])('says that %s is in use', async (name, env) => {
    const { port, close } = await serve(() => undefined);
    const { status, stderr } = await run({ ...env, [name]: String(port) });
    await close();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `Port ${port} is in use or reserved. Set ${name} to another number.\n`,
    });
  });

  it('reads .env in the current folder, below the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voice-app-'));
    const lines = Object.entries({ ...ALL_THREE, PORT: 'abc', PUBLIC_URL: 'https://calls.invalid' });
    await writeFile(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const { status, stdout, stderr } = await run({}, { cwd: folder });
    await rm(folder, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('\nVoice URL: https://calls.invalid/voice\nIt cannot be reached');
  });
});

describe('the voice app', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s', async (signal) => {
    const { status, stderr } = await run(ALL_THREE, { file: 'voice-app/server.ts', signal });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
