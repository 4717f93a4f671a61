/**
 * Credentials for tests: fixed, well formed, and of no account there is. They read as what they are wherever
 * they turn up, in a log, a diff or a secret scanner's report.
 *
 * @example
 * const signer = new CapabilitySigner({ ...testCredentials, now: fixedClock() });
 */
export const testCredentials = Object.freeze({
  /** The account. */
  accountSid: 'ACdeadbeefdeadbeefdeadbeefdeadbeef',
  /** Its auth token. */
  authToken: 'fake_auth_token_for_tests_only_00',
});

/**
 * The same for Access Tokens: an API key of the account of {@link testCredentials}.
 *
 * @example
 * const signer = new AccessTokenSigner({ ...testApiKey, now: fixedClock() });
 */
export const testApiKey = Object.freeze({
  /** The account. */
  accountSid: testCredentials.accountSid,
  /** The API key. */
  apiKeySid: 'SKdeadbeefdeadbeefdeadbeefdeadbeef',
  /** Its secret. */
  apiKeySecret: 'fake_api_key_secret_for_tests_00',
});

/** The TwiML application that the fixtures place their calls through. It does not exist either. */
export const testApplicationSid = 'APdeadbeefdeadbeefdeadbeefdeadbeef';
