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
  // The seconds of a time between 2001 and 2286. As milliseconds, they are in the first months of 1970.
  const isInSeconds = typeof time === 'number' && time >= 1e9 && time < 1e10;
  if (typeof time === 'number' && time >= 0 && time <= MAX_TIME && !isInSeconds) return time;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    `now must return milliseconds since the epoch, as Date.now does.${isInSeconds ? ' It returned seconds.' : ''}`,
    'now',
  );
}
