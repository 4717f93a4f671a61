import { expect, test } from '@jest/globals';
import { NO_PARAMS, readParams } from '../../src/scopes/params';
import { LONE_SURROGATE, refusal, thrown } from '../helpers/fixed';

const entries = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, '']));

test.each<[string, Record<string, unknown>, Record<string, string>]>([
  ['text', { user_id: '42', empty: '' }, { user_id: '42', empty: '' }],
  ['any text', { 'a&b=c': '😀 100% +' }, { 'a&b=c': '😀 100% +' }],
  ['numbers', { a: 42, b: -0.5, c: -0, d: 1e21 }, { a: '42', b: '-0.5', c: '0', d: '1e+21' }],
  ['booleans', { yes: true, no: false }, { yes: 'true', no: 'false' }],
  ['names of Object.prototype', { toString: 'x', constructor: 1 }, { toString: 'x', constructor: '1' }],
  ['a null prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: '1' }],
  ['100 entries', entries(100), entries(100)],
])('takes %s, as strings in a frozen copy', (_, params, text) => {
  const read = readParams(params, 'params');
  expect(Object.entries(read)).toEqual(Object.entries(text));
  expect(Object.isFrozen(read)).toBe(true);
});

test('none, undefined and {} are the same nothing', () => {
  expect(readParams(undefined, 'params')).toBe(NO_PARAMS);
  expect(readParams({}, 'params')).toBe(NO_PARAMS);
  expect(NO_PARAMS).toEqual({});
});

test('reads a getter once', () => {
  let reads = 0;
  const params = {
    get a() {
      return ++reads;
    },
  };
  expect([readParams(params, 'params'), reads]).toEqual([{ a: '1' }, 1]);
});

test.each<[string, unknown, string]>([
  ['no plain object', null, 'must be a plain object'],
  ['101 entries', entries(101), 'more than 100'],
  ['a symbol key', { [Symbol('a')]: 1 }, 'enumerable string keys'],
  ['a hidden key', Object.defineProperty({}, 'a', { value: 1 }), 'enumerable string keys'],
  [
    'both a symbol and a hidden key',
    Object.defineProperty({ a: 1, [Symbol('b')]: 1 }, 'c', { value: 1 }),
    'enumerable string keys',
  ],
  ['an empty name', { '': 1 }, 'not empty'],
  ['an ill-formed name', { [LONE_SURROGATE]: 1 }, 'well-formed'],
  ['an own __proto__', JSON.parse('{"__proto__":"x"}'), '"__proto__"'],
  ['an ill-formed value', { a: LONE_SURROGATE }, 'The value of "a" must be'],
  ['an undefined value', { user_id: undefined }, 'The value of "user_id" must be'],
  ['a value under a name not to be shown', { user_42: null }, 'The value of a parameter must be'],
  [
    'a getter that throws',
    {
      get a() {
        throw new Error('the caller’s own');
      },
    },
    'The value of "a" cannot be read',
  ],
  [
    'such a getter under a name not to be shown',
    {
      get a1() {
        throw new Error('the caller’s own');
      },
    },
    'The value of a parameter cannot be read',
  ],
])('refuses %s', (_, params, message) => {
  for (const field of ['params', 'filters'] as const) {
    expect(refusal(() => readParams(params, field))).toBe(`ScopeError ERR_SCOPE_INVALID ${field}`);
    expect(thrown(() => readParams(params, field))).toHaveProperty(
      'message',
      expect.stringContaining(message),
    );
  }
});
