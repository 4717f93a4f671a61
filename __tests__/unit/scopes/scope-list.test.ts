import { describe, expect, test } from '@jest/globals';
import { CapabilitySigner, EventStreamScope, IncomingScope, OutgoingScope, parseScope } from '../../../src';
import type { Scope } from '../../../src';
import { clientNameOf } from '../../../src/scopes/scope-list';
import { config, refusal, thrown } from '../../helpers/fixed';

const signer = new CapabilitySigner(config);
const sign = (scopes: unknown) => signer.issue(scopes as Scope[]).scopes;
const INVALID = 'ScopeError ERR_SCOPE_INVALID scopes';

const alice = new IncomingScope('alice');
const bob = new IncomingScope('bob');
const app = new OutgoingScope('AP1');
const desk = new OutgoingScope('AP1', { clientName: 'desk' });
const other = parseScope('scope:video:join');

function* generate(...scopes: unknown[]): Generator {
  yield* scopes;
}
function* users(count: number): Generator<Scope> {
  for (let index = 0; index < count; index++) yield new IncomingScope(`u${index}`);
}

test.each<[string, unknown, Scope[]]>([
  ['one scope', alice, [alice]],
  ['an array, in order', [other, alice, app], [other, alice, app]],
  ['a Set', new Set([alice, bob]), [alice, bob]],
  ['a generator', generate(alice, bob), [alice, bob]],
  ['an instance of a subclass', new (class Desk extends IncomingScope {})('bob'), [bob]],
])('accepts %s', (_, scopes, list) => {
  expect(sign(scopes).map(String)).toEqual(list.map(String));
});

test('copies the array', () => {
  const scopes: Scope[] = [alice];
  const signed = sign(scopes);
  scopes.push(bob);
  expect(signed).toEqual([alice]);
});

const PASS = 'Pass one scope, or an array or another iterable of scopes.';
const COPY = 'If this one was, a second copy of twilio-capability created it';
test.each<[string, unknown, string]>([
  ['null', null, PASS],
  ['text', String(alice), PASS],
  ['a function', () => [alice], PASS],
  ['an object', {}, PASS],
  ['an array of text', [String(alice)], PASS],
  ['a scope and null', [alice, null], PASS],
  ['a nested array', [[alice]], PASS],
  ['a Map', new Map([['a', alice]]), PASS],
  ['a prototype', [IncomingScope.prototype], PASS],
  ['a structured clone', structuredClone(alice), COPY],
  ['an object that inherits from a scope', [Object.create(alice)], COPY],
])('rejects %s', (_, scopes, message) => {
  expect(refusal(() => sign(scopes))).toBe(INVALID);
  expect(() => sign(scopes)).toThrow(message);
});

test.each([[[]], [new Set()], [generate()]])('rejects %p, which allows nothing', (scopes) => {
  expect(refusal(() => sign(scopes))).toBe('ScopeError ERR_NO_SCOPES scopes');
});

const SAME = 'The same scope was passed twice.';
const spellings = [parseScope('scope:x:y?a=b+c'), parseScope('scope:x:y?a=b%20c')];
test.each<[string, Scope[], string]>([
  ['the same scope twice', [alice, alice], SAME],
  ['two equal scopes', [alice, new EventStreamScope(), new EventStreamScope({})], SAME],
  ['equal scopes in different spellings', spellings, SAME],
  [
    'two outgoing scopes of one application',
    [app, desk],
    'Two outgoing scopes use the same application SID.',
  ],
])('rejects %s', (_, scopes, message) => {
  expect(refusal(() => sign(scopes))).toBe('ScopeError ERR_DUPLICATE_SCOPE scopes');
  expect(() => sign(scopes)).toThrow(message);
});

describe('an iterator', () => {
  test('can throw its own error', () => {
    const cause = new TypeError('not ready');
    const broken = (function* () {
      yield alice;
      throw cause;
    })();
    expect(thrown(() => sign(broken))).toBe(cause);
  });

  test('can return at most 1,000 scopes, even if it never ends', () => {
    // 1,000 scopes pass this check, but no token can contain them.
    expect(refusal(() => sign(users(1000)))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
    expect(refusal(() => sign(users(1001)))).toBe(INVALID);
    expect(refusal(() => sign(users(Infinity)))).toBe(INVALID);
  });
});

test.each<[string | undefined, Scope[]]>([
  ['alice', [alice]],
  ['alice', [desk, alice, bob]],
  ['desk', [new EventStreamScope(), new OutgoingScope('AP2'), desk]],
  [undefined, [app, other]],
])('the client name is %s for %s', (clientName, scopes) => {
  expect(clientNameOf(scopes)).toBe(clientName);
});
