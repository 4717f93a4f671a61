import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { editDistance, isPlainObject, nearest, quoted, readOptions } from '../src/options';
import { refusal, thrown } from './helpers/fixed';

class Settings {
  ttl = 1;
}
const hostilePrototype = new Proxy(
  {},
  {
    getPrototypeOf() {
      throw new Error('a trap of the caller');
    },
  },
);

describe('isPlainObject', () => {
  test.each<[string, unknown]>([
    ['a literal', {}],
    ['a null prototype', Object.create(null)],
    ['a frozen one', Object.freeze({ a: 1 })],
    ['one of another realm', runInNewContext('({ a: 1 })')],
  ])('takes %s', (_, value) => {
    expect(isPlainObject(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'ttl'],
    ['a function', () => ({})],
    ['an array', []],
    ['an array of another realm', runInNewContext('[]')],
    ['a Date', new Date()],
    ['a Map', new Map()],
    ['a class instance', new Settings()],
    ['one that inherits', Object.create({ ttl: 1 })],
    ['one that inherits from an object without a prototype', Object.create(Object.create(null) as object)],
    [
      'one that inherits from what only looks like the prototype of a realm',
      Object.create({ isPrototypeOf: 1 }),
    ],
    ['a Proxy', new Proxy({}, {})],
    ['one whose prototype is a Proxy', Object.create(hostilePrototype)],
    [
      'one whose prototype is a Proxy of that of a realm',
      Object.create(new Proxy(Object.assign(Object.create(null), { isPrototypeOf: 1 }) as object, {})),
    ],
  ])('refuses %s', (_, value) => {
    expect(isPlainObject(value)).toBe(false);
  });
});

describe('readOptions', () => {
  const known = ['ttl', 'expiresAt'] as const;

  test('copies what is there, and takes undefined for nothing', () => {
    const options = { ttl: 5, expiresAt: undefined };
    expect(readOptions(options, known)).toEqual({ ttl: 5 });
    expect(readOptions(options, known)).not.toBe(options);
    expect(readOptions(undefined, known)).toEqual({});
  });

  test('reads a hidden property too', () => {
    expect(readOptions(Object.defineProperty({}, 'ttl', { value: 5 }), known)).toEqual({ ttl: 5 });
  });

  test('reads each getter once', () => {
    let reads = 0;
    const options = {
      get ttl() {
        return ++reads;
      },
    };
    const copy = readOptions(options, known);
    expect([copy.ttl, copy.ttl, reads]).toEqual([1, 1, 1]);
  });

  test.each<[string, unknown, string]>([
    ['no plain object', null, 'options'],
    ['a mistyped name', { tll: 5 }, 'tll'],
    ['a name in another case', { TTL: 5 }, 'TTL'],
    ['a name that is no plain word', { 'expires-at': 5 }, 'options'],
    ['a symbol', { [Symbol('ttl')]: 5 }, 'options'],
    ['a hidden name that is unknown', Object.defineProperty({}, 'tll', { value: 5 }), 'tll'],
    ['an own __proto__', JSON.parse('{"__proto__":{"ttl":5}}'), '__proto__'],
    [
      'a getter that throws',
      {
        get ttl() {
          throw new Error('the caller’s own');
        },
      },
      'ttl',
    ],
  ])('refuses %s', (_, options, field) => {
    expect(refusal(() => readOptions(options, known))).toBe(`SignError ERR_OPTIONS_INVALID ${field}`);
    const asConfig = field === 'options' ? 'config' : field;
    expect(refusal(() => readOptions(options, known, 'config'))).toBe(
      `ConfigError ERR_CONFIG_INVALID ${asConfig}`,
    );
  });

  test('suggests the nearest known name, and shows the given one only where it is a plain word', () => {
    expect(thrown(() => readOptions({ tll: 5 }, known))).toHaveProperty(
      'message',
      'The options have an unknown property "tll"; did you mean "ttl"?',
    );
    expect(thrown(() => readOptions({ 'expires-at': 5 }, known))).toHaveProperty(
      'message',
      'The options have an unknown property; did you mean "expiresAt"?',
    );
  });
});

test.each([
  ['', '', 0],
  ['ttl', 'TTL', 0],
  ['tll', 'ttl', 1],
  ['ttl', 'tl', 1],
  ['', 'ttl', 3],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %d edits', (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits);
});

test('nearest takes the first of those that are equally near, and looks at 40 characters at most', () => {
  expect(nearest('tl', ['ttl', 'tol'])).toBe('ttl');
  expect(nearest('authtoken', ['accountSid', 'authToken'])).toBe('authToken');
  expect(nearest('x'.repeat(1e6), ['ttl', 'x'.repeat(40)])).toBe('x'.repeat(40));
});

test.each([
  ['user_id', '"user_id"'],
  ['x'.repeat(24), `"${'x'.repeat(24)}"`],
  ['x'.repeat(25), undefined],
  ['', undefined],
  ['fedcba9876543210', undefined],
  ['two words', undefined],
])('quoted(%j) is %j', (name, shown) => {
  expect(quoted(name)).toBe(shown);
});
