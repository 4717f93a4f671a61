/**
 * Credentials for tests. They are well formed but belong to no account. Anyone who finds them in a log, a
 * diff or a report of a secret scanner can see that they are fake.
 *
 * @example
 * const signer = new CapabilitySigner({ ...testCredentials, now: fixedClock() });
 */
export const testCredentials = Object.freeze({
  /** The account. */
  accountSid: 'ACdeadbeefdeadbeefdeadbeefdeadbeef',
  /** The auth token of the account. */
  authToken: 'fake_auth_token_for_tests_only_00',
});

/**
 * Credentials for Access Tokens: an API key of the account in {@link testCredentials}.
 *
 * @example
 * const signer = new AccessTokenSigner({ ...testApiKey, now: fixedClock() });
 */
export const testApiKey = Object.freeze({
  /** The account. */
  accountSid: testCredentials.accountSid,
  /** The API key. */
  apiKeySid: 'SKdeadbeefdeadbeefdeadbeefdeadbeef',
  /** The secret of the API key. */
  apiKeySecret: 'fake_api_key_secret_for_tests_00',
});

/** The TwiML application for outgoing calls of the fixtures. It does not exist either. */
export const testApplicationSid = 'APdeadbeefdeadbeefdeadbeefdeadbeef';
