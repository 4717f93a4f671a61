import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromium, type Page } from 'playwright-core';
import { startGateway } from '../../../examples/gateway';
import { decodeToken } from '../../../src';
import { install, pack, remove, run, temporaryFolder } from '../../helpers/pack';
import { CHROMIUM_FLAGS, describeInBrowser, executablePath } from '../browser/support/chromium';
import { CREDENTIALS, DOTENV, namesIn, readPage, withServer, writeBlocks } from './support';

/** docs/getting-started.md, followed in an empty folder with the packed package. */

jest.setTimeout(240_000);

const page = readPage('docs/getting-started.md');
const lines = page.shellBlocks.flatMap(({ code }) => code.split('\n'));

/** The command line that starts with these words. */
const lineOf = (start: string): string => lines.find((line) => line.startsWith(start))!;

/** The versions to install, besides the package. */
const VERSIONS: Readonly<Record<string, string>> = {
  express: '5.3.0',
  '@twilio/voice-sdk': '2.18.5',
  tsx: '4.23.15',
  esbuild: '0.28.2',
  typescript: '6.0.3',
  '@types/node': '20.19.43',
  '@types/express': '5.0.6',
};

const SERVER = ['--env-file=.env', '--import', 'tsx', 'server.ts'];

let folder: string;
let app: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  app = join(folder, 'app');
  const { tarball } = await pack(folder);
  const named = lines.flatMap(
    (line) => /^npm install (?:--save-dev )?(.+)$/.exec(line)?.[1]!.split(' ') ?? [],
  );
  expect(named.sort()).toEqual(['twilio-capability', ...Object.keys(VERSIONS)].sort());
  expect(lineOf('npm pkg set')).toBe('npm pkg set type=module');
  await install(app, { ...VERSIONS, 'twilio-capability': `file:${tarball}` }, { type: 'module' });
  const files = [...page.text.matchAll(/^```\w+.*\n(?:\/\/|<!--) (\S+\.\w+).*\n([\s\S]*?)^```$/gm)];
  // The page has an auth.ts of its own.
  writeBlocks(app, [
    ...files.map(([, path, code]) => ({ path: path!, code: code! })),
    { path: '.env', code: DOTENV },
    { path: 'public/.keep', code: '' },
  ]);
});

afterAll(() => remove(folder));

describe('docs/getting-started.md', () => {
  test('creates a token and inspects it', async () => {
    const line = lineOf('npx tsx --env-file=.env token.ts');
    const { code, stdout } = await run('bash', ['-euo', 'pipefail', '-c', line], app);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('alice') });
  });

  test('bundles the page', async () => {
    expect((await run('bash', ['-ec', lineOf('npx esbuild')], app)).code).toBe(0);
    expect(readFileSync(join(app, 'public/phone.js'), 'utf8')).toContain('session-of-');
  });

  test('serves the page, tokens and TwiML', async () => {
    await withServer(app, SERVER, async (address) => {
      expect(await (await fetch(`${address}/?user=alice`)).text()).toContain('src="phone.js"');

      expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
      const headers = { authorization: 'Bearer session-of-bob' };
      const response = await fetch(`${address}/token`, { method: 'POST', headers });
      const { token } = (await response.json()) as { token: string };
      expect(namesIn(token)).toEqual(['bob']);
      expect(decodeToken(token)).toMatchObject({ outgoing: { params: { user_id: '43' } } });

      const twimlFor = async (to: string): Promise<string> => {
        const body = new URLSearchParams({ From: 'client:alice', To: to });
        return (await fetch(`${address}/voice`, { method: 'POST', body })).text();
      };
      expect(await twimlFor('bob')).toBe('<Response><Dial><Client>bob</Client></Dial></Response>');
      expect(await twimlFor('Ann <b>')).toBe(
        '<Response><Dial><Client>Ann_20_3Cb_3E</Client></Dial></Response>',
      );
      // One client, whichever form of é a page sends.
      const decomposed = await twimlFor('Jose\u0301');
      expect(decomposed).toContain('<Client>Jos_C3_A9</Client>');
      expect(await twimlFor('Jos\u00e9')).toBe(decomposed);
      expect(await twimlFor('')).toBe('<Response><Say>This name cannot be called.</Say></Response>');
    });
  });
});

// In the same project, since the README names no other packages.
describe('README.md', () => {
  const readme = readPage('README.md');
  const [, dotenv, command] = readme.shellBlocks.map(({ code }) => code);

  test.each(readme.blocks.filter(({ kind }) => kind === 'run'))('$title prints a token', async (block) => {
    // Not by writeBlocks, which replaces auth.ts.
    writeFileSync(join(app, block.path), block.code);
    writeFileSync(join(app, '.env.readme'), dotenv!);
    const line = command!.replace('access-token.mts', block.path).replace('.env', '.env.readme');
    const { stdout } = await run('bash', ['-ec', line], app);
    expect(decodeToken(stdout.trim()).clientNames).toEqual(['alice']);
  });
});

// The page is used as the guide shows it, and connects to Twilio's hosts. The browser finds the gateway there.
describeInBrowser('docs/getting-started.md in two windows', () => {
  test('one calls the other', async () => {
    const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = CREDENTIALS;
    const apiKey = { sid: CREDENTIALS.TWILIO_API_KEY_SID, secret: CREDENTIALS.TWILIO_API_KEY_SECRET };
    const gateway = await startGateway({ accountSid, authToken, apiKey });
    const hosts = `--host-resolver-rules=MAP *.twilio.com ${gateway.host.replace('localhost', '127.0.0.1')}`;
    const args = [...CHROMIUM_FLAGS, hosts];
    const browser = await chromium.launch({ executablePath: executablePath!, args });
    try {
      await withServer(app, SERVER, async (address) => {
        gateway.attach({ voiceUrl: `${address}/voice` });
        const open = async (user: string): Promise<Page> => {
          const context = await browser.newContext({ ignoreHTTPSErrors: true });
          const tab = await context.newPage();
          await tab.goto(`${address}/?user=${user}`);
          await tab.getByText('Ready', { exact: true }).waitFor();
          return tab;
        };
        const [alice, bob] = [await open('alice'), await open('bob')];
        await alice.getByRole('button', { name: 'Call' }).click();
        await bob.getByText('Call from alice', { exact: true }).waitFor();
        await bob.getByRole('button', { name: 'Answer' }).click();
        await until(() => gateway.calls[0]?.answeredAt !== undefined);
        await alice.getByRole('button', { name: 'Hang up' }).click();
        await until(() => gateway.calls[0]?.status === 'completed');

        const ann = await open('ann');
        await ann.getByRole('button', { name: 'Call' }).click();
        await bob.getByText('Call from Ann Veal', { exact: true }).waitFor();
        await ann.getByRole('button', { name: 'Hang up' }).click();
        await until(() => gateway.calls[1]?.status !== undefined);
        await alice.getByRole('textbox').fill('Ann Veal');
        await alice.getByRole('button', { name: 'Call' }).click();
        await ann.getByText('Call from alice', { exact: true }).waitFor();
      });
    } finally {
      await browser.close();
      await gateway.close();
    }
  });
});

/** Waits until a condition is true, or the test times out. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(50);
}
