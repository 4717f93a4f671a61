import { TokenError, type ScopeError } from '../errors';
import type { JsonObject } from './jws';
import { MAX_TTL } from './lifetime';
import { parseScopes, type OutgoingScope, type Scope } from '../scopes/scope';

/** The times of a token. */
export interface TokenTimes {
  /** When it ends. At this moment it is already refused. */
  readonly expiresAt: Date;
  /** When it was made, where it says so. */
  readonly issuedAt?: Date;
  /** From when it counts, where it says so. */
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

/** The last second that a Date can hold. */
const MAX_SECONDS = 8.64e12;

/**
 * Checks `exp`, `nbf` and `iat` (RFC 7519 section 4.1) against the clock.
 *
 * @param now - Milliseconds since the epoch.
 * @param tolerance - Seconds by which the two clocks may differ.
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, `ERR_TOKEN_EXPIRED`, `ERR_TOKEN_LIFETIME` or
 *   `ERR_TOKEN_NOT_YET_VALID`.
 */
export function checkTimes(claims: JsonObject, now: number, tolerance: number): TokenTimes {
  const { exp, nbf, iat } = claims;
  if (!Number.isSafeInteger(exp) || (exp as number) <= 0) {
    throw new TokenError(
      'ERR_TOKEN_CLAIMS',
      'The exp of the token is missing, or no whole number of seconds.',
      'exp',
    );
  }
  const left = (exp as number) - now / 1000;
  if (left + tolerance <= 0) {
    throw new TokenError('ERR_TOKEN_EXPIRED', 'The token has expired.', 'exp');
  }
  if (left - tolerance > MAX_TTL) {
    throw new TokenError(
      'ERR_TOKEN_LIFETIME',
      'The token ends more than 24 hours from now; Twilio refuses it.',
      'exp',
    );
  }
  checkStart('nbf', nbf, now, tolerance);
  checkStart('iat', iat, now, tolerance);
  return readTimes(claims) as TokenTimes;
}

function checkStart(name: 'nbf' | 'iat', time: unknown, now: number, tolerance: number): void {
  if (time === undefined) return;
  if (!isTime(time)) {
    throw new TokenError('ERR_TOKEN_CLAIMS', `The ${name} of the token is not a time in seconds.`, name);
  }
  if (time - tolerance > now / 1000) {
    throw new TokenError('ERR_TOKEN_NOT_YET_VALID', `The ${name} of the token is in the future.`, name);
  }
}

/** Reads the times that are there, without judging them. */
export function readTimes({ exp, iat, nbf }: JsonObject): Partial<TokenTimes> {
  const times: Partial<Writable<TokenTimes>> = {};
  if (isTime(exp)) times.expiresAt = new Date(exp * 1000);
  if (isTime(iat)) times.issuedAt = new Date(iat * 1000);
  if (isTime(nbf)) times.notBefore = new Date(nbf * 1000);
  return times;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_SECONDS;
}

/**
 * Reads the `scope` claim.
 *
 * @throws {TokenError} `ERR_TOKEN_SCOPE`: missing, no string, or it does not parse.
 */
export function readScopes(claims: JsonObject): TokenScopes {
  const scopes = parseClaim(claims['scope']);
  const clientNames: string[] = [];
  const read: Writable<TokenScopes> = { scopes, clientNames };
  for (const scope of scopes) {
    if (scope.kind === 'incoming') clientNames.push(scope.clientName);
    if (scope.kind === 'outgoing') read.outgoing ??= scope;
  }
  Object.freeze(scopes);
  Object.freeze(clientNames);
  return read;
}

/** @internal */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

function parseClaim(claim: unknown): Scope[] {
  try {
    // Not a string: parseScopes says so.
    return parseScopes(claim as string);
  } catch (error) {
    const { message } = error as ScopeError;
    throw new TokenError('ERR_TOKEN_SCOPE', `The scope of the token cannot be read. ${message}`, 'scope');
  }
}
