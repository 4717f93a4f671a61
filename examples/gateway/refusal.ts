import { TokenError } from 'twilio-capability';

/** An error that the gateway sends, in the form that the browser SDKs read. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** Numbers and texts of https://www.twilio.com/docs/api/errors */
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
 * forged token to change. Assumed: Twilio's gateway may send 31202 or 31203 for some of them.
 */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_EXPIRED') return refusals.tokenExpired;
  if (error instanceof TokenError && error.code === 'ERR_TOKEN_LIFETIME') return refusals.tokenTooLong;
  return refusals.tokenInvalid;
}
