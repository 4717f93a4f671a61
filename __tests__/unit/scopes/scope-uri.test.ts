import { describe, expect, test } from '@jest/globals';
import { parseParams, parseScopeUri } from '../../../src/scopes/scope-uri';
import { LONE_SURROGATE, refusal } from '../../helpers/fixed';

const MALFORMED = 'ScopeError ERR_SCOPE_MALFORMED scope';

describe('parseScopeUri', () => {
  test.each([
    ['', []],
    ['?', []],
    ['?&&', []],
    ['?k=v', [['k', 'v']]],
    ['?k=', [['k', '']]],
    ['?=v', [['', 'v']]],
    ['?k', [['k', undefined]]],
    ['?k=v=w', [['k', 'v=w']]],
    ['?k=v?w', [['k', 'v?w']]],
    ['?k+k=v+w%20x%2By', [['k k', 'v w x+y']]],
    ['?k=raw name', [['k', 'raw name']]],
    ['?k=%F0%9F%98%80é', [['k', '😀é']]],
  ] as const)('parses the query %j', (query, entries) => {
    const uri = parseScopeUri(`scope:a:b${query}`);
    expect([uri.name, [...uri.query]]).toEqual(['a:b', entries]);
  });

  test.each([
    ...['', 'scope', 'scope:', 'scope:a', 'scope::b', 'scope:a:', 'scope:a:b:c', 'scope: a:b', 'scope:a:b '],
    ...[
      'SCOPE:a:b',
      ' scope:a:b',
      'xscope:a:b',
      'scope:a:b?k=v scope:c:d',
      'scope:a:b?k=%',
      'scope:a:b?k=%z',
    ],
    ...['scope:a:b?%FF=v', 'scope:a:b?k=%ED%A0%BD', `scope:a:b?k=${LONE_SURROGATE}`, 'scope:a:b?k=1&k'],
    ...['scope:a:b?k=1&k=2', 'scope:a:b?k=1&%6B=2'],
  ])('rejects %j', (uri) => {
    expect(refusal(() => parseScopeUri(uri))).toBe(MALFORMED);
  });
});

describe('parseParams', () => {
  test.each([
    ['', {}],
    ['&a=1&&b=2&', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=%26%3D%2B+x', { a: '&=+ x' }],
    ['a=100%25', { a: '100%' }],
    ['a=100% sure+', { a: '100% sure+' }],
    ['%FF+%41=1', { '%FF+%41': '1' }],
    ['toString=1', { toString: '1' }],
  ])('parses %j', (text, params) => {
    expect(parseParams(new Map([['params', text]]), 'params')).toEqual(params);
  });

  test.each(['a=1&a=2', 'a=1&a', 'a=1&%61=2'])('rejects the repeated key of %s', (text) => {
    expect(refusal(() => parseParams(new Map([['params', text]]), 'params'))).toBe(MALFORMED);
  });
});
