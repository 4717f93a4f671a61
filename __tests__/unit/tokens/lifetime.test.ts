import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { CapabilitySigner, IncomingScope, type SignOptions } from '../../../src';
import { BAD_TTL, config, NOW, now, refusal } from '../../helpers/fixed';

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

describe('rejects', () => {
  test.each(BAD_TTL)('the ttl %p', (ttl) => {
    expect(refusal(() => issue({ ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test.each<[string, object]>([
    ['beside a ttl', { ttl: 600, expiresAt: at(600) }],
    ...[at(0.999), at(0), at(-600), at(86_400.001), new Date(NaN)].map((expiresAt): [string, object] => [
      String(expiresAt.getTime()),
      { expiresAt },
    ]),
    ...[NOW + 600, at(600).toISOString(), null, { getTime: () => (NOW + 600) * 1000 }].map(
      (expiresAt): [string, object] => [JSON.stringify(expiresAt), { expiresAt }],
    ),
  ])('the expiresAt %s', (_, options) => {
    expect(refusal(() => issue(options))).toBe('ConfigError ERR_TTL_INVALID expiresAt');
  });

  test('options that are not an object', () => {
    expect(refusal(() => issue(600))).toBe('ConfigError ERR_OPTIONS_INVALID options');
  });

  test.each(['tll', 'TTL', 'expiresIn', 'expires_at', 'issuer'])('the unknown option %s', (name) => {
    expect(refusal(() => issue({ [name]: 60 }))).toBe(`ConfigError ERR_OPTIONS_INVALID ${name}`);
  });
});
