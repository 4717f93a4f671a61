import { expect, test } from '@jest/globals';
import { parseScope } from '../../../src';
import { OtherScope } from '../../../src/scopes/other-scope';
import { refusal } from '../../helpers/fixed';

const VIDEO = 'scope:video:join?room=daily';
test.each([
  [`${VIDEO}+call&flag`, 'video:join', { room: 'daily call', flag: '' }, `${VIDEO}%20call&flag=`],
  ['scope:client:listen', 'client:listen', {}, 'scope:client:listen'],
  ['scope:stream:subscribe', 'stream:subscribe', {}, 'scope:stream:subscribe'],
  [
    'scope:stream:subscribe?path=a/b',
    'stream:subscribe',
    { path: 'a/b' },
    'scope:stream:subscribe?path=a%2Fb',
  ],
])('parses %s', (uri, name, params, canonical) => {
  const scope = parseScope(uri) as OtherScope;
  const [service, privilege] = name.split(':');
  expect(scope).toBeInstanceOf(OtherScope);
  expect(scope).toEqual({ kind: 'other', service, privilege, params });
  expect(String(scope)).toBe(canonical);
  expect(parseScope(canonical)).toEqual(scope);
  expect(Object.isFrozen(scope) && Object.isFrozen(scope.params)).toBe(true);
});

test.each(['a=1&a=2', '__proto__=1', '%5F%5Fproto__=1'])('does not parse the query %s', (query) => {
  expect(refusal(() => parseScope(`scope:video:join?${query}`))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
});
