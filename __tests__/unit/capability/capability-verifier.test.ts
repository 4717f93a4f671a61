import { describe, expect, test } from '@jest/globals';
import { CapabilityVerifier, IncomingScope, OutgoingScope } from '../../../src';
import { accountSid, authToken, config, NOW, refusal } from '../../helpers/fixed';
import { forge } from '../../helpers/forge';
import { invalidTokens, refusalOf, type InvalidToken } from '../../helpers/invalid-tokens';

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 60 };
const verifier = new CapabilityVerifier(config);

describe('verify', () => {
  test('returns what a valid token allows, its times and all its claims', () => {
    const outgoing = new OutgoingScope('AP1', { clientName: 'alice', params: { user_id: 42 } });
    const scopes = [new IncomingScope('alice'), outgoing];
    const others = { iat: NOW - 10, nbf: NOW, version: 2, grants: {}, policies: [] };
    const claims = { ...CLAIMS, scope: scopes.join(' '), ...others };
    const verified = verifier.verify(forge(claims, { typ: 'jwt', alg: 'HS256' }));
    expect(verified).toEqual({
      accountSid,
      scopes,
      clientNames: ['alice'],
      outgoing,
      expiresAt: new Date((NOW + 60) * 1000),
      issuedAt: new Date((NOW - 10) * 1000),
      notBefore: new Date(NOW * 1000),
      claims,
    });
    expect(Object.isFrozen(verified) && Object.isFrozen(verified.claims)).toBe(true);
  });

  test('accepts a token that allows nothing, with own properties for absent claims', () => {
    expect(verifier.verify(forge({ ...CLAIMS, scope: '' }))).toStrictEqual({
      accountSid,
      scopes: [],
      clientNames: [],
      outgoing: undefined,
      expiresAt: new Date((NOW + 60) * 1000),
      issuedAt: undefined,
      notBefore: undefined,
      claims: { ...CLAIMS, scope: '' },
    });
  });

  test.each<InvalidToken>([
    ...invalidTokens(CLAIMS, HEADER, authToken),
    ['that is an Access Token', forge(CLAIMS, { ...HEADER, cty: 'twilio-fpa;v=1' }), 'HEADER cty'],
    ['that is an Access Token without cty', forge({ iss: 'SK1', grants: {} }), 'HEADER cty'],
    ['with an array as iss', forge({ ...CLAIMS, iss: [accountSid] }), 'ISSUER iss'],
    ['without a scope', forge({ iss: accountSid, exp: NOW + 60 }), 'SCOPE scope'],
    ['with a scope that does not parse', forge({ ...CLAIMS, scope: 'alice' }), 'SCOPE scope'],
    ['of TaskRouter', forge({ ...CLAIMS, scope: undefined, policies: [] }), 'SCOPE scope'],
  ])('rejects a token %s', (_, token, refused) => {
    expect(refusalOf(() => verifier.verify(token as string), token)).toBe(`TokenError ERR_TOKEN_${refused}`);
  });

  test('has three stages: decode, signature, claims. The first failure counts', () => {
    const wrong = { iss: 'AC1', exp: 1, nbf: -1, scope: 'alice' };
    const ours = { ...wrong, iss: accountSid };
    const stages: [payload: unknown, header: object, secret: string, rejected: string][] = [
      [[], { alg: 'none', crit: [] }, 'wrong', 'ALGORITHM alg'],
      [[], { alg: 'HS256', crit: [], cty: 'x' }, 'wrong', 'HEADER crit'],
      [[], { ...HEADER, cty: 'x' }, 'wrong', 'HEADER cty'],
      [[], HEADER, 'wrong', 'CLAIMS payload'],
      [wrong, HEADER, 'wrong', 'SIGNATURE signature'],
      [wrong, HEADER, authToken, 'ISSUER iss'],
      [{ ...ours, exp: 0 }, HEADER, authToken, 'CLAIMS exp'],
      [{ ...ours, exp: NOW }, HEADER, authToken, 'EXPIRED exp'],
      [{ ...ours, exp: NOW + 86_401 }, HEADER, authToken, 'LIFETIME exp'],
      [{ ...ours, exp: NOW + 60 }, HEADER, authToken, 'CLAIMS nbf'],
      [{ ...CLAIMS, scope: 'alice' }, HEADER, authToken, 'SCOPE scope'],
    ];
    for (const [payload, header, secret, rejected] of stages) {
      const bad = forge(payload, header, { secret });
      expect(refusal(() => verifier.verify(bad))).toBe(`TokenError ERR_TOKEN_${rejected}`);
    }
  });

  test('accepts a clock skew up to clockTolerance', () => {
    const lenient = new CapabilityVerifier({ ...config, clockTolerance: 5 });
    expect(lenient.verify(forge({ ...CLAIMS, exp: NOW - 4, iat: NOW + 5 })).clientNames).toEqual(['alice']);
    const expired = forge({ ...CLAIMS, exp: NOW - 5 });
    expect(refusal(() => lenient.verify(expired))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });

  test('throws a ConfigError, not a TokenError, for a broken clock', () => {
    const broken = new CapabilityVerifier({ ...config, now: () => NaN });
    expect(refusal(() => broken.verify(forge(CLAIMS)))).toBe('ConfigError ERR_CONFIG_INVALID now');
  });
});

test('a verifier keeps its account and tolerance, and is frozen', () => {
  expect(JSON.stringify(verifier)).toBe(JSON.stringify({ accountSid, clockTolerance: 0 }));
  expect(Object.isFrozen(verifier)).toBe(true);
});
