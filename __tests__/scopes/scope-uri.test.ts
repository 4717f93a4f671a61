import { describe, expect, test } from '@jest/globals';
import {
  decodeInner,
  formatParams,
  formatQuery,
  optionalPart,
  parseParams,
  parseScopeUri,
  splitClaim,
} from '../../src/scopes/scope-uri';
import { LONE_SURROGATE, refusal } from '../helpers/fixed';

describe('formatQuery', () => {
  test.each<[Record<string, string>, string]>([
    [{}, ''],
    [{ k: '' }, '?k='],
    [{ k: 'v', l: 'w' }, '?k=v&l=w'],
    [{ 'k k': "é &=+%/😀!'()*~" }, "?k%20k=%C3%A9%20%26%3D%2B%25%2F%F0%9F%98%80!'()*~"],
  ])('%j is %s', (query, text) => {
    expect(formatQuery(query)).toBe(text);
  });
});

describe('formatParams', () => {
  test.each<[Record<string, string>, string]>([
    [{}, ''],
    [{ k: '' }, 'k%3D'],
    [{ user_id: '42', name: 'Alice Smith' }, 'user_id%3D42%26name%3DAlice%2520Smith'],
    [{ 'a&': '=+' }, 'a%2526%3D%253D%252B'],
  ])('%j is %s', (params, text) => {
    expect(formatParams(params)).toBe(text);
  });
});

test('an optional part is there where its value is not empty', () => {
  expect(optionalPart('k', 'v%20w')).toBe('&k=v%20w');
  expect(optionalPart('k', '')).toBe('');
});

describe('parseScopeUri', () => {
  test.each([
    ['scope:a:b', []],
    ['scope:a:b?', []],
    ['scope:a:b?&&', []],
    ['scope:a:b?k=v', [['k', 'v']]],
    ['scope:a:b?k=', [['k', '']]],
    ['scope:a:b?=v', [['', 'v']]],
    ['scope:a:b?k', [['k', undefined]]],
    ['scope:a:b?k=v=w', [['k', 'v=w']]],
    ['scope:a:b?k=v?w', [['k', 'v?w']]],
    ['scope:a:b?k+k=v+w%20x%2By', [['k k', 'v w x+y']]],
    ['scope:a:b?k=raw name', [['k', 'raw name']]],
    ['scope:a:b?k=%F0%9F%98%80é', [['k', '😀é']]],
  ] as const)('reads %s', (uri, query) => {
    expect(parseScopeUri(uri)).toEqual({
      name: 'a:b',
      query: query.map(([key, value]) => ({ key, value })),
    });
  });

  test.each([
    '',
    'scope',
    'scope:',
    'scope:a',
    'scope::b',
    'scope:a:',
    'scope:a:b:c',
    'scope: a:b',
    'scope:a:b ',
    'SCOPE:a:b',
    ' scope:a:b',
    'xscope:a:b',
    'scope:a:b?k=v scope:c:d',
    'scope:a:b?k=%',
    'scope:a:b?k=%zz',
    'scope:a:b?%FF=v',
    'scope:a:b?k=%ED%A0%BD',
    `scope:a:b?k=${LONE_SURROGATE}`,
  ])('refuses %j', (uri) => {
    expect(refusal(() => parseScopeUri(uri))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
  });
});

test('a query has at most 1,000 parts', () => {
  const uri = (parts: number) => `scope:a:b?${Array.from({ length: parts }, (_, index) => index).join('&')}`;
  expect(parseScopeUri(uri(1000)).query).toHaveLength(1000);
  expect(parseScopeUri(`${uri(1000)}&`).query).toHaveLength(1000);
  expect(refusal(() => parseScopeUri(uri(1001)))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
});

test.each([
  ['', ['']],
  ['scope:a:b', ['scope:a:b']],
  ['scope:a:b scope:c:d', ['scope:a:b', 'scope:c:d']],
  ['scope:a:b?k=raw name scope:c:d ', ['scope:a:b?k=raw name', 'scope:c:d ']],
  ['scope:a:b '.repeat(2000).trim(), Array.from({ length: 2000 }, () => 'scope:a:b')],
])('splitClaim %#', (claim, uris) => {
  expect(splitClaim(claim)).toEqual(uris);
});

describe('parseParams', () => {
  test.each([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['&a=1&&b=2&', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=%26%3D%2B+x', { a: '&=+ x' }],
    ['a=100%25', { a: '100%' }],
    ['a=100% sure+', { a: '100% sure+' }],
    ['toString=1', { toString: '1' }],
  ])('reads %j', (text, params) => {
    expect(parseParams(text, 'params')).toEqual(params);
  });

  test.each(['a=1&a=2', 'a=1&a=1', 'a=1&a', 'a=1&%61=2', '__proto__=1', '__proto__', '=1', '='])(
    'refuses %s',
    (text) => {
      expect(refusal(() => parseParams(text, 'filters'))).toBe('ScopeError ERR_SCOPE_MALFORMED filters');
    },
  );

  test('reads as many entries as a scope can be built with, and no more', () => {
    const entries = (count: number): string =>
      Array.from({ length: count }, (_, n) => `k${n}=${n}`).join('&');
    expect(Object.entries(parseParams(entries(100), 'params'))).toHaveLength(100);
    expect(refusal(() => parseParams(entries(101), 'params'))).toBe('ScopeError ERR_SCOPE_MALFORMED params');
  });
});

test.each([
  ['plain', 'plain'],
  ['a+b%20c', 'a b c'],
  ['50%', '50%'],
  ['%FF+%41', '%FF+%41'],
])('decodeInner(%j) is %j', (text, decoded) => {
  expect(decodeInner(text)).toBe(decoded);
});
