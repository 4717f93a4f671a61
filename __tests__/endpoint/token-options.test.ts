import { describe, expect, test } from '@jest/globals';
import { Capability, CapabilitySigner, IncomingScope } from '../../src';
import { tokenEndpoint } from '../../src/endpoint/express';
import { tokenHandler } from '../../src/endpoint/web';
import { config, refusal, thrown } from '../helpers/fixed';

const good = { signer: new CapabilitySigner(config), authorize: () => new IncomingScope('alice') };

const refused: [string, unknown, string][] = [
  ['no options', undefined, 'SignError ERR_OPTIONS_INVALID signer'],
  ['null', null, 'SignError ERR_OPTIONS_INVALID options'],
  ['an unknown option', { ...good, timeOut: 5 }, 'SignError ERR_OPTIONS_INVALID timeOut'],
  ['no signer', { ...good, signer: undefined }, 'SignError ERR_OPTIONS_INVALID signer'],
  ['a secret for a signer', { ...good, signer: config.authToken }, 'SignError ERR_OPTIONS_INVALID signer'],
  ['a config for a signer', { ...good, signer: config }, 'SignError ERR_OPTIONS_INVALID signer'],
  ['null for a signer', { ...good, signer: null }, 'SignError ERR_OPTIONS_INVALID signer'],
  [
    'a builder for a signer',
    { ...good, signer: new Capability(config) },
    'SignError ERR_OPTIONS_INVALID signer',
  ],
  ['no authorize', { ...good, authorize: undefined }, 'SignError ERR_OPTIONS_INVALID authorize'],
  ['scopes for authorize', { ...good, authorize: [] }, 'SignError ERR_OPTIONS_INVALID authorize'],
  ['a ttl of 0', { ...good, ttl: 0 }, 'SignError ERR_TTL_INVALID ttl'],
  ['a ttl of more than a day', { ...good, ttl: 86_401 }, 'SignError ERR_TTL_INVALID ttl'],
  ['a ttl in words', { ...good, ttl: '600' }, 'SignError ERR_TTL_INVALID ttl'],
  ['a timeout of 0', { ...good, timeout: 0 }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['a timeout of half a millisecond', { ...good, timeout: 0.5 }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['a timeout no timer takes', { ...good, timeout: 2 ** 31 }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['an endless timeout', { ...good, timeout: Infinity }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['a timeout in words', { ...good, timeout: '10' }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['null for a timeout', { ...good, timeout: null }, 'SignError ERR_OPTIONS_INVALID timeout'],
  ['an onError that is no function', { ...good, onError: true }, 'SignError ERR_OPTIONS_INVALID onError'],
];

describe.each([
  ['tokenEndpoint', tokenEndpoint as (options: unknown) => unknown],
  ['tokenHandler', tokenHandler as (options: unknown) => unknown],
])('%s', (_, build) => {
  test.each(refused)('refuses %s when it is built', (__, options, expected) => {
    expect(refusal(() => build(options))).toBe(expected);
  });

  test.each([
    ['nothing else', {}],
    ['what is undefined', { ttl: undefined, timeout: undefined, onError: undefined }],
    ['the least', { ttl: 1, timeout: 1 }],
    ['the most', { ttl: 86_400, timeout: 2 ** 31 - 1, onError: () => undefined }],
    ['anything that issues', { signer: { issue: good.signer.issue.bind(good.signer) } }],
  ])('takes signer, authorize and %s', (__, options) => {
    expect(build({ ...good, ...options })).toEqual(expect.any(Function));
  });

  test.each([
    [
      { ...good, ttl: 600_000 },
      /^A ttl is a whole number of seconds from 1 to 86400 .* divide it by 1000\.$/,
    ],
    [{ ...good, timeOut: 5 }, /unknown property "timeOut"; did you mean "timeout"\?$/],
    [{ ...good, timeout: 0 }, /^timeout is a whole number of milliseconds from 1 to 2147483647\.$/],
    [{ ...good, signer: {} }, /^The signer of an endpoint is a CapabilitySigner or an AccessTokenSigner\.$/],
    [{ ...good, authorize: {} }, /^authorize is a function that takes the request and returns the scopes\.$/],
    [{ ...good, onError: {} }, /^onError is a function that takes the error and the request\.$/],
  ])('says what to do %#', (options, message) => {
    expect((thrown(() => build(options)) as Error).message).toMatch(message);
  });
});
