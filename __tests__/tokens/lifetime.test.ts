import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_TTL,
  MAX_TTL,
  planLifetime,
  readClock,
  readSignOptions,
  ttlProblem,
} from '../../src/tokens/lifetime';
import { NOW, now, refusal } from '../helpers/fixed';

const RULE = "A ttl is a whole number of seconds from 1 to 86400 (24 hours, which is Twilio's limit).";
const MILLISECONDS = `${RULE} This one looks like milliseconds: divide it by 1000.`;
const at = (seconds: number): Date => new Date((NOW + seconds) * 1000);
const plan = (options: object, clock = now) => planLifetime(options, { ttl: DEFAULT_TTL, now: clock });

describe('ttlProblem', () => {
  test.each([1, 600, DEFAULT_TTL, MAX_TTL])('%d is good', (ttl) => {
    expect(ttlProblem(ttl)).toBeUndefined();
  });

  test.each([0, -0, -1, 0.5, 1.5, NaN, Infinity, 86_401, '600', null, undefined, true, [600], new Date()])(
    '%p is not',
    (ttl) => {
      expect(ttlProblem(ttl)).toBe(RULE);
    },
  );

  test.each([600_000, 3_600_000, 86_400_000])('%d looks like milliseconds', (ttl) => {
    expect(ttlProblem(ttl)).toBe(MILLISECONDS);
  });
});

/** Two days before the end of what a Date can hold. */
const LAST_TIME = 8.64e15 - 172_800_000;

describe('readClock', () => {
  test.each([0, 1.5, NOW * 1000, LAST_TIME])('gives %d', (time) => {
    expect(readClock(() => time)).toBe(time);
  });

  test.each<[string, () => unknown]>([
    ['NaN', () => NaN],
    ['a time before the epoch', () => -1],
    ['a time so late that no Date could hold the end of a token', () => LAST_TIME + 1],
    ['text', () => '0'],
    ['a Date', () => new Date()],
    ['nothing', () => undefined],
    [
      'an error',
      () => {
        throw new Error('the caller’s own');
      },
    ],
  ])('refuses %s', (_, clock) => {
    expect(refusal(() => readClock(clock as () => number))).toBe('ConfigError ERR_CONFIG_INVALID now');
  });
});

describe('planLifetime', () => {
  test.each<[string, object, number]>([
    ['nothing given: the default', {}, 3600],
    ['a ttl', { ttl: 600 }, 600],
    ['the shortest ttl', { ttl: 1 }, 1],
    ['the longest ttl', { ttl: 86_400 }, 86_400],
    ['the nearest end', { expiresAt: at(1) }, 1],
    ['the farthest end', { expiresAt: at(86_400) }, 86_400],
    ['an end between two seconds: the earlier', { expiresAt: at(600.999) }, 600],
    ['an end of another realm', { expiresAt: runInNewContext(`new Date(${(NOW + 60) * 1000})`) as Date }, 60],
    ['a Date that lies', { expiresAt: Object.assign(at(60), { getTime: () => 0 }) }, 60],
  ])('%s', (_, options, ttl) => {
    expect(plan(options)).toEqual({ issuedAt: NOW, expiresAt: NOW + ttl });
  });

  test('between two seconds a ttl counts from the earlier, an end from the very moment', () => {
    const late = () => now() + 999;
    expect(plan({ ttl: 1 }, late)).toEqual({ issuedAt: NOW, expiresAt: NOW + 1 });
    expect(plan({ expiresAt: new Date(late() + 1000) }, late)).toEqual({ issuedAt: NOW, expiresAt: NOW + 1 });
    expect(refusal(() => plan({ expiresAt: at(1) }, late))).toBe('SignError ERR_TTL_INVALID expiresAt');
  });

  test.each<[string, object, string]>([
    ['a bad ttl', { ttl: 0 }, 'ttl'],
    ['both', { ttl: 600, expiresAt: at(600) }, 'expiresAt'],
    ['an end less than a second away', { expiresAt: at(0.999) }, 'expiresAt'],
    ['an end in the past', { expiresAt: at(-600) }, 'expiresAt'],
    ['an end more than a day away', { expiresAt: at(86_400.001) }, 'expiresAt'],
    ['an invalid Date', { expiresAt: new Date(NaN) }, 'expiresAt'],
    ['a number', { expiresAt: NOW + 600 }, 'expiresAt'],
    ['text', { expiresAt: at(600).toISOString() }, 'expiresAt'],
    ['null', { expiresAt: null }, 'expiresAt'],
    ['a look-alike', { expiresAt: { getTime: () => (NOW + 600) * 1000 } }, 'expiresAt'],
    ['a Proxy', { expiresAt: new Proxy(at(600), {}) }, 'expiresAt'],
  ])('refuses %s', (_, options, field) => {
    expect(refusal(() => plan(options))).toBe(`SignError ERR_TTL_INVALID ${field}`);
  });
});

test('readSignOptions takes ttl and expiresAt, and what a signer adds', () => {
  expect(readSignOptions({ ttl: 5, identity: 'alice' }, 'identity')).toEqual({ ttl: 5, identity: 'alice' });
  expect(refusal(() => readSignOptions({ identity: 'alice' }))).toBe(
    'SignError ERR_OPTIONS_INVALID identity',
  );
});
