import { describe, expect, test } from '@jest/globals';
import { EventStreamScope, IncomingScope, OutgoingScope, parseScope, type Scope } from '../../src';
import { clientNameOf, readScopeList } from '../../src/scopes/scope-list';
import { refusal } from '../helpers/fixed';

const alice = new IncomingScope('alice');
const bob = new IncomingScope('bob');
const app1 = new OutgoingScope('AP1');
const app2 = new OutgoingScope('AP2', { clientName: 'desk' });
const events = new EventStreamScope();
const other = parseScope('scope:video:join');

function* generate(...scopes: unknown[]): Generator {
  yield* scopes;
}

describe('readScopeList', () => {
  test.each<[string, unknown, Scope[]]>([
    ['one scope', alice, [alice]],
    ['an array, in its order', [events, alice, app2, other, app1], [events, alice, app2, other, app1]],
    ['a Set', new Set([alice, bob]), [alice, bob]],
    ['a generator', generate(alice, bob), [alice, bob]],
  ])('reads %s', (_, scopes, list) => {
    const read = readScopeList(scopes);
    expect(read).toEqual({ scopes: list, claim: list.map(String).join(' ') });
    expect(read.scopes.every((scope, index) => scope === list[index])).toBe(true);
  });

  test('copies the array it is given', () => {
    const scopes: Scope[] = [alice];
    const read = readScopeList(scopes);
    scopes.push(bob);
    expect(read.scopes).toEqual([alice]);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', String(alice)],
    ['a String object', new String(String(alice))],
    ['a number', 42],
    ['a function', () => [alice]],
    ['no iterable', {}],
    ['texts', [String(alice)]],
    ['a scope and nothing', [alice, undefined]],
    ['a nested list', [[alice]]],
    ['a Map', new Map([['a', alice]])],
    ['a look-alike', [Object.assign({}, alice, { toString: () => String(alice) })]],
    ['a structured clone', structuredClone(alice)],
    ['a Proxy of a scope', [new Proxy(alice, {})]],
    ['an iterable that gives no iterator', { [Symbol.iterator]: () => 0 }],
  ])('refuses %s', (_, scopes) => {
    expect(refusal(() => readScopeList(scopes))).toBe('ScopeError ERR_SCOPE_INVALID scopes');
  });

  test('does not pass on the error of an iterator', () => {
    const broken = (function* () {
      yield alice;
      throw new Error('the caller’s own');
    })();
    expect(refusal(() => readScopeList(broken))).toBe('ScopeError ERR_SCOPE_INVALID scopes');
  });

  test('but lets a generator say which of its scopes cannot be built', () => {
    const building = (function* () {
      for (const name of ['alice', 'front desk']) yield new IncomingScope(name);
    })();
    expect(refusal(() => readScopeList(building))).toBe('ScopeError ERR_SCOPE_INVALID clientName');
  });

  test.each([[[]], [new Set()], [generate()]])('refuses %p, as a token that allows nothing', (scopes) => {
    expect(refusal(() => readScopeList(scopes))).toBe('SignError ERR_NO_SCOPES scopes');
  });

  test.each<[string, Scope[]]>([
    ['one scope twice', [alice, alice]],
    ['two that are the same', [events, alice, new EventStreamScope({})]],
    ['the same in two dialects', [parseScope('scope:x:y?a=b+c'), parseScope('scope:x:y?a=b%20c')]],
    ['two outgoing ones for one application', [app1, new OutgoingScope('AP1', { clientName: 'desk' })]],
  ])('refuses %s', (_, scopes) => {
    expect(refusal(() => readScopeList(scopes))).toBe('SignError ERR_DUPLICATE_SCOPE scopes');
  });

  test('closes the iterator it leaves early', () => {
    let closed = false;
    const scopes = (function* () {
      try {
        yield alice;
        yield alice;
      } finally {
        closed = true;
      }
    })();
    refusal(() => readScopeList(scopes));
    expect(closed).toBe(true);
  });

  test('says of one scope a thousand times that it is there twice, not that it is too much', () => {
    const scopes = Array.from({ length: 1000 }, () => new IncomingScope('alice'));
    expect(refusal(() => readScopeList(scopes))).toBe('SignError ERR_DUPLICATE_SCOPE scopes');
  });

  test('ends on an endless one', () => {
    const endless = (function* () {
      for (let count = 0; ; count++) yield new IncomingScope(`user${count}`);
    })();
    expect(refusal(() => readScopeList(endless))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
  });
});

test.each<[string | undefined, Scope[]]>([
  ['alice', [alice]],
  ['alice', [app2, alice, bob]],
  ['desk', [events, app1, app2]],
  [undefined, [events, app1, other]],
])('the name to show is %s for %s', (name, scopes) => {
  expect(clientNameOf(scopes)).toBe(name);
});
