import { types } from 'node:util';
import * as z from 'zod/mini';
import { ConfigError } from '../errors';
import { MAX_TTL, ttlSchema } from '../settings';

/** How long a token lives: `ttl` or `expiresAt`, not both. Default: the ttl of the signer. */
export interface SignOptions {
  /** Lifetime in seconds, 1 to 86,400. */
  readonly ttl?: number | undefined;
  /** When the token expires: 1 second to 24 hours from now, rounded down to the second. */
  readonly expiresAt?: Date | undefined;
}

/** When a token is issued and when it expires, in Unix seconds. */
export interface Lifetime {
  readonly iat: number;
  readonly exp: number;
}

const EXPIRES_AT_MESSAGE = 'expiresAt must be a valid Date from 1 second to 24 hours ahead.';

/** @internal */
export const signOptionsShape = {
  ttl: z.optional(ttlSchema),
  expiresAt: z.optional(z.custom<Date>(types.isDate, EXPIRES_AT_MESSAGE)),
};

/** The last time that a clock may return. Leaves room for a ttl and a tolerance, so that every expiry fits into a Date. */
const MAX_TIME = 8.64e15 - 2 * MAX_TTL * 1000;

/**
 * Computes the lifetime of a token.
 *
 * @param signerTtl - Lifetime in seconds if the options have none.
 * @throws {ConfigError} `ERR_TTL_INVALID`: `expiresAt` is out of range, or both options are set. As
 *   {@link readClock}.
 */
export function computeLifetime(
  { ttl, expiresAt }: SignOptions,
  signerTtl: number,
  now: () => number,
): Lifetime {
  const time = readClock(now);
  const iat = Math.floor(time / 1000);
  if (expiresAt === undefined) return { iat, exp: iat + (ttl ?? signerTtl) };
  if (ttl !== undefined) throw invalid('Pass either ttl or expiresAt, not both.');
  const ahead = expiresAt.getTime() - time;
  if (ahead >= 1000 && ahead <= MAX_TTL * 1000) return { iat, exp: Math.floor(expiresAt.getTime() / 1000) };
  throw invalid(EXPIRES_AT_MESSAGE);
}

/**
 * Reads a clock.
 *
 * @returns Milliseconds since the epoch.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`: not a time. What the function itself throws passes through.
 */
export function readClock(now: () => number): number {
  const time: unknown = now();
  if (typeof time === 'number' && time >= 0 && time <= MAX_TIME) return time;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    'now must return milliseconds since the epoch, as Date.now does.',
    'now',
  );
}

function invalid(message: string): ConfigError {
  return new ConfigError('ERR_TTL_INVALID', message, 'expiresAt');
}
