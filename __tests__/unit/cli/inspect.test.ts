import { Readable } from 'node:stream';
import { describe, expect, jest, test } from '@jest/globals';
import { CapabilitySigner, IncomingScope } from '../../../src';
import { createFixtures, testCredentials, testNow } from '../../../src/testing';
import { AT, jsonOf, runCommand } from './run-command';
import * as tokens from './tokens';

const { AC, AP, AUTH_TOKEN, ENV, KEY_SECRET, SK, accessToken, capabilityToken, now, scopeToken } = tokens;
const { valid, expiresThisSecond } = createFixtures();

describe('inspect and verify', () => {
  test('show everything that an Access Token can have', async () => {
    const voice = { incoming: { allow: true }, push_credential_sid: 'CR1' };
    const grants = { identity: 'alice', voice, chat: {}, 'video\u001b': {} };
    const token = accessToken({ iss: 'SK1', nbf: now, grants }, { twr: 'au1' });
    const env = { ...ENV, TWILIO_API_KEY_SID: 'SK1' };
    expect((await runCommand(['verify', token, ...AT], { env })).stdout).toBe(`\
✓ VALID Access Token, expires in 1 hour

  issued      2026-01-01 00:00:00 UTC
  valid from  2026-01-01 00:00:00 UTC
  expires     2026-01-01 01:00:00 UTC
  now         2026-01-01 00:00:00 UTC (--now)

  account       ${AC}
  your account  ${AC}
  API key       SK1
  your API key  SK1
  checked with  TWILIO_API_KEY_SECRET
                (environment)

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
    expect((await runCommand(['inspect', scopeToken(scope), ...AT])).stdout).toContain(`
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
    expect(await jsonOf(['inspect', scopeToken(scope), ...AT])).toMatchObject({
      accessToken: {
        identity: 'alice',
        voice: { incoming: { allow: true }, outgoing: { application_sid: AP, params: { user_id: '42' } } },
        dropped: [{ part: 'scope' }, { part: 'scope' }, { part: 'clientName' }, { part: 'scope' }],
      },
    });
    const nobody = await runCommand(['inspect', scopeToken(`scope:client:outgoing?appSid=${AP}`), ...AT]);
    expect(nobody.stdout).toContain('\n  as Access Token  no identity: pass one when you sign\n');
  });

  test('keep the names of members if a secret is one of them', async () => {
    const env = { ...ENV, TWILIO_AUTH_TOKEN: 'clientName' };
    expect(await jsonOf(['inspect', tokens.nameToken('xclientName'), ...AT], env)).toMatchObject({
      token: { scopes: [{ clientName: 'x[hidden]' }] },
      numbers: [],
    });
  });

  test('show header and claims of a refused token as JSON', async () => {
    const refused = await jsonOf(['verify', accessToken({ grants: {} }), ...AT], ENV);
    expect(refused).toEqual({
      valid: false,
      verdict: 'NOT VALID: it has no voice grant',
      code: 'ERR_TOKEN_CLAIMS',
      field: 'grants.identity',
      numbers: [{ gateway: 31204, twilioClient: 31204, voiceSdk: 20101, voiceSdkPrecise: 20101 }],
      advice: ['Add one: token.addGrant(new VoiceGrant({ outgoingApplicationSid, incomingAllow: true })).'],
      notes: [],
      token: expect.objectContaining({ kind: 'access-token', accountSid: AC, scopes: [] }),
      header: { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' },
      claims: { jti: `${SK}-1`, grants: {}, iat: now, exp: now + 3600, iss: SK, sub: AC },
      accessToken: null,
    });
    // One shape for every input.
    const text = await jsonOf(['inspect', 'hello']);
    expect(Object.keys(text)).toEqual(Object.keys(refused));
    expect(text).toMatchObject({ valid: false, token: null, header: null, claims: null, accessToken: null });
  });

  const hex = 'f'.repeat(32);
  test.each([
    accessToken({ iss: AUTH_TOKEN, jti: `${AUTH_TOKEN}-1`, sub: KEY_SECRET }, {}, AUTH_TOKEN),
    accessToken({ iss: hex, jti: `${hex}-1` }),
    capabilityToken({ iss: hex, [AUTH_TOKEN]: [{ [KEY_SECRET]: hex }] }),
    scopeToken(`scope:client:outgoing?appSid=${hex}&clientName=${KEY_SECRET}`),
    scopeToken(`scope:client:incoming?clientName=${AUTH_TOKEN}`),
    JSON.stringify({ [AUTH_TOKEN]: 1 }),
    AUTH_TOKEN,
  ])('never print a secret of %s', async (input) => {
    for (const args of [['inspect'], ['inspect', '--json'], ['verify'], ['verify', '--json']]) {
      const { stdout, stderr } = await runCommand([...args, '-', ...AT], { env: ENV, input });
      for (const secret of [AUTH_TOKEN, KEY_SECRET, hex]) expect(stdout + stderr).not.toContain(secret);
      expect(stdout).not.toBe('');
    }
  });

  test('accept a clock skew', async () => {
    const args = ['verify', expiresThisSecond.token, ...AT];
    const skewed = [...args, '--clock-tolerance', '1'];
    expect(await jsonOf(skewed, ENV)).toMatchObject({
      valid: true,
      verdict: 'VALID capability token, expired this very second, within the clock tolerance',
    });
    expect(await jsonOf(skewed)).toMatchObject({ valid: null });
    expect(await jsonOf(args, ENV)).toMatchObject({ valid: false, code: 'ERR_TOKEN_EXPIRED' });
    const invalid = await runCommand([...args, '--clock-tolerance', '301'], { env: ENV });
    expect([invalid.status, invalid.stderr]).toEqual([2, expect.stringContaining('--clock-tolerance takes')]);
  });

  test('read the clock after the token', async () => {
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

  test('keep deep JSON small', async () => {
    const lists = JSON.parse('['.repeat(2950) + ']'.repeat(2950)) as unknown;
    const input = capabilityToken({ lists });
    const { stdout } = await runCommand(['inspect', '-', '--json', ...AT], { input });
    expect(stdout.length).toBeLessThan(9000);
    expect(JSON.parse(stdout)).toMatchObject({ claims: { iss: AC } });
  });
});

describe('the input', () => {
  test('can be the UTF-16 that Windows PowerShell writes', async () => {
    const input = Buffer.from(`\ufeff${valid.token}\r\n`, 'utf16le');
    expect((await runCommand(['verify', ...AT], { env: ENV, input })).status).toBe(0);
  });

  test('is asked for on a terminal, and cut if it has no end', async () => {
    const { stderr } = await runCommand(['verify', '-'], { env: ENV, input: null });
    expect(stderr).toMatch(/^Paste the token, /);
    const input = (function* (): Generator<Buffer> {
      for (;;) yield Buffer.alloc(1_000_000, 'x');
    })();
    const endless = await runCommand(['verify', '-', '--json'], { env: ENV, input: Readable.from(input) });
    expect(endless.stderr).toBe('Only the first 16 MB of the input were read.\n');
    expect(JSON.parse(endless.stdout)).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE' });
  });

  const empty = 'The input is empty. Check that the command before it printed a token.';
  test.each<[string, string[], string | null, string]>([
    ['two tokens', ['a', 'b'], '', 'More than one token. Pass one at a time.'],
    ['no token on a terminal', [], null, 'No token. Pass it as the argument, or pipe it in.'],
    ['nothing', ['-'], '', empty],
    ['a line break', ['-'], ' \n', empty],
    ['characters without a width', ['-'], '\ufeff\u200b', empty],
  ])('is rejected: %s', async (_, args, input, message) => {
    const stderr = `twilio-capability verify: ${message}\n`;
    expect(await runCommand(['verify', ...args], { env: ENV, input })).toEqual({
      status: 2,
      stdout: '',
      stderr,
    });
  });

  test('is one object of the usual shape as JSON if it is empty', async () => {
    const { status, stdout, stderr } = await runCommand(['verify', '-', '--json'], { env: ENV, input: '\n' });
    expect([status, stderr]).toEqual([2, '']);
    const result = JSON.parse(stdout) as object;
    expect(result).toMatchObject({
      valid: null,
      verdict: 'NOT CHECKED: no input',
      code: null,
      advice: [empty],
    });
    expect(Object.keys(result)).toEqual(Object.keys(await jsonOf(['inspect', valid.token])));
  });
});
