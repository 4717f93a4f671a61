import { expect, test } from '@jest/globals';
import { AccessTokenSigner, decodeToken, IncomingScope, type AccessTokenSignOptions } from '../../../src';
import { apiKeyConfig as config, LONE_SURROGATE, refusal } from '../../helpers/fixed';

const alice = new IncomingScope('alice');
const signer = new AccessTokenSigner(config);
const grantsOf = (token: string): unknown => decodeToken(token).claims['grants'];
const cyclic: Record<string, unknown> = {};
// Two references: following each of them on every level would never end.
Object.assign(cyclic, { self: cyclic, list: [cyclic] });
const chat = { service_sid: 'IS1', nested: [1, null, { a: true }] };

test('grants are copied by the constructor, also from a Proxy', () => {
  const grants: Record<string, object> = { chat: { service_sid: 'IS1' } };
  const withChat = new AccessTokenSigner({ ...config, grants: new Proxy(grants, {}) });
  Object.assign(grants['chat']!, { service_sid: 'IS2' });
  grants['voice'] = { evil: true };
  expect(grantsOf(withChat.sign(alice))).toStrictEqual({
    identity: 'alice',
    voice: { incoming: { allow: true } },
    chat: { service_sid: 'IS1' },
  });
});

test('grants stand beside the voice grant, after it', () => {
  const token = signer.sign(alice, { grants: { chat, video: {} } });
  expect(JSON.stringify(grantsOf(token))).toBe(
    JSON.stringify({ identity: 'alice', voice: { incoming: { allow: true } }, chat, video: {} }),
  );
  expect(decodeToken(token)).toMatchObject({ otherGrants: ['chat', 'video'] });
});

test('a toJSON of an array changes nothing: what was checked is signed', () => {
  const list = Object.assign([1, 2], { toJSON: () => new Date(0) });
  expect(grantsOf(signer.sign(alice, { grants: { chat: { list } } }))).toMatchObject({
    chat: { list: [1, 2] },
  });
});

test('grants of a call replace those of the config whole', () => {
  const withChat = new AccessTokenSigner({ ...config, grants: { chat, video: {} } });
  const others = (options?: AccessTokenSignOptions) =>
    (decodeToken(withChat.sign(alice, options)) as { otherGrants?: readonly string[] }).otherGrants;
  expect(others()).toStrictEqual(['chat', 'video']);
  expect(others({ grants: undefined })).toStrictEqual(['chat', 'video']);
  expect(others({ grants: { data_sync: {} } })).toStrictEqual(['data_sync']);
  expect(others({ grants: {} })).toStrictEqual([]);
});

test.each<[string, unknown]>([
  ['null', null],
  ['an array', [chat]],
  ['a voice grant', { voice: {} }],
  ['an identity', { identity: {} }],
  ['a grant that is text', { chat: 'IS1' }],
  ['a grant that is null', { chat: null }],
  ['a Date', { chat: { at: new Date() } }],
  ['undefined inside', { chat: { a: undefined } }],
  ['NaN inside', { chat: { a: NaN } }],
  ['half a character inside', { chat: { a: [LONE_SURROGATE] } }],
  ['an object inside itself', { chat: cyclic }],
  ['an array with holes', { chat: { list: [, 1] } }], // eslint-disable-line no-sparse-arrays
  ['a key that is not well formed', { chat: { '\ud83d': 1 } }],
  ['a name that is not well formed', { '\ud83d': {} }],
])('grants must not be %s', (_what, grants) => {
  const given = { grants: grants as never };
  expect(refusal(() => signer.sign(alice, given))).toBe('ConfigError ERR_OPTIONS_INVALID grants');
  expect(refusal(() => new AccessTokenSigner({ ...config, ...given }))).toBe(
    'ConfigError ERR_CONFIG_INVALID grants',
  );
});
