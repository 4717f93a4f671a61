import { describe, expect, test } from '@jest/globals';
import { fixedClock, testNow } from '../../../src/testing';
import { refusal } from '../../helpers/fixed';

describe('fixedClock', () => {
  test.each([
    [undefined, 1_767_225_600_000],
    [0 + 1_700_000_000_123, 1_700_000_000_123],
    [new Date(1_700_000_000_123), 1_700_000_000_123],
    ['2026-01-01', 1_767_225_600_000],
    ['2026-01-01T00:00Z', 1_767_225_600_000],
    ['2026-01-01T02:00:00.250+02:00', 1_767_225_600_250],
    ['1971-01-01T00:00:00Z', 31_536_000_000],
    ['9999-12-31T00:00:00Z', 253_402_214_400_000],
  ])('for %p returns %p', (start, time) => {
    const clock = fixedClock(start);
    expect(clock()).toBe(time);
    expect(clock()).toBe(time);
  });

  test('advances by seconds, forward and back', () => {
    const clock = fixedClock(1_700_000_000_000);
    expect(clock.advance(90)).toBe(1_700_000_090_000);
    expect(clock()).toBe(1_700_000_090_000);
    expect(clock.advance(-0.5)).toBe(1_700_000_089_500);
  });

  test.each([
    ['text without a time zone', '2026-01-01T00:00:00'],
    ['other text', 'tomorrow'],
    ['an invalid month', '2026-13-01'],
    ['a day that does not exist', '2026-02-30T00:00:00Z'],
    ['a day in no year', '2026-02-29'],
    ['before 1971', 0],
    ['after 9999', 253_402_214_400_001],
    ['NaN', Number.NaN],
    ['an invalid Date', new Date(Number.NaN)],
    ['null', null as unknown as string],
  ])('rejects %s', (_, start) => {
    expect(refusal(() => fixedClock(start))).toBe('ConfigError ERR_CONFIG_INVALID now');
  });

  test('rejects a time out of range, and keeps the old one', () => {
    const clock = fixedClock();
    expect(refusal(() => clock.advance(Number.NaN))).toBe('ConfigError ERR_CONFIG_INVALID now');
    expect(clock()).toBe(testNow);
  });
});
