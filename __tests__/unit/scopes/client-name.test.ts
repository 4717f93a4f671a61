import { describe, expect, test } from '@jest/globals';
import { decodeClientName, encodeClientName, IncomingScope } from '../../../src';
import { LONE_SURROGATE, refusal } from '../../helpers/fixed';

const INVALID = 'ScopeError ERR_SCOPE_INVALID clientName';
const build = (name: unknown, allowAnyName = false) => new IncomingScope(name as string, { allowAnyName });

describe('a client name', () => {
  test.each(['a', '_', '0', 'Alice_42', 'x'.repeat(121)])('can be %j', (name) => {
    expect(build(name).clientName).toBe(name);
  });

  test.each([
    ...['front desk', 'ann.veal@x.com', 'a-b', 'a&b=c', '100%', '+', '名前', 'é', '😀', ' ', '\u2028'],
    ...['x'.repeat(122), 'x'.repeat(256), 'alice scope:a:b'],
  ])('can be %j only with allowAnyName', (name) => {
    expect(build(name, true).clientName).toBe(name);
    expect(refusal(() => build(name))).toBe(INVALID);
  });

  test.each([
    ...[
      '',
      'x'.repeat(257),
      '😀'.repeat(129),
      'a\u0000',
      'a\n',
      'a\u001f',
      'a\u007f',
      'a\u009f',
      LONE_SURROGATE,
    ],
    ...[
      42,
      NaN,
      true,
      5n,
      Symbol('alice'),
      null,
      undefined,
      {},
      ['alice'],
      new String('alice'),
      () => 'alice',
    ],
  ])('can never be %p', (name) => {
    for (const allowAnyName of [false, true]) {
      expect(refusal(() => build(name, allowAnyName))).toBe(INVALID);
    }
  });
});

test.each([
  ['ann.veal@x.com', 'ann_2Eveal_40x_2Ecom'],
  ['alice42', 'alice42'],
  ['user_42', 'user_5F42'],
  ['é', '_C3_A9'],
  ['😀', '_F0_9F_98_80'],
  ['\u0000', '_00'],
  ['\ufeffx', '_EF_BB_BFx'],
  ['\ufffd', '_EF_BF_BD'],
  ['x'.repeat(121), 'x'.repeat(121)],
  ['\n'.repeat(40), '_0A'.repeat(40)],
])('%j is encoded as %s', (identity, clientName) => {
  expect(encodeClientName(identity)).toBe(clientName);
  expect(decodeClientName(clientName)).toBe(identity);
});

test.each(['', 'x'.repeat(122), '\n'.repeat(41), '😀'.repeat(11), LONE_SURROGATE, 42, null, undefined])(
  'encodeClientName rejects %j',
  (identity) => {
    expect(refusal(() => encodeClientName(identity as string))).toBe(INVALID);
  },
);

test.each([
  ['a plain name', 'user_42'],
  ['an underscore at the end', 'alice_'],
  ['a cut escape', 'alice_2'],
  ['a lower-case escape', 'ann_2eveal'],
  ['an escaped letter', '_41nn'],
  ['bytes that are not UTF-8', '_C3'],
  ['a surrogate in UTF-8', '_ED_A0_BD'],
  ['an overlong form', '_C0_AF'],
  ['text that is not a client name', 'ann.veal'],
  ['the empty string', ''],
  ['122 characters', 'x'.repeat(122)],
  ['a number', 42],
])('decodeClientName rejects %s', (_, clientName) => {
  expect(refusal(() => decodeClientName(clientName as string))).toBe(INVALID);
});

test('text that is too long to encode is told its length, and is not encoded first', () => {
  expect(() => encodeClientName('x'.repeat(1_000_000))).toThrow(
    'Text of 1000000 characters is too long for a client name. At most 121 characters are allowed.',
  );
  // Each of these characters has three bytes, and so nine characters once encoded.
  expect(encodeClientName('名'.repeat(13))).toHaveLength(117);
  expect(() => encodeClientName('名'.repeat(14))).toThrow(
    'Text of 14 characters, which has 126 once encoded, is too long for a client name. At most 121 characters are allowed.',
  );
});
