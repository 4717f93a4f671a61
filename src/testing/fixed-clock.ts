import { types } from 'node:util';
import { ConfigError } from '../errors';

/**
 * A moment: milliseconds since the epoch, a Date, or ISO 8601 text. Text with a time of day needs a time zone
 * (`Z` or `+02:00`). Otherwise its meaning would depend on the machine.
 */
export type Moment = number | string | Date;

/** A `now` function for signers and verifiers. The time changes only by `advance`. */
export interface FixedClock {
  /** The time, in milliseconds since the epoch. */
  (): number;
  /**
   * Moves the clock forward, or back if `seconds` is negative.
   *
   * @param seconds - Seconds, possibly with a fraction.
   * @returns The new time, in milliseconds since the epoch.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
   */
  advance(seconds: number): number;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Leaves room for a day before and after, within the range of tokens and ISO 8601 text. */
const FIRST = Date.parse('1971-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T00:00:00Z');

/** The default time of the fixtures, in milliseconds: 2026-01-01T00:00:00Z. */
export const testNow = Date.parse('2026-01-01T00:00:00Z');

/**
 * Creates a clock that stands still, for the `now` of a signer, a verifier or {@link createFixtures}.
 *
 * @param start - Milliseconds since the epoch, ISO 8601 text or a Date. Default: {@link testNow}.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
 * @example
 * const clock = fixedClock('2026-01-01T00:00:00Z');
 * const token = new CapabilitySigner({ ...testCredentials, now: clock }).sign(new IncomingScope('alice'));
 * clock.advance(3600); // the token has expired
 */
export function fixedClock(start: Moment = testNow): FixedClock {
  let time = readMoment(start);
  const clock = (): number => time;
  return Object.assign(clock, {
    advance: (seconds: number): number => (time = readMoment(time + seconds * 1000)),
  });
}

/**
 * Reads a moment.
 *
 * @returns Milliseconds since the epoch.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
 */
export function readMoment(moment: unknown): number {
  let time = Number.NaN;
  if (typeof moment === 'number') time = moment;
  else if (types.isDate(moment)) time = Date.prototype.getTime.call(moment);
  else if (typeof moment === 'string' && ISO.test(moment) && isDay(moment)) time = Date.parse(moment);
  if (time >= FIRST && time <= LAST) return time;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    'A moment is milliseconds since the epoch, a Date, or ISO 8601 text with a zone such as ' +
      '"2026-01-01T00:00:00Z", in the years 1971 to 9999.',
    'now',
  );
}

/** Returns whether the day exists. `Date.parse` reads February 30 as March 2. */
function isDay(moment: string): boolean {
  const day = moment.slice(0, 10);
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
