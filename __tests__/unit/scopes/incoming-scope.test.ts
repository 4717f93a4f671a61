import { expect, test } from '@jest/globals';
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
  expect([String(scope), JSON.stringify(scope)]).toEqual([uri, JSON.stringify(uri)]);
  expect(Object.isFrozen(scope)).toBe(true);
  expect(parseScope(uri)).toEqual(scope);
});

test.each<[string, unknown]>([
  ['options', null],
  ['options', 'allowAnyName'],
  ['allowAnyName', { allowAnyName: null }],
  ['allowAnyName', { allowAnyName: 'false' }],
  ['anyName', { anyName: true }],
])('rejects %s: %p', (field, options) => {
  const build = () => new IncomingScope('alice', options as never);
  expect(refusal(build)).toBe(`ConfigError ERR_OPTIONS_INVALID ${field}`);
});

test.each([
  ['a space as +', 'clientName=front+desk', 'front desk'],
  ['a raw space', 'clientName=front desk', 'front desk'],
  ['unknown keys', 'x=1&clientName=alice&y', 'alice'],
])('parses %s', (_, query, clientName) => {
  expect(parseScope(`scope:client:incoming?${query}`)).toEqual({ kind: 'incoming', clientName });
});

const LONG = `?clientName=${'x'.repeat(257)}`;
test.each(['', '?clientName=', '?clientName', '?clientName=a%0Ab', '?clientName=alice\n', LONG])(
  'does not parse %j',
  (query) => {
    const parse = () => parseScope(`scope:client:incoming${query}`);
    expect(refusal(parse)).toBe('ScopeError ERR_SCOPE_MALFORMED clientName');
  },
);
