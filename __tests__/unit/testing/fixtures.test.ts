import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { errors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
} from '../../../src';
import {
  createAccessTokenFixtures,
  createFixtures,
  fixedClock,
  testApiKey,
  testApplicationSid,
  testCredentials,
  testNow,
  type AccessTokenFixtures,
  type Fixture,
  type FixtureOptions,
  type Fixtures,
} from '../../../src/testing';
import { refusal, withPolluted } from '../../helpers/fixed';

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

const ACCESS_TOKEN_OUTCOMES = {
  valid: 'valid',
  incomingOnly: 'valid',
  outgoingOnly: 'valid',
  withParams: 'valid',
  withPushCredential: 'valid',
  withRegion: 'valid',
  withOtherGrants: 'valid',
  expired: 'ERR_TOKEN_EXPIRED',
  expiresThisSecond: 'ERR_TOKEN_EXPIRED',
  notYetValid: 'ERR_TOKEN_NOT_YET_VALID',
  lifetimeTooLong: 'ERR_TOKEN_LIFETIME',
  tampered: 'ERR_TOKEN_SIGNATURE',
  truncated: 'ERR_TOKEN_MALFORMED',
  wrongSecret: 'ERR_TOKEN_SIGNATURE',
  wrongKey: 'ERR_TOKEN_SIGNATURE',
  wrongAccount: 'ERR_TOKEN_ISSUER',
  unsigned: 'ERR_TOKEN_ALGORITHM',
  wrongAlgorithm: 'ERR_TOKEN_ALGORITHM',
  missingExpiry: 'ERR_TOKEN_CLAIMS',
  missingIdentity: 'ERR_TOKEN_CLAIMS',
  missingVoiceGrant: 'ERR_TOKEN_CLAIMS',
  missingContentType: 'ERR_TOKEN_HEADER',
  signedWithAuthToken: 'ERR_TOKEN_SIGNATURE',
  capabilityToken: 'ERR_TOKEN_HEADER',
  notAJwt: 'ERR_TOKEN_MALFORMED',
} as const;

const fixtures = createFixtures();
const all = Object.values<Fixture>(fixtures);
const accessTokens = createAccessTokenFixtures();
const allAccessTokens = Object.values<Fixture>(accessTokens);

type Verifier = Pick<CapabilityVerifier | AccessTokenVerifier, 'verify'>;

function outcomes(some: Fixtures | AccessTokenFixtures, verifier: Verifier): Record<string, string> {
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

  test('signs as a CapabilitySigner does', () => {
    const { outgoing } = new CapabilityVerifier({ ...testCredentials, now: fixedClock() }).verify(
      fixtures.withParams.token,
    );
    const signer = new CapabilitySigner({ ...testCredentials, now: fixedClock() });
    expect(signer.sign(outgoing!)).toBe(fixtures.withParams.token);
  });

  test.each([
    ['capability tokens', all],
    ['Access Tokens', allAccessTokens],
  ])('describes each fixture for %s in plain sentences', (_, some) => {
    expect(new Set(some.map(({ description }) => description)).size).toBe(some.length);
    for (const { description } of some) expect(description).toMatch(/^[A-Z][ -~]*\.$/);
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

describe('createAccessTokenFixtures', () => {
  test('returns every fixture by name, in a fixed order', () => {
    expect(Object.keys(accessTokens)).toEqual(Object.keys(ACCESS_TOKEN_OUTCOMES));
    expect(allAccessTokens.map(({ name }) => name)).toEqual(Object.keys(ACCESS_TOKEN_OUTCOMES));
    expect(Object.fromEntries(allAccessTokens.map(({ name, outcome }) => [name, outcome]))).toEqual(
      ACCESS_TOKEN_OUTCOMES,
    );
  });

  test('returns tokens with the outcome of the verifier', () => {
    const verifier = new AccessTokenVerifier({ ...testApiKey, now: fixedClock() });
    expect(outcomes(accessTokens, verifier)).toEqual(ACCESS_TOKEN_OUTCOMES);
  });

  test('keeps wrong times wrong with the largest clock tolerance', () => {
    const verifier = new AccessTokenVerifier({ ...testApiKey, clockTolerance: 300, now: fixedClock() });
    expect(outcomes(accessTokens, verifier)).toEqual({
      ...ACCESS_TOKEN_OUTCOMES,
      expiresThisSecond: 'valid',
    });
  });

  test('always returns these bytes', () => {
    expect(createAccessTokenFixtures().valid.token).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImN0eSI6InR3aWxpby1mcGE7dj0xIn0.eyJqdGkiOiJTS2RlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZmRlYWRiZWVmLWZpeHR1cmUiLCJncmFudHMiOnsiaWRlbnRpdHkiOiJhbGljZSIsInZvaWNlIjp7ImluY29taW5nIjp7ImFsbG93Ijp0cnVlfSwib3V0Z29pbmciOnsiYXBwbGljYXRpb25fc2lkIjoiQVBkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZiJ9fX0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwLCJpc3MiOiJTS2RlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZmRlYWRiZWVmIiwic3ViIjoiQUNkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFkYmVlZiJ9.g11h_SE2bNr8jreJbheYLTukXq1NaMhVJqadqlJ5qfs',
    );
    const tokens = allAccessTokens.map(({ name, token }) => [name, token]);
    expect(createHash('sha256').update(JSON.stringify(tokens)).digest('hex')).toBe(
      '0885f0c9b74a412c7b1920064e0161f3c9839fbe29a36fcc7220eb4d8d245cc2',
    );
  });

  test('returns tokens that differ from those of an AccessTokenSigner only by the jti', () => {
    const params = { user_id: '42', name: 'Alice Smith', team: 'R&D café' };
    const outgoing = new OutgoingScope(testApplicationSid, { clientName: 'alice', params });
    const both = [new IncomingScope('alice'), new OutgoingScope(testApplicationSid, { clientName: 'alice' })];
    const pushCredentialSid = 'CRdeadbeefdeadbeefdeadbeefdeadbeef';
    const grants = {
      chat: { service_sid: 'ISdeadbeefdeadbeefdeadbeefdeadbeef' },
      video: { room: 'lobby' },
    };
    const signer = new AccessTokenSigner({ ...testApiKey, now: fixedClock() });
    const regional = new AccessTokenSigner({ ...testApiKey, region: 'ie1', now: fixedClock() });
    const jti = 'SKdeadbeefdeadbeefdeadbeefdeadbeef-fixture';
    for (const [name, token] of Object.entries({
      valid: signer.sign(both),
      incomingOnly: signer.sign(new IncomingScope('alice')),
      outgoingOnly: signer.sign(new OutgoingScope(testApplicationSid), { identity: 'alice' }),
      withParams: signer.sign(outgoing),
      withPushCredential: signer.sign(both, { pushCredentialSid }),
      withRegion: regional.sign(both),
      withOtherGrants: signer.sign(both, { grants }),
    })) {
      const fixture = accessTokens[name as keyof AccessTokenFixtures];
      const [header, payload] = token.split('.') as [string, string];
      expect([name, fixture.token.split('.')[0]]).toEqual([name, header]);
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      expect([name, JSON.stringify(fixture.claims)]).toEqual([name, JSON.stringify({ ...claims, jti })]);
    }
  });

  test('returns the claims of each readable token', () => {
    const { valid, ...others } = accessTokens;
    const claims = {
      jti: 'SKdeadbeefdeadbeefdeadbeefdeadbeef-fixture',
      grants: {
        identity: 'alice',
        voice: { incoming: { allow: true }, outgoing: { application_sid: testApplicationSid } },
      },
      iat: SECONDS,
      exp: SECONDS + 3600,
      iss: testApiKey.apiKeySid,
      sub: testApiKey.accountSid,
    };
    expect(valid.claims).toEqual(claims);
    const { identity, voice } = claims.grants;
    const wrongKey = 'SKfacefeedfacefeedfacefeedfacefeed';
    const { iss, sub } = claims;
    for (const [name, expected] of Object.entries({
      expired: { ...claims, iat: SECONDS - 4200, exp: SECONDS - 600 },
      expiresThisSecond: { ...claims, iat: SECONDS - 3600, exp: SECONDS },
      notYetValid: { ...claims, nbf: SECONDS + 600 },
      lifetimeTooLong: { ...claims, exp: SECONDS + 90_000 },
      tampered: { ...claims, exp: SECONDS + 3660 },
      wrongSecret: claims,
      wrongKey: { ...claims, jti: `${wrongKey}-fixture`, iss: wrongKey },
      wrongAccount: { ...claims, sub: 'ACfacefeedfacefeedfacefeedfacefeed' },
      unsigned: claims,
      wrongAlgorithm: claims,
      missingExpiry: { ...claims, exp: undefined },
      missingIdentity: { ...claims, grants: { voice } },
      missingVoiceGrant: { ...claims, grants: { identity } },
      missingContentType: claims,
      signedWithAuthToken: { ...claims, jti: `${sub}-fixture`, iss: sub },
      capabilityToken: fixtures.valid.claims,
      truncated: null,
      notAJwt: null,
    })) {
      expect([name, others[name as keyof typeof others].claims]).toEqual([name, expected]);
    }
    expect(iss).toBe('SKdeadbeefdeadbeefdeadbeefdeadbeef');
    expect(accessTokens.capabilityToken.token).toBe(fixtures.valid.token);
    expect(fixtures.accessToken.token).toBe(accessTokens.valid.token);
  });

  test('uses neither configure nor the environment nor the real clock', () => {
    configure({ accountSid: 'AC1', authToken: 'configured', ttl: 60, now: () => 0 });
    expect(createAccessTokenFixtures()).toEqual(accessTokens);
    expect(createAccessTokenFixtures({ credentials: {} })).toEqual(accessTokens);
    expect(createAccessTokenFixtures({ credentials: testApiKey })).toEqual(accessTokens);
  });

  test('names another key, whichever key is passed', () => {
    const apiKeySid = accessTokens.wrongKey.claims?.['iss'] as string;
    const other = createAccessTokenFixtures({ credentials: { apiKeySid, apiKeySecret: 'secret' } });
    expect(other.valid.claims?.['iss']).toBe(apiKeySid);
    expect(other.wrongKey.claims?.['iss']).toBe(testApiKey.apiKeySid);
  });

  test('accepts any credentials, time, scopes and ttl', () => {
    const now = fixedClock('2030-06-01T12:00:00.750Z');
    const apiKey = { apiKeySid: 'SK456', apiKeySecret: 'key-secret' };
    const credentials = { accountSid: 'AC123123', authToken: 'secret', ...apiKey };
    const scopes = [new IncomingScope('ann@x.com', { allowAnyName: true }), new OutgoingScope('AP1')];
    const some = createAccessTokenFixtures({ credentials, now, scopes, ttl: 60 });
    const verifier = new AccessTokenVerifier({ accountSid: 'AC123123', ...apiKey, now });
    expect(outcomes(some, verifier)).toEqual(ACCESS_TOKEN_OUTCOMES);
    const { identity, outgoing, expiresAt } = verifier.verify(some.valid.token);
    expect(identity).toBe('ann@x.com');
    expect(outgoing?.applicationSid).toBe('AP1');
    expect(expiresAt).toEqual(new Date('2030-06-01T12:01:00Z'));
  });

  test.each<[string, unknown, string]>([
    ['an unknown option', { region: 'ie1' }, 'ConfigError ERR_OPTIONS_INVALID region'],
    ['half a pair', { credentials: { apiKeySid: 'SK1' } }, 'ConfigError ERR_CONFIG_MISSING apiKeySecret'],
    ['an auth token alone', { credentials: { authToken: 'x' } }, 'ConfigError ERR_CONFIG_MISSING accountSid'],
    ['an event stream', { scopes: new EventStreamScope() }, 'ScopeError ERR_NOT_MAPPABLE scopes'],
    [
      'two names',
      { scopes: [new IncomingScope('alice'), new IncomingScope('bob')] },
      'ScopeError ERR_NOT_MAPPABLE scopes',
    ],
  ])('rejects %s', (_, options, expected) => {
    expect(refusal(() => createAccessTokenFixtures(options as FixtureOptions))).toBe(expected);
  });
});

test('a polluted Object.prototype changes no fixture', () => {
  const polluted = {
    region: 'au1',
    grants: { chat: {} },
    pushCredentialSid: 'CR1',
    identity: 'mallory',
    authToken: 'polluted',
    apiKeySecret: 'polluted',
    scopes: [],
    ttl: 60,
    now: 0,
  };
  const [capabilityTokens, withGrants] = withPolluted(polluted, () => [
    createFixtures({}),
    createAccessTokenFixtures({ credentials: {} }),
  ]);
  expect(capabilityTokens).toEqual(fixtures);
  expect(withGrants).toEqual(accessTokens);
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

describe('jsonwebtoken and jose', () => {
  const { authToken, accountSid } = testCredentials;
  const { apiKeySid, apiKeySecret } = testApiKey;
  // Neither limits the lifetime or reads Twilio's claims. Only jose can require an exp.
  const accepted = (some: readonly Fixture[], ...more: readonly string[]) =>
    some.map((fixture) => {
      const isAccepted = fixture.outcome === 'valid' || more.includes(fixture.name);
      return { ...fixture, isAccepted };
    });
  const voiceOnly = ['wrongAccount', 'missingIdentity', 'missingVoiceGrant', 'missingContentType'];

  test.each([
    ...accepted(all, 'lifetimeTooLong').map((row) => ({ ...row, issuer: accountSid, secret: authToken })),
    ...accepted(allAccessTokens, 'lifetimeTooLong', ...voiceOnly).map((row) => ({
      ...row,
      issuer: apiKeySid,
      secret: apiKeySecret,
    })),
  ])('agree on $name of $issuer', async ({ name, token, isAccepted, issuer, secret }) => {
    const byJsonwebtoken = () =>
      jwt.verify(token, secret, { algorithms: ['HS256'], issuer, clockTimestamp: SECONDS });
    if (isAccepted || name === 'missingExpiry') expect(byJsonwebtoken).not.toThrow();
    else expect(byJsonwebtoken).toThrow(jwt.JsonWebTokenError);

    const options = {
      algorithms: ['HS256'],
      issuer,
      currentDate: new Date(testNow),
      requiredClaims: ['exp'],
    };
    const byJose = jwtVerify(token, Buffer.from(secret), options);
    if (isAccepted) await expect(byJose).resolves.toMatchObject({ payload: { iss: issuer } });
    else await expect(byJose).rejects.toBeInstanceOf(errors.JOSEError);
  });
});
