import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { isPlainObject, ownProperties } from '../../src/plain-object';

class Settings {
  readonly ttl = 1;

  isPrototypeOf(): void {}
}

test.each<[string, unknown, boolean]>([
  ['a literal', {}, true],
  ['an object without a prototype', Object.create(null), true],
  ['an object of another realm', runInNewContext('({})'), true],
  ['a Proxy', new Proxy({}, {}), true],
  ['an instance', new Settings(), false],
  ['an object whose prototype inherits nothing', Object.create(Object.create(null) as object), false],
  ['an array', [], false],
  ['a Map', new Map([['ttl', 1]]), false],
  ['a Date', new Date(0), false],
  ['a Promise', Promise.resolve({}), false],
  ['a function', () => ({}), false],
  ['an object that inherits', Object.create({ ttl: 1 }), false],
  ['a number', 600, false],
  ['null', null, false],
  ['text', 'x', false],
])('whether %s is a plain object', (_, value, expected) => {
  expect(isPlainObject(value)).toBe(expected);
});

test('copies own enumerable properties, and inherits nothing', () => {
  const given = Object.create({ inherited: 1 }, { hidden: { value: 2 } }) as object;
  const copy = ownProperties(Object.assign(given, { own: 3 }));
  expect({ ...copy }).toStrictEqual({ own: 3 });
  for (const name of ['inherited', 'hidden', 'toString']) expect(name in copy).toBe(false);
});
