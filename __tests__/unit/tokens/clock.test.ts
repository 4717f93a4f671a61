import { expect, test } from '@jest/globals';
import { readClock } from '../../../src/tokens/clock';
import { NOW, refusal, thrown } from '../../helpers/fixed';

/** Two days before the last valid Date. */
const LAST_TIME = 8.64e15 - 172_800_000;

test.each([0, 1.5, 999_999_999, 10_000_000_000, NOW * 1000, LAST_TIME])('the clock can return %d', (time) => {
  expect(readClock(() => time)).toBe(time);
});

test.each([NaN, -1, Infinity, LAST_TIME + 1, '0', null, undefined, new Date()])(
  'the clock cannot return %p',
  (time) => {
    expect(refusal(() => readClock(() => time as number))).toBe('ConfigError ERR_CONFIG_INVALID now');
  },
);

test.each([1_000_000_000, NOW, 9_999_999_999])('the clock cannot return the seconds %d', (time) => {
  expect(thrown(() => readClock(() => time))).toMatchObject({
    code: 'ERR_CONFIG_INVALID',
    message: 'now must return milliseconds since the epoch, as Date.now does. It returned seconds.',
  });
});

test('the clock can throw its own error', () => {
  const cause = new Error('clock is down');
  const broken = () => {
    throw cause;
  };
  expect(thrown(() => readClock(broken))).toBe(cause);
});
