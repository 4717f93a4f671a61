import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { AT, jsonOf, runCommand } from './run-command';
import { AC, AP, AUTH_TOKEN, ENV, good, goodAccessToken, KEY_SECRET, SK } from './tokens';

const folder = mkdtempSync(join(tmpdir(), 'twilio-capability-'));
afterAll(() => rmSync(folder, { recursive: true }));

const args = ['mint', '--incoming', 'alice', '--outgoing', AP, ...AT];

/** Runs the command and expects a message. */
async function expectRefusal(
  flags: string[],
  message: string,
  env: Record<string, string> = ENV,
): Promise<void> {
  const stderr = `twilio-capability mint: ${message}\n`;
  expect(await runCommand(flags, { env })).toEqual({ status: 2, stdout: '', stderr });
}

describe('mint', () => {
  test('describes what it issued with --json', async () => {
    const more = ['--ttl', '600', '--param', 'a=b=c', '--event-stream', '--filter', 'x='];
    expect(await jsonOf([...args, ...more], ENV)).toEqual({
      token: expect.stringMatching(/^eyJ/),
      accountSid: AC,
      scopes: [
        'scope:client:incoming?clientName=alice',
        'scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=x%3D',
        `scope:client:outgoing?appSid=${AP}&clientName=alice&appParams=a%3Db%253Dc`,
      ],
      clientName: 'alice',
      ttl: 600,
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:10:00.000Z',
    });
  });

  test('links and encodes names', async () => {
    const names = [...'mint --incoming a --incoming ann@x.com --outgoing AP1 --encode-name'.split(' ')];
    expect((await jsonOf(names, ENV))['scopes']).toEqual([
      'scope:client:incoming?clientName=a',
      'scope:client:incoming?clientName=ann_40x_2Ecom',
      'scope:client:outgoing?appSid=AP1&clientName=ann_40x_2Ecom',
    ]);
    expect((await jsonOf([...names, '--client-name', 'b c'], ENV))['scopes']).toContain(
      'scope:client:outgoing?appSid=AP1&clientName=b_20c',
    );
  });

  test('creates Access Tokens', async () => {
    const accessToken = [...args, '--access-token', '--push-credential', 'CR1', '--region', 'au1'];
    const { stdout } = await runCommand(accessToken, { env: ENV });
    expect(await jsonOf(['verify', ...AT, stdout.trim()], ENV)).toMatchObject({
      valid: true,
      token: { pushCredentialSid: 'CR1', region: 'au1', identity: 'alice' },
    });
    const stream = [...args, '--access-token', '--event-stream'];
    await expectRefusal(
      stream,
      'An Access Token has no counterpart for some of this: it has one identity and no event stream. Inspect the capability token to see which, or use --drop-unmappable to sign without.',
    );
    expect((await runCommand([...stream, '--drop-unmappable'], { env: ENV })).status).toBe(0);
    const named = ['mint', '--outgoing', 'AP1', '--access-token', '--identity', 'a b', '--encode-name'];
    expect((await jsonOf(named, ENV))['identity']).toBe('a_20b');
  });

  test('reads the credentials of --dotenv, and none of the environment', async () => {
    const file = join(folder, 'env');
    const ofFile = [...args, '--dotenv', file];
    writeFileSync(file, '\uFEFFTWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN="of-the-file"\n');
    expect((await jsonOf(ofFile, ENV))['accountSid']).toBe('AC1');
    const verified = await runCommand(['verify', good, ...AT, '--dotenv', file], { env: ENV });
    expect(verified.stdout).toContain('\n  your account  AC1\n');
    const { stdout } = await runCommand(ofFile);
    const checked = await runCommand(['verify', ...AT, '--dotenv', file], { input: stdout });
    expect(checked.stdout).toContain(
      '\n  checked with  TWILIO_AUTH_TOKEN\n                (--dotenv file)\n',
    );
    const none = join(folder, 'none');
    await expectRefusal([...args, '--dotenv', none], `${none}, given with --dotenv, cannot be read: ENOENT.`);
  });

  const notFound =
    ' No TWILIO variable was found there: write lines such as TWILIO_ACCOUNT_SID=AC…, in UTF-8.';
  test.each<[string, string, string]>([
    ['TWILIO_ACCOUNT_SID=AC1', 'TWILIO_AUTH_TOKEN is', ''],
    ['TWILIO_ACCOUNT_SID: AC1\nTWILIO_AUTH_TOKEN: x=', 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN are', notFound],
    ['\ufeffT\0W\0I\0L\0I\0O\0_\0A\0=\0b', 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN are', notFound],
  ])('says what is missing in a file: %j', async (text, missing, hint) => {
    const file = join(folder, 'env');
    writeFileSync(file, text);
    const message = `${missing} not set in ${file}. With --dotenv, the environment is not read.${hint}`;
    await expectRefusal([...args, '--dotenv', file], message);
    const checked = await jsonOf(['verify', good, ...AT, '--dotenv', file], ENV);
    expect(checked).toMatchObject({ valid: null, verdict: 'NOT CHECKED: its credentials are not set' });
    expect(checked['advice']).toContain(message);
  }); // prettier-ignore

  const where = 'not set. Use the environment, or a file given with --dotenv.';
  const spelling =
    ' Use TWILIO_API_KEY_SID with TWILIO_API_KEY_SECRET, or TWILIO_API_KEY with TWILIO_API_SECRET.';
  test.each<[Record<string, string>, string]>([
    [{}, `TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET are ${where}`],
    [{ TWILIO_API_KEY: 'SK1' }, `TWILIO_API_SECRET is ${where}`],
    [{ TWILIO_API_KEY_SID: 'SK1', TWILIO_API_SECRET: 'secret' }, `TWILIO_API_KEY_SECRET is ${where}${spelling}`],
    [{ TWILIO_API_KEY: 'SK1', TWILIO_API_KEY_SECRET: 'secret' }, `TWILIO_API_KEY_SID is ${where}${spelling}`],
  ])('says what is missing in the environment: %j', async (env, message) => {
    const all = { TWILIO_ACCOUNT_SID: AC, ...env };
    await expectRefusal([...args, '--access-token'], message, all);
    expect((await jsonOf(['verify', goodAccessToken, ...AT], all))['advice']).toContain(message);
    await expectRefusal(args, `TWILIO_AUTH_TOKEN is ${where}`, all);
  }); // prettier-ignore

  const quotes = 'has quotes around it. Remove them.';
  const alone = 'must be the secret alone: no SID, no spaces, no quotes around it.';
  test.each<[Record<string, string>, string]>([
    [{ TWILIO_ACCOUNT_SID: AUTH_TOKEN, TWILIO_AUTH_TOKEN: AC }, 'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are swapped.'],
    [{ TWILIO_ACCOUNT_SID: `"${AC}"` }, `TWILIO_ACCOUNT_SID ${quotes}`],
    [{ TWILIO_ACCOUNT_SID: `“${AC}”` }, `TWILIO_ACCOUNT_SID ${quotes}`],
    [{ TWILIO_ACCOUNT_SID: 'your_account_sid' }, 'TWILIO_ACCOUNT_SID must be "AC" followed by 1 to 32 letters or digits. Copy it from the console.'],
    [{ TWILIO_AUTH_TOKEN: AC }, `TWILIO_AUTH_TOKEN ${alone}`],
    [{ TWILIO_API_KEY_SID: `'${SK}'` }, `TWILIO_API_KEY_SID ${quotes}`],
    [{ TWILIO_API_KEY_SECRET: `"${KEY_SECRET}"` }, `TWILIO_API_KEY_SECRET ${alone}`],
  ])('names the variable at fault, not its value: %j', async (env, message) => {
    const isOfKey = message.startsWith('TWILIO_API');
    await expectRefusal(isOfKey ? [...args, '--access-token'] : args, message, { ...ENV, ...env });
    const checked = await jsonOf(['verify', isOfKey ? goodAccessToken : good, ...AT], { ...ENV, ...env });
    expect(checked).toMatchObject({ valid: null, verdict: 'NOT CHECKED: its credentials are malformed' });
    expect(checked['advice']).toContain(message);
  }); // prettier-ignore

  test.each<[string[], string]>([
    [['--incomming', 'alice'], 'Unknown flag --incomming. Did you mean --incoming?'],
    [['--t0ken-like', 'x'], 'Unknown flag. Run the command with --help.'],
    [['--env-file', '.env'], 'Unknown flag --env-file. Use --dotenv FILE: Node.js takes --env-file for itself.'],
    [[], 'A token must allow something. Use --incoming, --outgoing or --event-stream.'],
    [['--incoming'], '--incoming needs a value.'],
    [['--incoming', '--json'], '--incoming needs a value. If the value starts with "-", use --incoming=VALUE.'],
    [['--ttl', '-5'], '--ttl needs a value. If the value starts with "-", use --ttl=VALUE.'],
    [['--json=yes'], '--json takes no value.'],
    [['--ttl', '1', '--ttl', '2'], '--ttl is given twice.'],
    [['--incoming', 'a', '--ttl', '10m'], '--ttl takes a whole number of seconds, at most 86400.'],
    [['--incoming', 'a', '--ttl', '600000'], '--ttl takes a whole number of seconds, at most 86400. This value looks like milliseconds. Divide it by 1000.'],
    [['--incoming', 'a', '--access-token', '--push-credential', 'zz'], '--push-credential must be "CR" followed by 1 to 32 letters or digits.'],
    [['--outgoing', 'AP1', '--param', 'a'], '--param takes KEY=VALUE.'],
    [['--outgoing', 'AP1', '--param', 'a=1', '--param', 'a=2'], '--param has the same key twice.'],
    [['--param', 'a=1'], '--param needs --outgoing.'],
    [['--client-name', 'a'], '--client-name needs --outgoing.'],
    [['--filter', 'a=1'], '--filter needs --event-stream.'],
    [['--incoming', 'a', '--identity', ''], '--identity needs --access-token.'],
    [['--incoming', 'a', '--encode-name', '--allow-any-name'], 'Use either --encode-name or --allow-any-name, not both.'],
    [['--incoming', 'a', '--now', 'tomorrow'], '--now takes an ISO 8601 time with a zone, such as 2026-01-01T00:00:00Z.'],
    [['alice'], 'Unexpected argument. This command takes only flags.'],
    [['--incoming', 'a', '--ttl', '0'], '--ttl must be a whole number of seconds from 1 to 86400 (24 hours).'],
    [['--incoming', 'a b'], 'Client names must be 1 to 121 letters, digits or underscores. Use --encode-name for other text, or --allow-any-name to send it unchanged.'],
    [['--outgoing', 'PN1'], '--outgoing must be "AP" followed by 1 to 32 letters or digits: a TwiML app.'],
    [['--incoming', 'a', '--incoming', 'a'], 'The same scope was passed twice.'],
  ])('rejects %j', async (flags, message) => expectRefusal(['mint', ...flags], message)); // prettier-ignore

  test.each(['--auth-token', '--authToken', '--api-key-secret', '--secret', '--password', '--api_key'])(
    'rejects %s, and does not repeat its value',
    async (flag) => {
      for (const given of [[flag, 'hunter2hunter2'], [`${flag}=hunter2hunter2`]]) {
        const { status, stdout, stderr } = await runCommand(['mint', ...given], { env: ENV });
        expect([status, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(
          /^twilio-capability mint: Secrets cannot be passed as flags: .*TWILIO_AUTH_TOKEN/,
        );
        expect(stderr).not.toContain('hunter2');
      }
    },
  );
});
