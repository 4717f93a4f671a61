import { readAccessToken, type DecodedAccessToken } from './access-token/access-token-verifier';
import { readHeader } from './tokens/jws';
import { decodeCapability, type DecodedCapability } from './capability/capability-verifier';

/** What a token of either kind says; `kind` tells which, and narrows the type. */
export type DecodedToken = DecodedCapability | DecodedAccessToken;

/**
 * Reads a capability token or an Access Token, whichever it is, without checking its signature, its times or
 * who signed it: for inspection, never to decide anything.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`, `ERR_TOKEN_MALFORMED`, `ERR_TOKEN_HEADER` (it is neither),
 *   `ERR_TOKEN_CLAIMS` (no JSON object, or the grants of an Access Token) or `ERR_TOKEN_SCOPE`.
 * @example
 * const decoded = decodeToken(token);
 * decoded.kind === 'capability' ? decoded.clientNames : decoded.identity;
 */
export function decodeToken(token: string): DecodedToken {
  return readHeader(token)['cty'] === undefined ? decodeCapability(token) : readAccessToken(token);
}
