import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { errors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import {
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
} from '../../../src';
import {
  createFixtures,
  fixedClock,
  testApiKey,
  testApplicationSid,
  testCredentials,
  testNow,
  type Fixture,
  type FixtureOptions,
  type Fixtures,
} from '../../../src/testing';
import { refusal } from '../../helpers/fixed';

const SECONDS = testNow / 1000;
const params = { user_id: 42, name: 'Alice Smith', team: 'R&D café' };

const OUTCOMES = {
  valid: 'valid',
  incomingOnly: 'valid',
  outgoingOnly: 'valid',
  withParams: 'valid',
  eventStream: 'valid',
  noScopes: 'valid',
  expired: 'ERR_TOKEN_EXPIRED',
  expiresThisSecond: 'ERR_TOKEN_EXPIRED',
  notYetValid: 'ERR_TOKEN_NOT_YET_VALID',
  lifetimeTooLong: 'ERR_TOKEN_LIFETIME',
  tampered: 'ERR_TOKEN_SIGNATURE',
  truncated: 'ERR_TOKEN_MALFORMED',
  wrongSecret: 'ERR_TOKEN_SIGNATURE',
  wrongAccount: 'ERR_TOKEN_ISSUER',
  unsigned: 'ERR_TOKEN_ALGORITHM',
  wrongAlgorithm: 'ERR_TOKEN_ALGORITHM',
  missingExpiry: 'ERR_TOKEN_CLAIMS',
  accessToken: 'ERR_TOKEN_HEADER',
  notAJwt: 'ERR_TOKEN_MALFORMED',
} as const;

const fixtures = createFixtures();
const all = Object.values<Fixture>(fixtures);

function outcomes(some: Fixtures, verifier: CapabilityVerifier): Record<string, string> {
  return Object.fromEntries(
    Object.values<Fixture>(some).map(({ name, token }) => {
      try {
        verifier.verify(token);
        return [name, 'valid'];
      } catch (error) {
        return [name, (error as { code: string }).code];
      }
    }),
  );
}

afterEach(() => {
  configure({});
});

describe('createFixtures', () => {
  test('returns every fixture by name, in a fixed order', () => {
    expect(Object.keys(fixtures)).toEqual(Object.keys(OUTCOMES));
    expect(all.map(({ name }) => name)).toEqual(Object.keys(OUTCOMES));
    expect(Object.fromEntries(all.map(({ name, outcome }) => [name, outcome]))).toEqual(OUTCOMES);
  });

  test('describes each fixture in one sentence', () => {
    expect(new Set(all.map(({ description }) => description)).size).toBe(all.length);
    for (const { description } of all) expect(description).toMatch(/^[A-Z][ -~]*\.$/);
  });

  test('returns tokens with the outcome of the verifier', () => {
    const verifier = new CapabilityVerifier({ ...testCredentials, now: fixedClock(testNow) });
    expect(outcomes(fixtures, verifier)).toEqual(OUTCOMES);
  });

  test('keeps wrong times wrong with the largest clock tolerance', () => {
    const verifier = new CapabilityVerifier({ ...testCredentials, clockTolerance: 300, now: fixedClock() });
    expect(outcomes(fixtures, verifier)).toEqual({ ...OUTCOMES, expiresThisSecond: 'valid' });
  });

  test('always returns these bytes', () => {
    expect(fixtures.valid.token).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzY29wZSI6InNjb3BlOmNsaWVudDppbmNvbWluZz9jbGllbnROYW1lPWFsaWNlIHNjb3BlOmNsaWVudDpvdXRnb2luZz9hcHBTaWQ9QVBkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZiZjbGllbnROYW1lPWFsaWNlIiwiaXNzIjoiQUNkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZiIsImV4cCI6MTc2NzIyOTIwMH0.PldDvs04cZHXpwWbrs3Hn8lKDrTza2cK5qfJilJfuNg',
    );
    const tokens = all.map(({ name, token }) => [name, token]);
    expect(createHash('sha256').update(JSON.stringify(tokens)).digest('hex')).toBe(
      'dc151ac7497ee45f2d886b1dc90dde0aff521d245a6ddde502f84ad163b46414',
    );
  });

  test('uses neither configure nor the environment nor the real clock', () => {
    configure({ accountSid: 'AC1', authToken: 'configured', ttl: 60, now: () => 0 });
    expect(createFixtures()).toEqual(fixtures);
    expect(createFixtures({})).toEqual(fixtures);
    const unset = { credentials: undefined, now: undefined, scopes: undefined, ttl: undefined };
    expect(createFixtures(unset)).toEqual(fixtures);
    const credentials = { accountSid: undefined, authToken: undefined };
    expect(createFixtures({ credentials })).toEqual(fixtures);
  });

  test('returns the claims of each readable token', () => {
    expect(fixtures.valid.claims).toEqual({
      scope:
        'scope:client:incoming?clientName=alice ' +
        'scope:client:outgoing?appSid=APdeadbeefdeadbeefdeadbeefdeadbeef&clientName=alice',
      iss: 'ACdeadbeefdeadbeefdeadbeefdeadbeef',
      exp: SECONDS + 3600,
    });
    expect(all.filter(({ claims }) => claims === null).map(({ name }) => name)).toEqual([
      'truncated',
      'notAJwt',
    ]);
    const { scope, iss } = fixtures.valid.claims as Record<string, unknown>;
    const end = { scope, iss, exp: SECONDS + 3600 };
    const other = 'ACfacefeedfacefeedfacefeedfacefeed';
    for (const [name, claims] of Object.entries({
      expired: { scope, iss, exp: SECONDS - 600 },
      expiresThisSecond: { scope, iss, exp: SECONDS },
      notYetValid: { ...end, nbf: SECONDS + 600 },
      lifetimeTooLong: { scope, iss, exp: SECONDS + 90_000 },
      tampered: { scope, iss, exp: SECONDS + 3660 },
      wrongAccount: { ...end, iss: other },
      wrongSecret: end,
      unsigned: end,
      wrongAlgorithm: end,
      missingExpiry: { scope, iss },
    })) {
      expect([name, fixtures[name as keyof Fixtures].claims]).toEqual([name, claims]);
    }
    expect(fixtures.accessToken.claims).toEqual({
      jti: 'SKdeadbeefdeadbeefdeadbeefdeadbeef-fixture',
      grants: {
        identity: 'alice',
        voice: { incoming: { allow: true }, outgoing: { application_sid: testApplicationSid } },
      },
      iat: SECONDS,
      exp: SECONDS + 3600,
      iss: testApiKey.apiKeySid,
      sub: testApiKey.accountSid,
    });
  });

  test.each([
    ['incomingOnly', [new IncomingScope('alice')]],
    ['outgoingOnly', [new OutgoingScope(testApplicationSid)]],
    ['withParams', [new OutgoingScope(testApplicationSid, { clientName: 'alice', params })]],
    ['eventStream', [new EventStreamScope({ CallStatus: 'completed' })]],
    ['noScopes', []],
  ] as const)('%s has the scopes of its name', (name, scopes) => {
    expect(fixtures[name].claims?.['scope']).toBe(scopes.join(' '));
  });

  test('returns frozen objects', () => {
    expect(Object.isFrozen(fixtures)).toBe(true);
    expect(Object.isFrozen(fixtures.valid)).toBe(true);
    expect(Object.isFrozen((fixtures.accessToken.claims as { grants: { voice: object } }).grants.voice)).toBe(
      true,
    );
  });
});

describe('createFixtures with options', () => {
  const credentials = {
    accountSid: 'AC123123',
    authToken: 'secret',
    apiKeySid: 'SK456',
    apiKeySecret: 'key-secret',
  };

  test('accepts any account, time, scopes and ttl', () => {
    const now = fixedClock('2030-06-01T12:00:00.750Z');
    const scopes = [new IncomingScope('bob'), new EventStreamScope()];
    const some = createFixtures({ credentials, now, scopes, ttl: 60 });
    const verifier = new CapabilityVerifier({ accountSid: 'AC123123', authToken: 'secret', now });
    expect(outcomes(some, verifier)).toEqual(OUTCOMES);
    expect(verifier.verify(some.valid.token)).toMatchObject({
      clientNames: ['bob'],
      expiresAt: new Date('2030-06-01T12:01:00Z'),
    });
    const { accountSid, apiKeySid, apiKeySecret } = credentials;
    const accessToken = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret, now });
    expect(accessToken.verify(some.accessToken.token)).toMatchObject({ identity: 'bob', apiKeySid: 'SK456' });
    expect(new Set(Object.values<Fixture>(some).map(({ token }) => token)).size).toBe(19);
  });

  test.each([
    ['milliseconds', 1_906_545_600_000],
    ['ISO text', '2030-06-01T12:00:00Z'],
    ['a Date', new Date('2030-06-01T12:00:00Z')],
    ['a clock', () => 1_906_545_600_000],
  ])('accepts the time as %s', (_, now) => {
    expect(createFixtures({ now }).valid.claims?.['exp']).toBe(1_906_549_200);
  });

  test('names another account, whichever account is passed', () => {
    const accountSid = fixtures.wrongAccount.claims?.['iss'] as string;
    const other = createFixtures({ credentials: { accountSid, authToken: 'secret' } });
    expect(other.valid.claims?.['iss']).toBe(accountSid);
    expect(other.wrongAccount.claims?.['iss']).toBe(testCredentials.accountSid);
  });

  test('accepts a single scope, and a ttl of a day', () => {
    const some = createFixtures({ scopes: new OutgoingScope('AP1'), ttl: 86_400 });
    const verifier = new CapabilityVerifier({ ...testCredentials, now: fixedClock() });
    expect(outcomes(some, verifier)).toEqual(OUTCOMES);
    expect(some.accessToken.claims?.['grants']).toEqual({
      identity: 'alice',
      voice: { outgoing: { application_sid: 'AP1' } },
    });
  });

  const badAccount = { accountSid: 'XX', authToken: 'x' };
  const tooMany = Array.from({ length: 300 }, (_, i) => new IncomingScope(`n${i}`));
  test.each<[string, unknown, string]>([
    ['an unknown option', { credential: {} }, 'ConfigError ERR_OPTIONS_INVALID credential'],
    ['options that are not an object', 'AC1', 'ConfigError ERR_OPTIONS_INVALID options'],
    ['an unknown credential', { credentials: { sid: 'AC1' } }, 'ConfigError ERR_OPTIONS_INVALID sid'],
    ['half a pair', { credentials: { accountSid: 'AC1' } }, 'ConfigError ERR_CONFIG_MISSING authToken'],
    ['the other half', { credentials: { apiKeySecret: 'x' } }, 'ConfigError ERR_CONFIG_MISSING apiKeySid'],
    ['an invalid SID', { credentials: badAccount }, 'ConfigError ERR_CONFIG_INVALID accountSid'],
    ['a time without a time zone', { now: '2026-01-01T00:00' }, 'ConfigError ERR_CONFIG_INVALID now'],
    ['a clock that does not return a time', { now: () => Number.NaN }, 'ConfigError ERR_CONFIG_INVALID now'],
    ['a ttl of zero', { ttl: 0 }, 'ConfigError ERR_TTL_INVALID ttl'],
    ['no scopes', { scopes: [] }, 'ScopeError ERR_NO_SCOPES scopes'],
    ['text for scopes', { scopes: 'alice' }, 'ScopeError ERR_SCOPE_INVALID scopes'],
    ['more scopes than fit', { scopes: tooMany }, 'TokenError ERR_TOKEN_TOO_LARGE token'],
  ])('rejects %s', (_, options, expected) => {
    expect(refusal(() => createFixtures(options as FixtureOptions))).toBe(expected);
  });

  test('rejects scopes that make only the longest fixture too large', () => {
    const names = Array.from({ length: 43 }, (_, i) => new IncomingScope(`${'n'.repeat(100)}${i}`));
    const scopes = Array.from({ length: 121 }, (_, i) => [...names, new IncomingScope('x'.repeat(i + 1))]);
    const signer = new CapabilitySigner({ ...testCredentials, now: fixedClock() });
    const lengthOf = (list: IncomingScope[]): number => signer.sign(list).length;
    // An nbf adds 23 characters to a token, and the signature of HS512 adds 43.
    const first = scopes.findIndex((list) => lengthOf(list) > 8192 - 43);
    const [fitting, tooLong] = scopes.slice(first - 1) as [IncomingScope[], IncomingScope[]];
    expect(lengthOf(tooLong)).toBeLessThanOrEqual(8192 - 23);
    expect(createFixtures({ scopes: fitting }).wrongAlgorithm.token.length).toBeLessThanOrEqual(8192);
    expect(refusal(() => createFixtures({ scopes: tooLong }))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
  });
});

test.each(all)('$name in jsonwebtoken and jose', async ({ name, token, outcome }) => {
  const { authToken, accountSid: issuer } = testCredentials;
  const byJsonwebtoken = () =>
    jwt.verify(token, authToken, { algorithms: ['HS256'], issuer, clockTimestamp: SECONDS });
  // Neither limits the lifetime, and only jose can require an exp.
  const isValid = outcome === 'valid' || name === 'lifetimeTooLong';
  if (isValid || name === 'missingExpiry') expect(byJsonwebtoken).not.toThrow();
  else expect(byJsonwebtoken).toThrow(jwt.JsonWebTokenError);

  const options = { algorithms: ['HS256'], issuer, currentDate: new Date(testNow), requiredClaims: ['exp'] };
  const byJose = jwtVerify(token, Buffer.from(authToken), options);
  if (isValid) await expect(byJose).resolves.toMatchObject({ payload: { iss: issuer } });
  else await expect(byJose).rejects.toBeInstanceOf(errors.JOSEError);
});
