import { describe, expect, it, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  IncomingScope,
  OutgoingScope,
  type AccessTokenVerifierConfig,
  type ApiKey,
} from '../../../src';
import { exposure } from '../../helpers/exposure';
import { apiKeyConfig, applicationSid, NOW, refusal, thrown } from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER as HEADER, forge } from '../../helpers/forge';
import { invalidTokens, refusalOf, type InvalidToken } from '../../helpers/invalid-tokens';

const { accountSid, apiKeySid, apiKeySecret, now } = apiKeyConfig;
const verifier = new AccessTokenVerifier(apiKeyConfig);
const alice = new IncomingScope('alice');
const signWith = (apiKey: object) => new AccessTokenSigner({ ...apiKeyConfig, ...apiKey }).sign(alice);

const VOICE = { incoming: { allow: true } };
const CLAIMS = {
  jti: `${apiKeySid}-1`,
  grants: { identity: 'alice', voice: VOICE },
  iat: NOW,
  exp: NOW + 3600,
  iss: apiKeySid,
  sub: accountSid,
};

/** Signs the valid token with some of its claims and header replaced. */
const token = (claims: object = {}, header: object = {}): string =>
  forge({ ...CLAIMS, ...claims }, { ...HEADER, ...header }, { secret: apiKeySecret });
const grant = (more: object) => token({ grants: { identity: 'alice', voice: VOICE, ...more } });
const voiced = (voice: unknown): string => grant({ voice });
const calls = (outgoing: unknown) => voiced({ outgoing });
const app = (params: unknown) => calls({ application_sid: 'AP1', params });

describe('a valid token', () => {
  it('returns all contents, frozen', () => {
    const signer = new AccessTokenSigner({ ...apiKeyConfig, region: 'au1', pushCredentialSid: 'CR1' });
    const signed = signer.sign([alice, new OutgoingScope(applicationSid, { params: { user_id: 42 } })]);
    const verified = verifier.verify(signed);
    const outgoing = new OutgoingScope(applicationSid, { clientName: 'alice', params: { user_id: 42 } });
    expect(verified).toStrictEqual({
      accountSid,
      apiKeySid,
      identity: 'alice',
      scopes: [alice, outgoing],
      clientNames: ['alice'],
      outgoing,
      region: 'au1',
      pushCredentialSid: 'CR1',
      otherGrants: [],
      expiresAt: new Date((NOW + 3600) * 1000),
      issuedAt: new Date(NOW * 1000),
      notBefore: undefined,
      claims: JSON.parse(Buffer.from(signed.split('.')[1]!, 'base64url').toString()) as object,
    });
    expect(verified.scopes.map(String)).toEqual([alice, outgoing].map(String));
    for (const part of [verified, verified.scopes, verified.clientNames, verified.claims]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('has own properties with the value undefined for absent claims', () => {
    const grants = { identity: 'alice', voice: {} };
    expect(verifier.verify(token({ jti: undefined, iat: undefined, grants }))).toStrictEqual({
      accountSid,
      apiKeySid,
      identity: 'alice',
      scopes: [],
      clientNames: [],
      outgoing: undefined,
      pushCredentialSid: undefined,
      otherGrants: [],
      region: undefined,
      expiresAt: new Date((NOW + 3600) * 1000),
      issuedAt: undefined,
      notBefore: undefined,
      claims: { grants, exp: NOW + 3600, iss: apiKeySid, sub: accountSid },
    });
  });

  const params = { n: 1.5, b: false, s: '', o: { b: [1, 'x'] }, l: [], z: null };
  const text = { n: '1.5', b: 'false', s: '', o: '{"b":[1,"x"]}', l: '[]', z: '' };
  test.each<[what: string, token: string, expected: object]>([
    ['null as region, as twilio-ruby writes it', token({}, { twr: null }), { region: undefined }],
    ['any string as region', token({}, { twr: 'mars' }), { region: 'mars' }],
    ['no member for incoming calls', voiced({ incoming: {} }), { clientNames: [] }],
    ['an empty array for an empty object, as PHP writes it', voiced([]), { scopes: [] }],
    ['params of any JSON, read as text', app(params), { outgoing: { clientName: 'alice', params: text } }],
    ['empty params', app({}), { outgoing: { applicationSid: 'AP1', params: {} } }],
    ['nbf', token({ nbf: NOW - 1 }), { notBefore: new Date((NOW - 1) * 1000) }],
    ['incoming calls not allowed', voiced({ incoming: { allow: false } }), { clientNames: [], scopes: [] }],
    ['an identity with other characters', grant({ identity: 'é x' }), { identity: 'é x' }],
    ['other grants', grant({ video: { room: 'r' }, chat: {} }), { otherGrants: ['video', 'chat'] }],
    ['an endpoint id', voiced({ ...VOICE, endpoint_id: 'e' }), { clientNames: ['alice'] }],
    ['a push credential', voiced({ ...VOICE, push_credential_sid: 'CR2' }), { pushCredentialSid: 'CR2' }],
  ])('can have %s', (_, good, expected) => {
    expect(verifier.verify(good)).toMatchObject(expected);
  });
});

describe('an invalid token', () => {
  test.each<InvalidToken>([
    // The key is chosen by the iss.
    ...invalidTokens(CLAIMS, HEADER, apiKeySecret).map(([what, bad, refused]): InvalidToken => [
      what,
      bad,
      refused === 'ISSUER iss' ? 'SIGNATURE signature' : refused,
    ]),
    ['without a cty', token({}, { cty: undefined }), 'HEADER cty'],
    ['for a region that is a number', token({}, { twr: 1 }), 'HEADER twr'],
    ['with the account SID as iss', token({ iss: accountSid }), 'SIGNATURE signature'],
    ['for another account', token({ sub: 'AC2' }), 'ISSUER sub'],
    ['without a sub', token({ sub: undefined }), 'ISSUER sub'],
    ['without grants', token({ grants: undefined }), 'CLAIMS grants'],
    ['with an array as grants', token({ grants: [1] }), 'CLAIMS grants'],
    ['with empty grants', token({ grants: [] }), 'CLAIMS grants.identity'],
    ['without an identity', grant({ identity: undefined }), 'CLAIMS grants.identity'],
    ['with an empty identity', grant({ identity: '' }), 'CLAIMS grants.identity'],
    ['for video only', grant({ voice: undefined, video: {} }), 'CLAIMS grants.voice'],
    ['with a voice grant that is text', voiced('yes'), 'CLAIMS grants.voice'],
    ['with incoming: true', voiced({ incoming: true }), 'CLAIMS grants.voice.incoming'],
    ['with text as allow', voiced({ incoming: { allow: 'true' } }), 'CLAIMS grants.voice.incoming.allow'],
    ['with an array as outgoing', calls(['AP1']), 'CLAIMS grants.voice.outgoing'],
    ['without an application', calls({}), 'CLAIMS grants.voice.outgoing.application_sid'],
    ['with another SID', calls({ application_sid: 'AC1' }), 'CLAIMS grants.voice.outgoing.application_sid'],
    ['with text as params', app('a=1'), 'CLAIMS grants.voice.outgoing.params'],
    ['to push by SK1', voiced({ push_credential_sid: 'SK1' }), 'CLAIMS grants.voice.push_credential_sid'],
  ])('%s is rejected', (_, bad, refused) => {
    expect(refusalOf(() => verifier.verify(bad as string), bad)).toBe(`TokenError ERR_TOKEN_${refused}`);
  });

  it('has three stages: decode, signature, claims. The first failure counts', () => {
    const wrong = { ...CLAIMS, iss: 'SK2', sub: 'AC2', exp: 1, grants: 1 };
    const stages: [payload: unknown, header: object, secret: string, rejected: string][] = [
      [[], { cty: 'x', twr: 1, alg: 'none' }, 'wrong', 'ALGORITHM alg'],
      [[], { cty: 'x', twr: 1 }, 'wrong', 'HEADER cty'],
      [[], { twr: 1 }, 'wrong', 'HEADER twr'],
      [[], {}, 'wrong', 'CLAIMS payload'],
      [wrong, {}, 'wrong', 'SIGNATURE signature'],
      [wrong, {}, apiKeySecret, 'SIGNATURE signature'],
      [{ ...wrong, iss: apiKeySid }, {}, apiKeySecret, 'ISSUER sub'],
      [{ ...wrong, iss: apiKeySid, sub: accountSid }, {}, apiKeySecret, 'EXPIRED exp'],
      [{ ...CLAIMS, grants: 1 }, {}, apiKeySecret, 'CLAIMS grants'],
    ];
    for (const [payload, header, secret, rejected] of stages) {
      const bad = forge(payload, { ...HEADER, ...header }, { secret });
      expect(refusal(() => verifier.verify(bad))).toBe(`TokenError ERR_TOKEN_${rejected}`);
    }
  });

  it('allows a clock skew up to the tolerance', () => {
    const tolerant = new AccessTokenVerifier({ ...apiKeyConfig, clockTolerance: 30 });
    expect(tolerant.verify(token({ exp: NOW - 29 })).identity).toBe('alice');
    expect(refusal(() => tolerant.verify(token({ exp: NOW - 30 })))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });

  test.each<[what: string, token: string]>([
    ['header', token({}, { cty: apiKeySecret })],
    ['issuer', token({ iss: apiKeySecret })],
    ['subject', token({ sub: apiKeySecret })],
    ['end', token({ exp: apiKeySecret })],
    ['grants', token({ grants: apiKeySecret })],
    ['application', calls({ application_sid: apiKeySecret })],
  ])('whose %s is a secret is not shown by the error', (_, bad) => {
    const error = thrown(() => verifier.verify(bad));
    expect(error).toMatchObject({ name: 'TokenError' });
    expect(exposure(error)).not.toContain(apiKeySecret);
  });
});

test('a verifier has readable settings and is frozen', () => {
  const settings = { accountSid, apiKeySids: [apiKeySid], clockTolerance: 0 };
  expect(JSON.stringify(verifier)).toBe(JSON.stringify(settings));
  expect(Object.isFrozen(verifier) && Object.isFrozen(verifier.apiKeySids)).toBe(true);
});

describe('several API keys', () => {
  const current: ApiKey = { apiKeySid, apiKeySecret };
  const next: ApiKey = { apiKeySid: 'SK2', apiKeySecret: 'second-secret' };
  const create = (apiKeys: unknown, more: object = {}) =>
    new AccessTokenVerifier({ accountSid, now, apiKeys, ...more } as AccessTokenVerifierConfig);
  const rotating = create([next, current]);
  const SIGNATURE = 'TokenError ERR_TOKEN_SIGNATURE signature';

  test('are listed in order, each is accepted, and the token names its key', () => {
    expect(rotating.apiKeySids).toEqual(['SK2', apiKeySid]);
    for (const apiKey of [current, next]) {
      expect(rotating.verify(signWith(apiKey)).apiKeySid).toBe(apiKey.apiKeySid);
    }
  });

  test.each(['SK3', 'constructor', '__proto__'])('do not include the unknown key %s', (iss) => {
    expect(refusal(() => rotating.verify(token({ iss })))).toBe(SIGNATURE);
    expect(refusal(() => verifier.verify(token({ iss })))).toBe(SIGNATURE);
  });

  test('each have their own secret', () => {
    expect(refusal(() => rotating.verify(signWith({ ...next, apiKeySid })))).toBe(SIGNATURE);
  });

  test('are copied', () => {
    const keys = [{ ...current }];
    const own = create(keys);
    keys.push(next);
    keys[0]!.apiKeySecret = 'changed';
    expect(own.apiKeySids).toEqual([apiKeySid]);
    expect(own.verify(signWith(current)).identity).toBe('alice');
  });

  const many = Array.from({ length: 101 }, (_, i) => ({ apiKeySid: `SK${i}`, apiKeySecret: `secret-${i}` }));
  test('can be 100', () => {
    expect(create(many.slice(1)).apiKeySids).toHaveLength(100);
  });

  const bad = 'bad secret of a key';
  test.each<[what: string, field: string, ...lists: unknown[]]>([
    ['no list of 1 to 100', 'apiKeys', current, null, [], many, Object.assign([current], { 2: next })],
    ['an element that is no object', 'apiKeys', [apiKeySid]],
    ['half a key', 'apiKeys', [{ apiKeySid }], [{ apiKeySecret }]],
    ['a bad SID', 'apiKeys', [{ apiKeySid: 'AC1', apiKeySecret }], [{ apiKeySid: bad, apiKeySecret }]],
    ['a bad secret', 'apiKeys', [{ apiKeySid, apiKeySecret: bad }]],
    ['the same key twice', 'apiKeys', [current, { ...current }]],
    ['an unknown name', 'secret', [{ ...current, secret: 'x' }]],
    ['a secret as a name', 'config', [{ ...current, [bad]: bad }]],
    [
      'a SID and a secret that are swapped',
      'apiKeySid',
      [{ apiKeySid: apiKeySecret, apiKeySecret: apiKeySid }],
    ],
  ])('cannot be %s', (_, field, ...lists) => {
    for (const list of lists) {
      const act = () => create(list);
      expect(refusal(act)).toBe(`ConfigError ERR_CONFIG_INVALID ${field}`);
      expect(exposure(thrown(act))).not.toContain(bad);
    }
  });

  test('are missing if undefined: nothing is taken from the environment', () => {
    expect(refusal(() => create(undefined))).toBe('ConfigError ERR_CONFIG_MISSING apiKeySid');
    expect(create(undefined, { apiKeySid, apiKeySecret }).apiKeySids).toEqual([apiKeySid]);
  });

  test('replace a single key, and are an own property', () => {
    const secrets = { accountSid: 'AC1', apiKeys: [{ apiKeySid, apiKeySecret: 'AC1' }] };
    const inherited = Object.assign(Object.create({ apiKeys: [current] }) as object, { accountSid });
    for (const [act, field] of [
      [() => create([current], { apiKeySid }), 'apiKeySid'],
      [() => create([current], { apiKeySecret }), 'apiKeySecret'],
      [() => new AccessTokenVerifier(secrets), 'apiKeySecret'],
      [() => new AccessTokenVerifier(inherited), 'apiKeys'],
    ] as const) {
      expect(refusal(act)).toBe(`ConfigError ERR_CONFIG_INVALID ${field}`);
    }
  });
});
