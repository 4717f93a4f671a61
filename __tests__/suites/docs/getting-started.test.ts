import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromium, type Page } from 'playwright-core';
import { startGateway } from '../../../examples/gateway';
import { AccessTokenVerifier, decodeToken } from '../../../src';
import { install, pack, remove, run, temporaryFolder } from '../../helpers/pack';
import { CHROMIUM_FLAGS, describeInBrowser, executablePath } from '../browser/support/chromium';
import { CREDENTIALS, env } from './credentials';
import { addressOf, freePortFlags, writeFreePort } from './free-port';
import { readPage } from './pages';

/** docs/getting-started.md, followed in an empty folder with the packed package. */

jest.setTimeout(240_000);

const page = readPage('docs/getting-started.md');
const shell = page.shellBlocks.map(({ code }) => code);

/** The command line that starts with these words. */
const lineOf = (start: string): string =>
  shell.flatMap((code) => code.split('\n')).find((line) => line.startsWith(start))!;

/** The versions to install. What is not named here is installed in its newest version, as by a reader. */
const VERSIONS: Readonly<Record<string, string>> = {
  express: '5.3.0',
  '@twilio/voice-sdk': '2.18.5',
  tsx: '4.23.15',
  esbuild: '0.28.2',
  typescript: '6.0.3',
  '@types/node': '20.19.43',
  '@types/express': '5.0.6',
};

let folder: string;
let app: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  app = join(folder, 'app');
  const { tarball } = await pack(folder);
  const names = shell
    .flatMap((code) => [...code.matchAll(/^npm install (?:--save-dev )?(.+)$/gm)])
    .flatMap(([, packages]) => packages!.split(' '));
  const dependencies = names.map((name) => [
    name,
    name === 'twilio-capability' ? `file:${tarball}` : VERSIONS[name],
  ]);
  expect(lineOf('npm pkg set')).toBe('npm pkg set type=module');
  await install(app, Object.fromEntries(dependencies) as Record<string, string>, { type: 'module' });
  mkdirSync(join(app, 'public'));
  const files = page.text.matchAll(/^```\w+.*\n(?:\/\/|<!--) (\S+\.\w+).*\n([\s\S]*?)^```$/gm);
  for (const [, path, code] of files) writeFileSync(join(app, path!), code!);
  const variables = Object.entries(CREDENTIALS).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(app, '.env'), variables.join(''));
});

afterAll(() => remove(folder));

describe('docs/getting-started.md', () => {
  test('creates a token and inspects it', async () => {
    const { code, stdout } = await run(
      'bash',
      ['-euo', 'pipefail', '-c', lineOf('npx tsx --env-file=.env token.ts')],
      app,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('alice') });
  });

  test('bundles the page', async () => {
    const { code } = await run('bash', ['-ec', lineOf('npx esbuild')], app);
    expect(code).toBe(0);
    expect(readFileSync(join(app, 'public/phone.js'), 'utf8')).toContain('session-of-');
  });

  test('serves the page, tokens and TwiML', async () => {
    const { child, address } = await startServer();
    try {
      expect(await (await fetch(`${address}/?user=alice`)).text()).toContain('src="phone.js"');

      expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
      const headers = { authorization: 'Bearer session-of-bob' };
      const response = await fetch(`${address}/token`, { method: 'POST', headers });
      const { token } = (await response.json()) as { token: string };
      const verifier = new AccessTokenVerifier({
        accountSid: CREDENTIALS.TWILIO_ACCOUNT_SID,
        apiKeySid: CREDENTIALS.TWILIO_API_KEY_SID,
        apiKeySecret: CREDENTIALS.TWILIO_API_KEY_SECRET,
      });
      const { identity, outgoing } = verifier.verify(token);
      expect([identity, outgoing?.params]).toEqual(['bob', { user_id: '43' }]);

      const twimlFor = async (to: string): Promise<string> => {
        const body = new URLSearchParams({ From: 'client:alice', To: to });
        return (await fetch(`${address}/voice`, { method: 'POST', body })).text();
      };
      expect(await twimlFor('bob')).toBe('<Response><Dial><Client>bob</Client></Dial></Response>');
      expect(await twimlFor('Ann <b>')).toBe(
        '<Response><Dial><Client>Ann_20_3Cb_3E</Client></Dial></Response>',
      );
      expect(await twimlFor('')).toBe('<Response><Say>This name cannot be called.</Say></Response>');
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});

// In the same project, since the README names no other packages.
describe('README.md', () => {
  const readme = readPage('README.md');
  const [, dotenv, command] = readme.shellBlocks.map(({ code }) => code);
  const programs = readme.blocks.filter(({ kind }) => kind === 'run');

  test.each(programs)('$title prints a token', async ({ path, code }) => {
    writeFileSync(join(app, path), code);
    writeFileSync(join(app, '.env.readme'), dotenv!);
    const line = command!.replace('access-token.mts', path).replace('.env', '.env.readme');
    const { stdout } = await run('bash', ['-ec', line], app);
    expect(decodeToken(stdout.trim()).clientNames).toEqual(['alice']);
  });
});

// The page is used as the guide shows it, and connects to Twilio's hosts. The browser finds the gateway there.
describeInBrowser('docs/getting-started.md in two windows', () => {
  test('one calls the other', async () => {
    const { child, address } = await startServer();
    const apiKey = { sid: CREDENTIALS.TWILIO_API_KEY_SID, secret: CREDENTIALS.TWILIO_API_KEY_SECRET };
    const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = CREDENTIALS;
    const gateway = await startGateway({ accountSid, authToken, apiKey });
    gateway.attach({ voiceUrl: `${address}/voice` });
    const hosts = `--host-resolver-rules=MAP *.twilio.com ${gateway.host.replace('localhost', '127.0.0.1')}`;
    const args = [...CHROMIUM_FLAGS, hosts];
    const browser = await chromium.launch({ executablePath: executablePath!, args });
    const open = async (user: string): Promise<Page> => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const tab = await context.newPage();
      await tab.goto(`${address}/?user=${user}`);
      await tab.getByText('Ready', { exact: true }).waitFor();
      return tab;
    };
    try {
      const [alice, bob] = [await open('alice'), await open('bob')];
      await alice.getByRole('button', { name: 'Call' }).click();
      await bob.getByText('Call from client:alice', { exact: true }).waitFor();
      await bob.getByRole('button', { name: 'Answer' }).click();
      await until(() => gateway.calls[0]?.answeredAt !== undefined);
      await alice.getByRole('button', { name: 'Hang up' }).click();
      await until(() => gateway.calls[0]?.status === 'completed');
    } finally {
      await browser.close();
      await gateway.close();
      child.kill();
      await once(child, 'exit');
    }
  });
});

/** Waits until a condition is true, or the test times out. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(50);
}

/** Starts server.ts on any free port instead of 3000. */
async function startServer(): Promise<{ child: ChildProcess; address: string }> {
  writeFreePort(app);
  const args = ['--env-file=.env', '--import', 'tsx', ...freePortFlags(app), 'server.ts'];
  const child = spawn(process.execPath, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, address: await addressOf(child) };
}
