import { afterEach, describe, expect, jest, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import twilio from 'twilio';
import {
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  IncomingScope,
  OutgoingScope,
  parseScopes,
} from '../../src';
import {
  accountSid,
  applicationSid,
  authToken,
  config,
  LONE_SURROGATE,
  NOW,
  now,
  refusal,
} from '../helpers/fixed';
import { encode, forge } from '../helpers/forge';

/*
 * Silent failures of other libraries that create or verify these tokens. If twilio 6.2.0 has the fault, the
 * test shows it too.
 */
const { ClientCapability } = twilio.jwt;
const { IncomingClientScope, OutgoingClientScope } = ClientCapability;
type TwilioScope = Parameters<InstanceType<typeof ClientCapability>['addScope']>[0];

const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const alice = new IncomingScope('alice');
const CLAIMS = { scope: String(alice), iss: accountSid, exp: NOW + 60 };

type Claims = Readonly<Record<'scope' | 'iss' | 'exp' | 'iat', unknown>>;
const decode = (token: string): Claims => jsonwebtoken.decode(token) as unknown as Claims;
const scopeOf = (token: string) => decode(token).scope as string;

/** Creates the same token with twilio 6.2.0. */
function official(scope: TwilioScope, options: object = {}): string {
  jest.useFakeTimers({ now: now() });
  const capability = new ClientCapability({ accountSid, authToken, ...options });
  capability.addScope(scope);
  return capability.toJwt();
}
const officialAlice = (options: object) => official(new IncomingClientScope('alice'), options);

const environment = { ...process.env };
afterEach(() => {
  jest.useRealTimers();
  configure({});
  process.env = { ...environment };
});

describe('an invalid ttl', () => {
  test('of 0 does not become an hour', () => {
    expect(decode(officialAlice({ ttl: 0 })).exp).toBe(NOW + 3600);
    expect(refusal(() => signer.sign(alice, { ttl: 0 }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('of NaN does not become an hour', () => {
    expect(decode(officialAlice({ ttl: NaN })).exp).toBe(NOW + 3600);
    expect(refusal(() => signer.sign(alice, { ttl: NaN }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('with a fraction is rejected, and does not become a fractional exp', () => {
    expect(decode(officialAlice({ ttl: 0.5 })).exp).toBe(NOW + 0.5);
    expect(refusal(() => signer.sign(alice, { ttl: 0.5 }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('of a day and a second is rejected, as Twilio would', () => {
    expect(decode(officialAlice({ ttl: 86_401 })).exp).toBe(NOW + 86_401);
    expect(refusal(() => signer.sign(alice, { ttl: 86_401 }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });
});

describe('credentials', () => {
  test('that are swapped do not publish the secret in the token', () => {
    const swapped = { accountSid: authToken, authToken: accountSid };
    expect(decode(officialAlice(swapped)).iss).toBe(authToken);
    expect(refusal(() => new CapabilitySigner(swapped))).toBe('ConfigError ERR_CONFIG_INVALID accountSid');
  });

  test("with an explicit SID are not completed by another account's secret from the environment", () => {
    process.env['TWILIO_ACCOUNT_SID'] = 'AC2';
    process.env['TWILIO_AUTH_TOKEN'] = 'secret-of-AC2';
    expect(refusal(() => new CapabilitySigner({ accountSid }))).toBe(
      'ConfigError ERR_CONFIG_MISSING authToken',
    );
  });
});

describe('params', () => {
  test('with null are rejected by name, and neither crash nor vanish', () => {
    expect(() => new OutgoingClientScope({ applicationSid, params: null } as never).payload()).toThrow(
      TypeError,
    );
    expect(refusal(() => new OutgoingScope(applicationSid, { params: null as never }))).toBe(
      'ScopeError ERR_SCOPE_INVALID params',
    );
  });

  test('with undefined or nested values are rejected, not converted to text', () => {
    const payload = (params: object) => new OutgoingClientScope({ applicationSid, params }).payload();
    expect(payload({ user: undefined })).toMatch(/appParams=user%3Dundefined$/);
    expect(payload({ user: { id: 42 } })).toMatch(/appParams=user%3D%255Bobject%2520Object%255D$/);
    for (const user of [undefined, { id: 42 }]) {
      expect(refusal(() => new OutgoingScope(applicationSid, { params: { user } as never }))).toBe(
        'ScopeError ERR_SCOPE_INVALID params',
      );
    }
  });

  test('with & and = in a value survive', () => {
    const params = { q: 'a&b=c', 'd=e&f': '+ %26' };
    const token = signer.sign(new OutgoingScope(applicationSid, { params }));
    expect(verifier.verify(token).outgoing?.params).toEqual(params);
  });
});

describe('a client name', () => {
  const injection = 'alice scope:client:outgoing?appSid=AP666';

  test('cannot inject a second scope', () => {
    expect(refusal(() => new IncomingScope(injection))).toBe('ScopeError ERR_SCOPE_INVALID clientName');
    const token = signer.sign(new IncomingScope(injection, { allowAnyName: true }));
    expect(verifier.verify(token)).toMatchObject({ clientNames: [injection], scopes: { length: 1 } });
    // As twilio-java and twilio-csharp write the name, Twilio and this library read two scopes.
    expect(parseScopes(`scope:client:incoming?clientName=${injection}`)).toHaveLength(2);
  });

  test('with a lone surrogate is rejected, not replaced', () => {
    const name = `${LONE_SURROGATE}(alice)`;
    const written = new IncomingClientScope(name).payload();
    expect(decodeURIComponent(written.slice(written.indexOf('=') + 1))).not.toContain('(alice)');
    for (const allowAnyName of [false, true]) {
      expect(refusal(() => new IncomingScope(name, { allowAnyName }))).toBe(
        'ScopeError ERR_SCOPE_INVALID clientName',
      );
    }
  });

  test('of one request does not leak into the token of the next', () => {
    jest.useFakeTimers({ now: now() });
    const shared = new ClientCapability({ accountSid, authToken });
    shared.addScope(new IncomingClientScope('alice'));
    shared.toJwt();
    shared.addScope(new IncomingClientScope('bob'));
    expect(scopeOf(shared.toJwt())).toBe(
      'scope:client:incoming?clientName=alice scope:client:incoming?clientName=bob',
    );

    const capability = new Capability(config).allowClientIncoming('alice');
    capability.generate();
    expect(refusal(() => capability.allowClientIncoming('bob'))).toBe('ScopeError ERR_CAPABILITY_SEALED');
  });
});

describe('a token', () => {
  const refused = (token: string): string => refusal(() => verifier.verify(token));
  const [header = '', payload = '', signature = ''] = forge(CLAIMS).split('.');

  test('has no iat, which a clock that is one second slow would reject', () => {
    expect(decode(officialAlice({})).iat).toBe(NOW);
    expect(decode(signer.sign(alice))).toEqual({ scope: String(alice), iss: accountSid, exp: NOW + 3600 });
  });

  test('is expired exactly at its exp', () => {
    expect(verifier.verify(forge({ ...CLAIMS, exp: NOW + 1 })).accountSid).toBe(accountSid);
    expect(refused(forge({ ...CLAIMS, exp: NOW }))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });

  test('without an exp is rejected', () => {
    const token = forge({ scope: String(alice), iss: accountSid });
    expect(jsonwebtoken.verify(token, authToken)).toHaveProperty('iss', accountSid);
    expect(refused(token)).toBe('TokenError ERR_TOKEN_CLAIMS exp');
  });

  test.each(['none', 'None', 'NONE', 'nOnE'])('with alg %s is rejected, signed or not', (alg) => {
    expect(refused(`${encode({ alg, typ: 'JWT' })}.${payload}.`)).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
    expect(refused(forge(CLAIMS, { alg, typ: 'JWT' }))).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
  });

  test('with HS512 and the right secret is rejected: Twilio accepts only HS256', () => {
    const token = forge(CLAIMS, { alg: 'HS512', typ: 'JWT' }, { alg: 'HS512' });
    expect(jsonwebtoken.verify(token, authToken, { ignoreExpiration: true })).toEqual(CLAIMS);
    expect(refused(token)).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
  });

  test('with an unknown crit is rejected, even if its signature is valid', () => {
    const token = forge(CLAIMS, { alg: 'HS256', typ: 'JWT', crit: ['exp'] });
    expect(jsonwebtoken.verify(token, authToken, { ignoreExpiration: true })).toEqual(CLAIMS);
    expect(refused(token)).toBe('TokenError ERR_TOKEN_HEADER crit');
  });

  test('has only one spelling: unused bits in the signature are rejected', () => {
    // 32 bytes take 43 characters. The last character has two unused bits.
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = ALPHABET[ALPHABET.indexOf(signature.slice(-1)) + 1]!;
    const other = signature.slice(0, -1) + last;
    expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(refused(`${header}.${payload}.${other}`)).toBe('TokenError ERR_TOKEN_MALFORMED token');
    expect(refused(`${header}.${payload}.${signature}=`)).toBe('TokenError ERR_TOKEN_MALFORMED token');
  });
});
