import { describe, expect, it, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  decodeToken,
  IncomingScope,
  OutgoingScope,
} from '../../src';
import {
  accountSid,
  apiKeyConfig as apiKey,
  apiKeySecret,
  apiKeySid,
  applicationSid,
  config,
  NOW,
  refusal,
} from '../helpers/fixed';
import { ACCESS_TOKEN_HEADER as HEADER, forge } from '../helpers/forge';

const scopes = [new IncomingScope('alice'), new OutgoingScope(applicationSid, { clientName: 'alice' })];

describe('decodeToken', () => {
  it('reads a capability token', () => {
    const token = new CapabilitySigner(config).sign(scopes);
    const decoded = decodeToken(token);
    expect(decoded.kind).toBe('capability');
    expect(decoded.scopes.map(String)).toStrictEqual(scopes.map(String));
  });

  it('reads an Access Token', () => {
    const token = new AccessTokenSigner({ ...apiKey, region: 'ie1', pushCredentialSid: 'CR1' }).sign(scopes);
    const { scopes: read, outgoing, claims, ...rest } = decodeToken(token);
    expect(read.map(String)).toStrictEqual(scopes.map(String));
    expect(String(outgoing)).toBe(String(scopes[1]));
    expect(claims).toMatchObject({ iss: apiKeySid, sub: accountSid });
    expect(rest).toStrictEqual({
      kind: 'access-token',
      accountSid,
      apiKeySid,
      identity: 'alice',
      clientNames: ['alice'],
      otherGrants: [],
      region: 'ie1',
      pushCredentialSid: 'CR1',
      expiresAt: new Date((NOW + 3600) * 1000),
      issuedAt: new Date(NOW * 1000),
      notBefore: undefined,
      header: { ...HEADER, twr: 'ie1' },
    });
  });

  it('reads tokens with a wrong signature and expired ones', () => {
    const grants = { identity: 'alice', voice: {} };
    const unsigned = forge({ grants, exp: 1, nbf: 2, iss: 3 }, { ...HEADER, alg: 'none', typ: 'x' });
    const decoded = decodeToken(`${unsigned.split('.').slice(0, 2).join('.')}.`);
    const { header, claims, ...rest } = decoded;
    expect(header).toStrictEqual({ alg: 'none', typ: 'x', cty: 'twilio-fpa;v=1' });
    expect(claims).toStrictEqual({ grants, exp: 1, nbf: 2, iss: 3 });
    expect(rest).toStrictEqual({
      kind: 'access-token',
      accountSid: undefined,
      apiKeySid: undefined,
      identity: 'alice',
      scopes: [],
      clientNames: [],
      outgoing: undefined,
      pushCredentialSid: undefined,
      otherGrants: [],
      region: undefined,
      expiresAt: new Date(1000),
      issuedAt: undefined,
      notBefore: new Date(2000),
    });
  });

  it('returns a frozen result', () => {
    const decoded = decodeToken(new AccessTokenSigner(apiKey).sign(scopes));
    for (const part of [decoded, decoded.header, decoded.claims, decoded.scopes]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test.each<[what: string, token: unknown, refused: string]>([
    ['another content type', forge({}, { ...HEADER, cty: 'twilio-sat;v=1' }), 'HEADER cty'],
    ['a content type that is null', forge({}, { ...HEADER, cty: null }), 'HEADER cty'],
    ['a region that is not a string', forge({}, { ...HEADER, twr: 1 }), 'HEADER twr'],
    ['a payload that is not an object', forge([], HEADER), 'CLAIMS payload'],
    ['an Access Token without grants', forge({}, HEADER), 'CLAIMS grants'],
    ['an Access Token without cty', forge({ grants: {} }), 'HEADER cty'],
  ])('rejects %s', (_what, token, refused) => {
    expect(refusal(() => decodeToken(token as string))).toBe(`TokenError ERR_TOKEN_${refused}`);
  });
});

describe('a token is opened once', () => {
  const segments = (act: () => unknown): number => {
    const from = jest.spyOn(Buffer, 'from');
    act();
    const calls: readonly (readonly unknown[])[] = from.mock.calls;
    const count = calls.filter(([, encoding]) => encoding === 'base64url').length;
    from.mockRestore();
    return count;
  };
  const capability = new CapabilitySigner(config).sign(scopes);
  const accessToken = new AccessTokenSigner(apiKey).sign(scopes);

  test.each<[string, () => unknown]>([
    ['decodeToken, a capability token', () => decodeToken(capability)],
    ['decodeToken, an Access Token', () => decodeToken(accessToken)],
  ])('by %s', (_what, act) => {
    expect(segments(act)).toBe(3);
  });
});

describe('checks of verify that decodeToken does not make', () => {
  const verifier = new AccessTokenVerifier(apiKey);
  const times = { iss: apiKeySid, sub: accountSid, exp: NOW + 60 };

  test.each<[what: string, grants: object, decoded: object, field: string]>([
    [
      'an identity',
      { voice: { incoming: { allow: true }, outgoing: { application_sid: 'AP1' } } },
      { clientNames: [], outgoing: new OutgoingScope('AP1'), otherGrants: [] },
      'grants.identity',
    ],
    [
      'a voice grant',
      { identity: 'alice', video: { room: 'x' } },
      { identity: 'alice', scopes: [], otherGrants: ['video'] },
      'grants.voice',
    ],
    [
      'an identity and a voice grant',
      {},
      { scopes: [], clientNames: [], otherGrants: [] },
      'grants.identity',
    ],
  ])('%s', (_what, grants, decoded, field) => {
    const token = forge({ ...times, grants }, HEADER, { secret: apiKeySecret });
    expect(decodeToken(token)).toMatchObject({ kind: 'access-token', ...decoded });
    expect(refusal(() => verifier.verify(token))).toBe(`TokenError ERR_TOKEN_CLAIMS ${field}`);
  });
});
