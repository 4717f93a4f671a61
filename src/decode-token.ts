import { decodeAccessToken, type DecodedAccessToken } from './access-token/access-token-verifier';
import { decodeCapability, type DecodedCapability } from './capability/capability-verifier';
import { openToken, type OpenToken } from './tokens/jws';
import { kindOf, wrongKind } from './tokens/token-kind';

/** The contents of a token of either kind. `kind` distinguishes them and narrows the type. */
export type DecodedToken = DecodedCapability | DecodedAccessToken;

/**
 * Decodes a capability token or an Access Token without verifying it: for inspection, never to decide anything.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`, `ERR_TOKEN_MALFORMED`, `ERR_TOKEN_HEADER` (unknown cty, or an Access Token
 *   without one), `ERR_TOKEN_CLAIMS` (not a JSON object, or grants that cannot be parsed) or `ERR_TOKEN_SCOPE`.
 * @example
 * const decoded = decodeToken(token);
 * decoded.kind === 'capability' ? decoded.clientNames : decoded.identity;
 */
export function decodeToken(token: string): DecodedToken {
  return decodeOpenToken(openToken(token));
}

/**
 * Decodes a token that was opened.
 *
 * @internal
 */
export function decodeOpenToken(token: OpenToken): DecodedToken {
  const kind = kindOf(token);
  switch (kind) {
    case 'capability':
      return decodeCapability(token);
    case 'access-token':
      return decodeAccessToken(token);
    default:
      throw wrongKind(kind);
  }
}
