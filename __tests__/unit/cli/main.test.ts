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
import jwt from 'jsonwebtoken';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from '../../../src';
import {
  createFixtures,
  testApiKey,
  testApplicationSid,
  testCredentials,
  testNow,
} from '../../../src/testing';
import vectors from '../../suites/interop/dialects.json';
import { CLI, forgeToken, runCommand, spawnCommand, type Result } from './run-command';

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

const other = { accountSid: 'AC2222', authToken: 'another_auth_token', now: (): number => testNow };
const otherAccount = new CapabilitySigner(other).sign(new IncomingScope('alice'));
const otherKey = new AccessTokenSigner({
  accountSid: testCredentials.accountSid,
  apiKeySid: 'SK2222',
  apiKeySecret: 'another_secret',
  now: (): number => testNow,
}).sign(new IncomingScope('alice'));
const taskRouter = forgeToken({ iss: 'AC1', exp: testNow / 1000 + 60, policies: [], workspace_sid: 'WS1' });
const withoutIssuer = jwt.sign({ scope: '', exp: testNow / 1000 + 60 }, testCredentials.authToken, {
  noTimestamp: true,
});
const withoutCty = forgeToken({ ...fixtures.accessToken.claims });
const withoutVoice = forgeToken(
  { ...fixtures.accessToken.claims, grants: { identity: 'alice', chat: { service_sid: 'IS1' } } },
  { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' },
);
const cutSignature = fixtures.valid.token.slice(0, -3);

describe('the process', () => {
  const { valid, expired, accessToken, truncated } = fixtures;
  const gateway = (twilioCode: number, sdkCode: number): string =>
    `   Twilio error ${twilioCode} (${sdkCode} in @twilio/voice-sdk)`;

  test.each<[string, string[], Record<string, string>, number, string]>([
    ['a valid token', ['verify', valid.token], ENV, 0, '✓ VALID capability token, expires in 1 hour'],
    ['a valid Access Token', ['verify', accessToken.token], KEY_ENV, 0, '✓ VALID Access Token, expires in 1 hour'],
    ['an expired token', ['verify', expired.token], ENV, 1, `✗ EXPIRED 10 minutes ago${gateway(31205, 20104)}`],
    ['an expired token, inspected', ['inspect', expired.token], {}, 0, `✗ EXPIRED 10 minutes ago${gateway(31205, 20104)}`],
    ['an expired token without credentials', ['verify', expired.token], {}, 1, `✗ EXPIRED 10 minutes ago${gateway(31205, 20104)}`],
    ['a token inspected', ['inspect', valid.token], {}, 0, '? UNVERIFIED capability token, expires in 1 hour'],
    ['a token without credentials', ['verify', valid.token], {}, 2, '? NOT CHECKED: a capability token needs the auth token of its account'],
    ['an Access Token without a key', ['verify', accessToken.token], ENV, 2, '? NOT CHECKED: an Access Token needs the API key that signed it'],
    ['an Access Token without an account', ['verify', accessToken.token], { TWILIO_API_KEY: 'SK1', TWILIO_API_SECRET: 'x' }, 2, '? NOT CHECKED: an Access Token needs the SID of its account'],
    ['another account', ['verify', otherAccount], ENV, 1, `✗ NOT VALID: made for another account${gateway(31203, 31000)}`],
    ['another account, same secret', ['verify', fixtures.wrongAccount.token], ENV, 1, `✗ NOT VALID: made for another account${gateway(31203, 31000)}`],
    ['another API key', ['verify', otherKey], KEY_ENV, 1, `✗ NOT VALID: signed with another API key${gateway(31203, 31000)}`],
    ['another secret', ['verify', fixtures.wrongSecret.token], ENV, 1, `✗ NOT VALID: the signature does not match${gateway(31202, 31000)}`],
    ['no signature', ['inspect', fixtures.unsigned.token], ENV, 0, `✗ NOT VALID: token must be signed with HS256, as Twilio requires${gateway(31204, 20101)}`],
    ['a lifetime of 25 hours', ['verify', fixtures.lifetimeTooLong.token], ENV, 1, `✗ NOT VALID: expires in 1 day 1 hour, more than 24 hours from now${gateway(31207, 31000)}`],
    ['a fast clock', ['verify', fixtures.notYetValid.token], ENV, 1, `✗ NOT YET VALID: starts in 10 minutes${gateway(31204, 20101)}`],
    ['a cut token', ['verify', truncated.token], ENV, 1, `✗ NOT VALID: 2 of 3 parts, ${truncated.token.length} characters: cut off${gateway(31204, 20101)}`],
    ['a cut signature', ['inspect', cutSignature], ENV, 0, `✗ NOT VALID: the signature has 40 of 43 characters: cut off${gateway(31202, 31000)}`],
    ['a long signature', ['inspect', `${valid.token}A`], ENV, 0, `✗ NOT VALID: the signature has 44 characters instead of 43${gateway(31202, 31000)}`],
    ['a long signature, verified', ['verify', `${valid.token}A`], ENV, 1, `✗ NOT VALID: the signature has 44 characters instead of 43${gateway(31202, 31000)}`],
    ['a longer signature', ['inspect', `${valid.token}AA`], ENV, 1, `✗ NOT VALID: the signature has 45 characters instead of 43${gateway(31204, 20101)}`],
    ['a TaskRouter token', ['verify', taskRouter], ENV, 1, `✗ NOT VALID: this is a TaskRouter token: it has policies instead of scope${gateway(31204, 20101)}`],
    ['a token of another service', ['inspect', forgeToken({ sub: '42', exp: testNow / 1000 + 60 }, { alg: 'RS256' })], {}, 1, `✗ NOT VALID: token must be signed with HS256, as Twilio requires${gateway(31204, 20101)}`],
    ['an Access Token without cty', ['inspect', withoutCty], ENV, 1, `✗ NOT VALID: this is an Access Token without the cty "twilio-fpa;v=1" in its header${gateway(31204, 20101)}`],
    ['an Access Token without voice', ['inspect', withoutVoice], ENV, 0, `✗ NOT VALID: token grants.voice is missing${gateway(31204, 20101)}`],
    ['other text of three parts', ['verify', `_${valid.token}_`], ENV, 1, `✗ NOT A TOKEN: ${valid.token.length + 2} characters of other text${gateway(31204, 20101)}`],
    ['a token without an issuer', ['verify', withoutIssuer], ENV, 1, `✗ NOT VALID: token iss is not an account SID${gateway(31203, 31000)}`],
    ['other text', ['verify', 'hello'], ENV, 1, `✗ NOT A TOKEN: 5 characters of other text${gateway(31204, 20101)}`],
    ['a long text', ['verify', `ey${'x'.repeat(9000)}`], ENV, 1, `✗ TOO LARGE: 9002 characters${gateway(31204, 20101)}`],
  ])('answers first for %s', async (_, args, env, status, line) => {
    expect(await first([...args, ...AT], env)).toEqual([status, line, '']);
  }); // prettier-ignore

  test.each<[string, string, string]>([
    ['quotes', `"${valid.token}",`, 'Removed from the input: quotes.'],
    ['Bearer', `Authorization: Bearer ${valid.token}\n`, 'Removed from the input: "Bearer".'],
    ['quotes and Bearer', `'Bearer ${valid.token}'`, 'Removed from the input: quotes, "Bearer".'],
    ['line breaks', valid.token.replace(/.{76}/g, '$&\r\n'), 'Removed from the input: line breaks or spaces.'],
    ['a JSON answer', JSON.stringify({ identity: 'alice', token: valid.token }), 'The input is JSON. The token is its "token".'],
    ['JSON of another name', JSON.stringify({ accessToken: valid.token }), 'The input is JSON. The token is its "accessToken".'],
    ['nested JSON', JSON.stringify({ name: 'eyes', data: { token: valid.token, old: expired.token } }), 'The input is JSON. The token is its "data.token".'],
    ['JSON with more around it', JSON.stringify({ authorization: `Bearer ${valid.token}\n` }), 'The input is JSON. The token is its "authorization".'],
    ['JSON in an array', JSON.stringify([{ jwt: valid.token }]), 'The input is JSON. The token is its "0.jwt".'],
    ['a sentence', `The token is ${valid.token}.`, 'The token was taken out of the text around it.'],
    ['code', `const token = '${valid.token}'; // for alice`, 'The token was taken out of the text around it.'],
  ])('peels a token out of %s', async (_, input, note) => {
    const { status, stdout } = await both(['verify', ...AT], ENV, input);
    expect([status, stdout.split('\n').slice(-2)]).toEqual([0, [`  ${note}`, '']]);
  }); // prettier-ignore

  test.each<[string, string, string]>([
    ['nothing', ' \n', 'The input is empty. Check that the command before it printed a token.'],
    ['a file', 'token.txt', 'The input is the path of a file, not a token. Pass its contents: twilio-capability verify - < FILE'],
    ['a folder', folder, 'The input is the path of a file, not a token. Pass its contents: twilio-capability verify - < FILE'],
    ['a URL', 'https://example.com/token', 'The input is a URL, not a token. Pass what it returns: curl URL | twilio-capability verify'],
    ['a page', '<!DOCTYPE html><html>', 'The input is an HTML page, not a token. The endpoint may redirect to a login page.'],
    ['an error', '{"error":"timeout"}', 'The input is JSON without a token. Its members are: error. Check that the endpoint returned a token, not an error.'],
    ['a token that is null', '{"token":null}', 'The input is JSON, but its "token" is null. Check that the endpoint returned a token, not an error.'],
    ['a token that is empty', '{"data":{"token":""}}', 'The input is JSON, but its "data.token" is empty. Check that the endpoint returned a token, not an error.'],
    ['a token that is no token', '{"token":42}', 'The input is JSON, but its "token" is not a token. Check that the endpoint returned a token, not an error.'],
    ['deep JSON', '['.repeat(40_000) + ']'.repeat(40_000), 'The input is JSON without a token. Its members are: 0. Check that the endpoint returned a token, not an error.'],
    ['two tokens', `${valid.token} ${expired.token}`, 'The input contains 2 tokens. Pass one at a time.'],
    ['JSON of two', JSON.stringify({ a: valid.token, b: expired.token }), 'The input contains 2 tokens. Pass one at a time.'],
    ['JSON of two, one of them twice', JSON.stringify({ a: valid.token, b: expired.token, c: valid.token }), 'The input contains 2 tokens. Pass one at a time.'],
  ])('names %s in place of a token', async (_, input, message) => {
    expect(await first(['verify'], ENV, input)).toEqual([2, '', `twilio-capability verify: ${message}\n`]);
  }); // prettier-ignore

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

  test('writes the token alone, for a pipe', async () => {
    const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, ...AT];
    const { status, stdout, stderr } = spawnCommand(args, ENV);
    expect([status, stdout, stderr]).toEqual([0, `${valid.token}\n`, '']);
    expect((await first(['migrate'], {}, stdout))[1]).toBe(
      '✓ Everything has a counterpart in an Access Token',
    );
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
      /^\u001b\[31m✗ EXPIRED 10 minutes ago\u001b\[39m {3}Twilio/,
    );
  });

  test('gives the same fixtures in every time zone', () => {
    const here = spawnCommand(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect(here.status).toBe(0);
    expect(spawnCommand(['fixtures', ...AT], { TZ: 'America/New_York' }).stdout).toBe(here.stdout);
  });
});

describe('twilio-capability verify', () => {
  test.each(Object.values(fixtures).map(({ name, outcome }) => [name, outcome] as const))(
    'has for the fixture %s the outcome %s',
    async (name, outcome) => {
      const setup = { env: ENV, input: `${fixtures[name].token}\n` };
      const { status, stdout } = await runCommand(['verify', '--json', ...AT], setup);
      const isUnchecked = name === 'accessToken';
      expect(status).toBe(outcome === 'valid' ? 0 : isUnchecked ? 2 : 1);
      expect(JSON.parse(stdout)).toMatchObject(
        outcome === 'valid'
          ? { valid: true, kind: 'capability' }
          : isUnchecked
            ? { valid: null, kind: 'access-token', missing: 'apiKeySid' }
            : { valid: false, code: outcome },
      );
    },
  );

  test('shows the two accounts side by side', async () => {
    expect((await runCommand(['verify', otherAccount, ...AT], { env: ENV })).stdout).toBe(`\
✗ NOT VALID: made for another account   Twilio error 31203 (31000 in @twilio/voice-sdk)
  Set the credentials of the account that the token was made for.
  @twilio/voice-sdk shows 31203 with enableImprovedSignalingErrorPrecision: true.

  the token is for       AC2222
  TWILIO_ACCOUNT_SID is  ${testCredentials.accountSid} (environment)

  expires   2026-01-01 01:00:00 UTC
  now       2026-01-01 00:00:00 UTC (--now)
  account   AC2222
  incoming  alice
`);
    const { stdout } = await runCommand(['verify', otherKey, ...AT], { env: KEY_ENV });
    expect(stdout).toContain(
      `\n  the token is signed with  SK2222\n  TWILIO_API_KEY_SID is     ${testApiKey.apiKeySid} (environment)\n`,
    );
    const secret = await runCommand(['verify', fixtures.wrongSecret.token, ...AT], { env: ENV });
    expect(secret.stdout).toContain('\n  checked with  TWILIO_AUTH_TOKEN (environment)\n');
  });

  test('says which key to set for an Access Token', async () => {
    const { stdout } = await runCommand(['verify', otherKey, ...AT], { env: ENV });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      '? NOT CHECKED: an Access Token needs the API key that signed it',
      '  Set TWILIO_API_KEY_SID=SK2222 and its TWILIO_API_KEY_SECRET.',
      '  Use the environment, or a file given with --dotenv.',
      '',
    ]);
    expect(stdout).toContain('\n  Signature not checked: anyone could have written this token.\n');
  });

  test('accepts a clock skew, and shows more with --verbose', async () => {
    const args = ['verify', fixtures.expiresThisSecond.token, ...AT];
    expect((await runCommand([...args, '--clock-tolerance', '1'], { env: ENV })).status).toBe(0);
    expect((await runCommand([...args, '--clock-tolerance', '1'])).stdout).toMatch(/^\? NOT CHECKED/);
    expect((await runCommand(args)).stdout).toMatch(/^✗ EXPIRED/);
    expect((await runCommand([...args, '--verbose'], { env: ENV })).stdout).toMatch(
      /\n {2}error {4}ERR_TOKEN_EXPIRED, field exp\n {11}Token has expired\.\n {2}header {3}\{"alg":"HS256","typ":"JWT"\}\n {2}payload {2}\{"scope":/,
    );
    const late = await runCommand([...args, '--clock-tolerance', '1'], { env: ENV });
    expect(late.stdout).toMatch(
      /^✓ VALID capability token, expired this very second, within the clock tolerance\n/,
    );
    for (const env of [ENV, {}]) {
      const invalid = await runCommand([...args, '--clock-tolerance', '301'], { env });
      expect([invalid.status, invalid.stderr]).toEqual([
        2,
        'twilio-capability verify: --clock-tolerance must be a whole number of seconds from 0 to 300.\n',
      ]);
    }
  });

  test('accepts one token, and asks for one on a terminal', async () => {
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
    expect(JSON.parse(endless.stdout)).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE', voiceSdkCode: 20101 });
  });
});

describe('twilio-capability inspect', () => {
  test('ends with what the token becomes', async () => {
    const { status, stdout } = await runCommand(['inspect', ...AT, '-'], {
      input: fixtures.withParams.token,
    });
    expect(status).toBe(0);
    expect(stdout).toBe(`\
? UNVERIFIED capability token, expires in 1 hour
  No problem found. Signature not checked: anyone could have written this token.

  expires   2026-01-01 01:00:00 UTC
  now       2026-01-01 00:00:00 UTC (--now)
  account   ${testCredentials.accountSid}
  outgoing  ${testApplicationSid} from alice
            user_id = 42
            name = "Alice Smith"
            team = "R&D café"

  As an Access Token: identity alice, outgoing calls. See twilio-capability migrate.
`);
  });

  test('gives the same advice as JSON and as text', async () => {
    const [problem] = (await json(['inspect', cutSignature, ...AT]))['problems'] as { advice: string }[];
    expect(problem?.advice).toBe('Copy the whole token: three parts joined by two dots.');
    expect((await runCommand(['inspect', cutSignature, ...AT])).stdout).toContain(`\n  ${problem!.advice}\n`);
  });

  test('collects every problem', async () => {
    const codes = async (name: keyof typeof fixtures): Promise<unknown[]> =>
      ((await json(['inspect', ...AT, fixtures[name].token]))['problems'] as { code: string }[]).map(
        ({ code }) => code,
      );
    expect(await codes('valid')).toEqual([]);
    expect(await codes('expired')).toEqual(['ERR_TOKEN_EXPIRED']);
    expect(await codes('lifetimeTooLong')).toEqual(['ERR_TOKEN_LIFETIME']);
    expect(await codes('unsigned')).toEqual(['ERR_TOKEN_ALGORITHM', 'ERR_TOKEN_SIGNATURE']);
    expect(await codes('missingExpiry')).toEqual(['ERR_TOKEN_CLAIMS']);
    expect(await codes('truncated')).toEqual(['ERR_TOKEN_MALFORMED']);
    const { stdout } = await runCommand(['inspect', fixtures.unsigned.token, ...AT]);
    expect(stdout).toContain('\n  Also: Token has no complete signature.\n');
  });

  test('shows everything that an Access Token can have', async () => {
    const { exp, iat, sub } = fixtures.accessToken.claims as Record<string, unknown>;
    const grants = {
      identity: 'alice smith',
      voice: { incoming: { allow: true }, push_credential_sid: 'CR1' },
      chat: {},
      video: {},
    };
    const claims = { iss: 'AC1', sub, iat, nbf: iat, exp, grants };
    const header = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1', twr: 'au1' };
    const { stdout } = await runCommand(['inspect', forgeToken(claims, header), ...AT]);
    expect(stdout).toBe(`\
✗ NOT VALID: token iss is not an API key SID   Twilio error 31203 (31000 in @twilio/voice-sdk)
  Set the credentials of the account that the token was made for.
  @twilio/voice-sdk shows 31203 with enableImprovedSignalingErrorPrecision: true.

  issued        2026-01-01 00:00:00 UTC
  valid from    2026-01-01 00:00:00 UTC
  expires       2026-01-01 01:00:00 UTC
  now           2026-01-01 00:00:00 UTC (--now)
  account       ${testCredentials.accountSid}
  API key       AC1
  identity      "alice smith"
  region        au1
  incoming      "alice smith"
  push          CR1
  other grants  chat, video

  Signature not checked: anyone could have written this token.
`);
  });

  test('describes tokens that allow little', async () => {
    const scope = 'scope:client:outgoing?appSid=AP1 scope:stream:subscribe?path=%2F2010-04-01%2FEvents';
    const shown = async (claims: object): Promise<string> =>
      (await runCommand(['inspect', forgeToken(claims), ...AT])).stdout;
    const little = await shown({ scope, iss: 'AC1', exp: 9e15 });
    expect(little).toContain('✗ NOT VALID: expires in the far future, more than 24 hours from now ');
    expect(little).toContain('\n  outgoing  AP1 without a client name\n  events    all\n');
    expect(little).toContain('  As an Access Token: no identity, outgoing calls, 1 without a counterpart.');
    const nothing = await shown({ scope: '' });
    expect(nothing).toContain('\n  expires  unknown\n');
    expect(nothing).toContain('\n  account  none\n  allows   no calls\n');
    const now = testNow / 1000;
    expect(await shown({ scope: '', iss: 'AC1', exp: now + 1, iat: now - 86_400 })).toContain(
      '  The token lives longer than 24 hours from its iat. Twilio may reject it (error 20157).',
    );
    expect(
      await shown({ scope: 'scope:client:incoming?clientName=a b', iss: 'AC1', exp: now + 1 }),
    ).toContain('  A client name is not percent-encoded (twilio-java and twilio-csharp).');
  });

  test.each(
    vectors.vectors.filter(({ token }) => token !== null).map(({ id, token }) => [id, token!] as const),
  )('says of %s whether it has lost something', async (id, token) => {
    const { notes } = (await json(['inspect', token])) as { notes: string[] };
    const isOnce = notes.some((note) => note.startsWith('The params are encoded once'));
    const lost = [
      'ruby-4.13.0/event-stream-filters',
      'ruby-7.11.1/outgoing-params',
      'ruby-7.11.1/outgoing-params-ampersand',
    ];
    expect([id, isOnce]).toEqual([id, lost.includes(id)]);
  });
});

describe('twilio-capability migrate', () => {
  test('lists what has no counterpart', async () => {
    const scopes = [
      new IncomingScope('alice'),
      new IncomingScope('bob'),
      new OutgoingScope('AP1', { clientName: 'bob', params: { a: 1 } }),
    ];
    const token = new CapabilitySigner(testCredentials).sign(scopes);
    const { status, stdout } = await runCommand(['migrate', token]);
    expect([status, stdout.split('\n')[0]]).toEqual([
      0,
      '? 2 of its parts have no counterpart in an Access Token',
    ]);
    expect(stdout).toContain(`\
  identity  alice
  incoming  allowed
  outgoing  through AP1
            a = 1
  dropped   scope:client:incoming?clientName=bob
            the client name of scope:client:outgoing?appSid=AP1&clientName=bob&appParams=a%3D1
`);
    expect(await json(['migrate', token])).toMatchObject({
      verified: false,
      identity: 'alice',
      voice: { incoming: { allow: true }, outgoing: { application_sid: 'AP1', params: { a: '1' } } },
      dropped: [{ part: 'scope' }, { part: 'clientName' }],
    });
    const nobody = await runCommand(['migrate', forgeToken({ scope: '' })]);
    expect(nobody.stdout).toMatch(/^\? NO IDENTITY: an Access Token needs one\n/);
  });

  test('rejects an Access Token, and what cannot be read', async () => {
    const { status, stdout } = await runCommand(['migrate', fixtures.accessToken.token]);
    expect([status, stdout]).toEqual([1, '? NOTHING TO MIGRATE: this is an Access Token already\n']);
    expect((await runCommand(['migrate', `"${fixtures.accessToken.token}"`])).stdout).toBe(
      '? NOTHING TO MIGRATE: this is an Access Token already\n\n  Removed from the input: quotes.\n',
    );
    expect((await json(['migrate', 'x']))['problem']).toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
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
      pushCredentialSid: 'CR1',
      region: 'au1',
      identity: 'alice',
    });
    const stream = [...args, '--access-token', '--event-stream'];
    expect((await runCommand(stream, { env: KEY_ENV })).stderr).toBe(
      'twilio-capability mint: An Access Token has no counterpart for: event-stream scope. twilio-capability migrate lists each one. Use --drop-unmappable to sign without them.\n',
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
    expect(verified.stdout).toContain('\n  TWILIO_ACCOUNT_SID is  AC1 (--dotenv file)\n');
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\n');
    expect(await runCommand([...args, '--dotenv', file], { env: ENV })).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'twilio-capability mint: TWILIO_AUTH_TOKEN is not set. Set it in the environment, or in a file given with --dotenv.\n',
    });
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\nTWILIO_API_KEY=SK1\n');
    const ofKey = await runCommand([...args, '--access-token', '--dotenv', file], { env: ENV });
    expect(ofKey.stderr).toContain('TWILIO_API_SECRET is not set.');
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
    [['--incoming', 'a', '--ttl', '10m'], '--ttl takes a whole number of seconds.'],
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
    [['--incoming', 'a b'], 'The client name contains characters other than letters, digits and underscores. Use --encode-name for other text, or use --allow-any-name to send it unchanged.'],
    [['--outgoing', 'PN1'], 'The application SID of --outgoing must be "AP" followed by 1 to 32 letters or digits. Find it in the Twilio console under TwiML Apps.'],
    [['--incoming', 'a', '--incoming', 'a'], 'The same scope was passed twice.'],
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
      'twilio-capability mint: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are swapped.\n',
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
      ...['mint', 'inspect', 'verify', 'migrate', 'fixtures'].flatMap((name) => [
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
    expect(await shown({})).toContain('\u001b[31m✗ EXPIRED 10 minutes ago\u001b[39m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { FORCE_COLOR: '0' }]) {
      expect(await shown(env)).not.toContain('\u001b');
    }
    for (const env of [{ NO_COLOR: '' }, { NO_COLOR: '1', FORCE_COLOR: '1' }]) {
      expect(await shown(env)).toContain('\u001b');
    }
  });

  test.each([30, 40, 80, 120])('is wrapped between words at %d columns', async (columns) => {
    const setup = { env: { ...ENV, NO_COLOR: '1' }, columns };
    for (const args of [
      ['verify', otherAccount],
      ['inspect', fixtures.withParams.token],
      ['verify', 'x', 'y'],
    ]) {
      const { stdout, stderr } = await runCommand(args, setup);
      const longest = (stdout + stderr).split('\n').map((line) => Array.from(line).length);
      expect(Math.max(...longest)).toBeLessThanOrEqual(columns);
      if (columns >= 40)
        expect((stdout + stderr).match(/AC\w{4,}/)?.[0] ?? 'none').toMatch(
          /^(AC2222|ACdeadbeefdeadbeefdeadbeefdeadbeef|none)$/,
        );
    }
  });
});
