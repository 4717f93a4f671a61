import { ScopeError, TokenError } from '../errors';
import { MAX_TTL } from '../limits';
import type { OutgoingScope } from '../scopes/outgoing-scope';
import { parseScopes, type Scope } from '../scopes/parse-scope';
import type { JsonObject } from './jws';

/** The times in a token. */
export interface TokenTimes {
  /** When the token expires. It is rejected from this time on. */
  readonly expiresAt: Date;
  /** When the token was issued, if it says so. */
  readonly issuedAt: Date | undefined;
  /** When the token starts to be valid, if it says so. */
  readonly notBefore: Date | undefined;
}

/** The times in a token that was not verified. Those that are missing or not times are undefined. */
export type DecodedTimes = { readonly [K in keyof TokenTimes]: Date | undefined };

/** What a token allows. */
export interface TokenScopes {
  /** Every scope, in the order of the token. */
  readonly scopes: readonly Scope[];
  /** The client names of the incoming scopes. */
  readonly clientNames: readonly string[];
  /** The first outgoing scope, if there is one. */
  readonly outgoing: OutgoingScope | undefined;
}

/**
 * What the claims of a token are validated against.
 *
 * @internal
 */
export interface ExpectedClaims {
  /** Undefined accepts any account. */
  readonly accountSid: string | undefined;
  /** Accepted clock skew in seconds. */
  readonly clockTolerance: number;
  readonly now: () => number;
}

/** The last second that fits into a Date. */
const MAX_SECONDS = 8.64e12;

/**
 * Validates `exp`, `nbf` and `iat` (RFC 7519 section 4.1). `exp` may be a fraction, which twilio-python and twilio-go
 * can write.
 *
 * @param now - Milliseconds since the epoch.
 * @param tolerance - Accepted clock skew in seconds.
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, `ERR_TOKEN_EXPIRED`, `ERR_TOKEN_LIFETIME` or `ERR_TOKEN_NOT_YET_VALID`.
 */
export function validateTimes(claims: JsonObject, now: number, tolerance: number): TokenTimes {
  const { expiresAt, ...times } = readTimes(claims);
  if (expiresAt === undefined || claims['exp'] === 0) {
    throw new TokenError('ERR_TOKEN_CLAIMS', 'Token must have an exp in Unix seconds.', 'exp');
  }
  const left = expiresAt.getTime() - now;
  if (left + tolerance * 1000 <= 0) throw new TokenError('ERR_TOKEN_EXPIRED', 'Token has expired.', 'exp');
  if (left - tolerance * 1000 > MAX_TTL * 1000) {
    throw new TokenError(
      'ERR_TOKEN_LIFETIME',
      'Token expires more than 24 hours from now. Twilio rejects it.',
      'exp',
    );
  }
  const latestStart = Math.floor(now / 1000) + tolerance;
  validateStart('nbf', claims['nbf'], latestStart);
  validateStart('iat', claims['iat'], latestStart);
  return { expiresAt, ...times };
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
export function readTimes({ exp, iat, nbf }: JsonObject): DecodedTimes {
  return { expiresAt: toDate(exp), issuedAt: toDate(iat), notBefore: toDate(nbf) };
}

/** A fraction of a second becomes the nearest millisecond. */
function toDate(seconds: unknown): Date | undefined {
  return isTime(seconds) ? new Date(Math.round(seconds * 1000)) : undefined;
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
  return {
    scopes: Object.freeze(scopes),
    clientNames: Object.freeze(incoming.map(({ clientName }) => clientName)),
    outgoing: scopes.find((scope) => scope.kind === 'outgoing'),
  };
}
