import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CapabilitySigner, IncomingScope } from '../../../src';
import {
  createAccessTokenFixtures,
  createFixtures,
  testApiKey,
  testApplicationSid,
  testCredentials,
  testNow,
} from '../../../src/testing';
import { CLI, runCommand, spawnCommand, type Result } from './run-command';
import {
  AC,
  accessToken,
  AP,
  AUTH_TOKEN,
  capabilityToken,
  KEY_SECRET,
  nameToken,
  now,
  scopeToken,
  SK,
} from './tokens';

const ROOT = join(__dirname, '..', '..', '..');
const NOW = '2026-01-01T00:00:00Z';
const AT = ['--now', NOW];
const SECRET = testCredentials.authToken;
const ENV = { TWILIO_ACCOUNT_SID: testCredentials.accountSid, TWILIO_AUTH_TOKEN: SECRET };
const KEY_ENV = {
  ...ENV,
  TWILIO_API_KEY_SID: testApiKey.apiKeySid,
  TWILIO_API_KEY_SECRET: testApiKey.apiKeySecret,
};
const fixtures = createFixtures();
const folder = mkdtempSync(join(tmpdir(), 'twilio-capability-'));

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('There is no dist: npm test builds it first.');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the command as a process, and in this one for the coverage. Both must answer the same. */
async function both(args: string[], env: Record<string, string> = ENV, input = ''): Promise<Result> {
  const { status, stdout, stderr } = spawnCommand(args, env, input);
  expect(await runCommand(args, { env, input })).toEqual({ status, stdout, stderr });
  return { status: status!, stdout, stderr };
}

/** Exit code, first line and standard error. */
async function first(
  args: string[],
  env?: Record<string, string>,
  input = '',
): Promise<[number, string, string]> {
  const { status, stdout, stderr } = await both(args, env, input);
  return [status, stdout.split('\n')[0]!, stderr];
}

async function json(args: string[], env: Record<string, string> = ENV): Promise<Record<string, unknown>> {
  return JSON.parse((await runCommand([...args, '--json'], { env })).stdout) as Record<string, unknown>;
}

/** One case of each kind, as a process. The other faults are in diagnosis.test.ts. */
describe('the process', () => {
  const { valid, expired, accessToken, truncated } = fixtures;
  const gateway = (twilioCode: number, sdkCode: number): string =>
    `   Twilio error ${twilioCode} (${sdkCode} in @twilio/voice-sdk)`;
  const otherAccount = capabilityToken({ iss: 'AC2222' }, {}, 'other');

  test.each<[string, string[], Record<string, string>, number, string]>([
    ['a valid token', ['verify', valid.token], ENV, 0, '✓ VALID capability token, expires in 1 hour'],
    ['a valid Access Token', ['verify', accessToken.token], KEY_ENV, 0, '✓ VALID Access Token, expires in 1 hour'],
    ['a token inspected', ['inspect', valid.token], {}, 0, '? UNVERIFIED capability token, expires in 1 hour'],
    ['an expired token', ['inspect', expired.token], {}, 1, '✗ NOT VALID: expired 10 minutes ago'],
    ['an expired token without credentials', ['verify', expired.token], {}, 1, '✗ NOT VALID: expired 10 minutes ago'],
    ['a token without credentials', ['verify', valid.token], {}, 2, '? NOT CHECKED: the auth token of its account is needed'],
    ['an Access Token without a key', ['verify', accessToken.token], ENV, 2, '? NOT CHECKED: the API key that signed it is needed'],
    ['an Access Token without an account', ['verify', accessToken.token], { TWILIO_API_KEY: 'SK1', TWILIO_API_SECRET: 'x' }, 2, '? NOT CHECKED: the SID of its account is needed'],
    ['another account', ['verify', otherAccount], ENV, 2, '? NOT CHECKED: made for another account'],
    ['a name that Twilio refuses', ['verify', nameToken('client:alice')], ENV, 0, '✓ VALID, but Twilio refuses the name (31105)'],
    ['the same, inspected', ['inspect', nameToken('client:alice')], {}, 0, '? UNVERIFIED, and Twilio refuses the name (31105)'],
    ['a claim', ['inspect', capabilityToken({ scope: undefined })], {}, 1, `✗ NOT VALID: it has no scope${gateway(31204, 20101)}`],
    ['a cut token', ['verify', truncated.token], ENV, 1, `✗ NOT VALID: cut off: 2 of 3 parts, ${truncated.token.length} characters`],
    ['other text', ['verify', 'hello'], ENV, 1, '✗ NOT A TOKEN: 5 characters of other text'],
  ])('answers first for %s', async (_, args, env, status, line) => {
    expect(await first([...args, ...AT], env)).toEqual([status, line, '']);
  }); // prettier-ignore

  test('shows the whole answer', async () => {
    expect((await both(['verify', otherAccount, ...AT])).stdout).toBe(`\
? NOT CHECKED: made for another account
  Twilio may well accept it. Check it with the credentials of that account.
  Signature not checked: anyone could have written it.

  account       AC2222
  your account  ${AC}
  checked with  TWILIO_AUTH_TOKEN
                (environment)

  expires  2026-01-01 01:00:00 UTC
  now      2026-01-01 00:00:00 UTC (--now)

  incoming  alice

  as Access Token  identity alice
                   incoming calls

  Capability tokens work with the JavaScript SDKs in region US1 only, not on mobile.
`);
  });

  test('reads the UTF-16 that Windows PowerShell writes', async () => {
    const input = Buffer.from(`\ufeff${valid.token}\r\n`, 'utf16le');
    expect((await runCommand(['verify', ...AT], { env: ENV, input })).status).toBe(0);
  });

  test('reads the clock after the token', async () => {
    let time = testNow;
    jest.spyOn(Date, 'now').mockImplementation(() => time);
    const slow = async function* (): AsyncGenerator<Buffer> {
      time += 5000;
      const signer = new CapabilitySigner(testCredentials);
      yield Promise.resolve(Buffer.from(signer.sign(new IncomingScope('alice'), { ttl: 86_400 })));
    };
    const { stdout } = await runCommand(['verify'], { env: ENV, input: slow() });
    jest.restoreAllMocks();
    expect(stdout.split('\n')[0]).toBe('✓ VALID capability token, expires in 1 day');
  });

  test('writes the token alone, for a pipe', () => {
    const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, ...AT];
    const { status, stdout, stderr } = spawnCommand(args, ENV);
    expect([status, stdout, stderr]).toEqual([0, `${valid.token}\n`, '']);
  });

  test('exits with 2 and without a stack if the output cannot be written', async () => {
    const args = [CLI, 'mint', '--incoming', 'alice'];
    if (existsSync('/dev/full')) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, args, {
        env: ENV,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      expect([status, stderr]).toEqual([2, 'twilio-capability: The output cannot be written: ENOSPC.\n']);
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

  test('has no colour in a pipe, unless FORCE_COLOR asks for it', () => {
    expect(spawnCommand(['inspect', valid.token], {}).stdout).not.toContain('\u001b');
    expect(spawnCommand(['inspect', expired.token, ...AT], { FORCE_COLOR: '1' }).stdout).toMatch(
      // eslint-disable-next-line no-control-regex -- the purpose
      /^\u001b\[31m✗ NOT VALID: expired 10 minutes ago\u001b\[39m\n {2}Twilio/,
    );
  });

  test('gives the same fixtures in every time zone', () => {
    const here = spawnCommand(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect(here.status).toBe(0);
    expect(spawnCommand(['fixtures', ...AT], { TZ: 'America/New_York' }).stdout).toBe(here.stdout);
  });
});

describe('twilio-capability inspect and verify', () => {
  test('show everything that an Access Token can have', async () => {
    const grants = {
      identity: 'alice',
      voice: { incoming: { allow: true }, push_credential_sid: 'CR1' },
      chat: {},
      'video\u001b': {},
    };
    const token = accessToken({ iss: 'SK1', nbf: now, grants }, { twr: 'au1' });
    const { stdout } = await runCommand(['inspect', token, ...AT]);
    expect(stdout).toBe(`\
? UNVERIFIED Access Token, expires in 1 hour
  No problem found. Signature not checked: anyone could have written it.

  issued      2026-01-01 00:00:00 UTC
  valid from  2026-01-01 00:00:00 UTC
  expires     2026-01-01 01:00:00 UTC
  now         2026-01-01 00:00:00 UTC (--now)

  account  ${AC}
  API key  SK1

  identity      alice
  incoming      alice
  region        au1
  push          CR1
  other grants  chat
                video\\u001b

  Its API key must belong to region au1.
`);
  });

  test('show what a capability token becomes', async () => {
    const scope = `scope:client:incoming?clientName=alice scope:client:incoming?clientName=bob scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=a%3D1 scope:client:outgoing?appSid=${AP}&clientName=bob&appParams=user_id%3D42 scope:video:join?room=x`;
    const { stdout } = await runCommand(['inspect', scopeToken(scope), ...AT]);
    expect(stdout).toContain(`
  incoming  alice
  incoming  bob
  events    filtered
            a = 1
  outgoing  ${AP}
            from bob
            user_id = 42
  other     video:join
            room = x

  as Access Token  identity alice
                   incoming calls
                   outgoing calls
                   lost: scope:client:incoming?clientName=bob
                   lost: scope:stream:subscribe?path=%2F2010-04-01%2FEvents&pa…
                   lost: name in scope:client:outgoing?appSid=APdeadbeefdeadbe…
                   lost: scope:video:join?room=x
`);
    expect(await json(['inspect', scopeToken(scope), ...AT])).toMatchObject({
      accessToken: {
        identity: 'alice',
        voice: { incoming: { allow: true }, outgoing: { application_sid: AP, params: { user_id: '42' } } },
        dropped: [{ part: 'scope' }, { part: 'scope' }, { part: 'clientName' }, { part: 'scope' }],
      },
    });
    const nobody = scopeToken(`scope:client:outgoing?appSid=${AP}`);
    expect((await runCommand(['inspect', nobody, ...AT])).stdout).toContain(
      '\n  as Access Token  no identity: pass one when you sign\n',
    );
  });

  test('show header and claims of a refused token as JSON', async () => {
    expect(await json(['verify', accessToken({ grants: {} }), ...AT], KEY_ENV)).toEqual({
      valid: false,
      verdict: 'NOT VALID: it has no voice grant',
      code: 'ERR_TOKEN_CLAIMS',
      field: 'grants.identity',
      numbers: [{ gateway: 31204, twilioClient: 31204, voiceSdk: 20101, voiceSdkPrecise: 20101 }],
      advice: ['Add one: token.addGrant(new VoiceGrant({ outgoingApplicationSid, incomingAllow: true })).'],
      notes: ['It allows no calls.'],
      token: expect.objectContaining({ kind: 'access-token', accountSid: AC, scopes: [] }),
      header: { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' },
      claims: { jti: `${SK}-1`, grants: {}, iat: now, exp: now + 3600, iss: SK, sub: AC },
      accessToken: null,
    });
    expect(await json(['inspect', 'hello'])).toEqual({
      valid: false,
      verdict: 'NOT A TOKEN: 5 characters of other text',
      code: 'ERR_TOKEN_MALFORMED',
      field: 'token',
      numbers: [{ gateway: 31204, twilioClient: 31204, voiceSdk: 20101, voiceSdkPrecise: 20101 }],
      advice: ['A token starts with "ey" and has three parts joined by dots.'],
      notes: [],
      token: null,
      header: null,
      claims: null,
      accessToken: null,
    });
  });

  test('never print a secret, in text or JSON', async () => {
    const hex = 'f'.repeat(32);
    const tokens = [
      accessToken({ iss: AUTH_TOKEN, jti: `${AUTH_TOKEN}-1`, sub: KEY_SECRET }, {}, AUTH_TOKEN),
      accessToken({ iss: hex, jti: `${hex}-1` }),
      capabilityToken({ iss: hex, [AUTH_TOKEN]: [{ [KEY_SECRET]: hex }] }),
      scopeToken(`scope:client:outgoing?appSid=${hex}&clientName=${KEY_SECRET}`),
      scopeToken(`scope:client:incoming?clientName=${AUTH_TOKEN}`),
      JSON.stringify({ [AUTH_TOKEN]: 1 }),
      AUTH_TOKEN,
    ];
    for (const input of tokens) {
      for (const args of [['inspect'], ['inspect', '--json'], ['verify'], ['verify', '--json']]) {
        const { stdout, stderr } = await runCommand([...args, '-', ...AT], { env: KEY_ENV, input });
        for (const secret of [AUTH_TOKEN, KEY_SECRET, hex]) expect(stdout + stderr).not.toContain(secret);
        expect(stdout).not.toBe('');
      }
    }
  });

  test('accept a clock skew', async () => {
    const args = ['verify', fixtures.expiresThisSecond.token, ...AT];
    const late = await runCommand([...args, '--clock-tolerance', '1'], { env: ENV });
    expect(late.stdout).toMatch(
      /^✓ VALID capability token, expired this very second, within the clock tolerance\n/,
    );
    expect((await runCommand([...args, '--clock-tolerance', '1'])).stdout).toMatch(/^\? NOT CHECKED/);
    expect((await runCommand(args)).stdout).toMatch(/^✗ NOT VALID: expired this very second\n/);
    for (const env of [ENV, {}]) {
      const invalid = await runCommand([...args, '--clock-tolerance', '301'], { env });
      expect([invalid.status, invalid.stderr]).toEqual([
        2,
        'twilio-capability verify: --clock-tolerance takes a whole number of seconds, at most 300.\n',
      ]);
    }
  });

  test('keep deep JSON small', async () => {
    const lists = JSON.parse('['.repeat(2950) + ']'.repeat(2950)) as unknown;
    const { stdout } = await runCommand(['inspect', '-', '--json', ...AT], {
      input: capabilityToken({ lists }),
    });
    expect(stdout.length).toBeLessThan(9000);
    expect(JSON.parse(stdout)).toMatchObject({ claims: { iss: AC } });
  });

  test('accept one token, and ask for one on a terminal', async () => {
    expect((await runCommand(['verify', 'a', 'b'], { env: ENV })).stderr).toBe(
      'twilio-capability verify: More than one token. Pass one at a time.\n',
    );
    expect(await runCommand(['verify'], { env: ENV, input: null })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'twilio-capability verify: No token. Pass it as the argument, or pipe it in.\n',
    });
    expect((await runCommand(['verify', '-'], { env: ENV, input: null })).stderr).toMatch(
      /^Paste the token, /,
    );
    const endless = await runCommand(['verify', '-', '--json'], { env: ENV, input: 'x'.repeat(200_000) });
    expect(JSON.parse(endless.stdout)).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE' });
    for (const input of ['', ' \n', '\ufeff\u200b']) {
      expect(await runCommand(['inspect', '-'], { input })).toEqual({
        status: 2,
        stdout: '',
        stderr:
          'twilio-capability inspect: The input is empty. Check that the command before it printed a token.\n',
      });
    }
  });
});

describe('twilio-capability mint', () => {
  const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, ...AT];

  test('describes what it issued with --json', async () => {
    const more = ['--ttl', '600', '--param', 'a=b=c', '--event-stream', '--filter', 'x='];
    expect(await json([...args, ...more])).toEqual({
      token: expect.stringMatching(/^eyJ/),
      accountSid: testCredentials.accountSid,
      scopes: [
        'scope:client:incoming?clientName=alice',
        'scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=x%3D',
        `scope:client:outgoing?appSid=${testApplicationSid}&clientName=alice&appParams=a%3Db%253Dc`,
      ],
      clientName: 'alice',
      ttl: 600,
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:10:00.000Z',
    });
  });

  test('links and encodes names', async () => {
    const names = [
      'mint',
      '--incoming',
      'a',
      '--incoming',
      'ann@x.com',
      '--outgoing',
      'AP1',
      '--encode-name',
    ];
    expect((await json(names))['scopes']).toEqual([
      'scope:client:incoming?clientName=a',
      'scope:client:incoming?clientName=ann_40x_2Ecom',
      'scope:client:outgoing?appSid=AP1&clientName=ann_40x_2Ecom',
    ]);
    expect((await json([...names, '--client-name', 'b c']))['scopes']).toContain(
      'scope:client:outgoing?appSid=AP1&clientName=b_20c',
    );
  });

  test('creates Access Tokens', async () => {
    const accessToken = [...args, '--access-token', '--push-credential', 'CR1', '--region', 'au1'];
    const { stdout } = await runCommand(accessToken, { env: KEY_ENV });
    expect(await json(['verify', ...AT, stdout.trim()], KEY_ENV)).toMatchObject({
      valid: true,
      token: { pushCredentialSid: 'CR1', region: 'au1', identity: 'alice' },
    });
    const stream = [...args, '--access-token', '--event-stream'];
    expect((await runCommand(stream, { env: KEY_ENV })).stderr).toBe(
      'twilio-capability mint: An Access Token has no counterpart for some of this: it has one identity and no event stream. Inspect the capability token to see which, or use --drop-unmappable to sign without.\n',
    );
    expect((await runCommand([...stream, '--drop-unmappable'], { env: KEY_ENV })).status).toBe(0);
    const named = await json(
      ['mint', '--outgoing', 'AP1', '--access-token', '--identity', 'a b', '--encode-name'],
      KEY_ENV,
    );
    expect(named['identity']).toBe('a_20b');
  });

  test('reads the credentials of --dotenv, and none of the environment', async () => {
    const file = join(folder, 'env');
    writeFileSync(file, '\uFEFFTWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN="of-the-file"\n');
    expect((await json([...args, '--dotenv', file]))['accountSid']).toBe('AC1');
    const verified = await runCommand(['verify', fixtures.valid.token, ...AT, '--dotenv', file], {
      env: ENV,
    });
    expect(verified.stdout).toContain(
      '\n  your account  AC1\n  checked with  TWILIO_AUTH_TOKEN\n                (--dotenv file)\n',
    );
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\n');
    expect(await runCommand([...args, '--dotenv', file], { env: ENV })).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'twilio-capability mint: TWILIO_AUTH_TOKEN is not set. Set it in the environment, or in a file given with --dotenv.\n',
    });
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\nTWILIO_API_KEY=SK1\n');
    const ofKey = await runCommand([...args, '--access-token', '--dotenv', file], { env: ENV });
    expect(ofKey.stderr).toContain('TWILIO_API_KEY_SECRET (or TWILIO_API_SECRET) is not set.');
    expect((await runCommand([...args, '--dotenv', join(folder, 'none')], { env: ENV })).stderr).toBe(
      'twilio-capability mint: The file given with --dotenv cannot be read: ENOENT.\n',
    );
  });

  test.each<[string[], string]>([
    [['--incomming', 'alice'], 'Unknown flag --incomming. Did you mean --incoming?'],
    [['--t0ken-like', 'x'], 'Unknown flag. Run the command with --help.'],
    [['-i', 'alice'], 'Unknown flag. Run the command with --help.'],
    [['--env-file', '.env'], 'Unknown flag --env-file. Use --dotenv FILE: Node.js takes --env-file for itself.'],
    [[], 'A token must allow something. Use --incoming, --outgoing or --event-stream.'],
    [['--incoming'], '--incoming needs a value.'],
    [['--incoming', '--json'], '--incoming needs a value. If the value starts with "-", use --incoming=VALUE.'],
    [['--ttl', '-5'], '--ttl needs a value. If the value starts with "-", use --ttl=VALUE.'],
    [['--json=yes'], '--json takes no value.'],
    [['--ttl', '1', '--ttl', '2'], '--ttl is given twice.'],
    [['--incoming', 'a', '--ttl', '10m'], '--ttl takes a whole number of seconds, at most 86400.'],
    [['--outgoing', 'AP1', '--param', 'a'], '--param takes KEY=VALUE.'],
    [['--outgoing', 'AP1', '--param', 'a=1', '--param', 'a=2'], '--param has the same key twice.'],
    [['--param', 'a=1'], '--param and --client-name need --outgoing.'],
    [['--filter', 'a=1'], '--filter needs --event-stream.'],
    [['--incoming', 'a', '--identity', 'b'], '--identity needs --access-token.'],
    [['--incoming', 'a', '--identity', ''], '--identity needs --access-token.'],
    [['--incoming', 'a', '--encode-name', '--allow-any-name'], 'Use either --encode-name or --allow-any-name, not both.'],
    [['--incoming', 'a', '--now', 'tomorrow'], '--now takes an ISO 8601 time with a zone, such as 2026-01-01T00:00:00Z.'],
    [['alice'], 'Unexpected argument. This command takes only flags.'],
    [['--incoming', 'a', '--ttl', '0'], '--ttl must be a whole number of seconds from 1 to 86400 (24 hours).'],
    [['--incoming', 'a b'], 'Client names must be 1 to 121 letters, digits or underscores. Use --encode-name for other text, or --allow-any-name to send it unchanged.'],
    [['--outgoing', 'PN1'], '--outgoing must be "AP" followed by 1 to 32 letters or digits: a TwiML app.'],
    [['--incoming', 'a', '--incoming', 'a'], 'Two --incoming names are the same. Pass each name once.'],
  ])('rejects %j', async (flags, message) => {
    expect(await runCommand(['mint', ...flags], { env: ENV })).toEqual({ status: 2, stdout: '', stderr: `twilio-capability mint: ${message}\n` });
  }); // prettier-ignore

  test.each(['--auth-token', '--authToken', '--api-key-secret', '--secret', '--password', '--api_key'])(
    'rejects %s, and does not repeat its value',
    async (flag) => {
      for (const given of [[flag, 'hunter2hunter2'], [`${flag}=hunter2hunter2`]]) {
        const { status, stdout, stderr } = await runCommand(['mint', '--incoming', 'alice', ...given], {
          env: ENV,
        });
        expect([status, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(
          /^twilio-capability mint: Secrets cannot be passed as flags: .*TWILIO_AUTH_TOKEN/,
        );
        expect(stderr).not.toContain('hunter2');
      }
    },
  );

  test('names the variables at fault, not their values', async () => {
    const swapped = { TWILIO_ACCOUNT_SID: SECRET, TWILIO_AUTH_TOKEN: testCredentials.accountSid };
    expect((await runCommand(['mint', '--incoming', 'a'], { env: swapped })).stderr).toBe(
      'twilio-capability mint: TWILIO_ACCOUNT_SID must be "AC" followed by 32 letters or digits. Check that it is not swapped with TWILIO_AUTH_TOKEN.\n',
    );
  });
});

describe('twilio-capability fixtures', () => {
  test('can be read in any language', async () => {
    const { status, stdout } = await runCommand(['fixtures']);
    expect(status).toBe(0);
    const file = join(folder, 'fixtures.json');
    expect((await runCommand(['fixtures', '--out', file])).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(stdout);

    const read = JSON.parse(stdout) as {
      nowSeconds: number;
      authToken: string;
      fixtures: Record<string, { token: string; claims: { exp: number } | null }>;
    };
    expect(Object.keys(read)).toEqual([
      'format', 'now', 'nowSeconds', 'accountSid', 'authToken', 'apiKeySid', 'apiKeySecret', 'fixtures',
    ]); // prettier-ignore
    expect(read).toMatchObject({ format: 'twilio-capability-fixtures/1', now: '2026-01-01T00:00:00.000Z' });
    const { token } = read.fixtures['valid']!;
    const signature = createHmac('sha256', read.authToken)
      .update(token.slice(0, token.lastIndexOf('.')))
      .digest('base64url');
    expect(token.endsWith(`.${signature}`)).toBe(true);
    expect(read.fixtures).toEqual(JSON.parse(JSON.stringify(fixtures)));
  });

  test('can be Access Tokens', async () => {
    const { stdout } = await runCommand(['fixtures', '--access-token', '--now', '2026-02-01T00:00:00Z']);
    const read = JSON.parse(stdout) as { fixtures: object };
    const now = Date.UTC(2026, 1, 1);
    expect(read.fixtures).toEqual(JSON.parse(JSON.stringify(createAccessTokenFixtures({ now }))));
  });

  test('names a file that cannot be written', async () => {
    expect((await runCommand(['fixtures', '--out', folder])).stderr).toBe(
      'twilio-capability fixtures: The file given with --out cannot be written: EISDIR.\n',
    );
  });
});

describe('twilio-capability', () => {
  test('has help for itself and each command, and a version', async () => {
    for (const args of [
      ['--help'],
      ['-h'],
      ['help'],
      ...['mint', 'inspect', 'verify', 'fixtures'].flatMap((name) => [
        [name, '--help'],
        ['help', name],
      ]),
    ]) {
      const { status, stdout, stderr } = await runCommand(args);
      expect([args, status, stderr]).toEqual([args, 0, '']);
      expect(stdout).toMatch(/\nExample:\n {2}(?:export TWILIO|twilio-capability )/);
    }
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect((await runCommand(['--version'])).stdout).toBe(`${version}\n`);
  });

  test.each([
    ['mnit', 'Unknown command mnit. Did you mean mint? Run twilio-capability --help.'],
    ['-v', 'Unknown command -v. Run twilio-capability --help.'],
    [fixtures.valid.token, 'Unknown command. Run twilio-capability --help.'],
  ])('rejects the command %s', async (name, message) => {
    expect(await runCommand([name])).toEqual({
      status: 2,
      stdout: '',
      stderr: `twilio-capability: ${message}\n`,
    });
  });

  test('shows help without a command', async () => {
    const { status, stdout, stderr } = await runCommand([]);
    expect([status, stdout, stderr.split('\n')[0]]).toEqual([
      2,
      '',
      'Create, inspect and verify Twilio Client capability tokens.',
    ]);
  });

  test('has colour on a terminal, unless NO_COLOR or TERM=dumb turns it off', async () => {
    const shown = async (env: Record<string, string>): Promise<string> =>
      (await runCommand(['inspect', fixtures.expired.token, ...AT], { env, columns: 80 })).stdout;
    expect(await shown({})).toContain('\u001b[31m✗ NOT VALID: expired 10 minutes ago\u001b[39m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { FORCE_COLOR: '0' }]) {
      expect(await shown(env)).not.toContain('\u001b');
    }
    for (const env of [{ NO_COLOR: '' }, { NO_COLOR: '1', FORCE_COLOR: '1' }]) {
      expect(await shown(env)).toContain('\u001b');
    }
  });
});
