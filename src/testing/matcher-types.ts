import type { AccessTokenVerifier } from '../access-token/access-token-verifier';
import type { CapabilityVerifier } from '../capability/capability-verifier';
import type { ScopeParam, ScopeParams } from '../scopes/params';

/** An asymmetric matcher, such as `expect.any(String)`. */
export interface Asymmetric {
  /** Returns whether a value matches. */
  asymmetricMatch(other: unknown): boolean;
  /** Returns the text for messages. */
  toAsymmetricMatcher?(): string;
}

/** Expected params. Numbers and booleans match the text that a token contains. */
export type ExpectedParams<P> = { readonly [K in keyof P]: ScopeParam | Asymmetric };

/** The clock of a matcher that checks times. */
export interface MatcherOptions {
  /** Returns milliseconds since the epoch. Default: `Date.now`, which fake timers replace. */
  readonly now?: (() => number) | undefined;
}

/**
 * The matchers of `expect(token)`. `toAllowIncoming`, `toAllowOutgoing` and `toExpireIn` accept both kinds of token, and
 * check neither the signature nor the times.
 *
 * If the value is not a token, both the matcher and its `.not` fail. For `toBeCapabilityToken` and `toBeAccessToken`,
 * that is only a value that is not a string.
 *
 * @typeParam R - What a matcher returns in the test framework.
 */
export interface TokenMatchers<R = unknown> {
  /**
   * Passes if the value is a capability token that the verifier accepts.
   *
   * Without a verifier, the signature is not checked: the token needs the form of a capability token, an account and
   * times that are valid now.
   *
   * @param options - A verifier, or `{ now }` for the time at which the token must be valid. Default: `Date.now`.
   */
  toBeCapabilityToken(options?: CapabilityVerifier | MatcherOptions): R;
  /**
   * Passes if the value is an Access Token that the verifier accepts.
   *
   * Without a verifier, the signature is not checked: the token needs the form of an Access Token, an API key, an
   * account, a voice grant and times that are valid now.
   *
   * @param options - A verifier, or `{ now }` for the time at which the token must be valid. Default: `Date.now`.
   */
  toBeAccessToken(options?: AccessTokenVerifier | MatcherOptions): R;
  /** Passes if the token allows receiving calls under this client name. */
  toAllowIncoming(clientName: string | Asymmetric): R;
  /** Passes if the token allows making calls through this application. With `params`, only with exactly these. */
  toAllowOutgoing<P extends ExpectedParams<P> = ScopeParams>(
    applicationSid: string | Asymmetric,
    params?: P | Asymmetric,
  ): R;
  /**
   * Passes if the token expires in this many seconds. Without `now` one second less also passes, since it may have
   * elapsed since the token was issued.
   */
  toExpireIn(seconds: number, options?: MatcherOptions): R;
}

/** The parts of a matcher's `this` that jest and vitest share. */
export interface MatcherContext {
  /** Whether the matcher was called as `expect(token).not`. */
  readonly isNot?: boolean | undefined;
  /** Compares two values deeply. */
  readonly equals: (actual: unknown, expected: unknown) => boolean;
}

/** What a matcher returns to the test framework. */
export interface MatcherResult {
  /** Whether the value matches. */
  readonly pass: boolean;
  /** Returns the message for a failure. */
  readonly message: () => string;
}
