import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeToken } from '../../../src';
import { install, pack, remove, run, temporaryFolder } from '../../helpers/pack';
import { DOTENV, namesIn, readPage, withServer, writeBlocks } from './support';

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
    await withServer(app, ['--env-file=.env', '--import', 'tsx', 'server.ts'], async (address) => {
      expect(await (await fetch(`${address}/?user=alice`)).text()).toContain('src="phone.js"');

      expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
      const headers = { authorization: 'Bearer session-of-bob' };
      const response = await fetch(`${address}/token`, { method: 'POST', headers });
      const { token } = (await response.json()) as { token: string };
      expect(namesIn(token)).toEqual(['bob']);
      expect(decodeToken(token)).toMatchObject({ outgoing: { params: { user_id: '43' } } });

      const twimlFor = async (to: string): Promise<string> => {
        const body = new URLSearchParams({ To: to, user_id: '42' });
        return (await fetch(`${address}/voice`, { method: 'POST', body })).text();
      };
      expect(await twimlFor('bob')).toBe('<Response><Dial><Client>bob</Client></Dial></Response>');
      expect(await twimlFor('</Client>')).toBe('<Response><Say>Unknown name.</Say></Response>');
    });
  });
});
