import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  IncomingScope,
  OutgoingScope,
  type AccessTokenSignOptions,
  type IssuedToken,
  type TokenSigner,
} from '../../../src';
import { apiKeyConfig, applicationSid, BAD_SID, config, refusal, thrown } from '../../helpers/fixed';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid);
const signer = new AccessTokenSigner(apiKeyConfig);
const verifier = new AccessTokenVerifier(apiKeyConfig);

describe('pushCredentialSid of a call', () => {
  test('is that of the token', () => {
    const { token } = signer.issue(alice, { pushCredentialSid: 'CRandroid' });
    expect(verifier.verify(token).pushCredentialSid).toBe('CRandroid');
    expect(verifier.verify(token).claims['grants']).toEqual({
      identity: 'alice',
      voice: { incoming: { allow: true }, push_credential_sid: 'CRandroid' },
    });
    expect(verifier.verify(signer.sign(alice)).pushCredentialSid).toBeUndefined();
  });

  test("overrides the signer's, which undefined does not", () => {
    const mobile = new AccessTokenSigner({ ...apiKeyConfig, pushCredentialSid: 'CRios' });
    const sidOf = (options?: AccessTokenSignOptions) =>
      verifier.verify(mobile.sign(alice, options)).pushCredentialSid;
    expect([
      sidOf(),
      sidOf({ pushCredentialSid: undefined }),
      sidOf({ pushCredentialSid: 'CRandroid' }),
    ]).toEqual(['CRios', 'CRios', 'CRandroid']);
  });

  test.each(BAD_SID('CR', 'AP'))('rejects %p', (pushCredentialSid) => {
    const options = { pushCredentialSid } as AccessTokenSignOptions;
    expect(refusal(() => signer.sign(alice, options))).toBe(
      'ConfigError ERR_OPTIONS_INVALID pushCredentialSid',
    );
  });
});

describe('allowAnyIdentity', () => {
  const identity = 'ann.veal@example.com';

  test('accepts any identity, of the signer or of a call', () => {
    const lenient = new AccessTokenSigner({ ...apiKeyConfig, allowAnyIdentity: true });
    expect(lenient.issue(outgoing, { identity }).identity).toBe(identity);
    expect(signer.issue(outgoing, { identity, allowAnyIdentity: true }).identity).toBe(identity);
    const fixed = new AccessTokenSigner({ ...apiKeyConfig, identity, allowAnyIdentity: true });
    expect(verifier.verify(fixed.sign(outgoing)).identity).toBe(identity);
  });

  test('of a call overrides that of the signer', () => {
    const lenient = new AccessTokenSigner({ ...apiKeyConfig, allowAnyIdentity: true });
    expect(refusal(() => lenient.sign(outgoing, { identity, allowAnyIdentity: false }))).toBe(
      'ConfigError ERR_OPTIONS_INVALID identity',
    );
  });

  test('is what the message for another identity names', () => {
    const { message } = thrown(() => signer.sign(outgoing, { identity })) as Error;
    expect(message).toMatch(/^identity .*allowAnyIdentity/);
    expect(message).not.toContain('allowAnyName');
    expect(refusal(() => new AccessTokenSigner({ ...apiKeyConfig, identity }))).toBe(
      'ConfigError ERR_CONFIG_INVALID identity',
    );
  });

  test('is named by the error for allowAnyName, which signers do not have', () => {
    const message = 'allowAnyName is an option of scopes. For identity, use allowAnyIdentity.';
    const options = { allowAnyName: true } as object;
    expect(thrown(() => new AccessTokenSigner({ ...apiKeyConfig, ...options }))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'allowAnyName',
      message,
    });
    expect(thrown(() => signer.sign(alice, options))).toMatchObject({ code: 'ERR_OPTIONS_INVALID', message });
  });

  test('does not affect the names of scopes', () => {
    const scope = new IncomingScope(identity, { allowAnyName: true });
    expect(signer.issue(scope).identity).toBe(identity);
  });

  test.each(['true', 1, null])('rejects %p', (allowAnyIdentity) => {
    const options = { allowAnyIdentity } as unknown as AccessTokenSignOptions;
    expect(refusal(() => signer.sign(alice, options))).toBe(
      'ConfigError ERR_OPTIONS_INVALID allowAnyIdentity',
    );
  });

  test.each(['', 'a'.repeat(257), 'a\nb', '\ud83d', 42, null])('never accepts %p', (name) => {
    const options = { identity: name, allowAnyIdentity: true } as AccessTokenSignOptions;
    expect(refusal(() => signer.sign(outgoing, options))).toBe('ConfigError ERR_OPTIONS_INVALID identity');
  });
});

describe('TokenSigner', () => {
  test('is implemented by both signers', () => {
    const issue = (either: TokenSigner): IssuedToken => either.issue([alice, outgoing], { ttl: 600 });
    for (const either of [new CapabilitySigner(config), signer] satisfies TokenSigner[]) {
      expect(either.accountSid).toBe(config.accountSid);
      expect(either.ttl).toBe(3600);
      expect(issue(either)).toMatchObject({ clientName: 'alice', ttl: 600, accountSid: config.accountSid });
      expect(either.sign(alice)).toEqual(expect.any(String));
    }
  });
});
