import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CapabilitySigner, CapabilityVerifier, configure, IncomingScope, OutgoingScope } from '../../../src';
import { accountSid, authToken, config, NOW, now, refusal } from '../../helpers/fixed';
import { forge } from '../../helpers/forge';
import { invalidTokens, refusalOf, type InvalidToken } from '../../helpers/invalid-tokens';

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 60 };
const verifier = new CapabilityVerifier(config);
const good = forge(CLAIMS);

afterEach(() => {
  configure({});
  jest.useRealTimers();
});

describe('verify', () => {
  test('returns what a valid token allows', () => {
    const outgoing = new OutgoingScope('AP1', { clientName: 'alice', params: { user_id: 42 } });
    const scopes = [new IncomingScope('alice'), outgoing];
    const verified = verifier.verify(new CapabilitySigner(config).sign(scopes));
    expect(verified).toEqual({
      accountSid,
      scopes,
      clientNames: ['alice'],
      outgoing,
      expiresAt: new Date((NOW + 3600) * 1000),
      claims: { scope: scopes.join(' '), iss: accountSid, exp: NOW + 3600 },
    });
    expect(Object.isFrozen(verified) && Object.isFrozen(verified.claims)).toBe(true);
  });

  test('reads iat, nbf and unknown claims', () => {
    const claims = { ...CLAIMS, iat: NOW - 10, nbf: NOW, version: 2, grants: {}, policies: [] };
    expect(verifier.verify(forge(claims, { typ: 'jwt', alg: 'HS256' }))).toEqual({
      accountSid,
      scopes: [new IncomingScope('alice')],
      clientNames: ['alice'],
      expiresAt: new Date((NOW + 60) * 1000),
      issuedAt: new Date((NOW - 10) * 1000),
      notBefore: new Date(NOW * 1000),
      claims,
    });
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
    // The token fails every check. Each step then fixes one failure.
    const wrong = { iss: 'AC1', exp: 1, nbf: -1, scope: 'alice' };
    const stages: [change: object, rejected: string][] = [
      [{}, 'ALGORITHM alg'],
      [{ header: { alg: 'HS256', crit: [], cty: 'x' } }, 'HEADER crit'],
      [{ header: { ...HEADER, cty: 'x' } }, 'HEADER cty'],
      [{ header: HEADER }, 'CLAIMS payload'],
      [{ payload: wrong }, 'SIGNATURE signature'],
      [{ secret: authToken }, 'ISSUER iss'],
      [{ payload: { ...wrong, iss: accountSid, exp: 0 } }, 'CLAIMS exp'],
      [{ payload: { ...wrong, iss: accountSid, exp: NOW } }, 'EXPIRED exp'],
      [{ payload: { ...wrong, iss: accountSid, exp: NOW + 86_401 } }, 'LIFETIME exp'],
      [{ payload: { ...wrong, iss: accountSid, exp: NOW + 60 } }, 'CLAIMS nbf'],
      [{ payload: { ...CLAIMS, scope: 'alice' } }, 'SCOPE scope'],
    ];
    let token = { header: { alg: 'none', crit: [] } as object, payload: [] as unknown, secret: 'other' };
    for (const [change, rejected] of stages) {
      token = { ...token, ...change };
      const forged = forge(token.payload, token.header, { secret: token.secret });
      expect(refusal(() => verifier.verify(forged))).toBe(`TokenError ERR_TOKEN_${rejected}`);
    }
  });

  test('accepts a clock skew up to clockTolerance', () => {
    const lenient = new CapabilityVerifier({ ...config, clockTolerance: 5 });
    expect(lenient.verify(forge({ ...CLAIMS, exp: NOW - 4, iat: NOW + 5 })).clientNames).toEqual(['alice']);
    const expired = forge({ ...CLAIMS, exp: NOW - 5 });
    expect(refusal(() => lenient.verify(expired))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });

  test('reads the clock at each call, Date.now by default', () => {
    jest.useFakeTimers({ now: now() });
    const byMachine = new CapabilityVerifier({ accountSid, authToken });
    expect(byMachine.verify(good).clientNames).toEqual(['alice']);
    jest.setSystemTime(now() + 60_000);
    expect(refusal(() => byMachine.verify(good))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
  });

  test('throws a ConfigError, not a TokenError, for a broken clock', () => {
    const broken = new CapabilityVerifier({ ...config, now: () => NaN });
    expect(refusal(() => broken.verify(good))).toBe('ConfigError ERR_CONFIG_INVALID now');
  });
});

test('a verifier keeps its account and tolerance, and is frozen', () => {
  expect(JSON.stringify(verifier)).toBe(JSON.stringify({ accountSid, clockTolerance: 0 }));
  expect(Object.isFrozen(verifier)).toBe(true);
});

test('a verifier uses the defaults of configure', () => {
  configure(config);
  expect(new CapabilityVerifier().verify(good).accountSid).toBe(accountSid);
});
