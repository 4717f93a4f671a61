import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { OutgoingScope } from '../../../src';
import { LONE_SURROGATE, refusal, thrown } from '../../helpers/fixed';

const build = (params: unknown) => new OutgoingScope('AP1', { params: params as Record<string, string> });
const entries = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, '']));

test.each<[string, object, Record<string, string>]>([
  ['text', { user_id: '42', empty: '' }, { user_id: '42', empty: '' }],
  ['any text', { 'a&b=c': '😀 100% +', '🔑': '\u0000\r\n' }, { 'a&b=c': '😀 100% +', '🔑': '\u0000\r\n' }],
  ['numbers', { a: 42, b: -0.5, c: -0, d: 1e21 }, { a: '42', b: '-0.5', c: '0', d: '1e+21' }],
  ['booleans', { yes: true, no: false }, { yes: 'true', no: 'false' }],
  ['names of Object.prototype', { toString: 'x', constructor: 1 }, { toString: 'x', constructor: '1' }],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: '1' }],
  ['a Proxy', new Proxy({ a: 1 }, {}), { a: '1' }],
  ['100 entries', entries(100), entries(100)],
])('accepts %s', (_, params, text) => {
  expect(Object.entries(build(params).params)).toEqual(Object.entries(text));
});

const PLAIN = 'params must be a plain object';
const KEYS = 'Keys of params must be';
const VALUE = 'params.a must be';
test.each<[string, unknown, string]>([
  ['an array', ['a'], PLAIN],
  ['101 entries', entries(101), 'more than 100'],
  ['an empty key', { '': 1 }, KEYS],
  ['an ill-formed key', { [LONE_SURROGATE]: 1 }, KEYS],
  ['an own __proto__', JSON.parse('{"__proto__":"x"}'), KEYS],
  ...[null, undefined, NaN, Infinity, {}, ['x'], new Date(), 5n, Symbol('x'), () => 'x', LONE_SURROGATE].map(
    (a): [string, unknown, string] => [`the value ${inspect(a)}`, { a }, VALUE],
  ),
  ['a value, and names its key', { 'user-42.name': null }, 'params.user-42.name must be'],
  ['a value under a key that may be a secret', { fedcba9876543210fedcba9876543210: null }, 'params must be'],
])('rejects %s', (_, params, message) => {
  expect(refusal(() => build(params))).toBe('ScopeError ERR_SCOPE_INVALID params');
  expect(thrown(() => build(params))).toHaveProperty('message', expect.stringContaining(message));
});
