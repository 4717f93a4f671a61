import { describe, expect, test } from '@jest/globals';
import { readClock } from '../../../src/tokens/clock';
import { NOW, refusal, thrown } from '../../helpers/fixed';

describe('the clock', () => {
  /** Two days before the last valid Date. */
  const LAST_TIME = 8.64e15 - 172_800_000;

  test.each([0, 1.5, NOW * 1000, LAST_TIME])('can return %d', (time) => {
    expect(readClock(() => time)).toBe(time);
  });

  test.each([NaN, -1, Infinity, LAST_TIME + 1, '0', null, undefined, new Date()])(
    'cannot return %p',
    (time) => {
      expect(refusal(() => readClock(() => time as number))).toBe('ConfigError ERR_CONFIG_INVALID now');
    },
  );

  test('can throw its own error', () => {
    const cause = new Error('clock is down');
    const broken = () => {
      throw cause;
    };
    expect(thrown(() => readClock(broken))).toBe(cause);
  });
});
