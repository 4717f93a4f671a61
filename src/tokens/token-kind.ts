import { TokenError } from '../errors';
import type { OpenToken } from './jws';

/** The `cty` in the header of every Access Token. Capability tokens have none. */
export const ACCESS_TOKEN_TYPE = 'twilio-fpa;v=1';

/** What a token is. The verifiers accept the first two. */
export type TokenKind =
  /** Also a token that says nothing of its kind, or whose payload is unreadable: `requireClaims` rejects that one. */
  | 'capability'
  | 'access-token'
  /** An Access Token whose header lacks the `cty`. */
  | 'access-token-without-cty'
  /** A TaskRouter token, which has `policies` instead of `scope`. */
  | 'task-router'
  /** A token with a `cty` that is not Twilio's. */
  | 'unknown-cty';

/** Returns what a token is, by its header and claims. */
export function kindOf({ header, claims }: OpenToken): TokenKind {
  const { cty } = header;
  if (cty === ACCESS_TOKEN_TYPE) return 'access-token';
  if (cty !== undefined) return 'unknown-cty';
  if (claims === undefined || claims['scope'] !== undefined) return 'capability';
  if (claims['grants'] !== undefined) return 'access-token-without-cty';
  return claims['policies'] === undefined ? 'capability' : 'task-router';
}

/** Creates the error for a token of a kind that is not accepted. */
export function wrongKind(kind: TokenKind): TokenError {
  switch (kind) {
    case 'capability':
      return wrongType(
        'Token header has no cty, so it is not an Access Token. Use CapabilityVerifier for capability tokens.',
      );
    case 'access-token':
      return wrongType('This is an Access Token. Use AccessTokenVerifier.');
    case 'access-token-without-cty':
      return wrongType(`This is an Access Token without the cty "${ACCESS_TOKEN_TYPE}" in its header.`);
    case 'unknown-cty':
      return wrongType(
        `Token header has an unknown cty. Access Tokens have "${ACCESS_TOKEN_TYPE}", capability tokens none.`,
      );
    case 'task-router':
      return new TokenError(
        'ERR_TOKEN_SCOPE',
        'This is a TaskRouter token: it has policies instead of scope. Voice SDKs do not accept it.',
        'scope',
      );
  }
}

function wrongType(message: string): TokenError {
  return new TokenError('ERR_TOKEN_HEADER', message, 'cty');
}
