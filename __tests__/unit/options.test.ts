import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
} from '../../src';
import { exposure } from '../helpers/exposure';
import { accountSid, authToken, config, NOW, refusal, thrown, withPolluted } from '../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');
const access = new AccessTokenSigner({ accountSid, apiKeySid: 'SK1', apiKeySecret: 'secret' });
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
    expect(messageOf(() => signer.sign(alice, { apiKeySid: 'SK1' } as never))).toBe(
      'Unknown key "apiKeySid" in options. Known keys: ttl, expiresAt.',
    );
  });

  test('is not shown if it may be a secret', () => {
    for (const key of [authToken, 'x'.repeat(25), 'user_42', 'alice bob']) {
      const error = thrown(() => new CapabilitySigner({ ...config, [key]: 1 }));
      expect(error).toMatchObject({ field: 'config', message: `Unknown key in config. ${KNOWN}` });
      expect(exposure(error)).not.toContain(key);
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
    for (const Class of [AccessTokenSigner, AccessTokenVerifier]) {
      for (const apiKey of [{}, { apiKeySid: 'SK1', apiKeySecret: 'secret' }]) {
        expect(thrown(() => new Class({ accountSid, authToken, ...apiKey } as never))).toMatchObject({
          code: 'ERR_CONFIG_INVALID',
          field: 'authToken',
          message: expect.stringContaining('Access Tokens need apiKeySid and apiKeySecret.') as unknown,
        });
      }
    }
  });
});

test('a polluted Object.prototype sets nothing', () => {
  const results = () => [
    ...[undefined, {}].flatMap((options) => [
      signer.sign(alice, options),
      new CapabilitySigner(config).sign(new IncomingScope('alice', options), options),
      String(new OutgoingScope('AP1', options)),
      refusal(() => new IncomingScope('front desk', options)),
    ]),
    new CapabilitySigner({ accountSid, authToken }).issue(alice).issuedAt.getTime() > 0,
    new CapabilityVerifier({ accountSid, authToken }).clockTolerance,
    signer.issue(new OutgoingScope('AP1')).clientName === undefined,
    refusal(() => access.issue(new OutgoingScope('AP1'))),
  ];
  const expected = results();
  const expiresAt = new Date((NOW + 60) * 1000);
  const credentials = { accountSid: 'AC9', authToken: 'evil' };
  for (const pollution of [
    { clientName: 'x', ttl: 1, allowAnyName: true, now: () => 0, ...credentials },
    { ttl: 1, expiresAt },
    { expiresAt },
  ]) {
    expect(withPolluted(pollution, results)).toEqual(expected);
  }
});
