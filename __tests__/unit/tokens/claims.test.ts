import { describe, expect, test } from '@jest/globals';
import { IncomingScope, OutgoingScope } from '../../../src';
import { parseScopeClaim, readTimes, validateTimes } from '../../../src/tokens/claims';
import { NOW, now, refusal } from '../../helpers/fixed';

const DAY = 86_400;
const date = (seconds: number): Date => new Date(seconds * 1000);
const validate = (claims: object, tolerance = 0, time = now()) =>
  validateTimes(claims as Record<string, unknown>, time, tolerance);

describe('validateTimes', () => {
  test('returns the times in the claims', () => {
    expect(validate({ exp: NOW + 60 })).toEqual({ expiresAt: date(NOW + 60) });
    expect(validate({ exp: NOW + 60, iat: NOW, nbf: NOW - 0.5 })).toEqual({
      expiresAt: date(NOW + 60),
      issuedAt: date(NOW),
      notBefore: date(NOW - 0.5),
    });
  });

  test.each([
    ['exp in 1 s', { exp: NOW + 1 }, 0],
    ['exp now, tolerance 1 s', { exp: NOW }, 1],
    ['exp 299 s ago, tolerance 300 s', { exp: NOW - 299 }, 300],
    ['exp in 24 h', { exp: NOW + DAY }, 0],
    ['exp in 24 h and the tolerance', { exp: NOW + DAY + 300 }, 300],
    ['nbf and iat now', { exp: NOW + 60, nbf: NOW, iat: NOW }, 0],
    ['nbf and iat in the tolerance', { exp: NOW + 60, nbf: NOW + 300, iat: NOW + 300 }, 300],
    ['nbf and iat 0', { exp: NOW + 60, nbf: 0, iat: 0 }, 0],
  ])('accepts %s', (_, claims, tolerance) => {
    for (const millisecond of [0, 999]) {
      expect(validate(claims, tolerance, now() + millisecond).expiresAt).toEqual(date(claims.exp));
    }
  });

  test('accepts a fraction as exp, to the millisecond', () => {
    const exp = NOW + 600.5004;
    const end = NOW * 1000 + 600_500;
    for (const time of [now(), end - 1, end - DAY * 1000]) {
      expect(validate({ exp }, 0, time).expiresAt).toEqual(new Date(end));
    }
    expect(refusal(() => validate({ exp }, 0, end))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
    const tooEarly = end - DAY * 1000 - 1;
    expect(refusal(() => validate({ exp }, 0, tooEarly))).toBe('TokenError ERR_TOKEN_LIFETIME exp');
    expect(validate({ exp: Number.MIN_VALUE }, 300, 0).expiresAt).toEqual(new Date(0));
  });

  const exp = NOW + 60;
  const badEnds = [null, `${exp}`, 0, -0, -1, 8.64e12 + 1, Infinity, true, [exp], undefined];
  const badStarts = [null, `${NOW}`, -1, 8.64e12 + 1, Infinity, true, {}];
  test.each<readonly [object, number, string]>([
    [{ exp: NOW }, 0, 'EXPIRED exp'],
    [{ exp: NOW - 300 }, 300, 'EXPIRED exp'],
    [{ exp: 1 }, 0, 'EXPIRED exp'],
    [{ exp: NOW, nbf: NOW + 60 }, 0, 'EXPIRED exp'],
    [{ exp: NOW + DAY + 1 }, 0, 'LIFETIME exp'],
    [{ exp: NOW + DAY + 301 }, 300, 'LIFETIME exp'],
    [{ exp: exp * 1000 }, 0, 'LIFETIME exp'],
    [{ exp, nbf: NOW + 0.001 }, 0, 'NOT_YET_VALID nbf'],
    [{ exp, iat: NOW + 1 }, 0, 'NOT_YET_VALID iat'],
    [{ exp, nbf: NOW + 301 }, 300, 'NOT_YET_VALID nbf'],
    [{ exp, iat: 8.64e12 }, 300, 'NOT_YET_VALID iat'],
    ...badEnds.map((end) => [{ exp: end }, 0, 'CLAIMS exp'] as const),
    ...badStarts.map((nbf) => [{ exp, nbf }, 300, 'CLAIMS nbf'] as const),
    ...badStarts.map((iat) => [{ exp, iat }, 300, 'CLAIMS iat'] as const),
  ])('rejects %j, tolerance %d s: %s', (claims, tolerance, expected) => {
    // The fraction of the current second makes no difference, as in jsonwebtoken and jose.
    for (const millisecond of [0, 999]) {
      const act = () => validate(claims, tolerance, now() + millisecond);
      expect(refusal(act)).toBe(`TokenError ERR_TOKEN_${expected}`);
    }
  });
});

test('readTimes validates nothing, and invalid times are undefined', () => {
  const times = { expiresAt: date(1.5), issuedAt: date(0), notBefore: date(8.64e12) };
  expect(readTimes({ exp: 1.5, iat: 0, nbf: 8.64e12 })).toEqual(times);
  const none = { expiresAt: undefined, issuedAt: undefined, notBefore: undefined };
  expect(readTimes({ exp: '1', iat: -1, nbf: 8.64e12 + 1 })).toStrictEqual(none);
});

describe('parseScopeClaim', () => {
  test('extracts the client names and the first outgoing scope', () => {
    const parsed = parseScopeClaim({
      scope:
        'scope:client:outgoing?appSid=AP1 scope:client:incoming?clientName=alice ' +
        'scope:client:outgoing?appSid=AP2 scope:client:incoming?clientName=front desk',
    });
    expect(parsed).toEqual({
      scopes: [
        new OutgoingScope('AP1'),
        new IncomingScope('alice'),
        new OutgoingScope('AP2'),
        new IncomingScope('front desk', { allowAnyName: true }),
      ],
      clientNames: ['alice', 'front desk'],
      outgoing: new OutgoingScope('AP1'),
    });
    expect(Object.isFrozen(parsed.scopes) && Object.isFrozen(parsed.clientNames)).toBe(true);
  });

  test.each<[scope: unknown, message: string]>([
    [undefined, 'Token has no scope claim.'],
    [null, 'Token scope is invalid. Scope claim must be a string.'],
    ['alice', 'Token scope is invalid. Scope must have the form'],
    [
      'scope:client:outgoing?appSid=1',
      'Token scope is invalid. Scope cannot be parsed. Application SID must',
    ],
  ])('rejects %j', (scope, message) => {
    expect(refusal(() => parseScopeClaim({ scope }))).toBe('TokenError ERR_TOKEN_SCOPE scope');
    expect(() => parseScopeClaim({ scope })).toThrow(message);
  });
});
