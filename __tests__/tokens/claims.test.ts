import { describe, expect, test } from '@jest/globals';
import { IncomingScope, OutgoingScope } from '../../src';
import { checkTimes, readScopes, readTimes } from '../../src/tokens/claims';
import { NOW, now, refusal } from '../helpers/fixed';

const DAY = 86_400;
const date = (seconds: number): Date => new Date(seconds * 1000);
const check = (claims: object, tolerance = 0) =>
  checkTimes(claims as Record<string, unknown>, now(), tolerance);

describe('checkTimes', () => {
  test('gives the times there are', () => {
    expect(check({ exp: NOW + 60 })).toEqual({ expiresAt: date(NOW + 60) });
    expect(check({ exp: NOW + 60, iat: NOW, nbf: NOW - 0.5 })).toEqual({
      expiresAt: date(NOW + 60),
      issuedAt: date(NOW),
      notBefore: date(NOW - 0.5),
    });
  });

  test.each([
    ['a second before its end', { exp: NOW + 1 }, 0],
    ['at its end, if clocks may differ', { exp: NOW }, 1],
    ['just before its end and the tolerance', { exp: NOW - 299 }, 300],
    ['a day before its end', { exp: NOW + DAY }, 0],
    ['a day and the tolerance before its end', { exp: NOW + DAY + 300 }, 300],
    ['at its start', { exp: NOW + 60, nbf: NOW, iat: NOW }, 0],
    ['as long before its start as clocks may differ', { exp: NOW + 60, nbf: NOW + 300, iat: NOW + 300 }, 300],
    ['that was made at the epoch', { exp: NOW + 60, nbf: 0, iat: 0 }, 0],
  ])('takes a token %s', (_, claims, tolerance) => {
    expect(check(claims, tolerance).expiresAt).toEqual(date(claims.exp));
  });

  const EXPIRED = 'TokenError ERR_TOKEN_EXPIRED exp';
  const LIFETIME = 'TokenError ERR_TOKEN_LIFETIME exp';
  const EXP = 'TokenError ERR_TOKEN_CLAIMS exp';
  test.each<[string, object, number, string]>([
    ['at its very end', { exp: NOW }, 0, EXPIRED],
    ['after its end', { exp: NOW - 1 }, 0, EXPIRED],
    ['at its end and the tolerance', { exp: NOW - 300 }, 300, EXPIRED],
    ['at the first second there is', { exp: 1 }, 0, EXPIRED],
    ['a day and a second before its end', { exp: NOW + DAY + 1 }, 0, LIFETIME],
    ['a day, the tolerance and a second before its end', { exp: NOW + DAY + 301 }, 300, LIFETIME],
    ['with an end in milliseconds', { exp: (NOW + 60) * 1000 }, 0, LIFETIME],
    ['without an end', {}, 0, EXP],
    ...[null, `${NOW + 60}`, NOW + 0.5, 0, -1, 2 ** 53, Infinity, true, [NOW + 60]].map(
      (exp): [string, object, number, string] => [`with exp ${JSON.stringify(exp)}`, { exp }, 0, EXP],
    ),
    ...['nbf', 'iat'].flatMap((name) => [
      ...[null, `${NOW}`, -1, 8.64e12 + 1, Infinity, true, {}].map(
        (time): [string, object, number, string] => [
          `with ${name} ${JSON.stringify(time)}`,
          { exp: NOW + 60, [name]: time },
          300,
          `TokenError ERR_TOKEN_CLAIMS ${name}`,
        ],
      ),
      ...[
        [NOW + 1, 0],
        [NOW + 0.001, 0],
        [NOW + 301, 300],
        [8.64e12, 300],
      ].map(([time, tolerance]): [string, object, number, string] => [
        `with ${name} ${time!}`,
        { exp: NOW + 60, [name]: time },
        tolerance!,
        `TokenError ERR_TOKEN_NOT_YET_VALID ${name}`,
      ]),
    ]),
    ['whose end is judged before its start', { exp: NOW, nbf: NOW + 60 }, 0, EXPIRED],
  ])('refuses a token %s', (_, claims, tolerance, refused) => {
    expect(refusal(() => check(claims, tolerance))).toBe(refused);
  });

  test('judges between two seconds too', () => {
    const claims = { exp: NOW + 1 };
    expect(checkTimes(claims, now() + 999, 0).expiresAt).toEqual(date(NOW + 1));
    expect(refusal(() => checkTimes({ exp: NOW + DAY + 1 }, now() + 999, 0))).toBe(LIFETIME);
  });
});

test('readTimes judges nothing, and leaves out what is no time', () => {
  expect(readTimes({ exp: 1.5, iat: 0, nbf: 8.64e12 })).toEqual({
    expiresAt: date(1.5),
    issuedAt: date(0),
    notBefore: date(8.64e12),
  });
  expect(readTimes({ exp: '1', iat: -1, nbf: 8.64e12 + 1 })).toEqual({});
});

describe('readScopes', () => {
  test('sorts out what is allowed', () => {
    const read = readScopes({
      scope:
        'scope:client:outgoing?appSid=AP1 scope:client:incoming?clientName=alice ' +
        'scope:client:outgoing?appSid=AP2 scope:client:incoming?clientName=front desk',
    });
    expect(read).toEqual({
      scopes: [
        new OutgoingScope('AP1'),
        new IncomingScope('alice'),
        new OutgoingScope('AP2'),
        new IncomingScope('front desk', { allowAnyName: true }),
      ],
      clientNames: ['alice', 'front desk'],
      outgoing: new OutgoingScope('AP1'),
    });
    expect(Object.isFrozen(read.scopes) && Object.isFrozen(read.clientNames)).toBe(true);
  });

  test('an empty claim allows nothing', () => {
    expect(readScopes({ scope: '' })).toEqual({ scopes: [], clientNames: [] });
  });

  test.each([undefined, null, 42, ['scope:a:b'], ' ', 'alice', 'scope:client:incoming', 'scope:a:b?x=%'])(
    'refuses the claim %j',
    (scope) => {
      expect(refusal(() => readScopes({ scope }))).toBe('TokenError ERR_TOKEN_SCOPE scope');
    },
  );
});
