import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { AccessTokenSigner, CapabilitySigner, IncomingScope } from '../src';
import { isPlainObject } from '../src/settings';
import { accountSid, authToken, config, thrown, withPolluted } from './helpers/fixed';

const signer = new CapabilitySigner(config);
const messageOf = (act: () => unknown): string => (thrown(act) as Error).message;

describe('an unknown key', () => {
  const KNOWN = 'Known keys: accountSid, authToken, ttl, now.';
  test.each([
    ['authtoken', `Did you mean "authToken"? ${KNOWN}`],
    ['tll', `Did you mean "ttl"? ${KNOWN}`],
    ['app', KNOWN],
    ['phoneNumber', KNOWN],
  ])('%s: %s', (key, advice) => {
    expect(messageOf(() => new CapabilitySigner({ ...config, [key]: 1 }))).toBe(
      `Unknown key "${key}" in config. ${advice}`,
    );
  });

  test('of the options gets advice about options', () => {
    expect(messageOf(() => signer.sign(new IncomingScope('alice'), { app: 1 } as never))).toBe(
      'Unknown key "app" in options. Known keys: ttl, expiresAt.',
    );
  });

  test('is not shown if it may be a secret', () => {
    for (const key of [authToken, 'x'.repeat(25), 'user_42', 'a b']) {
      expect(messageOf(() => new CapabilitySigner({ ...config, [key]: 1 }))).toBe(
        `Unknown key in config. ${KNOWN}`,
      );
    }
  });

  test('of the other kind of token gets advice', () => {
    for (const key of ['apiKeySid', 'apiKeySecret']) {
      expect(thrown(() => new CapabilitySigner({ ...config, [key]: 'SK1' }))).toMatchObject({
        code: 'ERR_CONFIG_INVALID',
        field: key,
        message: expect.stringContaining('need authToken') as unknown,
      });
    }
    const apiKey = { accountSid, apiKeySid: 'SK1', apiKeySecret: 'secret' };
    expect(thrown(() => new AccessTokenSigner({ ...apiKey, authToken } as never))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'authToken',
      message: expect.stringContaining('Access Tokens need apiKeySid and apiKeySecret.') as unknown,
    });
  });
});

test('a polluted Object.prototype sets nothing', () => {
  const expected = signer.sign(new IncomingScope('alice'));
  withPolluted({ clientName: 'x', ttl: 1, allowAnyName: true, accountSid: 'AC9', authToken: 'evil' }, () =>
    expect(new CapabilitySigner(config).sign(new IncomingScope('alice', {}), {})).toBe(expected),
  );
});

test.each<[string, unknown, boolean]>([
  ['a literal', {}, true],
  ['an object without a prototype', Object.create(null), true],
  ['an object of another realm', runInNewContext('({})'), true],
  ['a Proxy', new Proxy({}, {}), true],
  ['an instance', new CapabilitySigner(config), false],
  [
    'an instance with a method isPrototypeOf',
    new (class {
      isPrototypeOf(): void {}
    })(),
    false,
  ],
  ['an object whose prototype inherits nothing', Object.create(Object.create(null) as object), false],
  ['an array', [], false],
  ['null', null, false],
  ['text', 'x', false],
])('%s is plain: %p', (_, value, expected) => {
  expect(isPlainObject(value)).toBe(expected);
});
