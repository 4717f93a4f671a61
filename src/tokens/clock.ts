import { ConfigError } from '../errors';
import { MAX_TTL } from '../limits';

/** The latest time that a clock may return. Leaves room for a ttl and a tolerance, so that every expiry fits into a Date. */
const MAX_TIME = 8.64e15 - 2 * MAX_TTL * 1000;

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
