import { TokenError } from 'twilio-capability';

/** Why the gateway turns something down, in the form that the browser SDKs read. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** The browser SDKs report these under their own numbers too: 31204 is 20101 there, 31205 is 20104. */
export const refusals = {
  callDeclined: { code: 31002, message: 'Connection declined' },
  tokenInvalid: { code: 31204, message: 'JWT is invalid' },
  tokenExpired: { code: 31205, message: 'JWT token expired' },
  tokenTooLong: { code: 31207, message: 'JWT token expiration too long' },
} as const satisfies Record<string, Refusal>;

/**
 * What the caller is told of a token that did not pass.
 *
 * A wrong signature, issuer or claim all look alike from outside: whoever forges tokens should not learn
 * which part to work on next. So the library's finer codes are folded into the one that the SDKs expect.
 */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_EXPIRED') return refusals.tokenExpired;
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_LIFETIME') return refusals.tokenTooLong;
  return refusals.tokenInvalid;
}
