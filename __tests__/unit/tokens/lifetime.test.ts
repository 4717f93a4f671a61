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
  ['empty options', {}, 3600],
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

const RULE = 'ttl must be a whole number of seconds from 1 to 86400 (24 hours).';
test.each<[unknown, string]>([
  ...BAD_TTL.map((ttl): [unknown, string] => [ttl, RULE]),
  [3_600_000, `${RULE} This value looks like milliseconds. Divide it by 1000.`],
  ['3600000', `${RULE} Received string.`],
])('rejects the ttl %p', (ttl, message) => {
  expect(refusal(() => issue({ ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  expect(() => issue({ ttl })).toThrow(message);
});

test.each([0.5, 86_401, -1000, 86_400_001])('takes the ttl %d for no milliseconds', (ttl) => {
  expect(thrown(() => issue({ ttl }))).toHaveProperty('message', RULE);
});

test.each<[object]>([
  [{ ttl: 600, expiresAt: at(600) }],
  ...[at(0.999), at(0), at(-600), at(86_400.001), new Date(NaN)].map((expiresAt): [object] => [
    { expiresAt },
  ]),
  ...[NOW + 600, at(600).toISOString(), null, { getTime: now }].map((expiresAt): [object] => [{ expiresAt }]),
])('rejects %p', (options) => {
  expect(refusal(() => issue(options))).toBe('ConfigError ERR_TTL_INVALID expiresAt');
});

test.each([
  ['options', 600],
  ...['tll', 'TTL', 'expiresIn', 'expires_at', 'issuer'].map((name) => [name, { [name]: 60 }] as const),
] as const)('rejects the unknown option %s', (field, options) => {
  expect(refusal(() => issue(options))).toBe(`ConfigError ERR_OPTIONS_INVALID ${field}`);
});
