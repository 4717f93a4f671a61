import { describe, expect, it, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  decodeToken,
  IncomingScope,
  OutgoingScope,
  toVoiceGrant,
  type VerifiedAccessToken,
} from '../../../src';
import { accessTokens, signedVectors } from '../../helpers/dialects';
import { exposure } from '../../helpers/exposure';
import {
  accountSid,
  apiKeyConfig as config,
  apiKeySecret,
  apiKeySid,
  applicationSid,
  LONE_SURROGATE,
  now,
  NOW,
  refusal,
  thrown,
} from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER as HEADER, forge } from '../../helpers/forge';
import { invalidTokens, refusalOf, type InvalidToken } from '../../helpers/invalid-tokens';

const verifier = new AccessTokenVerifier(config);
const signer = new AccessTokenSigner(config);
const alice = new IncomingScope('alice');

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
const voiced = (voice: unknown): string => token({ grants: { identity: 'alice', voice } });

/** Returns the verified contents, with each scope as its URI. */
const shown = ({ scopes, outgoing, ...rest }: VerifiedAccessToken): object => ({
  ...rest,
  scopes: scopes.map(String),
  ...(outgoing && { outgoing: String(outgoing) }),
});

describe('a valid token', () => {
  it('returns all contents', () => {
    const full = new AccessTokenSigner({ ...config, region: 'au1', pushCredentialSid: 'CR1' });
    const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
    const signed = full.sign([alice, outgoing]);
    const named = `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=user_id%3D42`;
    const verified = verifier.verify(signed);
    expect(shown(verified)).toStrictEqual({
      accountSid,
      apiKeySid,
      identity: 'alice',
      scopes: ['scope:client:incoming?clientName=alice', named],
      clientNames: ['alice'],
      outgoing: named,
      region: 'au1',
      pushCredentialSid: 'CR1',
      otherGrants: [],
      expiresAt: new Date((NOW + 3600) * 1000),
      issuedAt: new Date(NOW * 1000),
      notBefore: undefined,
      claims: JSON.parse(Buffer.from(signed.split('.')[1]!, 'base64url').toString()) as object,
    });
    for (const part of [verified, verified.scopes, verified.clientNames, verified.claims]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('has own properties with the value undefined for absent claims', () => {
    const grants = { identity: 'alice', voice: {} };
    const bare = token({ jti: undefined, iat: undefined, grants });
    expect(verifier.verify(bare)).toStrictEqual({
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

  it('returns scopes that map to the same grant', () => {
    const signed = signer.sign([alice, new OutgoingScope('AP1', { params: { a: '&=+ %', ключ: '☎️' } })]);
    const { scopes, identity, claims } = verifier.verify(signed);
    const plan = toVoiceGrant(scopes);
    expect({ identity: plan.identity, voice: plan.voice }).toStrictEqual(claims['grants']);
    expect(plan).toMatchObject({ identity, dropped: [], notes: [] });
  });

  test.each<[what: string, token: string, expected: object]>([
    ['no region, as twilio-ruby writes it', token({}, { twr: null }), { identity: 'alice' }],
    ['a region', token({}, { twr: 'ie1' }), { region: 'ie1' }],
    ['any string as region', token({}, { twr: 'mars' }), { region: 'mars' }],
    ['no member for incoming calls', voiced({ incoming: {} }), { clientNames: [] }],
    ['an empty array for an empty object, as PHP writes it', voiced([]), { scopes: [] }],
    [
      'params of any JSON, read as text',
      voiced({ outgoing: { application_sid: 'AP1', params: { o: { b: [1, 'x'] }, l: [], z: null } } }),
      { outgoing: { params: { o: '{"b":[1,"x"]}', l: '[]', z: '' } } },
    ],
    ['a typ in another case', token({}, { typ: 'jwt' }), { identity: 'alice' }],
    ['no typ', token({}, { typ: undefined }), { identity: 'alice' }],
    ['nbf', token({ nbf: NOW - 1 }), { notBefore: new Date((NOW - 1) * 1000) }],
    ['incoming calls not allowed', voiced({ incoming: { allow: false } }), { clientNames: [], scopes: [] }],
    [
      'an identity with other characters',
      token({ grants: { identity: 'é x', voice: VOICE } }),
      { identity: 'é x' },
    ],
    [
      'grants of other products',
      token({ grants: { ...CLAIMS.grants, video: { room: 'r' }, chat: {} } }),
      { otherGrants: ['video', 'chat'] },
    ],
    ['an endpoint id', voiced({ ...VOICE, endpoint_id: 'e' }), { clientNames: ['alice'] }],
    ['a push credential', voiced({ ...VOICE, push_credential_sid: 'CR2' }), { pushCredentialSid: 'CR2' }],
    [
      'params that are numbers and booleans',
      voiced({ outgoing: { application_sid: 'AP1', params: { n: 1.5, b: false, s: '' } } }),
      { outgoing: { applicationSid: 'AP1', clientName: 'alice', params: { n: '1.5', b: 'false', s: '' } } },
    ],
    [
      'empty params',
      voiced({ outgoing: { application_sid: 'AP1', params: {} } }),
      { outgoing: { applicationSid: 'AP1', params: {} } },
    ],
  ])('can have %s', (_what, good, expected) => {
    expect(verifier.verify(good)).toMatchObject(expected);
  });
});

const grant = (more: object) => token({ grants: { identity: 'alice', voice: VOICE, ...more } });
const calls = (outgoing: unknown) => voiced({ outgoing });

describe('an invalid token', () => {
  test.each<InvalidToken>([
    // The key is chosen by the iss.
    ...invalidTokens(CLAIMS, HEADER, apiKeySecret).map(([what, bad, refused]): InvalidToken => [
      what,
      bad,
      refused === 'ISSUER iss' ? 'SIGNATURE signature' : refused,
    ]),
    ['without a cty', token({}, { cty: undefined }), 'HEADER cty'],
    ['with a null cty', token({}, { cty: null }), 'HEADER cty'],
    ['for a region that is a number', token({}, { twr: 1 }), 'HEADER twr'],
    ['with the account SID as iss', token({ iss: accountSid }), 'SIGNATURE signature'],
    ['for another account', token({ sub: 'AC2' }), 'ISSUER sub'],
    ['without a sub', token({ sub: undefined }), 'ISSUER sub'],
    ['with an array as sub', token({ sub: [accountSid] }), 'ISSUER sub'],
    ['without grants', token({ grants: undefined }), 'CLAIMS grants'],
    ['with grants that are null', token({ grants: null }), 'CLAIMS grants'],
    ['with an array as grants', token({ grants: [1] }), 'CLAIMS grants'],
    ['with empty grants', token({ grants: [] }), 'CLAIMS grants.identity'],
    ['without an identity', grant({ identity: undefined }), 'CLAIMS grants.identity'],
    ['with a number for an identity', grant({ identity: 1 }), 'CLAIMS grants.identity'],
    ['with an empty identity', grant({ identity: '' }), 'CLAIMS grants.identity'],
    ['with half a character', grant({ identity: LONE_SURROGATE }), 'CLAIMS grants.identity'],
    ['for video only', grant({ voice: undefined, video: {} }), 'CLAIMS grants.voice'],
    ['with a voice grant that is text', voiced('yes'), 'CLAIMS grants.voice'],
    ['with incoming: true', voiced({ incoming: true }), 'CLAIMS grants.voice.incoming'],
    [
      'with the text "true" as allow',
      voiced({ incoming: { allow: 'true' } }),
      'CLAIMS grants.voice.incoming.allow',
    ],
    ['with an array as outgoing', calls(['AP1']), 'CLAIMS grants.voice.outgoing'],
    ['without an application', calls({}), 'CLAIMS grants.voice.outgoing.application_sid'],
    [
      'with a SID of another kind',
      calls({ application_sid: 'AC1' }),
      'CLAIMS grants.voice.outgoing.application_sid',
    ],
    [
      'with text as params',
      calls({ application_sid: 'AP1', params: 'a=1' }),
      'CLAIMS grants.voice.outgoing.params',
    ],
    ['to push by SK1', voiced({ push_credential_sid: 'SK1' }), 'CLAIMS grants.voice.push_credential_sid'],
  ])('%s is rejected', (_what, bad, refused) => {
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
    const tolerant = new AccessTokenVerifier({ ...config, clockTolerance: 30 });
    expect(tolerant.clockTolerance).toBe(30);
    expect(tolerant.verify(token({ exp: NOW - 29 })).identity).toBe('alice');
    expect(refusal(() => tolerant.verify(token({ exp: NOW - 30 })))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });
});

describe('names the other kind of token', () => {
  const capability = { accountSid, authToken: apiKeySecret, now };
  const capabilities = new CapabilityVerifier(capability);
  const third = token({}, { cty: 'twilio-sat;v=1' });

  test.each<[what: string, act: () => unknown, message: string]>([
    [
      'a capability token',
      () => verifier.verify(new CapabilitySigner(capability).sign(alice)),
      'Use CapabilityVerifier for capability tokens.',
    ],
    [
      'an Access Token',
      () => capabilities.verify(signer.sign(alice)),
      'This is an Access Token. Use AccessTokenVerifier.',
    ],
    ['an unknown kind, from here', () => verifier.verify(third), 'an unknown cty'],
    ['an unknown kind, from Twilio', () => capabilities.verify(third), 'an unknown cty'],
  ])('%s', (_what, act, message) => {
    expect(refusal(act)).toBe('TokenError ERR_TOKEN_HEADER cty');
    expect(act).toThrow(message);
  });
});

describe('tokens of every SDK', () => {
  const anHourBefore2100 = (): number => (4_102_444_800 - 3600) * 1000;

  test.each(accessTokens.map((vector) => [vector.id, vector] as const))('%s', (_id, vector) => {
    const { accountSid, apiKeySid, apiKeySecret, identity, voice, region, payload } = vector;
    const config = { accountSid, apiKeySid, apiKeySecret, now: anHourBefore2100 };
    const verified = new AccessTokenVerifier(config).verify(vector.token);
    const seconds = (date: Date | undefined): number | undefined => date && date.getTime() / 1000;
    expect({
      identity: verified.identity,
      clientNames: verified.clientNames,
      application: verified.outgoing?.applicationSid ?? null,
      from: verified.outgoing?.clientName,
      params: verified.outgoing?.params,
      region: verified.region ?? null,
      times: [verified.expiresAt, verified.issuedAt, verified.notBefore].map(seconds),
      claims: verified.claims,
    }).toStrictEqual({
      identity,
      clientNames: voice.incomingAllow ? [identity] : [],
      application: voice.outgoingApplicationSid,
      from: voice.outgoingApplicationSid === null ? undefined : identity,
      params: voice.outgoingApplicationSid === null ? undefined : (voice.outgoingParams ?? {}),
      region,
      times: [payload.exp, payload.iat, payload.nbf],
      claims: payload,
    });
    expect(decodeToken(vector.token).kind).toBe('access-token');
    expect(
      refusal(() => new CapabilityVerifier({ accountSid, authToken: apiKeySecret }).verify(vector.token)),
    ).toBe('TokenError ERR_TOKEN_HEADER cty');
  });

  it('are rejected if they are capability tokens', () => {
    expect(signedVectors).toHaveLength(51);
    for (const { accountSid, authToken, token } of signedVectors) {
      const strict = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret: authToken });
      expect(refusal(() => strict.verify(token))).toBe('TokenError ERR_TOKEN_HEADER cty');
    }
  });
});

describe('the verifier', () => {
  it('has readable settings and is frozen', () => {
    expect(Object.entries(verifier)).toStrictEqual([
      ['accountSid', accountSid],
      ['apiKeySids', [apiKeySid]],
      ['clockTolerance', 0],
    ]);
    expect(Object.isFrozen(verifier)).toBe(true);
  });
});

describe('the secret, and the token', () => {
  const CANARY = 'c4naryc4naryc4naryc4naryc4nary';
  const canary = new AccessTokenVerifier({ ...config, apiKeySecret: CANARY });

  it('cannot be read back from a verifier or a verified token', () => {
    const signed = new AccessTokenSigner({ ...config, apiKeySecret: CANARY }).sign(alice);
    const verified = canary.verify(signed);
    expect(exposure(canary)).not.toContain('c4nary');
    expect(exposure(verified)).not.toContain('c4nary');
    expect(exposure(verified)).not.toContain(signed.split('.')[2]);
  });

  const leaky = (claims: object) => forge({ ...CLAIMS, ...claims }, HEADER, { secret: CANARY });
  const outgoing = { application_sid: CANARY };
  test.each<[what: string, token: string]>([
    ['a header that holds one', forge(CLAIMS, { ...HEADER, cty: CANARY }, { secret: CANARY })],
    ['an issuer that is one', leaky({ iss: CANARY })],
    ['a subject that is one', leaky({ sub: CANARY })],
    ['an end that is one', leaky({ exp: CANARY })],
    ['grants that are one', leaky({ grants: CANARY })],
    ['an application that is one', leaky({ grants: { identity: 'a', voice: { outgoing } } })],
  ])('is not shown by the error for %s', (_what, bad) => {
    const error = thrown(() => canary.verify(bad));
    expect(error).toMatchObject({ name: 'TokenError' });
    expect(exposure(error)).not.toContain('c4nary');
  });
});
