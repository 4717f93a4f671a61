import { types } from 'node:util';
import { ConfigError, SignError } from '../errors';
import { readOptions } from '../options';

/** How long a token is to live: one of the two, or neither for the signer's own `ttl`. */
export interface SignOptions {
  /** Seconds: an integer from 1 to 86,400. */
  readonly ttl?: number | undefined;
  /** When the token ends: 1 second to 24 hours from now. Rounded down to the second. */
  readonly expiresAt?: Date | undefined;
}

/** When a token starts to count and when it ends, in whole Unix seconds. */
export interface Lifetime {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** One hour, as `Twilio::Util::Capability` has it. */
export const DEFAULT_TTL = 3600;

/** Twilio refuses a token that lives longer than 24 hours: errors 31207 and 20157. */
export const MAX_TTL = 86_400;

/** The last time a clock may show: a Date ends at 8.64e15, and a token's own end has to fit into one too. */
const LAST_TIME = 8.64e15 - 2 * MAX_TTL * 1000;

/** What is wrong with a ttl, in a sentence; nothing where it is good. */
export function ttlProblem(ttl: unknown): string | undefined {
  if (Number.isInteger(ttl) && (ttl as number) >= 1 && (ttl as number) <= MAX_TTL) return undefined;
  const rule = `A ttl is a whole number of seconds from 1 to ${MAX_TTL} (24 hours, which is Twilio's limit).`;
  const looksLikeMilliseconds = typeof ttl === 'number' && ttl > MAX_TTL && Number.isInteger(ttl / 1000);
  return looksLikeMilliseconds ? `${rule} This one looks like milliseconds: divide it by 1000.` : rule;
}

/**
 * Reads the clock.
 *
 * @returns Milliseconds since the epoch.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`: it throws, or gives no time in the range of a Date.
 */
export function readClock(now: () => number): number {
  let time: unknown;
  try {
    time = now();
  } catch {
    throw new ConfigError('ERR_CONFIG_INVALID', 'The now function threw.', 'now');
  }
  if (typeof time === 'number' && time >= 0 && time <= LAST_TIME) return time;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    'The now function must return milliseconds since the epoch, as Date.now does.',
    'now',
  );
}

/**
 * Works out when a token ends.
 *
 * @throws {SignError} `ERR_TTL_INVALID`: ttl or `expiresAt` out of range, or both given.
 */
export function planLifetime(
  options: { readonly ttl?: unknown; readonly expiresAt?: unknown },
  defaults: { readonly ttl: number; readonly now: () => number },
): Lifetime {
  const { ttl, expiresAt } = options;
  if (ttl !== undefined && expiresAt !== undefined) {
    throw new SignError('ERR_TTL_INVALID', 'Give either ttl or expiresAt, not both.', 'expiresAt');
  }
  if (ttl !== undefined) {
    const problem = ttlProblem(ttl);
    if (problem !== undefined) throw new SignError('ERR_TTL_INVALID', problem, 'ttl');
  }
  const now = readClock(defaults.now);
  const issuedAt = Math.floor(now / 1000);
  if (expiresAt === undefined)
    return { issuedAt, expiresAt: issuedAt + ((ttl as number | undefined) ?? defaults.ttl) };

  const end = types.isDate(expiresAt) ? Date.prototype.getTime.call(expiresAt) : Number.NaN;
  const ahead = end - now;
  if (ahead >= 1000 && ahead <= MAX_TTL * 1000) return { issuedAt, expiresAt: Math.floor(end / 1000) };
  throw new SignError(
    'ERR_TTL_INVALID',
    'expiresAt must be a valid Date, at least 1 second and at most 24 hours from now.',
    'expiresAt',
  );
}

/** Reads the options of a call that signs; the names in `more` are the signer's own. */
export function readSignOptions<K extends string = never>(
  options: unknown,
  ...more: K[]
): { [P in K | keyof SignOptions]?: unknown } {
  return readOptions<K | keyof SignOptions>(options, ['ttl', 'expiresAt', ...more]);
}
