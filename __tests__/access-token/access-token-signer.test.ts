import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
  configure,
  decodeToken,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type AccessTokenConfig,
  type AccessTokenSignOptions,
  type Scope,
} from '../../src';
import { signAccessToken } from '../../src/access-token/sign-access-token';
import { createKey } from '../../src/tokens/jws';
import { exposure } from '../helpers/exposure';
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
} from '../helpers/fixed';
import { withoutSettings } from '../helpers/without-settings';

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
  test('is exactly these bytes', () => {
    const token = signAccessToken(
      {
        jti: `${apiKeySid}-${NOW}`,
        accountSid,
        apiKeySid,
        identity: 'alice',
        voice: { incoming: { allow: true } },
        lifetime: { iat: NOW, exp: NOW + 3600 },
        pushCredentialSid: 'CR01',
        region: 'au1',
      },
      createKey(apiKeySecret),
    );
    // Made by twilio 6.2.0.
    expect(token).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImN0eSI6InR3aWxpby1mcGE7dj0xIiwidHdyIjoiYXUxIn0.' +
        'eyJqdGkiOiJTSzg1OWIxYjhjNDExZDBlMmRiOWUzYjIxM2U2NDhkNzBjLTE3MDAwMDAwMDAiLCJncmFudHMiOnsiaWRlbnRpdHki' +
        'OiJhbGljZSIsInZvaWNlIjp7ImluY29taW5nIjp7ImFsbG93Ijp0cnVlfSwicHVzaF9jcmVkZW50aWFsX3NpZCI6IkNSMDEifX0s' +
        'ImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwLCJpc3MiOiJTSzg1OWIxYjhjNDExZDBlMmRiOWUzYjIxM2U2NDhkNzBjIiwic3ViIjoiQUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiJ9.' +
        '6XbEfPYbya_UGraKNC3aRcRBUXlpL8LvyI-1Kv4q6lY',
    );
  });

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

  const incoming = { allow: true };
  const toAP1 = { application_sid: 'AP1' };
  const asAlice = new OutgoingScope('AP1', { clientName: 'alice' });
  const push = { pushCredentialSid: 'CR0123' };
  test.each<[what: string, scopes: Scope[], more: AccessTokenConfig, voice: object]>([
    ['incoming calls alone', [alice], {}, { incoming }],
    ['outgoing calls alone', [asAlice], {}, { outgoing: toAP1 }],
    ['both', [new OutgoingScope('AP1', { params: {} }), alice], {}, { incoming, outgoing: toAP1 }],
    ['a push credential', [alice], push, { incoming, push_credential_sid: 'CR0123' }],
  ])('grants %s', (_what, scopes, more, voice) => {
    const token = new AccessTokenSigner({ ...config, ...more }).sign(scopes);
    expect(grantsOf(token)).toStrictEqual({ identity: 'alice', voice });
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
  const any = { allowAnyName: true };
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
    ['any name that a scope has', [new IncomingScope('é@x', any)], {}, {}, 'é@x'],
    ['any text with allowAnyName', [outgoing], {}, { identity: 'ann@x.com', ...any }, 'ann@x.com'],
    ['any text with allowAnyName in the config', [outgoing], any, { identity: 'a b' }, 'a b'],
    ['that of the config, by its own allowAnyName', [outgoing], { identity: 'a b', ...any }, {}, 'a b'],
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
    'must not be %j even with allowAnyName',
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

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describe('grants', () => {
  const chat = { service_sid: 'IS1', nested: [1, null, { a: true }] };

  test('are copied by the constructor', () => {
    const grants: Record<string, object> = { chat: { service_sid: 'IS1' } };
    const withChat = new AccessTokenSigner({ ...config, grants });
    grants['voice'] = { evil: true };
    expect(grantsOf(withChat.sign(alice))).toStrictEqual({
      identity: 'alice',
      voice: { incoming: { allow: true } },
      chat: { service_sid: 'IS1' },
    });
  });

  test('stand beside the voice grant, after it', () => {
    const token = signer.sign(alice, { grants: { chat, video: {} } });
    expect(JSON.stringify(grantsOf(token))).toBe(
      JSON.stringify({ identity: 'alice', voice: { incoming: { allow: true } }, chat, video: {} }),
    );
    expect(decodeToken(token)).toMatchObject({ otherGrants: ['chat', 'video'] });
  });

  test('of a call replace those of the config whole', () => {
    const withChat = new AccessTokenSigner({ ...config, grants: { chat, video: {} } });
    const others = (options?: AccessTokenSignOptions) =>
      (decodeToken(withChat.sign(alice, options)) as { otherGrants?: readonly string[] }).otherGrants;
    expect(others()).toStrictEqual(['chat', 'video']);
    expect(others({ grants: undefined })).toStrictEqual(['chat', 'video']);
    expect(others({ grants: { data_sync: {} } })).toStrictEqual(['data_sync']);
    expect(others({ grants: {} })).toStrictEqual([]);
  });

  test('can be a Proxy, and are copied', () => {
    const grants = { chat: { service_sid: 'IS1' } };
    const signing = new AccessTokenSigner({ ...config, grants: new Proxy(grants, {}) });
    grants.chat.service_sid = 'IS2';
    expect(grantsOf(signing.sign(alice))).toMatchObject({ chat: { service_sid: 'IS1' } });
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['text', 'chat'],
    ['an array', [chat]],
    ['a voice grant', { voice: {} }],
    ['an identity', { identity: {} }],
    ['a grant that is text', { chat: 'IS1' }],
    ['a grant that is an array', { chat: [] }],
    ['a grant that is null', { chat: null }],
    ['a Date', { chat: { at: new Date() } }],
    ['a Map', { chat: new Map() }],
    ['undefined inside', { chat: { a: undefined } }],
    ['NaN inside', { chat: { a: NaN } }],
    ['a function inside', { chat: { a: () => 1 } }],
    ['half a character inside', { chat: { a: [LONE_SURROGATE] } }],
    ['an object inside itself', { chat: cyclic }],
    ['an array with holes', { chat: { list: [, 1] } }], // eslint-disable-line no-sparse-arrays
    ['a key that is not well formed', { chat: { '\ud83d': 1 } }],
  ])('must not be %s', (_what, grants) => {
    const given = { grants: grants as never };
    expect(refusal(() => signer.sign(alice, given))).toBe('ConfigError ERR_OPTIONS_INVALID grants');
    expect(refusal(() => new AccessTokenSigner({ ...config, ...given }))).toBe(
      'ConfigError ERR_CONFIG_INVALID grants',
    );
  });
});

describe('what has no counterpart', () => {
  const events = new EventStreamScope();
  const bob = new IncomingScope('bob');
  const two = [new OutgoingScope('AP1'), new OutgoingScope('AP2'), alice];
  const asBob = new OutgoingScope('AP1', { clientName: 'bob' });
  const several = [alice, events, new EventStreamScope({ a: 1 }), bob];
  test.each<[what: string, scopes: Scope[], options: AccessTokenSignOptions, named: string]>([
    ['an event stream', [alice, events], {}, 'event-stream scope. toVoiceGrant(scopes) lists each one.'],
    ['a second incoming name', [alice, bob], {}, 'incoming scope.'],
    ['a second application', two, {}, 'outgoing scope.'],
    ['another outgoing name', [alice, asBob], {}, 'outgoing client name.'],
    [
      'another incoming name than the identity',
      [alice],
      { identity: 'bob' },
      'incoming client name. Client names must be the same as the identity option.',
    ],
    ['several of them, each kind once', several, {}, 'event-stream scope, incoming scope.'],
  ])('%s is rejected unless told to drop it', (_what, scopes, options, named) => {
    for (const dropUnmappable of [undefined, false]) {
      const act = () => signer.sign(scopes, { ...options, dropUnmappable });
      expect(refusal(act)).toBe('ScopeError ERR_NOT_MAPPABLE scopes');
      expect(act).toThrow(named);
      expect(act).toThrow('{ dropUnmappable: true }');
    }
    expect(signer.sign(scopes, { ...options, dropUnmappable: true })).toMatch(/^eyJ/);
    const dropping = new AccessTokenSigner({ ...config, dropUnmappable: true });
    expect(dropping.sign(scopes, options)).toMatch(/^eyJ/);
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
  ['a scope twice', [alice, alice], undefined, 'ScopeError ERR_DUPLICATE_SCOPE scopes'],
  ['text', String(alice), undefined, 'ScopeError ERR_SCOPE_INVALID scopes'],
  ['a ttl of a day and a second', alice, { ttl: 86_401 }, 'ConfigError ERR_TTL_INVALID ttl'],
  ['an end in the past', alice, { expiresAt: new Date(NOW * 1000) }, 'ConfigError ERR_TTL_INVALID expiresAt'],
  ['a ttl and an end', alice, { ttl: 60, expiresAt: new Date() }, 'ConfigError ERR_TTL_INVALID expiresAt'],
  ['a mistyped option', alice, { identitiy: 'alice' }, 'ConfigError ERR_OPTIONS_INVALID identitiy'],
  ['a number as options', alice, 600, 'ConfigError ERR_OPTIONS_INVALID options'],
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
    const shown = { accountSid, apiKeySid, region: 'au1', pushCredentialSid: 'CR1', ttl: 60 };
    expect({ ...full }).toStrictEqual(shown);
    const unset = { region: undefined, pushCredentialSid: undefined, ttl: undefined };
    expect({ ...new AccessTokenSigner({ ...config, ...unset }) }).toStrictEqual({
      accountSid,
      apiKeySid,
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
    expect({ ...made }).toStrictEqual({ accountSid, apiKeySid, ttl: 120 });
    const { jti, token } = made.issue(alice);
    expect(token).toBe(
      signAccessToken(
        {
          jti,
          accountSid,
          apiKeySid,
          identity: 'alice',
          voice: { incoming: { allow: true } },
          lifetime: { iat: NOW, exp: NOW + 120 },
        },
        createKey(apiKeySecret),
      ),
    );
  });
});

test.each<[what: string, act: (canary: AccessTokenSigner) => unknown]>([
  ['an identity', (canary) => canary.sign(alice, { identity: `${CANARY}!` })],
  ['options', (canary) => canary.sign(alice, CANARY as AccessTokenSignOptions)],
  ['the name of an option', (canary) => canary.sign(alice, { [CANARY]: 1 } as AccessTokenSignOptions)],
  ['the value of an option', (canary) => canary.sign(alice, { x: CANARY } as AccessTokenSignOptions)],
  ['a scope', (canary) => canary.sign(CANARY as unknown as Scope)],
  ['a dropped client name', (canary) => canary.sign([alice, new IncomingScope(CANARY)])],
])('a secret passed as %s is not shown', (_what, act) => {
  const canary = new AccessTokenSigner({ ...config, apiKeySecret: CANARY });
  expect(exposure(thrown(() => act(canary)))).not.toContain('c4nary');
});
