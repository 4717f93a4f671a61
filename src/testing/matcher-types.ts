import type { ScopeParam, ScopeParams } from '../scopes/params';
import type { CapabilityVerifier } from '../capability/capability-verifier';

/** Something like `expect.any(String)` in the place of a value. */
export interface Asymmetric {
  /** Whether a value is what it stands for. */
  asymmetricMatch(other: unknown): boolean;
  /** What it looks for, in a word or two. */
  toAsymmetricMatcher?(): string;
}

/** Params as a test expects them: a number or boolean stands for the text that the token has. */
export type ExpectedParams<P> = { readonly [K in keyof P]: ScopeParam | Asymmetric };

/** By which clock a test looks at a token. */
export interface ToExpireInOptions {
  /** The time, in milliseconds since the epoch. Default: `Date.now`, which fake timers replace. */
  readonly now?: (() => number) | undefined;
}

/**
 * The matchers, as `expect(token)` has them. All but {@link toBeCapabilityToken} read Access Tokens too. What
 * is no token fails them and their `.not` alike, so that a typo cannot pass a test.
 *
 * @typeParam R - What a matcher returns in the test framework.
 */
export interface CapabilityMatchers<R = unknown> {
  /**
   * It reads as a capability token: shape, HS256 header, account, expiry and scopes. Whether it is signed by
   * the right one and still good, a verifier says: pass one to have it asked.
   */
  toBeCapabilityToken(verifier?: Pick<CapabilityVerifier, 'verify'>): R;
  /** It allows to receive calls under this client name. */
  toAllowIncoming(clientName: string | Asymmetric): R;
  /** It allows to place calls through this application, and if `params` are given, with just these. */
  toAllowOutgoing<P extends ExpectedParams<P> = ScopeParams>(
    applicationSid: string | Asymmetric,
    params?: P | Asymmetric,
  ): R;
  /**
   * It ends so many seconds from now. By the real clock, or fake timers, one second less will do, since that
   * may have passed since it was made; by a clock of your own, `{ now }`, it is to the second.
   */
  toExpireIn(seconds: number, options?: ToExpireInOptions): R;
}

/** What a matcher is called on: the part that jest and vitest have in common. */
export interface Context {
  readonly isNot?: boolean | undefined;
  readonly equals: (actual: unknown, expected: unknown) => boolean;
}

/** What a matcher answers. */
export interface MatcherResult {
  /** Whether it is as expected. */
  readonly pass: boolean;
  /** What to tell where it is not, or with `.not` where it is. */
  readonly message: () => string;
}

/** Whether a value is something like `expect.any(String)`. */
export function isAsymmetric(value: unknown): value is Asymmetric {
  return (
    typeof value === 'object' && value !== null && typeof (value as Asymmetric).asymmetricMatch === 'function'
  );
}
