import { expect, test } from '@jest/globals';
import { EventStreamScope, parseScope } from '../../../src';
import { refusal } from '../../helpers/fixed';

const URI = 'scope:stream:subscribe?path=%2F2010-04-01%2FEvents';

test.each([
  [undefined, {}, URI],
  [{ a: 1, b: true }, { a: '1', b: 'true' }, `${URI}&params=a%3D1%26b%3Dtrue`],
])('a scope with the filters %j prints as its URI', (given, filters, uri) => {
  const scope = new EventStreamScope(given);
  expect(scope).toEqual({ kind: 'event-stream', filters });
  expect([String(scope), JSON.stringify(scope)]).toEqual([uri, JSON.stringify(uri)]);
  expect(Object.isFrozen(scope) && Object.isFrozen(scope.filters)).toBe(true);
  expect(parseScope(uri)).toEqual(scope);
});

test('rejects bad filters', () => {
  const build = () => new EventStreamScope({ a: null } as never);
  expect(refusal(build)).toBe('ScopeError ERR_SCOPE_INVALID filters');
});

test.each([
  ['a raw path', '', {}],
  ['filters under appParams', '&appParams=a%3D1', { a: '1' }],
  ['filters joined by a plain &', '&params=a%3D1&b%3D2&c%3Dx+y', { a: '1', b: '2', c: 'x y' }],
  ['filters without params', '&a%3D1', { a: '1' }],
  ['filters encoded three times', '&params=a%253D1%2526b%253D2', { a: '1', b: '2' }],
  ['a filter without a value', '&params=a', { a: '' }],
  ['bad encoding inside', '&params=50%25', { '50%': '' }],
  ['params without a value', '&params', {}],
  ['appParams without a value, and a filter', '&appParams&a%3D1', { a: '1' }],
])('parses %s', (_, query, filters) => {
  const scope = parseScope(`scope:stream:subscribe?path=/2010-04-01/Events${query}`);
  expect(scope).toEqual(new EventStreamScope(filters));
});

test.each([
  ['a repeated path', '&path=/2010-04-01/Events', 'scope'],
  ['params and appParams', '&params=a%3D1&appParams=b%3D1', 'scope'],
  ['a repeated filter', '&params=a%3D1&a%3D2', 'scope'],
  ['a filter without a name', '&params=%3D1', 'filters'],
  ['a filter that is __proto__', '&params=%255F_proto__%3D1', 'scope'],
])('does not parse %s', (_, query, field) => {
  const parse = () => parseScope(`scope:stream:subscribe?path=/2010-04-01/Events${query}`);
  expect(refusal(parse)).toBe(`ScopeError ERR_SCOPE_MALFORMED ${field}`);
});
