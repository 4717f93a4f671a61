import { types } from 'node:util';
import { ConfigError } from '../errors';

/**
 * A moment: milliseconds since the epoch, a Date, or ISO 8601 text. Text with a time of day says in which
 * zone (`Z` or `+02:00`); without, it would be another moment on another machine.
 */
export type Moment = number | string | Date;

/** A `now` function for signers and verifiers that stands still until it is told to go on. */
export interface FixedClock {
  /** The time, in milliseconds since the epoch. */
  (): number;
  /**
   * Moves the clock on, or back where `seconds` is negative.
   *
   * @param seconds - Seconds, as everywhere in this library but in `now` itself; 0.5 is half of one.
   * @returns The new time, in milliseconds since the epoch.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
   */
  advance(seconds: number): number;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** From 1971 to 9999: a day before and after it is a time that tokens and ISO text can hold. */
const FIRST = Date.parse('1971-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T00:00:00Z');

/** When the fixtures are made unless told otherwise, in milliseconds: 2026-01-01T00:00:00Z. */
export const testNow = Date.parse('2026-01-01T00:00:00Z');

/**
 * Makes a clock that stands still, for the `now` of a signer, a verifier or {@link createFixtures}.
 *
 * @param start - Milliseconds since the epoch, ISO 8601 text or a Date. Default: {@link testNow}.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
 * @example
 * const clock = fixedClock('2026-01-01T00:00:00Z');
 * const token = new CapabilitySigner({ ...testCredentials, now: clock }).sign(new IncomingScope('alice'));
 * clock.advance(3600); // and now it has expired
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
  else if (typeof moment === 'string' && ISO.test(moment)) time = Date.parse(moment);
  if (time >= FIRST && time <= LAST) return time;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    'A moment is milliseconds since the epoch, a Date, or ISO 8601 text with a zone such as ' +
      '"2026-01-01T00:00:00Z", in the years 1971 to 9999.',
    'now',
  );
}
