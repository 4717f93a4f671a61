import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  IncomingScope,
  type AccessTokenVerifierConfig,
  type ApiKey,
} from '../../../src';
import { accountSid, apiKeyConfig, apiKeySecret, apiKeySid, now, refusal, thrown } from '../../helpers/fixed';

const current: ApiKey = { apiKeySid, apiKeySecret };
const next: ApiKey = { apiKeySid: 'SK2', apiKeySecret: 'second-secret' };
const verifier = new AccessTokenVerifier({ accountSid, apiKeys: [next, current], now });
const signWith = (apiKey: ApiKey): string =>
  new AccessTokenSigner({ accountSid, ...apiKey, now }).sign(new IncomingScope('alice'));

describe('a verifier with several API keys', () => {
  test('accepts the tokens of each key, and names the key', () => {
    expect(verifier.verify(signWith(current)).apiKeySid).toBe(apiKeySid);
    expect(verifier.verify(signWith(next)).apiKeySid).toBe('SK2');
  });

  test('lists the keys in the order of the config, frozen', () => {
    expect(verifier.apiKeySids).toEqual(['SK2', apiKeySid]);
    expect(Object.isFrozen(verifier.apiKeySids)).toBe(true);
    expect(new AccessTokenVerifier(apiKeyConfig).apiKeySids).toEqual([apiKeySid]);
  });

  test('rejects a token that names one key and is signed with another', () => {
    const mixed = signWith({ ...next, apiKeySid });
    expect(refusal(() => verifier.verify(mixed))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
  });

  test.each(['SK3', 'constructor', '__proto__'])('rejects a token of the unknown key %s', (sid) => {
    const [header, payload] = signWith(next).split('.') as [string, string];
    const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), iss: sid };
    const token = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.AAAA`;
    expect(refusal(() => verifier.verify(token))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
  });

  test('reports the same fault for an unknown key with one key', () => {
    const one = new AccessTokenVerifier(apiKeyConfig);
    expect(refusal(() => one.verify(signWith(next)))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
  });

  test('keeps a copy of the list', () => {
    const keys = [{ ...current }];
    const own = new AccessTokenVerifier({ accountSid, apiKeys: keys, now });
    keys.push(next);
    keys[0]!.apiKeySecret = 'changed';
    expect(own.apiKeySids).toEqual([apiKeySid]);
    expect(own.verify(signWith(current)).identity).toBe('alice');
  });

  test('accepts 1 to 100 keys', () => {
    const keys = Array.from({ length: 101 }, (_, i) => ({
      apiKeySid: `SK${i}`,
      apiKeySecret: `secret-${i}`,
    }));
    const { apiKeySids } = new AccessTokenVerifier({ accountSid, apiKeys: keys.slice(1), now });
    expect(apiKeySids).toHaveLength(100);
    const create = (apiKeys: ApiKey[]) => () => new AccessTokenVerifier({ accountSid, apiKeys });
    expect(refusal(create(keys))).toBe('ConfigError ERR_CONFIG_INVALID apiKeys');
    expect(refusal(create([]))).toBe('ConfigError ERR_CONFIG_INVALID apiKeys');
  });

  test('never shows a secret', () => {
    const [bad, good] = ['bad secret of a key', 'SK1'];
    for (const apiKey of [
      { apiKeySid: good, apiKeySecret: bad },
      { apiKeySid: bad, apiKeySecret: good },
      { apiKeySid: good, [bad]: bad },
    ]) {
      const error = thrown(() => new AccessTokenVerifier({ accountSid, apiKeys: [apiKey as ApiKey] }));
      expect(JSON.stringify([error, String(error)])).not.toContain(bad);
    }
  });

  test.each<[string, unknown, string]>([
    ['a single key', { apiKeys: current }, 'ERR_CONFIG_INVALID apiKeys'],
    [
      'undefined, which takes nothing from the environment',
      { apiKeys: undefined },
      'ERR_CONFIG_MISSING apiKeys',
    ],
    ['null', { apiKeys: null }, 'ERR_CONFIG_INVALID apiKeys'],
    ['a list of SIDs', { apiKeys: [apiKeySid] }, 'ERR_CONFIG_INVALID apiKeys'],
    ['a key without a secret', { apiKeys: [{ apiKeySid }] }, 'ERR_CONFIG_INVALID apiKeys'],
    ['a key without a SID', { apiKeys: [{ apiKeySecret }] }, 'ERR_CONFIG_INVALID apiKeys'],
    ['an invalid SID', { apiKeys: [{ apiKeySid: 'AC1', apiKeySecret }] }, 'ERR_CONFIG_INVALID apiKeys'],
    [
      'a swapped SID and secret',
      { apiKeys: [{ apiKeySid: apiKeySecret, apiKeySecret: apiKeySid }] },
      'ERR_CONFIG_INVALID apiKeySid',
    ],
    ['a list with a hole', { apiKeys: [current, , next] }, 'ERR_CONFIG_INVALID apiKeys'], // eslint-disable-line no-sparse-arrays
    ['the same key twice', { apiKeys: [current, { ...current }] }, 'ERR_CONFIG_INVALID apiKeys'],
    [
      'the account SID as a secret',
      { accountSid: 'AC1', apiKeys: [{ apiKeySid, apiKeySecret: 'AC1' }] },
      'ERR_CONFIG_INVALID apiKeySecret',
    ],
    ['an unknown key', { apiKeys: [{ ...current, secret: 'x' }] }, 'ERR_CONFIG_INVALID secret'],
    ['apiKeySid beside it', { apiKeys: [current], apiKeySid }, 'ERR_CONFIG_INVALID apiKeySid'],
    ['apiKeySecret beside it', { apiKeys: [current], apiKeySecret }, 'ERR_CONFIG_INVALID apiKeySecret'],
    [
      'an inherited list',
      Object.assign(Object.create({ apiKeys: [current] }) as object, { now }),
      'ERR_CONFIG_INVALID apiKeys',
    ],
  ])('rejects %s', (_, config, expected) => {
    const create = () => new AccessTokenVerifier({ accountSid, ...(config as AccessTokenVerifierConfig) });
    const inherited = () => new AccessTokenVerifier(config as AccessTokenVerifierConfig);
    const isLiteral = Object.getPrototypeOf(config) === Object.prototype;
    expect(refusal(isLiteral ? create : inherited)).toBe(`ConfigError ${expected}`);
  });

  test('explains a key without a secret', () => {
    const create = () => new AccessTokenVerifier({ accountSid, apiKeys: [{ apiKeySid } as ApiKey] });
    expect((thrown(create) as Error).message).toBe('apiKeySecret is missing from one of apiKeys.');
  });
});
