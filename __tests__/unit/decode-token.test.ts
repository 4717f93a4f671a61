import { expect, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  decodeToken,
  IncomingScope,
  OutgoingScope,
} from '../../src';
import { apiKeyConfig, applicationSid, authToken, config, NOW } from '../helpers/fixed';
import { ACCESS_TOKEN_HEADER, forge } from '../helpers/forge';
import { invalidTokens, refusalOf, type InvalidToken } from '../helpers/invalid-tokens';

const { accountSid } = apiKeyConfig;
const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 60 };
const scopes = [new IncomingScope('alice'), new OutgoingScope(applicationSid, { clientName: 'alice' })];
const capability = new CapabilitySigner(config).sign(scopes);
const accessTokenSigner = new AccessTokenSigner({ ...apiKeyConfig, region: 'ie1', pushCredentialSid: 'CR1' });
const accessToken = accessTokenSigner.sign(scopes);

test.each([
  ['capability', capability, new CapabilityVerifier(config), HEADER],
  [
    'access-token',
    accessToken,
    new AccessTokenVerifier(apiKeyConfig),
    { ...ACCESS_TOKEN_HEADER, twr: 'ie1' },
  ],
] as const)(
  'reads a valid %s as its verifier does, and adds the kind and the header',
  (kind, token, verifier, header) => {
    const decoded = decodeToken(token);
    expect(decoded).toStrictEqual({ kind, header, ...verifier.verify(token) });
    for (const part of [decoded, decoded.header, decoded.claims, decoded.scopes]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  },
);

test('reads a capability token of any account, expired or not', () => {
  const claims = { ...CLAIMS, exp: 60, iat: 0, nbf: 1.5, iss: 'anybody' };
  expect(decodeToken(forge(claims, { alg: 'none', kid: 'x' }, { secret: 'other' }))).toEqual({
    kind: 'capability',
    accountSid: 'anybody',
    scopes: [new IncomingScope('alice')],
    clientNames: ['alice'],
    expiresAt: new Date(60_000),
    issuedAt: new Date(0),
    notBefore: new Date(1500),
    header: { alg: 'none', kid: 'x' },
    claims,
  });
});

test('has own properties with the value undefined for claims that are missing or invalid', () => {
  const times = { expiresAt: undefined, issuedAt: undefined, notBefore: undefined };
  const nothing = { ...times, accountSid: undefined, scopes: [], clientNames: [], outgoing: undefined };
  const claims = { scope: '', iss: 5, exp: 'soon', iat: -1 };
  const decoded = decodeToken(forge(claims));
  expect(decoded).toStrictEqual({ kind: 'capability', ...nothing, header: HEADER, claims });

  const header = { ...ACCESS_TOKEN_HEADER, alg: 'none', typ: 'x' };
  const ofAccessToken = { iss: 3, sub: 4, exp: 'soon', grants: { identity: 'alice', voice: {} } };
  expect(decodeToken(forge(ofAccessToken, header))).toStrictEqual({
    kind: 'access-token',
    ...nothing,
    apiKeySid: undefined,
    identity: 'alice',
    pushCredentialSid: undefined,
    otherGrants: [],
    region: undefined,
    header,
    claims: ofAccessToken,
  });
});

/** Tokens that cannot be read at all. Verifiers and decoder agree on them. */
const UNREADABLE = /^(?:MALFORMED|TOO_LARGE|CLAIMS payload)/;
const access = (payload: unknown, header = {}) => forge(payload, { ...ACCESS_TOKEN_HEADER, ...header });

test.each<InvalidToken>([
  ...invalidTokens(CLAIMS, HEADER, authToken).filter(([, , refused]) => UNREADABLE.test(refused)),
  ['whose payload is not JSON', forge('alice'), 'CLAIMS payload'],
  ['without a scope', forge({}), 'SCOPE scope'],
  ['whose scope does not parse', forge({ scope: 'alice' }), 'SCOPE scope'],
  ['with another content type', access({}, { cty: 'twilio-sat;v=1' }), 'HEADER cty'],
  ['with a region that is not a string', access({}, { twr: 1 }), 'HEADER twr'],
  ['with a cty and without grants', access({}), 'CLAIMS grants'],
  ['with grants and without a cty', forge({ grants: {} }), 'HEADER cty'],
])('rejects a token %s', (_, token, refused) => {
  expect(refusalOf(() => decodeToken(token as string), token)).toBe(`TokenError ERR_TOKEN_${refused}`);
});

test.each([
  ['capability token', capability],
  ['Access Token', accessToken],
])('opens a %s once', (_, token) => {
  const from = jest.spyOn(Buffer, 'from');
  decodeToken(token);
  const calls: readonly (readonly unknown[])[] = from.mock.calls;
  const segments = calls.filter(([, encoding]) => encoding === 'base64url');
  from.mockRestore();
  expect(segments).toHaveLength(3);
});
