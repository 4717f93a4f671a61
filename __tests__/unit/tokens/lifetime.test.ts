import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { CapabilitySigner, IncomingScope, type SignOptions } from '../../../src';
import { BAD_TTL, config, NOW, now, refusal, thrown } from '../../helpers/fixed';

const alice = new IncomingScope('alice');
const at = (seconds: number): Date => new Date((NOW + seconds) * 1000);
const issue = (options?: unknown, clock = now) =>
  new CapabilitySigner({ ...config, now: clock }).issue(alice, options as SignOptions);

test.each<[string, object | undefined, number]>([
  ['no options at all', undefined, 3600],
  ['undefined options', { ttl: undefined, expiresAt: undefined }, 3600],
  ['options without a prototype', Object.assign(Object.create(null) as object, { ttl: 60 }), 60],
  ['a Proxy as options', new Proxy({ ttl: 60 }, {}), 60],
  ['the shortest ttl', { ttl: 1 }, 1],
  ['the longest ttl', { ttl: 86_400 }, 86_400],
  ['the nearest expiresAt', { expiresAt: at(1) }, 1],
  ['the farthest expiresAt', { expiresAt: at(86_400) }, 86_400],
  ['an expiresAt between two seconds: the earlier', { expiresAt: at(600.999) }, 600],
  ['a Date of another realm', { expiresAt: runInNewContext(`new Date(${(NOW + 60) * 1000})`) as Date }, 60],
])('signs with %s', (_, options, ttl) => {
  expect(issue(options)).toMatchObject({ ttl, issuedAt: at(0), expiresAt: at(ttl) });
});

test('between two seconds ttl counts from the earlier one and expiresAt from the clock', () => {
  const late = () => now() + 999;
  expect(issue({ ttl: 1 }, late)).toMatchObject({ issuedAt: at(0), expiresAt: at(1) });
  expect(issue({ expiresAt: new Date(late() + 1000) }, late)).toMatchObject({ expiresAt: at(1) });
  expect(refusal(() => issue({ expiresAt: at(1) }, late))).toBe('ConfigError ERR_TTL_INVALID expiresAt');
});

test.each(BAD_TTL)('rejects the ttl %p', (ttl) => {
  expect(refusal(() => issue({ ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
});

const RULE = 'ttl must be a whole number of seconds from 1 to 86400 (24 hours).';
test.each<[ttl: unknown, advice: string]>([
  [3_600_000, ' This value looks like milliseconds. Divide it by 1000.'],
  ['3600000', ' Received string.'],
  ...[0.5, 86_401, -1000, 86_400_001].map((ttl): [number, string] => [ttl, '']),
])('the advice for the ttl %p is "%s"', (ttl, advice) => {
  expect(thrown(() => issue({ ttl }))).toHaveProperty('message', RULE + advice);
});

test.each<unknown>([
  ...[at(0.999), at(0), at(-600), at(86_400.001), new Date(NaN)],
  ...[NOW + 600, at(600).toISOString(), null, { getTime: now }],
])('rejects the expiresAt %p', (expiresAt) => {
  expect(refusal(() => issue({ expiresAt }))).toBe('ConfigError ERR_TTL_INVALID expiresAt');
});

test('rejects a ttl beside an expiresAt, and unknown options', () => {
  expect(refusal(() => issue({ ttl: 600, expiresAt: at(600) }))).toBe(
    'ConfigError ERR_TTL_INVALID expiresAt',
  );
  expect(refusal(() => issue({ expiresIn: 600 }))).toBe('ConfigError ERR_OPTIONS_INVALID expiresIn');
});
