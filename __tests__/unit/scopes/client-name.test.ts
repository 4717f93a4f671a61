import { expect, test } from '@jest/globals';
import { decodeClientName, encodeClientName, IncomingScope } from '../../../src';
import { LONE_SURROGATE, refusal } from '../../helpers/fixed';

const INVALID = 'ScopeError ERR_SCOPE_INVALID clientName';
const build = (name: unknown, allowAnyName = false) => new IncomingScope(name as string, { allowAnyName });

test.each(['a', '_', '0', 'Alice_42', 'x'.repeat(121)])('a client name can be %j', (name) => {
  expect(build(name).clientName).toBe(name);
});

test.each([
  ...['front desk', 'ann.veal@x.com', 'a-b', 'a&b=c', '100%', '+', '名前', 'é', '😀', ' ', '\u2028'],
  ...['x'.repeat(122), 'x'.repeat(256), 'alice scope:a:b', `${'x'.repeat(120)} `],
])('a client name can be %j only with allowAnyName', (name) => {
  expect(build(name, true).clientName).toBe(name);
  expect(refusal(() => build(name))).toBe(INVALID);
});

test.each<unknown>([
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
  ...[42, null, undefined, NaN, 5n, Symbol('alice'), {}, ['alice'], new String('alice'), () => 'alice'],
])('a client name can never be %p', (name) => {
  for (const allowAnyName of [false, true]) {
    expect(refusal(() => build(name, allowAnyName))).toBe(INVALID);
  }
});

test('a client name that is empty or no string is called so', () => {
  expect(() => build('', true)).toThrow('Client name must not be empty.');
  expect(() => build(null, true)).toThrow('Client name must be a string. Received null.');
});

test.each([
  ['ann.veal@x.com', 'ann_2Eveal_40x_2Ecom'],
  ['alice42', 'alice42'],
  ['user_42', 'user_5F42'],
  ['😀', '_F0_9F_98_80'],
  ['\ufeffx', '_EF_BB_BFx'],
  ['x'.repeat(121), 'x'.repeat(121)],
  ['\n'.repeat(40), '_0A'.repeat(40)],
  ['名'.repeat(13), '_E5_90_8D'.repeat(13)],
])('%j is encoded as %s', (identity, clientName) => {
  expect(encodeClientName(identity)).toBe(clientName);
  expect(decodeClientName(clientName)).toBe(identity);
});

test.each<[what: string, text: unknown, message: string]>([
  ['the empty string', '', ''],
  ['an ill-formed string', LONE_SURROGATE, ''],
  ['a number', 42, 'Received number'],
  // Its length is checked before it is encoded.
  ['a megabyte', 'x'.repeat(1_000_000), '1000000 characters is too long'],
  ['122 characters', 'x'.repeat(122), '122 characters is too long'],
  ['41 line feeds', '\n'.repeat(41), '41 characters, which has 123 once encoded'],
  ['14 Japanese characters', '名'.repeat(14), '14 characters, which has 126 once encoded'],
])('encodeClientName rejects %s', (_, text, message) => {
  expect(refusal(() => encodeClientName(text as string))).toBe(INVALID);
  expect(() => encodeClientName(text as string)).toThrow(message);
});

test.each([
  ['a plain name', 'user_42'],
  ['a cut escape', 'alice_2'],
  ['a lower-case escape', 'ann_2eveal'],
  ['an escaped letter', '_41nn'],
  ['bytes that are not UTF-8', '_C3'],
  ['the empty string', ''],
  ['122 characters', 'x'.repeat(122)],
  ['a number', 42],
])('decodeClientName rejects %s', (_, clientName) => {
  expect(refusal(() => decodeClientName(clientName as string))).toBe(INVALID);
});
