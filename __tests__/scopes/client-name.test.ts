import { describe, expect, test } from '@jest/globals';
import { decodeClientName, encodeClientName } from '../../src';
import { checkClientName } from '../../src/scopes/client-name';
import { LONE_SURROGATE, refusal, thrown } from '../helpers/fixed';

const REFUSED = 'ScopeError ERR_SCOPE_INVALID clientName';

describe('checkClientName', () => {
  test.each(['a', '_', '0', 'Alice_42', 'x'.repeat(121)])('takes %j', (name) => {
    expect(() => {
      checkClientName(name, false);
    }).not.toThrow();
  });

  test.each(['front desk', 'ann.veal@x.com', 'a&b=c', '名前', '😀', ' ', 'x'.repeat(256), '\u2028'])(
    'takes %j if any name will do, and only then',
    (name) => {
      expect(() => {
        checkClientName(name, true);
      }).not.toThrow();
      expect(
        refusal(() => {
          checkClientName(name, false);
        }),
      ).toBe(REFUSED);
    },
  );

  test.each([
    '',
    'x'.repeat(257),
    'a\u0000',
    'a\n',
    'a\u001f',
    'a\u007f',
    'a\u009f',
    LONE_SURROGATE,
    42,
    null,
    undefined,
    ['alice'],
  ])('never takes %j', (name) => {
    for (const allowAnyName of [false, true]) {
      expect(
        refusal(() => {
          checkClientName(name, allowAnyName);
        }),
      ).toBe(REFUSED);
    }
  });

  test('offers encodeClientName', () => {
    const error = thrown(() => {
      checkClientName('ann.veal@x.com', false);
    });
    expect(error).toHaveProperty('message', expect.stringContaining('encodeClientName'));
  });
});

describe('encodeClientName and decodeClientName', () => {
  test.each([
    ['ann.veal@x.com', 'ann_2Eveal_40x_2Ecom'],
    ['alice42', 'alice42'],
    ['user_42', 'user_5F42'],
    ['a b', 'a_20b'],
    ['é', '_C3_A9'],
    ['😀', '_F0_9F_98_80'],
    ['\u0000', '_00'],
    ['\ufeffx', '_EF_BB_BFx'],
    ['\ufffd', '_EF_BF_BD'],
    ['x'.repeat(121), 'x'.repeat(121)],
    ['\n'.repeat(40), '_0A'.repeat(40)],
  ])('%j is %s, and back', (identity, clientName) => {
    expect(encodeClientName(identity)).toBe(clientName);
    expect(decodeClientName(clientName)).toBe(identity);
  });

  test.each(['', 'x'.repeat(122), '\n'.repeat(41), LONE_SURROGATE, 42, null, undefined])(
    'refuses to encode %j',
    (identity) => {
      expect(refusal(() => encodeClientName(identity as string))).toBe(REFUSED);
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
    ['what would be too long if it were text', '_C3'.repeat(40)],
    ['text that is no client name', 'ann.veal'],
    ['nothing', ''],
    ['too much', 'x'.repeat(122)],
    ['no text', 42],
  ])('refuses to decode %s', (_, clientName) => {
    expect(refusal(() => decodeClientName(clientName as string))).toBe(REFUSED);
  });
});
