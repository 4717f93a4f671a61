import { describe, expect, test } from '@jest/globals';
import { AccessTokenSigner, AccessTokenVerifier, CapabilitySigner, IncomingScope } from '../../src';
import { exposure } from '../helpers/exposure';
import { accountSid, authToken, config, thrown } from '../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');

describe('an unknown key', () => {
  const KNOWN = 'Known keys: accountSid, authToken, ttl, now.';
  test.each([
    ['authtoken', `Did you mean "authToken"? ${KNOWN}`],
    ['tll', `Did you mean "ttl"? ${KNOWN}`],
    ['app', KNOWN],
    ['phoneNumber', KNOWN],
  ])('%s: %s', (key, advice) => {
    const message = `Unknown key "${key}" in config. ${advice}`;
    expect(thrown(() => new CapabilitySigner({ ...config, [key]: 1 }))).toMatchObject({
      message,
      field: key,
    });
  });

  test('of the options gets advice about options', () => {
    expect(thrown(() => signer.sign(alice, { apiKeySid: 'SK1' } as never))).toMatchObject({
      message: 'Unknown key "apiKeySid" in options. Known keys: ttl, expiresAt.',
    });
  });

  test.each([authToken, 'x'.repeat(25), 'user_42', 'alice bob'])(
    'is not shown if it may be a secret: %s',
    (key) => {
      const error = thrown(() => new CapabilitySigner({ ...config, [key]: 1 }));
      expect(error).toMatchObject({ field: 'config', message: `Unknown key in config. ${KNOWN}` });
      expect(exposure(error)).not.toContain(key);
    },
  );

  test('of the other kind of token gets advice', () => {
    for (const key of ['apiKeySid', 'apiKeySecret']) {
      expect(thrown(() => new CapabilitySigner({ ...config, [key]: 'SK1' }))).toMatchObject({
        code: 'ERR_CONFIG_INVALID',
        field: key,
        message: `${key} is for Access Tokens. Capability tokens and configure() need authToken.`,
      });
    }
    for (const Class of [AccessTokenSigner, AccessTokenVerifier]) {
      for (const apiKey of [{}, { apiKeySid: 'SK1', apiKeySecret: 'secret' }]) {
        expect(thrown(() => new Class({ accountSid, authToken, ...apiKey } as never))).toMatchObject({
          code: 'ERR_CONFIG_INVALID',
          field: 'authToken',
          message: 'authToken is for capability tokens. Access Tokens need apiKeySid and apiKeySecret.',
        });
      }
    }
  });
});

test('options that are not an object are told the known keys', () => {
  expect(thrown(() => signer.sign(alice, 600 as never))).toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
    field: 'options',
    message: 'Options must be a plain object. Known keys: ttl, expiresAt.',
  });
});
