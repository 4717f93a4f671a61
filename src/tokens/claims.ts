import { ScopeError, TokenError } from '../errors';
import type { OutgoingScope } from '../scopes/outgoing-scope';
import { parseScopes, type Scope } from '../scopes/parse-scope';
import { MAX_TTL } from '../settings';
import type { JsonObject } from './jws';

/** The times in a token. */
export interface TokenTimes {
  /** When the token expires. It is rejected from this time on. */
  readonly expiresAt: Date;
  /** When the token was issued, if it says so. */
  readonly issuedAt?: Date;
  /** When the token starts to be valid, if it says so. */
  readonly notBefore?: Date;
}

/** What a token allows. */
export interface TokenScopes {
  /** Every scope, in the order of the token. */
  readonly scopes: readonly Scope[];
  /** The client names of the incoming scopes. */
  readonly clientNames: readonly string[];
  /** The first outgoing scope. */
  readonly outgoing?: OutgoingScope;
}

/** The last second that fits into a Date. */
const MAX_SECONDS = 8.64e12;

/**
 * Validates `exp`, `nbf` and `iat` (RFC 7519 section 4.1) against whole seconds of the clock.
 *
 * @param now - Milliseconds since the epoch.
 * @param tolerance - Accepted clock skew in seconds.
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, `ERR_TOKEN_EXPIRED`, `ERR_TOKEN_LIFETIME` or `ERR_TOKEN_NOT_YET_VALID`.
 */
export function validateTimes(claims: JsonObject, now: number, tolerance: number): TokenTimes {
  const { exp } = claims;
  const seconds = Math.floor(now / 1000);
  if (!isExpiry(exp)) {
    throw new TokenError('ERR_TOKEN_CLAIMS', 'Token must have an exp in whole Unix seconds.', 'exp');
  }
  if (exp + tolerance <= seconds) throw new TokenError('ERR_TOKEN_EXPIRED', 'Token has expired.', 'exp');
  if (exp - tolerance > seconds + MAX_TTL) {
    throw new TokenError(
      'ERR_TOKEN_LIFETIME',
      'Token expires more than 24 hours from now. Twilio rejects it.',
      'exp',
    );
  }
  validateStart('nbf', claims['nbf'], seconds + tolerance);
  validateStart('iat', claims['iat'], seconds + tolerance);
  return readTimes(claims) as TokenTimes;
}

function validateStart(name: 'nbf' | 'iat', time: unknown, latest: number): void {
  if (time === undefined) return;
  if (!isTime(time)) throw new TokenError('ERR_TOKEN_CLAIMS', `Token ${name} must be Unix seconds.`, name);
  if (time <= latest) return;
  throw new TokenError(
    'ERR_TOKEN_NOT_YET_VALID',
    `Token ${name} is in the future. Check the clock of the server that issued it.`,
    name,
  );
}

/** Reads the times that are well formed, without comparing them with a clock. */
export function readTimes({ exp, iat, nbf }: JsonObject): Partial<TokenTimes> {
  return {
    ...(isTime(exp) && { expiresAt: new Date(exp * 1000) }),
    ...(isTime(iat) && { issuedAt: new Date(iat * 1000) }),
    ...(isTime(nbf) && { notBefore: new Date(nbf * 1000) }),
  };
}

function isExpiry(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_SECONDS;
}

/**
 * Parses the `scope` claim.
 *
 * @throws {TokenError} `ERR_TOKEN_SCOPE`: missing, not a string or not parseable.
 */
export function parseScopeClaim({ scope }: JsonObject): TokenScopes {
  if (scope === undefined) throw new TokenError('ERR_TOKEN_SCOPE', 'Token has no scope claim.', 'scope');
  try {
    return toTokenScopes(parseScopes(scope as string));
  } catch (error) {
    if (!(error instanceof ScopeError)) throw error;
    throw new TokenError('ERR_TOKEN_SCOPE', `Token scope is invalid. ${error.message}`, 'scope');
  }
}

/** Freezes the scopes, and adds the client names and the first outgoing scope. */
export function toTokenScopes(scopes: readonly Scope[]): TokenScopes {
  const incoming = scopes.filter((scope) => scope.kind === 'incoming');
  const outgoing = scopes.find((scope) => scope.kind === 'outgoing');
  return {
    scopes: Object.freeze(scopes),
    clientNames: Object.freeze(incoming.map(({ clientName }) => clientName)),
    ...(outgoing && { outgoing }),
  };
}
