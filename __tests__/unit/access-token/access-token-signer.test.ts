import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  configure,
  decodeToken,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type AccessTokenConfig,
  type AccessTokenSignOptions,
  type Scope,
} from '../../../src';
import { exposure } from '../../helpers/exposure';
import {
  accountSid,
  apiKeyConfig as config,
  apiKeySecret,
  apiKeySid,
  applicationSid,
  authToken,
  LONE_SURROGATE,
  now,
  NOW,
  refusal,
  thrown,
} from '../../helpers/fixed';
import { withoutSettings } from '../../helpers/without-settings';

const CANARY = 'c4naryc4naryc4naryc4naryc4nary';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
const signer = new AccessTokenSigner(config);

const segment = (token: string, index: 0 | 1): string =>
  Buffer.from(token.split('.')[index]!, 'base64url').toString();
const grantsOf = (token: string): unknown => decodeToken(token).claims['grants'];

afterEach(() => {
  jest.useRealTimers();
});

describe('the token', () => {
  test('has a header and claims in this order', () => {
    const token = signer.sign([alice, outgoing]);
    expect(segment(token, 0)).toBe('{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1"}');
    expect(segment(token, 1).replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'UUID')).toBe(
      JSON.stringify({
        jti: `${apiKeySid}-UUID`,
        grants: {
          identity: 'alice',
          voice: {
            incoming: { allow: true },
            outgoing: { application_sid: applicationSid, params: { user_id: '42' } },
          },
        },
        iat: NOW,
        exp: NOW + 3600,
        iss: apiKeySid,
        sub: accountSid,
      }),
    );
  });

  test('has a different jti each time', () => {
    const ids = Array.from({ length: 1000 }, () => signer.issue(alice).jti);
    expect(new Set(ids).size).toBe(1000);
  });
});

describe('issue', () => {
  test('describes the token', () => {
    const issued = signer.issue([alice, outgoing], { ttl: 600 });
    const { token, ...rest } = issued;
    expect(rest).toStrictEqual({
      accountSid,
      scopes: [
        alice,
        new OutgoingScope(outgoing.applicationSid, { clientName: 'alice', params: outgoing.params }),
      ],
      clientName: 'alice',
      ttl: 600,
      issuedAt: new Date(NOW * 1000),
      expiresAt: new Date((NOW + 600) * 1000),
      identity: 'alice',
      jti: decodeToken(token).claims['jti'],
    });
    expect(Object.isFrozen(issued)).toBe(true);
  });

  test('has the scopes that the token allows, not those that were dropped', () => {
    const { token, scopes, identity, clientName } = signer.issue(
      [
        new OutgoingScope(applicationSid, { clientName: 'bob', params: { a: 1 } }),
        alice,
        new EventStreamScope(),
        new IncomingScope('carol'),
        new OutgoingScope('AP2'),
      ],
      { dropUnmappable: true },
    );
    expect([identity, clientName]).toStrictEqual(['alice', 'alice']);
    expect(scopes.map(String)).toStrictEqual([
      'scope:client:incoming?clientName=alice',
      `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=a%3D1`,
    ]);
    expect(decodeToken(token).scopes.map(String)).toStrictEqual(scopes.map(String));
  });

  test('reads the clock at each call, by default Date.now', () => {
    const live = new AccessTokenSigner({ ...config, now: undefined });
    for (const seconds of [5, 9]) {
      jest.useFakeTimers({ now: seconds * 1000 });
      expect(live.issue(alice).issuedAt).toStrictEqual(new Date(seconds * 1000));
    }
  });
});

describe('the identity', () => {
  const drop = { dropUnmappable: true };
  const any = { allowAnyIdentity: true };
  const carol = { identity: 'carol' };
  const unset = { identity: undefined, dropUnmappable: undefined };
  type Identity = [string, Scope[], AccessTokenConfig, AccessTokenSignOptions, is: string];
  test.each<Identity>([
    ['the incoming name', [alice, outgoing], {}, {}, 'alice'],
    ['else the outgoing name', [new OutgoingScope('AP1', { clientName: 'bob' })], {}, {}, 'bob'],
    ['that of the call', [outgoing], {}, carol, 'carol'],
    ['that of the config', [outgoing], carol, {}, 'carol'],
    ['that of the call before that of the config', [outgoing], { identity: 'bob' }, carol, 'carol'],
    ['that of the call, with another name dropped', [alice], {}, { ...carol, ...drop }, 'carol'],
    ['any name that a scope has', [new IncomingScope('é@x', { allowAnyName: true })], {}, {}, 'é@x'],
    ['any text with allowAnyIdentity', [outgoing], {}, { identity: 'ann@x.com', ...any }, 'ann@x.com'],
    ['any text with allowAnyIdentity in the config', [outgoing], any, { identity: 'a b' }, 'a b'],
    ['that of the config, by its own allowAnyIdentity', [outgoing], { identity: 'a b', ...any }, {}, 'a b'],
    ['the incoming name if undefined', [alice], {}, unset, 'alice'],
  ])('is %s', (_what, scopes, more, options, identity) => {
    const issued = new AccessTokenSigner({ ...config, ...more }).issue(scopes, options);
    expect([issued.identity, issued.clientName]).toStrictEqual([identity, identity]);
    expect(decodeToken(issued.token)).toMatchObject({ kind: 'access-token', identity });
  });

  test('selects the incoming scope of the same name', () => {
    const { scopes } = signer.issue([new IncomingScope('bob'), alice], { identity: 'alice', ...drop });
    expect(scopes.map(String)).toStrictEqual([String(alice)]);
  });

  test.each(['', 'front desk', 'café', `a${LONE_SURROGATE}`, 'a'.repeat(122), null, 42])(
    'must not be %j',
    (identity) => {
      const given = { identity: identity as string };
      expect(refusal(() => signer.sign(alice, given))).toBe('ConfigError ERR_OPTIONS_INVALID identity');
      expect(refusal(() => new AccessTokenSigner({ ...config, ...given }))).toBe(
        'ConfigError ERR_CONFIG_INVALID identity',
      );
    },
  );

  test.each(['', 'a\n', LONE_SURROGATE, 'a'.repeat(257)])(
    'must not be %j even with allowAnyIdentity',
    (identity) => {
      expect(refusal(() => signer.sign(alice, { identity, ...any }))).toBe(
        'ConfigError ERR_OPTIONS_INVALID identity',
      );
    },
  );

  test('is required', () => {
    expect(refusal(() => signer.sign(outgoing))).toBe('ScopeError ERR_NOT_MAPPABLE identity');
    expect(() => signer.sign(outgoing)).toThrow('Pass { identity }.');
  });
});

describe('what has no counterpart', () => {
  const events = new EventStreamScope();
  const incoming = { allow: true };
  const bob = new IncomingScope('bob');
  const two = [new OutgoingScope('AP1'), new OutgoingScope('AP2'), alice];
  const asBob = new OutgoingScope('AP1', { clientName: 'bob' });
  const several = [alice, events, new EventStreamScope({ a: 1 }), bob];
  const toAP1 = { application_sid: 'AP1' };
  type Dropped = [string, Scope[], AccessTokenSignOptions, named: string, voice: object];
  test.each<Dropped>([
    [
      'an event stream',
      [alice, events],
      {},
      'event-stream scope. toVoiceGrant(scopes) lists each one.',
      { incoming },
    ],
    [
      'an event stream beside the identity',
      [alice, events],
      { identity: 'alice' },
      'event-stream scope. toVoiceGrant(scopes) lists each one.',
      { incoming },
    ],
    ['a second incoming name', [alice, bob], {}, 'incoming scope.', { incoming }],
    ['a second application', two, {}, 'outgoing scope.', { incoming, outgoing: toAP1 }],
    ['another outgoing name', [alice, asBob], {}, 'outgoing client name.', { incoming, outgoing: toAP1 }],
    [
      'another incoming name than the identity',
      [alice],
      { identity: 'bob' },
      'incoming client name. Client names must be the same as the identity option.',
      { incoming },
    ],
    ['several of them, each kind once', several, {}, 'event-stream scope, incoming scope.', { incoming }],
  ])('%s is rejected unless told to drop it', (_what, scopes, options, named, voice) => {
    for (const dropUnmappable of [undefined, false]) {
      const act = () => signer.sign(scopes, { ...options, dropUnmappable });
      expect(refusal(act)).toBe('ScopeError ERR_NOT_MAPPABLE scopes');
      expect(act).toThrow(named);
      expect(act).toThrow('{ dropUnmappable: true }');
    }
    const grants = { identity: options.identity ?? 'alice', voice };
    expect(grantsOf(signer.sign(scopes, { ...options, dropUnmappable: true }))).toStrictEqual(grants);
    const dropping = new AccessTokenSigner({ ...config, dropUnmappable: true });
    expect(grantsOf(dropping.sign(scopes, options))).toStrictEqual(grants);
    expect(refusal(() => dropping.sign(scopes, { ...options, dropUnmappable: false }))).toBe(
      'ScopeError ERR_NOT_MAPPABLE scopes',
    );
  });

  test('leaves a token that allows no calls if there is nothing else', () => {
    const token = signer.sign(new EventStreamScope(), { dropUnmappable: true, identity: 'alice' });
    expect(grantsOf(token)).toStrictEqual({ identity: 'alice', voice: {} });
  });
});

test.each<[what: string, scopes: unknown, options: unknown, rejected: string]>([
  ['no scopes', [], undefined, 'ScopeError ERR_NO_SCOPES scopes'],
  ['a ttl of a day and a second', alice, { ttl: 86_401 }, 'ConfigError ERR_TTL_INVALID ttl'],
  ['a mistyped option', alice, { identitiy: 'alice' }, 'ConfigError ERR_OPTIONS_INVALID identitiy'],
  ['text for true', alice, { dropUnmappable: 'false' }, 'ConfigError ERR_OPTIONS_INVALID dropUnmappable'],
  [
    'more than fits into a token',
    new OutgoingScope('AP1', { clientName: 'alice', params: { text: 'x'.repeat(6000) } }),
    undefined,
    'TokenError ERR_TOKEN_TOO_LARGE token',
  ],
])('sign rejects %s', (_what, scopes, options, rejected) => {
  expect(refusal(() => signer.sign(scopes as Scope[], options as AccessTokenSignOptions))).toBe(rejected);
});

describe('the config', () => {
  withoutSettings();

  test('is readable without its secret, and frozen', () => {
    const full = new AccessTokenSigner({ ...config, ttl: 60, region: 'au1', pushCredentialSid: 'CR1' });
    const shown = { accountSid, apiKeySid, region: 'au1', ttl: 60 };
    expect({ ...full }).toStrictEqual(shown);
    const unset = { region: undefined, pushCredentialSid: undefined, ttl: undefined };
    expect({ ...new AccessTokenSigner({ ...config, ...unset }) }).toStrictEqual({
      accountSid,
      apiKeySid,
      region: undefined,
      ttl: 3600,
    });
    expect(Object.isFrozen(full)).toBe(true);
  });

  test.each([
    ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'],
    ['TWILIO_API_KEY', 'TWILIO_API_SECRET'],
  ])('comes from configure, and from %s and %s', (sid, secret) => {
    configure({ accountSid, authToken, ttl: 120, now });
    process.env = { [sid]: apiKeySid, [secret]: apiKeySecret, TWILIO_REGION: 'au1' };
    const made = new AccessTokenSigner();
    expect({ ...made }).toStrictEqual({ accountSid, apiKeySid, region: undefined, ttl: 120 });
    expect(new AccessTokenVerifier(config).verify(made.sign(alice))).toMatchObject({
      identity: 'alice',
      expiresAt: new Date((NOW + 120) * 1000),
    });
  });
});

test('a client name that would be dropped is not shown', () => {
  const error = thrown(() => signer.sign([alice, new IncomingScope(CANARY)]));
  expect(exposure(error)).not.toContain('c4nary');
});
