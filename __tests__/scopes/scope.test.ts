import { describe, expect, test } from '@jest/globals';
import {
  EventStreamScope,
  IncomingScope,
  OtherScope,
  OutgoingScope,
  parseScope,
  parseScopes,
} from '../../src';
import { isScope, scopeUri } from '../../src/scopes/scope';
import { applicationSid, refusal, thrown } from '../helpers/fixed';

const EVENTS = 'scope:stream:subscribe?path=%2F2010-04-01%2FEvents';
const OUTGOING = `scope:client:outgoing?appSid=${applicationSid}`;

describe('a scope that is built', () => {
  test.each([
    [new IncomingScope('alice'), 'scope:client:incoming?clientName=alice'],
    [
      new IncomingScope('front desk & 名', { allowAnyName: true }),
      'scope:client:incoming?clientName=front%20desk%20%26%20%E5%90%8D',
    ],
    [new IncomingScope('alice', {}), 'scope:client:incoming?clientName=alice'],
    [new OutgoingScope('AP1'), 'scope:client:outgoing?appSid=AP1'],
    [new OutgoingScope(applicationSid, { clientName: 'alice' }), `${OUTGOING}&clientName=alice`],
    [
      new OutgoingScope(applicationSid, {
        params: { user_id: 42, name: 'Alice Smith' },
        clientName: 'alice',
      }),
      `${OUTGOING}&clientName=alice&appParams=user_id%3D42%26name%3DAlice%2520Smith`,
    ],
    [new OutgoingScope(applicationSid, { params: {}, clientName: undefined }), OUTGOING],
    [
      new OutgoingScope(applicationSid, { clientName: 'a b', allowAnyName: true }),
      `${OUTGOING}&clientName=a%20b`,
    ],
    [new OutgoingScope(applicationSid, { params: { empty: '' } }), `${OUTGOING}&appParams=empty%3D`],
    [new EventStreamScope(), EVENTS],
    [new EventStreamScope({}), EVENTS],
    [new EventStreamScope({ a: 1, b: true }), `${EVENTS}&params=a%3D1%26b%3Dtrue`],
  ])('%s', (scope, uri) => {
    expect(String(scope)).toBe(uri);
    expect(JSON.stringify([scope])).toBe(JSON.stringify([uri]));
    expect(Object.isFrozen(scope)).toBe(true);
    expect(parseScope(uri)).toEqual(scope);
  });

  test('tells what it is made of', () => {
    expect(new IncomingScope('alice')).toEqual({ kind: 'incoming', clientName: 'alice' });
    expect(new OutgoingScope('AP1', { clientName: 'alice', params: { a: 1 } })).toEqual({
      kind: 'outgoing',
      applicationSid: 'AP1',
      clientName: 'alice',
      params: { a: '1' },
    });
    expect(Object.keys(new OutgoingScope('AP1'))).not.toContain('clientName');
    expect(new OutgoingScope('AP1')).toEqual({ kind: 'outgoing', applicationSid: 'AP1', params: {} });
    expect(new EventStreamScope({ a: 1 })).toEqual({ kind: 'event-stream', filters: { a: '1' } });
  });

  test('keeps its own copy of the parameters, which nothing can change', () => {
    const params = { user_id: '42' };
    const scope = new OutgoingScope('AP1', { params });
    params.user_id = '43';
    expect(scope.params).toEqual({ user_id: '42' });
    expect(Object.isFrozen(scope.params)).toBe(true);
    expect(Object.isFrozen(new EventStreamScope(params).filters)).toBe(true);
  });

  test.each([
    ['IncomingScope', () => new IncomingScope('a b', { allowAnyName: 'false' as never })],
    ['OutgoingScope', () => new OutgoingScope('AP1', { allowAnyName: 1 as never })],
  ])('%s takes allowAnyName as a boolean only', (_, build) => {
    expect(refusal(build)).toBe('SignError ERR_OPTIONS_INVALID allowAnyName');
  });
});

describe('isScope', () => {
  const scope = new IncomingScope('alice');

  test('knows each kind, and a subclass', () => {
    class Desk extends IncomingScope {
      override toString(): string {
        return 'scope:client:incoming?clientName=mallory';
      }
    }
    for (const each of [scope, new OutgoingScope('AP1'), new EventStreamScope(), parseScope('scope:a:b')]) {
      expect(isScope(each)).toBe(true);
    }
    expect(isScope(new Desk('desk'))).toBe(true);
    expect(scopeUri(new Desk('desk'))).toBe('scope:client:incoming?clientName=desk');
  });

  test.each<[string, unknown]>([
    ['text', String(scope)],
    ['null', null],
    ['undefined', undefined],
    ['a copy of its properties', Object.assign({}, scope)],
    ['a structured clone', structuredClone(scope)],
    ['an object that inherits from it', Object.create(scope)],
    ['a Proxy of it', new Proxy(scope, {})],
    ['its prototype', IncomingScope.prototype],
  ])('is not taken in by %s', (_, value) => {
    expect(isScope(value)).toBe(false);
  });
});

describe('parseScope', () => {
  const BAD_NAME = 'ScopeError: A scope does not parse. A client name must be';

  test.each([
    ['a space as +', 'scope:client:incoming?clientName=front+desk', 'clientName=front%20desk'],
    ['an unescaped name', 'scope:client:incoming?clientName=front desk', 'clientName=front%20desk'],
    ['unknown keys', 'scope:client:incoming?x=1&clientName=alice&x=2&y', 'clientName=alice'],
    ['another order', 'scope:client:outgoing?appParams=a%3D1&clientName=alice&appSid=AP1', null],
    [
      'an empty name and no parameters',
      'scope:client:outgoing?appSid=AP1&clientName=&appParams=',
      'appSid=AP1',
    ],
    [
      'parameters encoded once',
      'scope:client:outgoing?appSid=AP1&appParams=t%3DTier+one',
      'appSid=AP1&appParams=t%3DTier%2520one',
    ],
    [
      'a parameter with a bare %',
      'scope:client:outgoing?appSid=AP1&appParams=t%3D50%25',
      'appSid=AP1&appParams=t%3D50%2525',
    ],
  ])('reads %s', (_, uri, query) => {
    const expected = query ?? 'appSid=AP1&clientName=alice&appParams=a%3D1';
    expect(String(parseScope(uri))).toBe(`${uri.slice(0, uri.indexOf('?'))}?${expected}`);
  });

  test.each([
    ['an unescaped path', 'path=/2010-04-01/Events', {}],
    ['filters under params', 'path=/2010-04-01/Events&params=a%3D1%26b%3D2', { a: '1', b: '2' }],
    ['filters under appParams', 'appParams=a%3D1&path=/2010-04-01/Events', { a: '1' }],
    [
      'filters joined by a bare &',
      'path=/2010-04-01/Events&params=a%3D1&b%3D2&c%3Dx+y',
      { a: '1', b: '2', c: 'x y' },
    ],
    ['filters without params', 'path=/2010-04-01/Events&a%3D1', { a: '1' }],
    ['filters encoded three times', 'path=/2010-04-01/Events&params=a%253D1%2526b%253D2', { a: '1', b: '2' }],
    ['a filter without a value', 'path=/2010-04-01/Events&params=a', { a: '' }],
    ['bad encoding inside', 'path=/2010-04-01/Events&params=50%25', { '50%': '' }],
    ['an empty params', 'path=/2010-04-01/Events&params=', {}],
  ])('reads an event stream with %s', (_, query, filters) => {
    expect(parseScope(`scope:stream:subscribe?${query}`)).toEqual(new EventStreamScope(filters));
  });

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
  ])('reads %s as an OtherScope', (uri, service, privilege, params, canonical) => {
    const scope = parseScope(uri);
    expect(scope).toBeInstanceOf(OtherScope);
    expect(scope).toEqual({ kind: 'other', service, privilege, params });
    expect(String(scope)).toBe(canonical);
    expect(parseScope(canonical)).toEqual(scope);
    expect(Object.isFrozen(scope) && Object.isFrozen((scope as OtherScope).params)).toBe(true);
  });

  test.each([
    ['incoming?clientName=alice', { kind: 'incoming', clientName: 'alice' }],
    ['outgoing?appSid=AP1', { kind: 'outgoing', applicationSid: 'AP1', params: {} }],
    [
      'outgoing?appSid=AP1&clientName=a_1',
      { kind: 'outgoing', applicationSid: 'AP1', clientName: 'a_1', params: {} },
    ],
    [
      'outgoing?appSid=AP1&appParams=a%3D1%26b-._~%3D%252B',
      { kind: 'outgoing', applicationSid: 'AP1', params: { a: '1', 'b-._~': '+' } },
    ],
    [
      'outgoing?appSid=AP1&clientName=alice&appParams=a%3D1',
      { kind: 'outgoing', applicationSid: 'AP1', clientName: 'alice', params: { a: '1' } },
    ],
  ])('reads %s, with more behind it or not', (part, expected) => {
    for (const more of ['', '&other']) {
      expect({ ...parseScope(`scope:client:${part}${more}`) }).toEqual(expected);
    }
  });

  test.each([
    [`incoming?clientName=${'a'.repeat(257)}`, BAD_NAME],
    ['incoming?clientName=alice\n', BAD_NAME],
    ['outgoing?appSid=AP_1', 'ScopeError: A scope does not parse. An application SID'],
    [`outgoing?appSid=AP1&clientName=${'a'.repeat(257)}`, BAD_NAME],
    ['outgoing?appSid=AP1&appParams=a%3D%ZZ', 'ScopeError: A scope has bad percent-encoding.'],
    ['outgoing?appSid=AP1&appParams=a%3D1%26a%3D2', 'ScopeError: The params of a scope name one key twice.'],
  ])('refuses %s with the same words, with more behind it or not', (part, words) => {
    const error = String(thrown(() => parseScope(`scope:client:${part}`)));
    expect(error).toContain(words);
    expect(String(thrown(() => parseScope(`scope:client:${part}&other`)))).toBe(error);
  });

  test.each([
    ['', 'scope'],
    ['alice', 'scope'],
    [undefined, 'scope'],
    [new IncomingScope('alice'), 'scope'],
    ['scope:client:incoming', 'clientName'],
    ['scope:client:incoming?clientName=', 'clientName'],
    ['scope:client:incoming?clientName', 'clientName'],
    ['scope:client:incoming?clientName=a%0Ab', 'clientName'],
    [`scope:client:incoming?clientName=${'x'.repeat(257)}`, 'clientName'],
    ['scope:client:incoming?clientName=a&clientName=b', 'scope'],
    ['scope:client:incoming?clientName=a&client%4Eame=b', 'scope'],
    ['scope:client:incoming?clientName=a&clientName', 'scope'],
    ['scope:client:incoming?clientName=%', 'scope'],
    ['scope:client:incoming?clientName=a scope:client:incoming?clientName=b', 'scope'],
    ['scope:client:outgoing', 'applicationSid'],
    ['scope:client:outgoing?appSid=AC1', 'applicationSid'],
    ['scope:client:outgoing?appSid=AP1&appSid=AP2', 'scope'],
    ['scope:client:outgoing?appSid=AP1&clientName=a&clientName=a', 'scope'],
    ['scope:client:outgoing?appSid=AP1&appParams=a%3D1&appParams=b%3D2', 'scope'],
    ['scope:client:outgoing?appSid=AP1&appParams=a%3D1%26a%3D2', 'params'],
    ['scope:client:outgoing?appSid=AP1&appParams=%3D1', 'params'],
    ['scope:client:outgoing?appSid=AP1&appParams=__proto__%3D1', 'params'],
    ['scope:stream:subscribe?path=/2010-04-01/Events&path=/2010-04-01/Events', 'scope'],
    ['scope:stream:subscribe?path=/2010-04-01/Events&params=a%3D1&appParams=b%3D1', 'scope'],
    ['scope:stream:subscribe?path=/2010-04-01/Events&params=a%3D1&a%3D2', 'filters'],
    ['scope:video:join?a=1&a=2', 'scope'],
    ['scope:video:join?__proto__=1', 'scope'],
  ])('refuses %s', (uri, field) => {
    expect(refusal(() => parseScope(uri as string))).toBe(`ScopeError ERR_SCOPE_MALFORMED ${field}`);
  });
});

describe('parseScopes', () => {
  test.each([
    ['', []],
    ['scope:a:b', ['scope:a:b']],
    ['scope:a:b scope:c:d', ['scope:a:b', 'scope:c:d']],
    [
      'scope:client:incoming?clientName=front desk one scope:client:incoming?clientName=alice',
      ['scope:client:incoming?clientName=front%20desk%20one', 'scope:client:incoming?clientName=alice'],
    ],
    ['scope:client:incoming?clientName=a  scope:a:b', ['scope:client:incoming?clientName=a%20', 'scope:a:b']],
  ])('reads %j', (claim, uris) => {
    expect(parseScopes(claim).map(String)).toEqual(uris);
  });

  test.each([
    ' ',
    'alice',
    'alice scope:a:b',
    'scope:a:b  scope:c:d',
    'scope:a:b\nscope:c:d',
    undefined,
    null,
    ['scope:a:b'],
  ])('refuses %j', (claim) => {
    expect(refusal(() => parseScopes(claim as string))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
  });
});

test('an OtherScope is made by parseScope only', () => {
  const build = OtherScope as unknown as new (...args: unknown[]) => OtherScope;
  for (const args of [[], [Symbol('parsed'), { service: 'a', privilege: 'b', query: [] }]]) {
    expect(refusal(() => new build(...args))).toBe('ScopeError ERR_SCOPE_INVALID scope');
  }
});
