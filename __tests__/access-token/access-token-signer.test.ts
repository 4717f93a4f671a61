import { describe, expect, it, jest, test } from '@jest/globals';
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
import { regionSigner, signAccessToken } from '../../src/access-token/access-token-signer';
import { hmacKeys } from '../../src/tokens/jws';
import { exposure } from '../helpers/exposure';
import {
  accountSid,
  applicationSid,
  authToken,
  LONE_SURROGATE,
  NOW,
  now,
  refusal,
  thrown,
} from '../helpers/fixed';
import { withoutSettings } from '../helpers/without-settings';

const apiKeySid = 'SK859b1b8c411d0e2db9e3b213e648d70c';
const apiKeySecret = 'dfe2c5255a9fdf14f289a02d25a67e17';
const config = { accountSid, apiKeySid, apiKeySecret, now };
const OTHER_APP = 'AP6f0de3bd8553a19da945e27fed1ae26c';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
const signer = new AccessTokenSigner(config);

const settings = (of: AccessTokenSigner): object => Object.assign({}, of);
const segment = (token: string, index: 0 | 1): string =>
  Buffer.from(token.split('.')[index]!, 'base64url').toString();
const grantsOf = (token: string): unknown => decodeToken(token).claims['grants'];

describe('the token', () => {
  it('is these very bytes', () => {
    const token = signAccessToken(
      {
        jti: `${apiKeySid}-${NOW}`,
        accountSid,
        apiKeySid,
        identity: 'alice',
        voice: { incoming: { allow: true } },
        lifetime: { issuedAt: NOW, expiresAt: NOW + 3600 },
        pushCredentialSid: 'CR01',
      },
      hmacKeys(apiKeySecret)[0],
      regionSigner('au1'),
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

  it('says who, what, and until when', () => {
    const token = signer.sign([alice, outgoing]);
    expect(segment(token, 0)).toBe('{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1"}');
    const { jti, ...claims } = JSON.parse(segment(token, 1)) as { jti: string };
    expect(jti).toMatch(
      new RegExp(`^${apiKeySid}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
    );
    expect(claims).toStrictEqual({
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
    });
    expect(Object.keys(JSON.parse(segment(token, 1)) as object)).toStrictEqual([
      'jti',
      'grants',
      'iat',
      'exp',
      'iss',
      'sub',
    ]);
  });

  it('names a region in its header, only where there is one', () => {
    const token = new AccessTokenSigner({ ...config, region: 'ie1' }).sign(alice);
    expect(segment(token, 0)).toBe('{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1","twr":"ie1"}');
  });

  test.each<[what: string, scopes: Scope[], voice: object]>([
    ['incoming calls alone', [alice], { incoming: { allow: true } }],
    [
      'outgoing calls alone',
      [new OutgoingScope('AP1', { clientName: 'alice' })],
      { outgoing: { application_sid: 'AP1' } },
    ],
    [
      'both, without params',
      [new OutgoingScope('AP1', { params: {} }), alice],
      { incoming: { allow: true }, outgoing: { application_sid: 'AP1' } },
    ],
  ])('grants %s, and has nothing for what is not granted', (_what, scopes, voice) => {
    expect(grantsOf(signer.sign(scopes))).toStrictEqual({ identity: 'alice', voice });
  });

  it('has the push credential in the voice grant', () => {
    const pushing = new AccessTokenSigner({ ...config, pushCredentialSid: 'CR0123' });
    expect(grantsOf(pushing.sign(alice))).toStrictEqual({
      identity: 'alice',
      voice: { incoming: { allow: true }, push_credential_sid: 'CR0123' },
    });
  });

  it('has a jti like no other, 100,000 times within one second', () => {
    const seen = new Set<unknown>();
    for (let count = 0; count < 100_000; count++) {
      const token = signer.sign(alice);
      seen.add(segment(token, 1).slice(0, 100));
    }
    expect(seen.size).toBe(100_000);
  });
});

describe('issue', () => {
  it('tells what is in the token', () => {
    const { token, ...rest } = signer.issue([alice, outgoing], { ttl: 600 });
    expect(rest).toStrictEqual({
      accountSid,
      scopes: [alice, outgoing],
      clientName: 'alice',
      ttl: 600,
      expiresAt: new Date((NOW + 600) * 1000),
    });
    expect(decodeToken(token)).toMatchObject({ identity: 'alice', expiresAt: rest.expiresAt });
  });

  it('takes a time to end at', () => {
    const { ttl, expiresAt } = signer.issue(alice, { expiresAt: new Date(NOW * 1000 + 90_500) });
    expect([ttl, expiresAt]).toStrictEqual([90, new Date(NOW * 1000 + 90_000)]);
  });

  it('tells what was dropped by leaving it out', () => {
    const { token, scopes, clientName } = signer.issue(
      [
        new OutgoingScope(applicationSid, { clientName: 'bob', params: { a: 1 } }),
        alice,
        new EventStreamScope(),
        new IncomingScope('carol'),
        new OutgoingScope(OTHER_APP),
      ],
      { dropUnmappable: true },
    );
    expect(clientName).toBe('alice');
    expect(scopes.map(String)).toStrictEqual([
      'scope:client:incoming?clientName=alice',
      `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=a%3D1`,
    ]);
    expect(decodeToken(token).scopes.map(String)).toStrictEqual(scopes.map(String));
  });
});

describe('the identity', () => {
  test.each<[what: string, scopes: Scope[], options: AccessTokenSignOptions, identity: string]>([
    ['the incoming name', [alice, outgoing], {}, 'alice'],
    ['else the outgoing name', [new OutgoingScope('AP1', { clientName: 'bob' })], {}, 'bob'],
    ['given, where the scopes have no name', [outgoing], { identity: 'carol' }, 'carol'],
    ['given, and the same as theirs', [alice, outgoing], { identity: 'alice' }, 'alice'],
    ['given, and theirs dropped', [alice], { identity: 'carol', dropUnmappable: true }, 'carol'],
    ['any name that its scope was built with', [new IncomingScope('é@x', { allowAnyName: true })], {}, 'é@x'],
    [
      'undefined, as if it were not given',
      [alice],
      { identity: undefined, dropUnmappable: undefined },
      'alice',
    ],
  ])('is %s', (_what, scopes, options, identity) => {
    const { token, clientName } = signer.issue(scopes, options);
    expect(clientName).toBe(identity);
    expect(decodeToken(token)).toMatchObject({ kind: 'access-token', identity });
  });

  it('that was given picks the incoming name that is its own', () => {
    const { scopes } = signer.issue([new IncomingScope('bob'), alice], {
      identity: 'alice',
      dropUnmappable: true,
    });
    expect(scopes.map(String)).toStrictEqual([String(alice)]);
  });

  test.each([
    ['', ''],
    ['a space', 'front desk'],
    ['a sign', 'ann@x.com'],
    ['a letter beyond ASCII', 'café'],
    ['half a character', `a${LONE_SURROGATE}`],
    ['122 characters', 'a'.repeat(122)],
    ['null', null],
    ['a number', 42],
    ['an object', { toString: () => 'alice' }],
  ])('is refused with %s', (_what, identity) => {
    expect(refusal(() => signer.sign(alice, { identity: identity as string }))).toBe(
      'SignError ERR_OPTIONS_INVALID identity',
    );
  });

  it('is needed', () => {
    const error = thrown(() => signer.sign(outgoing));
    expect(error).toMatchObject({
      name: 'SignError',
      code: 'ERR_NOT_MAPPABLE',
      field: 'identity',
      message: 'An Access Token needs an identity, and no scope gives a client name: pass { identity }.',
    });
  });
});

describe('what has no counterpart', () => {
  const REST = ' toVoiceGrant(scopes) tells more; to sign without, pass { dropUnmappable: true }.';

  test.each<[what: string, scopes: Scope[], options: AccessTokenSignOptions]>([
    ['an event stream', [alice, new EventStreamScope()], {}],
    ['a second incoming client name', [alice, new IncomingScope('bob')], {}],
    ['a second outgoing scope', [new OutgoingScope('AP1'), new OutgoingScope('AP2'), alice], {}],
    [
      'an outgoing client name unlike the identity',
      [alice, new OutgoingScope('AP1', { clientName: 'bob' })],
      {},
    ],
    ['an incoming client name unlike the identity', [alice], { identity: 'bob' }],
    [
      'an event stream, a second incoming client name',
      [
        alice,
        new EventStreamScope(),
        new EventStreamScope({ a: 1 }),
        new IncomingScope('bob'),
        new IncomingScope('carol'),
      ],
      {},
    ],
  ])('%s is refused, unless told otherwise', (what, scopes, options) => {
    for (const dropUnmappable of [undefined, false]) {
      expect(thrown(() => signer.sign(scopes, { ...options, dropUnmappable }))).toMatchObject({
        name: 'SignError',
        code: 'ERR_NOT_MAPPABLE',
        field: 'scopes',
        message: `An Access Token has no counterpart for ${what}.${REST}`,
      });
    }
    expect(signer.sign(scopes, { ...options, dropUnmappable: true })).toMatch(/^eyJ/);
  });

  it('leaves a token that allows no calls, where there is nothing else', () => {
    const token = signer.sign(new EventStreamScope(), { dropUnmappable: true, identity: 'alice' });
    expect(grantsOf(token)).toStrictEqual({ identity: 'alice', voice: {} });
  });

  it('is dropped for a true and nothing like it', () => {
    expect(refusal(() => signer.sign(alice, { dropUnmappable: 'false' as unknown as boolean }))).toBe(
      'SignError ERR_OPTIONS_INVALID dropUnmappable',
    );
  });
});

describe('what is signed', () => {
  test.each<[what: string, scopes: unknown, options: unknown, refused: string]>([
    ['no scopes', [], undefined, 'SignError ERR_NO_SCOPES scopes'],
    [
      'the same scope twice',
      [alice, new IncomingScope('alice')],
      undefined,
      'SignError ERR_DUPLICATE_SCOPE scopes',
    ],
    ['text', 'scope:client:incoming?clientName=alice', undefined, 'ScopeError ERR_SCOPE_INVALID scopes'],
    ['a ttl of a day and a second', alice, { ttl: 86_401 }, 'SignError ERR_TTL_INVALID ttl'],
    ['an end in the past', alice, { expiresAt: new Date(NOW * 1000) }, 'SignError ERR_TTL_INVALID expiresAt'],
    ['a ttl and an end', alice, { ttl: 60, expiresAt: new Date() }, 'SignError ERR_TTL_INVALID expiresAt'],
    ['a mistyped option', alice, { identitiy: 'alice' }, 'SignError ERR_OPTIONS_INVALID identitiy'],
    ['options that are none', alice, 600, 'SignError ERR_OPTIONS_INVALID options'],
    [
      'more than a token can hold',
      new OutgoingScope('AP1', { clientName: 'alice', params: { text: 'x'.repeat(6000) } }),
      undefined,
      'TokenError ERR_TOKEN_TOO_LARGE token',
    ],
  ])('is refused as %s', (_what, scopes, options, refused) => {
    const act = (): unknown => signer.sign(scopes as Scope[], options as AccessTokenSignOptions);
    expect(refusal(act)).toBe(refused);
  });
});

describe('the signer', () => {
  it('has its settings to read, and cannot be changed', () => {
    const full = new AccessTokenSigner({ ...config, ttl: 60, region: 'au1', pushCredentialSid: 'CR1' });
    expect(settings(full)).toStrictEqual({
      accountSid,
      apiKeySid,
      ttl: 60,
      region: 'au1',
      pushCredentialSid: 'CR1',
    });
    expect(settings(signer)).toStrictEqual({ accountSid, apiKeySid, ttl: 3600 });
    expect(Object.isFrozen(signer)).toBe(true);
  });

  it('takes an optional setting that is undefined for one that is not there', () => {
    const unset = { region: undefined, pushCredentialSid: undefined, ttl: undefined };
    expect(settings(new AccessTokenSigner({ ...config, ...unset }))).toStrictEqual(settings(signer));
  });

  it('reads the clock at each call', () => {
    jest.useFakeTimers({ now: 5_000 });
    try {
      const live = new AccessTokenSigner({ ...config, now: undefined });
      expect(live.issue(alice).expiresAt).toStrictEqual(new Date(3_605_000));
      jest.setSystemTime(9_000);
      expect(live.issue(alice).expiresAt).toStrictEqual(new Date(3_609_000));
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('where the settings come from', () => {
  withoutSettings();

  test.each([
    ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'],
    ['TWILIO_API_KEY', 'TWILIO_API_SECRET'],
  ])('the environment: %s and %s', (sid, secret) => {
    process.env = { TWILIO_ACCOUNT_SID: accountSid, [sid]: apiKeySid, [secret]: apiKeySecret };
    expect(sameKey(new AccessTokenSigner())).toBe(true);
  });

  it('configure gives the account and the ttl; the API key comes from the environment', () => {
    configure({ accountSid, authToken, ttl: 120, now });
    process.env = { TWILIO_API_KEY_SID: apiKeySid, TWILIO_API_KEY_SECRET: apiKeySecret };
    const configured = new AccessTokenSigner();
    expect(settings(configured)).toStrictEqual({ accountSid, apiKeySid, ttl: 120 });
    expect(sameKey(configured)).toBe(true);
  });

  it('no region is looked up', () => {
    process.env = { TWILIO_REGION: 'au1' };
    expect(new AccessTokenSigner(config).region).toBeUndefined();
  });

  test.each<[what: string, given: AccessTokenConfig, variables: Record<string, string>, field: string]>([
    ['no account', { apiKeySid, apiKeySecret }, {}, 'accountSid'],
    ['no key', { accountSid, apiKeySecret }, {}, 'apiKeySid'],
    ['no secret', { accountSid, apiKeySid }, {}, 'apiKeySecret'],
    ['an empty variable', { accountSid, apiKeySid }, { TWILIO_API_KEY_SECRET: '' }, 'apiKeySecret'],
    [
      "another account's key in the environment",
      { accountSid },
      { TWILIO_ACCOUNT_SID: 'AC2', TWILIO_API_KEY_SID: apiKeySid, TWILIO_API_KEY_SECRET: apiKeySecret },
      'apiKeySid',
    ],
    [
      "another account's secret in the environment",
      { accountSid, apiKeySid },
      { TWILIO_ACCOUNT_SID: 'AC2', TWILIO_API_KEY_SID: apiKeySid, TWILIO_API_KEY_SECRET: apiKeySecret },
      'apiKeySecret',
    ],
    [
      "another key's secret in the environment",
      { accountSid, apiKeySid },
      { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY_SID: 'SK2', TWILIO_API_KEY_SECRET: apiKeySecret },
      'apiKeySecret',
    ],
  ])('%s: refused', (_what, given, variables, field) => {
    process.env = variables;
    expect(refusal(() => new AccessTokenSigner(given))).toBe(`ConfigError ERR_CONFIG_MISSING ${field}`);
  });

  it('says how to set what is missing', () => {
    expect(thrown(() => new AccessTokenSigner({ accountSid, apiKeySid }))).toMatchObject({
      message:
        'apiKeySecret is missing: pass it, or set TWILIO_API_KEY_SECRET in the environment. One that is set ' +
        'beside another accountSid and apiKeySid is not used.',
    });
  });

  function sameKey(other: AccessTokenSigner): boolean {
    const token = other.sign(alice, { ttl: 60 });
    const [header, payload, signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as {
      jti: string;
      iat: number;
      exp: number;
    };
    const again = signAccessToken(
      {
        jti: claims.jti,
        accountSid,
        apiKeySid,
        identity: 'alice',
        voice: { incoming: { allow: true } },
        lifetime: { issuedAt: claims.iat, expiresAt: claims.exp },
      },
      hmacKeys(apiKeySecret)[0],
    );
    return again === [header, payload, signature].join('.');
  }
});

const CANARY = 'c4naryc4naryc4naryc4naryc4nary';

describe('rules for input', () => {
  const SID = (prefix: string): unknown[] => [
    '',
    prefix,
    `${prefix}${'a'.repeat(33)}`,
    `${prefix}1\n`,
    ` ${prefix}1`,
    `${prefix.toLowerCase()}1`,
    `XX${CANARY}`,
    `${prefix}é`,
    null,
    42,
    [`${prefix}1`],
    { toString: () => `${prefix}1` },
  ];
  const BAD: Record<string, unknown[]> = {
    accountSid: [...SID('AC'), 'SK1'],
    apiKeySid: [...SID('SK'), 'AC1'],
    apiKeySecret: [
      '',
      `${CANARY} `,
      `a\n${CANARY}`,
      `${CANARY}\u0000`,
      `${CANARY}\u0085`,
      `${CANARY}${LONE_SURROGATE}`,
      `-----BEGIN PRIVATE KEY-----${CANARY}`,
      `SK${'0'.repeat(32)}`,
      accountSid,
      apiKeySid,
      null,
      42,
      [CANARY],
      { secret: CANARY },
      Buffer.from(CANARY),
    ],
    region: ['', 'us', 'us-1', 'US1', 'us10', 'usa1', 'us1 ', 'us1\n', CANARY, null, 1, ['us1']],
    pushCredentialSid: SID('CR'),
  };

  const cases = Object.entries(BAD).flatMap(([field, values]) =>
    values.map((value) => [field, value] as const),
  );
  test.each(cases)('%s: %j is refused', (field, value) => {
    const error = thrown(() => new AccessTokenSigner({ ...config, [field]: value }));
    expect(error).toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG_INVALID', field });
    expect(exposure(error)).not.toContain('c4nary');
  });

  test.each([
    ['accountSid', 'An account SID is "AC" followed by 1 to 32 letters or digits.'],
    ['apiKeySid', 'An API key SID is "SK" followed by 1 to 32 letters or digits.'],
    ['pushCredentialSid', 'A push credential SID is "CR" followed by 1 to 32 letters or digits.'],
    ['region', 'A region is two lower-case letters and a digit, such as "au1".'],
  ])('%s: says what is accepted', (field, message) => {
    expect(thrown(() => new AccessTokenSigner({ ...config, [field]: 'nonsense' }))).toMatchObject({
      message,
    });
  });

  test.each([
    ['accountSid', ['AC1', `AC${'Z9'.repeat(16)}`]],
    ['apiKeySid', ['SK1', `SK${'Z9'.repeat(16)}`]],
    ['apiKeySecret', ['x', 'SK1', 'pässwörd', '{"a":1}']],
    ['region', ['us1', 'ie1', 'au1']],
    ['pushCredentialSid', ['CR1', `CR${'f'.repeat(32)}`]],
  ])('%s: these are taken', (field, values) => {
    for (const value of values) {
      expect(new AccessTokenSigner({ ...config, [field]: value }).sign(alice)).toMatch(/^eyJ/);
    }
  });

  it('names a key and its secret that are in each other’s place', () => {
    const swapped = { accountSid, apiKeySid: CANARY, apiKeySecret: 'SK1' };
    const error = thrown(() => new AccessTokenSigner(swapped));
    expect(error).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'apiKeySid',
      message: 'apiKeySid and apiKeySecret are swapped.',
    });
    expect(exposure(error)).not.toContain('c4nary');
  });

  it('names the auth token as the secret of the other kind of token', () => {
    const old = { accountSid, authToken: CANARY };
    const error = thrown(() => new AccessTokenSigner(old));
    expect(error).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'authToken',
      message:
        "An Access Token is signed with an API key, not with the account's auth token: pass apiKeySid and " +
        'apiKeySecret.',
    });
    expect(exposure(error)).not.toContain('c4nary');
  });

  test.each([
    ['a mistyped setting', { ...config, apiKeySecrte: CANARY }, 'apiKeySecrte'],
    ['a secret for a name', { ...config, [CANARY]: 1 }, 'config'],
    ['text', CANARY, 'config'],
    ['a list', [CANARY], 'config'],
    ['a Proxy', new Proxy({ ...config, apiKeySecret: CANARY }, {}), 'config'],
    [
      'a getter that throws',
      Object.defineProperty({ ...config }, 'apiKeySecret', {
        enumerable: true,
        get: () => {
          throw new Error(CANARY);
        },
      }),
      'apiKeySecret',
    ],
  ])('%s is refused', (_what, value, field) => {
    const error = thrown(() => new AccessTokenSigner(value as AccessTokenConfig));
    expect(error).toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG_INVALID', field });
    expect(exposure(error)).not.toContain('c4nary');
  });

  test.each([0, -1, 1.5, 86_401, Number.NaN, '600', null])('ttl: %j is refused', (ttl) => {
    expect(refusal(() => new AccessTokenSigner({ ...config, ttl: ttl as number }))).toBe(
      'SignError ERR_TTL_INVALID ttl',
    );
  });
});

describe('the secret', () => {
  const canary = new AccessTokenSigner({ ...config, apiKeySecret: CANARY });

  it('cannot be read back from a signer, or from what it issues', () => {
    expect(exposure(canary)).not.toContain('c4nary');
    expect(exposure(canary.issue(alice))).not.toContain('c4nary');
    expect(exposure(Object.getOwnPropertySymbols(canary))).toBe(
      '[ [length]: 0 ]\n\n[]\n{"length":0}\n{}\n[ [length]: 0 ]',
    );
  });

  test.each<[what: string, act: () => unknown]>([
    ['an identity', () => canary.sign(alice, { identity: `${CANARY}!` })],
    ['options', () => canary.sign(alice, CANARY as AccessTokenSignOptions)],
    ['the name of an option', () => canary.sign(alice, { [CANARY]: 1 } as AccessTokenSignOptions)],
    ['the value of an unknown option', () => canary.sign(alice, { x: CANARY } as AccessTokenSignOptions)],
    ['a scope', () => canary.sign(CANARY as unknown as Scope)],
    ['dropUnmappable', () => canary.sign(alice, { dropUnmappable: CANARY as unknown as boolean })],
    ['a client name that is dropped', () => canary.sign([alice, new IncomingScope(CANARY)])],
    ['a clock', () => new AccessTokenSigner({ ...config, now: CANARY as unknown as () => number })],
    [
      'what a clock throws',
      () =>
        new AccessTokenSigner({
          ...config,
          now: () => {
            throw new Error(CANARY);
          },
        }).sign(alice),
    ],
  ])('is not shown where it was passed as %s', (_what, act) => {
    const error = thrown(act);
    expect(refusal(act)).toMatch(/ERR_/);
    expect(exposure(error)).not.toContain('c4nary');
  });
});
