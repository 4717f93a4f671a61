import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { readDemoOptions } from '../../examples/tour';

const ROOT = join(__dirname, '..', '..');
const { accountSid, authToken } = testCredentials;
const TWO = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
const ALL_THREE = { ...TWO, TWILIO_APPLICATION_SID: testApplicationSid };

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the examples to its end; one that comes up as a server is told to stop. */
async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Done> {
  const command = ['-r', 'ts-node/register/transpile-only', `examples/${file}`, ...args];
  const child = spawn(process.execPath, command, { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      // Once: a second signal would end it at once.
      if (!child.killed && output[name].includes('Voice app: ')) child.kill('SIGTERM');
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

const demo = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Done> =>
  run('demo.ts', args, { PORT: '0', ...env });

describe('the demo', () => {
  it('prints the tour, then runs the app and tells of the warning that the browser gives', async () => {
    const { status, stdout, stderr } = await demo();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Token for account AC\w{32}:\n[^]+\nVoice app: https:\/\/localhost:\d+\n/);
    expect(stdout).toContain('choose Advanced, then Proceed to localhost. Sign in with any name');
  });

  it('warns of no certificate where the app uses Twilio itself', async () => {
    const { status, stdout } = await demo([], ALL_THREE);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nVoice app: http:\/\/localhost:\d+\nClosing\.\n$/);
  });

  it('takes two of the three variables for the tour alone', async () => {
    const { status, stdout, stderr } = await demo(['--once'], TWO);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Token for account /);
  });

  it('asks for the third before it prints anything', async () => {
    await expect(demo([], TWO)).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr:
        'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID belong together: ' +
        'set all three to use Twilio, or none to use the local gateway.\n',
    });
  });

  it.each(['abc', '65536', '-1', '1e3', ''])('refuses PORT=%s in one sentence', async (port) => {
    await expect(demo([], { PORT: port })).resolves.toEqual({
      status: 1,
      stdout: '',
      stderr: 'PORT must be a number from 0 to 65535.\n',
    });
  });

  it.each([
    ['the local gateway', {}],
    ['Twilio', ALL_THREE],
  ])('says that a port is taken, with %s', async (_name, env) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const done = await run('voice-app/server.ts', [], { ...env, PORT: String(port) });
    other.close();
    expect(done).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(`^Port ${port} is taken. Choose another: PORT=\\d+ npm run demo\n$`),
    });
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
    [['--ttl'], "Option '--ttl <value>' argument missing."],
    [['a.b'], "Unexpected argument 'a.b'."],
  ])('prints its usage for %j', async (args, fault) => {
    const { status, stdout, stderr } = await demo(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${fault}\n\nnpm run demo -- [flags]\n`);
    expect(stderr.indexOf(fault)).toBe(0);
  });

  it('says in one sentence what a token cannot have', async () => {
    const { status, stderr } = await demo(['--once', '--ttl', 'abc']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ERR_TTL_INVALID: [^\n]+\n$/);
  });
});
