import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
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
  type Fixture,
  type FixtureOptions,
} from '../../../src/testing';
import { refusal, withPolluted } from '../../helpers/fixed';

const { accountSid, apiKeySid, apiKeySecret } = testApiKey;
const otherAccount = 'ACfacefeedfacefeedfacefeedfacefeed';
const otherKey = 'SKfacefeedfacefeedfacefeedfacefeed';

const fixtures = createFixtures();
const accessTokens = createAccessTokenFixtures();
const params = { user_id: 42, name: 'Alice Smith', team: 'R&D café' };
const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(testApplicationSid, { clientName: 'alice' });
const withParams = new OutgoingScope(testApplicationSid, { clientName: 'alice', params });

/** Options, and the error of `refusal`. */
type Rejection = [what: string, options: unknown, error: string];
const badAccount = { accountSid: 'XX', authToken: 'x' };
const manyScopes = Array.from({ length: 300 }, (_, i) => new IncomingScope(`n${i}`));

type Verifier = CapabilityVerifier | AccessTokenVerifier;

const payloadOf = (token: string): string => Buffer.from(token.split('.')[1]!, 'base64url').toString();

/** Returns the name of each fixture with the result of verifying it. */
const verifyAll = (some: object, verifier: Verifier): string[][] =>
  Object.values(some as Record<string, Fixture>).map(({ name, token }) => {
    try {
      verifier.verify(token);
      return [name, 'valid'];
    } catch (error) {
      return [name, (error as { code: string }).code];
    }
  });

const KINDS = [
  {
    create: createFixtures,
    all: Object.values<Fixture>(fixtures),
    verifierOf: (options: object): Verifier => new CapabilityVerifier({ ...testCredentials, ...options }),
    digest: 'dc151ac7497ee45f2d886b1dc90dde0aff521d245a6ddde502f84ad163b46414',
    rejected: [
      ['an account SID alone', { credentials: { accountSid } }, 'ConfigError ERR_CONFIG_MISSING authToken'],
      ['more scopes than fit', { scopes: manyScopes }, 'TokenError ERR_TOKEN_TOO_LARGE token'],
    ] as Rejection[],
  },
  {
    create: createAccessTokenFixtures,
    all: Object.values<Fixture>(accessTokens),
    verifierOf: (options: object): Verifier => new AccessTokenVerifier({ ...testApiKey, ...options }),
    digest: '0885f0c9b74a412c7b1920064e0161f3c9839fbe29a36fcc7220eb4d8d245cc2',
    rejected: [
      ['an event stream', { scopes: new EventStreamScope() }, 'ScopeError ERR_NOT_MAPPABLE scopes'],
      ['two names', { scopes: [alice, new IncomingScope('bob')] }, 'ScopeError ERR_NOT_MAPPABLE scopes'],
    ] as Rejection[],
  },
];

afterEach(() => {
  configure({});
});

describe.each(KINDS)('$create.name', (kind) => {
  const { create, all, verifierOf, digest, rejected } = kind;
  const outcomes = all.map(({ name, outcome }) => [name, outcome]);

  // docs/testing.md lists the fixtures with their outcomes.
  test('returns every fixture by name, frozen', () => {
    const created = create();
    expect(Object.keys(created)).toEqual(outcomes.map(([name]) => name));
    expect(Object.isFrozen(created) && all.every(Object.isFrozen)).toBe(true);
    expect(Object.isFrozen(created.valid.claims)).toBe(true);
  });

  test('returns tokens with the outcome of the verifier, also with the largest clock tolerance', () => {
    expect(verifyAll(create(), verifierOf({ now: fixedClock() }))).toEqual(outcomes);
    const tolerant = verifierOf({ now: fixedClock(), clockTolerance: 300 });
    expect(verifyAll(create(), tolerant)).toEqual(
      outcomes.map(([name, outcome]) => [name, name === 'expiresThisSecond' ? 'valid' : outcome]),
    );
  });

  test('always returns these bytes', () => {
    const tokens = JSON.stringify(Object.values<Fixture>(create()).map(({ name, token }) => [name, token]));
    expect(createHash('sha256').update(tokens).digest('hex')).toBe(digest);
  });

  test('uses neither configure nor the environment nor the real clock nor Object.prototype', () => {
    configure({ accountSid: 'AC1', authToken: 'configured', ttl: 60, now: () => 0 });
    const unset = { credentials: undefined, now: undefined, scopes: undefined, ttl: undefined };
    const credentials = { accountSid: undefined, authToken: undefined };
    for (const options of [
      undefined,
      {},
      unset,
      { credentials },
      { credentials: { apiKeySid, apiKeySecret } },
    ]) {
      expect(Object.values<Fixture>(create(options))).toEqual(all);
    }
    const polluted = { region: 'au1', grants: { chat: {} }, pushCredentialSid: 'CR1', identity: 'mallory' };
    const evil = { authToken: 'polluted', apiKeySecret: 'polluted', scopes: [], ttl: 60, now: 0 };
    const created = withPolluted({ ...polluted, ...evil }, () => create({ credentials: {} }));
    expect(Object.values<Fixture>(created)).toEqual(all);
  });

  test('returns the claims of each readable token', () => {
    expect(create()).toMatchObject({ truncated: { claims: null }, notAJwt: { claims: null } });
    for (const { token, claims } of all) {
      if (claims !== null) expect(JSON.stringify(claims)).toBe(payloadOf(token));
    }
  });

  test('names another account, whichever account is passed', () => {
    const credentials = { accountSid: otherAccount, authToken: 'secret' };
    const { valid, wrongAccount } = create({ credentials });
    const accountOf = (fixture: Fixture) => fixture.claims?.['sub'] ?? fixture.claims?.['iss'];
    expect([valid, wrongAccount].map(accountOf)).toEqual([otherAccount, accountSid]);
  });

  test('accepts any credentials, time, scopes and ttl', () => {
    const now = fixedClock('2030-06-01T12:00:00.750Z');
    const apiKey = { apiKeySid: 'SK456', apiKeySecret: 'key-secret' };
    const account = { accountSid: 'AC123123', authToken: 'secret' };
    const scopes = [new IncomingScope('ann@x.com', { allowAnyName: true }), new OutgoingScope('AP1')];
    const some = create({ credentials: { ...account, ...apiKey }, now, scopes, ttl: 60 });
    const verifier =
      create === createFixtures
        ? new CapabilityVerifier({ ...account, now })
        : new AccessTokenVerifier({ accountSid: 'AC123123', ...apiKey, now });
    expect(verifyAll(some, verifier)).toEqual(outcomes);
    const { clientNames, outgoing, expiresAt } = verifier.verify(some.valid.token);
    expect([clientNames, outgoing?.applicationSid]).toEqual([['ann@x.com'], 'AP1']);
    expect(expiresAt).toEqual(new Date('2030-06-01T12:01:00Z'));
  });

  test.each<Rejection>([
    ['an unknown option', { region: 'ie1' }, 'ConfigError ERR_OPTIONS_INVALID region'],
    ['options that are not an object', 'AC1', 'ConfigError ERR_OPTIONS_INVALID options'],
    ['an unknown credential', { credentials: { sid: 'AC1' } }, 'ConfigError ERR_OPTIONS_INVALID sid'],
    ['half a pair', { credentials: { apiKeySid: 'SK1' } }, 'ConfigError ERR_CONFIG_MISSING apiKeySecret'],
    ['the other half', { credentials: { apiKeySecret: 'x' } }, 'ConfigError ERR_CONFIG_MISSING apiKeySid'],
    ['an auth token alone', { credentials: { authToken: 'x' } }, 'ConfigError ERR_CONFIG_MISSING accountSid'],
    ['an invalid SID', { credentials: badAccount }, 'ConfigError ERR_CONFIG_INVALID accountSid'],
    ['a time without a time zone', { now: '2026-01-01T00:00' }, 'ConfigError ERR_CONFIG_INVALID now'],
    ['a clock that does not return a time', { now: () => Number.NaN }, 'ConfigError ERR_CONFIG_INVALID now'],
    ['a ttl of zero', { ttl: 0 }, 'ConfigError ERR_TTL_INVALID ttl'],
    ['no scopes', { scopes: [] }, 'ScopeError ERR_NO_SCOPES scopes'],
    ['text for scopes', { scopes: 'alice' }, 'ScopeError ERR_SCOPE_INVALID scopes'],
    ...rejected,
  ])('rejects %s', (_, options, expected) => {
    expect(refusal(() => create(options as FixtureOptions))).toBe(expected);
  });
});

describe('createFixtures', () => {
  const signer = new CapabilitySigner({ ...testCredentials, now: fixedClock() });

  test.each([
    ['valid', [alice, outgoing]],
    ['incomingOnly', alice],
    ['outgoingOnly', new OutgoingScope(testApplicationSid)],
    ['withParams', withParams],
    ['eventStream', new EventStreamScope({ CallStatus: 'completed' })],
  ] as const)('%s is signed as by a CapabilitySigner', (name, scopes) => {
    expect(fixtures[name].token).toBe(signer.sign(scopes));
  });

  test('has the Access Token of createAccessTokenFixtures, as alice if no scope has a name', () => {
    expect(fixtures.accessToken.token).toBe(accessTokens.valid.token);
    expect(fixtures.valid.token).toBe(accessTokens.capabilityToken.token);
    const some = createFixtures({ scopes: new OutgoingScope('AP1'), ttl: 86_400 });
    expect(some.accessToken.claims?.['grants']).toEqual({
      identity: 'alice',
      voice: { outgoing: { application_sid: 'AP1' } },
    });
  });
});

describe('createAccessTokenFixtures', () => {
  const signer = new AccessTokenSigner({ ...testApiKey, now: fixedClock() });
  const regional = new AccessTokenSigner({ ...testApiKey, region: 'ie1', now: fixedClock() });
  const scopes = [alice, outgoing];
  const pushCredentialSid = 'CRdeadbeefdeadbeefdeadbeefdeadbeef';
  const grants = { chat: { service_sid: 'ISdeadbeefdeadbeefdeadbeefdeadbeef' }, video: { room: 'lobby' } };

  test.each([
    ['valid', signer.sign(scopes)],
    ['incomingOnly', signer.sign(alice)],
    ['outgoingOnly', signer.sign(new OutgoingScope(testApplicationSid), { identity: 'alice' })],
    ['withParams', signer.sign(withParams)],
    ['withPushCredential', signer.sign(scopes, { pushCredentialSid })],
    ['withRegion', regional.sign(scopes)],
    ['withOtherGrants', signer.sign(scopes, { grants })],
  ] as const)('%s differs from a token of an AccessTokenSigner only by the jti', (name, token) => {
    expect(accessTokens[name].token.split('.')[0]).toBe(token.split('.')[0]);
    const claims = JSON.parse(payloadOf(token)) as object;
    const jti = `${apiKeySid}-fixture`;
    expect(JSON.stringify(accessTokens[name].claims)).toBe(JSON.stringify({ ...claims, jti }));
  });

  test('names another key, whichever key is passed', () => {
    const other = createAccessTokenFixtures({ credentials: { apiKeySid: otherKey, apiKeySecret: 'secret' } });
    expect([other.valid, other.wrongKey].map(({ claims }) => claims?.['iss'])).toEqual([otherKey, apiKeySid]);
  });
});
