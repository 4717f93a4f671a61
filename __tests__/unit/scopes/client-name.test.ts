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
    ...['x'.repeat(122), 'x'.repeat(256), 'alice scope:a:b', `${'x'.repeat(120)} `],
  ])('can be %j only with allowAnyName', (name) => {
    expect(build(name, true).clientName).toBe(name);
    expect(refusal(() => build(name))).toBe(INVALID);
    const problem =
      name.length > 121
        ? 'must be at most 121 characters.'
        : 'contains characters other than letters, digits and underscores. Use encodeClientName() for other text, ' +
          'or pass { allowAnyName: true } to send it unchanged.';
    expect(() => build(name)).toThrow(`Client name ${problem}`);
  });

  const any = 'must be at most 256 characters, well formed and without control characters.';
  test.each<[unknown, string]>([
    ['', 'must not be empty.'],
    ...[
      'x'.repeat(257),
      '😀'.repeat(129),
      'a\u0000',
      'a\n',
      'a\u001f',
      'a\u007f',
      'a\u009f',
      LONE_SURROGATE,
    ].map((name): [string, string] => [name, any]),
    [42, 'must be a string. Received number.'],
    [null, 'must be a string. Received null.'],
    [undefined, 'must be a string. Received undefined.'],
    ...[NaN, true, 5n, Symbol('alice'), {}, ['alice'], new String('alice'), () => 'alice'].map(
      (name): [unknown, string] => [name, 'must be a string. Received '],
    ),
  ])('can never be %p', (name, problem) => {
    for (const allowAnyName of [false, true]) {
      expect(refusal(() => build(name, allowAnyName))).toBe(INVALID);
    }
    expect(() => build(name, true)).toThrow(`Client name ${problem}`);
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
  ['名'.repeat(13), '_E5_90_8D'.repeat(13)],
])('%j is encoded as %s', (identity, clientName) => {
  expect(encodeClientName(identity)).toBe(clientName);
  expect(decodeClientName(clientName)).toBe(identity);
});

const tooLong = (text: string) =>
  `Text of ${text} is too long for a client name. At most 121 characters are allowed.`;
test.each([
  ['', 'Client name must not be empty.'],
  // Told its length, and not encoded first.
  ['x'.repeat(1_000_000), tooLong('1000000 characters')],
  ['x'.repeat(122), tooLong('122 characters')],
  ['\n'.repeat(41), tooLong('41 characters, which has 123 once encoded,')],
  ['名'.repeat(14), tooLong('14 characters, which has 126 once encoded,')],
  [LONE_SURROGATE, 'Only well-formed text can be encoded as a client name.'],
  [42, 'Only text can be encoded as a client name. Received number.'],
  [null, 'Only text can be encoded as a client name. Received null.'],
])('encodeClientName rejects text, case %#', (identity, message) => {
  expect(refusal(() => encodeClientName(identity as string))).toBe(INVALID);
  expect(() => encodeClientName(identity as string)).toThrow(message);
});

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
