import { expect, test } from '@jest/globals';
import { parseScope } from '../../../src';
import { OtherScope } from '../../../src/scopes/other-scope';
import { refusal } from '../../helpers/fixed';

test.each([
  [
    'scope:video:join?room=daily+call&flag',
    'video',
    'join',
    { room: 'daily call', flag: '' },
    'scope:video:join?room=daily%20call&flag=',
  ],
  ['scope:client:listen', 'client', 'listen', {}, 'scope:client:listen'],
  ['scope:stream:subscribe', 'stream', 'subscribe', {}, 'scope:stream:subscribe'],
  [
    'scope:stream:subscribe?path=/2030/Events&params=a%3D1',
    'stream',
    'subscribe',
    { path: '/2030/Events', params: 'a=1' },
    'scope:stream:subscribe?path=%2F2030%2FEvents&params=a%3D1',
  ],
])('parses %s', (uri, service, privilege, params, canonical) => {
  const scope = parseScope(uri) as OtherScope;
  expect(scope).toBeInstanceOf(OtherScope);
  expect(scope).toEqual({ kind: 'other', service, privilege, params });
  expect(String(scope)).toBe(canonical);
  expect(parseScope(canonical)).toEqual(scope);
  expect(Object.isFrozen(scope) && Object.isFrozen(scope.params)).toBe(true);
});

test.each(['a=1&a=2', '__proto__=1', '%5F%5Fproto__=1'])('does not parse the query %s', (query) => {
  expect(refusal(() => parseScope(`scope:video:join?${query}`))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
});
