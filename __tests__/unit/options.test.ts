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
    ['phoneNumber', KNOWN],
  ])('%s: %s', (field, advice) => {
    const message = `Unknown key "${field}" in config. ${advice}`;
    expect(thrown(() => new CapabilitySigner({ ...config, [field]: 1 }))).toMatchObject({ message, field });
  });

  test.each([authToken, 'x'.repeat(25), 'user_42', 'alice bob'])(
    'is not shown if it may be a secret: %s',
    (key) => {
      const error = thrown(() => new CapabilitySigner({ ...config, [key]: 1 }));
      expect(error).toMatchObject({ field: 'config', message: `Unknown key in config. ${KNOWN}` });
      expect(exposure(error)).not.toContain(key);
    },
  );

  test.each([
    ['apiKeySid', CapabilitySigner, 'is for Access Tokens'],
    ['apiKeySecret', CapabilitySigner, 'is for Access Tokens'],
    ['authToken', AccessTokenSigner, 'is for capability tokens'],
    ['authToken', AccessTokenVerifier, 'is for capability tokens'],
  ])('%s in the config of %p %s', (field, Class, advice) => {
    const error = thrown(() => new Class({ accountSid, [field]: 'SK1' }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', field });
    expect(error).toHaveProperty('message', expect.stringContaining(`${field} ${advice}`));
  });
});

test.each([
  [{ apiKeySid: 'SK1' }, 'Unknown key "apiKeySid" in options. Known keys: ttl, expiresAt.'],
  [600, 'Options must be a plain object. Known keys: ttl, expiresAt.'],
])('the options %j are told the known keys', (options, message) => {
  expect(thrown(() => signer.sign(alice, options as never))).toHaveProperty('message', message);
});
