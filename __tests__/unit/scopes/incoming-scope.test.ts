import { describe, expect, test } from '@jest/globals';
import { IncomingScope, parseScope } from '../../../src';
import { refusal } from '../../helpers/fixed';

test.each([
  ['alice', {}, 'alice'],
  ['front desk & 名', { allowAnyName: true }, 'front%20desk%20%26%20%E5%90%8D'],
  // It stays one scope.
  ['alice scope:a:b', { allowAnyName: true }, 'alice%20scope%3Aa%3Ab'],
])('a scope for %j prints as its URI', (clientName, options, encoded) => {
  const scope = new IncomingScope(clientName, options);
  const uri = `scope:client:incoming?clientName=${encoded}`;
  expect(scope).toEqual({ kind: 'incoming', clientName });
  expect(String(scope)).toBe(uri);
  expect(JSON.stringify([scope])).toBe(JSON.stringify([uri]));
  expect(Object.isFrozen(scope)).toBe(true);
  expect(parseScope(uri)).toEqual(scope);
});

describe('options', () => {
  test.each([null, 'allowAnyName', 42, true, [], new Date(), new Map(), () => ({}), Object.create({ a: 1 })])(
    'rejects %p',
    (options) => {
      expect(refusal(() => new IncomingScope('alice', options as never))).toBe(
        'ConfigError ERR_OPTIONS_INVALID options',
      );
    },
  );

  test.each([null, 'false', 1])('rejects allowAnyName %p', (allowAnyName) => {
    expect(refusal(() => new IncomingScope('alice', { allowAnyName: allowAnyName as never }))).toBe(
      'ConfigError ERR_OPTIONS_INVALID allowAnyName',
    );
  });

  test('rejects an unknown key', () => {
    expect(refusal(() => new IncomingScope('alice', { anyName: true } as never))).toBe(
      'ConfigError ERR_OPTIONS_INVALID anyName',
    );
  });
});

test.each([
  ['a space as +', 'clientName=front+desk', 'front desk'],
  ['a raw space', 'clientName=front desk', 'front desk'],
  ['unknown keys', 'x=1&clientName=alice&y', 'alice'],
])('parses %s', (_, query, clientName) => {
  expect(parseScope(`scope:client:incoming?${query}`)).toEqual({ kind: 'incoming', clientName });
});

test.each([
  '',
  '?clientName=',
  '?clientName',
  '?clientName=a%0Ab',
  '?clientName=alice\n',
  `?clientName=${'x'.repeat(257)}`,
])('does not parse %j', (query) => {
  expect(refusal(() => parseScope(`scope:client:incoming${query}`))).toBe(
    'ScopeError ERR_SCOPE_MALFORMED clientName',
  );
});
