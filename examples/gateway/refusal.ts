import { TokenError } from 'twilio-capability';

/** Why the gateway refuses a token or a call, in the form that the browser SDKs read. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** `@twilio/voice-sdk` reports 31204 as 20101 and 31205 as 20104. */
export const refusals = {
  callDeclined: { code: 31002, message: 'Connection declined' },
  tokenInvalid: { code: 31204, message: 'JWT is invalid' },
  tokenExpired: { code: 31205, message: 'JWT token expired' },
  tokenTooLong: { code: 31207, message: 'JWT token expiration too long' },
} as const satisfies Record<string, Refusal>;

/**
 * Returns the refusal for an error of the token check.
 *
 * A wrong signature, issuer or claim all get the same code, so that an attacker does not learn which part of a
 * forged token to change.
 */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_EXPIRED') return refusals.tokenExpired;
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_LIFETIME') return refusals.tokenTooLong;
  return refusals.tokenInvalid;
}
