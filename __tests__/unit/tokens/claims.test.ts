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
    expect(validate({ exp })).toStrictEqual({
      expiresAt: new Date(NOW * 1000 + 600_500),
      issuedAt: undefined,
      notBefore: undefined,
    });
    expect(validate({ exp }, 0, (NOW + 600) * 1000 + 499).expiresAt).toEqual(new Date(NOW * 1000 + 600_500));
    expect(refusal(() => validate({ exp }, 0, (NOW + 600) * 1000 + 500))).toBe(
      'TokenError ERR_TOKEN_EXPIRED exp',
    );
    expect(validate({ exp }, 0, now() + 500 - DAY * 1000 + 600_000).expiresAt).toEqual(
      new Date(NOW * 1000 + 600_500),
    );
    expect(refusal(() => validate({ exp }, 0, now() + 499 - DAY * 1000 + 600_000))).toBe(
      'TokenError ERR_TOKEN_LIFETIME exp',
    );
    expect(validate({ exp: Number.MIN_VALUE }, 300, 0).expiresAt).toEqual(new Date(0));
  });

  const starts = ['nbf', 'iat'].flatMap((name) => [
    ...[null, `${NOW}`, -1, 8.64e12 + 1, Infinity, true, {}].map(
      (time) => [{ exp: NOW + 60, [name]: time }, 300, `ERR_TOKEN_CLAIMS ${name}`] as const,
    ),
    ...(
      [
        [NOW + 1, 0],
        [NOW + 0.001, 0],
        [NOW + 0.5, 0],
        [NOW + 301, 300],
        [8.64e12, 300],
      ] as const
    ).map(
      ([time, tolerance]) =>
        [{ exp: NOW + 60, [name]: time }, tolerance, `ERR_TOKEN_NOT_YET_VALID ${name}`] as const,
    ),
  ]);
  test.each<readonly [object, number, string]>([
    [{ exp: NOW }, 0, 'ERR_TOKEN_EXPIRED exp'],
    [{ exp: NOW - 300 }, 300, 'ERR_TOKEN_EXPIRED exp'],
    [{ exp: 1 }, 0, 'ERR_TOKEN_EXPIRED exp'],
    [{ exp: NOW, nbf: NOW + 60 }, 0, 'ERR_TOKEN_EXPIRED exp'],
    [{ exp: NOW + DAY + 1 }, 0, 'ERR_TOKEN_LIFETIME exp'],
    [{ exp: NOW + DAY + 301 }, 300, 'ERR_TOKEN_LIFETIME exp'],
    [{ exp: (NOW + 60) * 1000 }, 0, 'ERR_TOKEN_LIFETIME exp'],
    [{}, 0, 'ERR_TOKEN_CLAIMS exp'],
    ...[null, `${NOW + 60}`, 0, -0, -1, 8.64e12 + 1, 2 ** 53, Infinity, true, [NOW + 60]].map(
      (exp) => [{ exp }, 0, 'ERR_TOKEN_CLAIMS exp'] as const,
    ),
    ...starts,
  ])('rejects %j, tolerance %d s: %s', (claims, tolerance, expected) => {
    // The fraction of the current second makes no difference, as in jsonwebtoken and jose.
    for (const millisecond of [0, 999]) {
      expect(refusal(() => validate(claims, tolerance, now() + millisecond))).toBe(`TokenError ${expected}`);
    }
  });
});

test('readTimes validates nothing, and invalid times are undefined', () => {
  expect(readTimes({ exp: 1.5, iat: 0, nbf: 8.64e12 })).toEqual({
    expiresAt: date(1.5),
    issuedAt: date(0),
    notBefore: date(8.64e12),
  });
  expect(readTimes({ exp: '1', iat: -1, nbf: 8.64e12 + 1 })).toStrictEqual({
    expiresAt: undefined,
    issuedAt: undefined,
    notBefore: undefined,
  });
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

  test('the empty claim allows nothing', () =>
    expect(parseScopeClaim({ scope: '' })).toEqual({ scopes: [], clientNames: [] }));

  test.each([undefined, null, 42, ['scope:a:b'], ' ', 'alice', 'scope:client:incoming', 'scope:a:b?x=%'])(
    'rejects %j',
    (scope) => {
      expect(refusal(() => parseScopeClaim({ scope }))).toBe('TokenError ERR_TOKEN_SCOPE scope');
    },
  );
});
