import { expect, test } from '@jest/globals';
import { OutgoingScope, parseScope } from '../../../src';
import { applicationSid, refusal, thrown } from '../../helpers/fixed';

const URI = `scope:client:outgoing?appSid=${applicationSid}`;
const ODD = "é &=+%/😀!'()*~";
const ENCODED = "%C3%A9%20%26%3D%2B%25%2F%F0%9F%98%80!'()*~";

test.each([
  [{}, '', {}],
  [{ clientName: undefined, params: undefined, allowAnyName: undefined }, '', {}],
  [{ params: {} }, '', {}],
  [{ clientName: 'alice' }, '&clientName=alice', {}],
  [{ clientName: 'a b', allowAnyName: true }, '&clientName=a%20b', {}],
  [{ params: { empty: '', b: '1' } }, '&appParams=empty%3D%26b%3D1', { empty: '', b: '1' }],
  [{ params: { 'k k': ODD } }, `&appParams=${encodeURIComponent(`k%20k=${ENCODED}`)}`, { 'k k': ODD }],
  [
    { params: { user_id: 42, name: 'Alice Smith' }, clientName: 'alice' },
    '&clientName=alice&appParams=user_id%3D42%26name%3DAlice%2520Smith',
    { user_id: '42', name: 'Alice Smith' },
  ],
])('a scope with %j prints as its URI', (options, query, params) => {
  const scope = new OutgoingScope(applicationSid, options);
  const { clientName } = options as { clientName?: string };
  expect(scope).toEqual({ kind: 'outgoing', applicationSid, clientName, params });
  expect(Object.hasOwn(scope, 'clientName')).toBe(true);
  expect([String(scope), JSON.stringify(scope)]).toEqual([URI + query, JSON.stringify(URI + query)]);
  expect(Object.isFrozen(scope) && Object.isFrozen(scope.params)).toBe(true);
  expect(parseScope(URI + query)).toEqual(scope);
});

test('copies its params', () => {
  const params = { user_id: '42' };
  const scope = new OutgoingScope('AP1', { params });
  params.user_id = '43';
  expect(scope.params).toEqual({ user_id: '42' });
});

const RULE = 'Application SID must be "AP" followed by 1 to 32 letters or digits.';
test.each<[unknown, string]>([
  [undefined, RULE],
  ['AC1', RULE],
  [{ applicationSid: 'AP1' }, `${RULE} Pass the SID first, then the options.`],
])('rejects the application SID %p', (sid, message) => {
  const error = thrown(() => new OutgoingScope(sid as string));
  expect(error).toMatchObject({ code: 'ERR_SCOPE_INVALID', field: 'applicationSid', message });
});

test.each([
  ['ConfigError ERR_OPTIONS_INVALID options', null],
  ['ConfigError ERR_OPTIONS_INVALID allowAnyName', { allowAnyName: 'false' }],
  ['ConfigError ERR_OPTIONS_INVALID clientname', { clientname: 'alice' }],
  ['ScopeError ERR_SCOPE_INVALID clientName', { clientName: 'front desk' }],
  ['ScopeError ERR_SCOPE_INVALID clientName', { clientName: '' }],
  ['ScopeError ERR_SCOPE_INVALID clientName', { clientName: null }],
  ['ScopeError ERR_SCOPE_INVALID params', { params: ['x'] }],
])('rejects options with %s: %j', (expected, options) => {
  expect(refusal(() => new OutgoingScope('AP1', options as never))).toBe(expected);
});

test.each([
  ['another order', 'appParams=a%3D1&clientName=b&appSid=AP1', 'appSid=AP1&clientName=b&appParams=a%3D1'],
  ['an empty name and no params', 'appSid=AP1&clientName=&appParams=', 'appSid=AP1'],
  ['params encoded once', 'appSid=AP1&appParams=t%3DTier+one', 'appSid=AP1&appParams=t%3DTier%2520one'],
  ['a param with a bare %', 'appSid=AP1&appParams=t%3D50%25', 'appSid=AP1&appParams=t%3D50%2525'],
  ['params joined by a plain &', 'appSid=AP1&appParams=a%3D1&b%3D2', 'appSid=AP1&appParams=a%3D1%26b%3D2'],
])('parses %s', (_, query, canonical) => {
  expect(String(parseScope(`scope:client:outgoing?${query}`))).toBe(`scope:client:outgoing?${canonical}`);
});

test.each([
  ['', 'applicationSid'],
  ['?appSid=AC1', 'applicationSid'],
  ['?appSid=AP_1', 'applicationSid'],
  [`?appSid=AP1&clientName=${'x'.repeat(257)}`, 'clientName'],
  ['?appSid=AP1&appSid=AP2', 'scope'],
  ['?appSid=AP1&clientName=a&clientName=a', 'scope'],
  ['?appSid=AP1&appParams=a%3D1&appParams=b%3D2', 'scope'],
  ['?appSid=AP1&appParams=a%3D1%26a%3D2', 'scope'],
  ['?appSid=AP1&appParams=a%3D%ZZ', 'scope'],
  ['?appSid=AP1&appParams=%3D1', 'params'],
  ['?appSid=AP1&appParams=__proto__%3D1', 'scope'],
])('does not parse %j', (query, field) => {
  const parse = () => parseScope(`scope:client:outgoing${query}`);
  expect(refusal(parse)).toBe(`ScopeError ERR_SCOPE_MALFORMED ${field}`);
});
