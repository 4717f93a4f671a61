import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  configure,
  decodeToken,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type AccessTokenConfig,
  type AccessTokenSignOptions,
  type Scope,
} from '../../../src';
import { exposure } from '../../helpers/exposure';
import { apiKeyConfig, applicationSid, config, NOW, refusal, thrown } from '../../helpers/fixed';
import { withoutSettings } from '../../helpers/without-settings';

const { accountSid, apiKeySid, apiKeySecret } = apiKeyConfig;
const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
const signer = new AccessTokenSigner(apiKeyConfig);
const verifier = new AccessTokenVerifier(apiKeyConfig);

const segment = (token: string, index: 0 | 1): string =>
  Buffer.from(token.split('.')[index]!, 'base64url').toString();
const grantsOf = (token: string): unknown => decodeToken(token).claims['grants'];

/** Expects that an option is rejected, in a call and in the config. */
function expectRejected(options: object, field: string): void {
  expect(refusal(() => signer.sign(alice, options))).toBe(`ConfigError ERR_OPTIONS_INVALID ${field}`);
  expect(refusal(() => new AccessTokenSigner({ ...apiKeyConfig, ...options }))).toBe(
    `ConfigError ERR_CONFIG_INVALID ${field}`,
  );
}

describe('the token', () => {
  test('has a header and claims in this order', () => {
    const token = signer.sign([alice, outgoing]);
    expect(segment(token, 0)).toBe('{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1"}');
    expect(segment(token, 1).replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'UUID')).toBe(
      JSON.stringify({
        jti: `${apiKeySid}-UUID`,
        grants: {
          identity: 'alice',
          voice: {
            incoming: { allow: true },
            outgoing: { application_sid: applicationSid, params: { user_id: '42' } },
          },
        },
        iat: NOW,
        exp: NOW + 3600,
        iss: apiKeySid,
        sub: accountSid,
      }),
    );
  });

  test('has a different jti each time', () => {
    const ids = Array.from({ length: 1000 }, () => signer.issue(alice).jti);
    expect(new Set(ids).size).toBe(1000);
  });
});

describe('issue', () => {
  test('describes the token', () => {
    const issued = signer.issue([alice, outgoing], { ttl: 600 });
    const { token, ...rest } = issued;
    expect(rest).toStrictEqual({
      accountSid,
      scopes: [alice, new OutgoingScope(applicationSid, { clientName: 'alice', params: outgoing.params })],
      clientName: 'alice',
      ttl: 600,
      issuedAt: new Date(NOW * 1000),
      expiresAt: new Date((NOW + 600) * 1000),
      identity: 'alice',
      jti: decodeToken(token).claims['jti'],
    });
    expect(Object.isFrozen(issued)).toBe(true);
  });

  test('has the scopes that the token allows, not those that were dropped', () => {
    const bobs = new OutgoingScope(applicationSid, { clientName: 'bob', params: { a: 1 } });
    const { token, scopes, identity, clientName } = signer.issue(
      [bobs, alice, new EventStreamScope(), new IncomingScope('carol'), new OutgoingScope('AP2')],
      { dropUnmappable: true },
    );
    expect([identity, clientName]).toStrictEqual(['alice', 'alice']);
    expect(scopes.map(String)).toStrictEqual([
      'scope:client:incoming?clientName=alice',
      `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=a%3D1`,
    ]);
    expect(decodeToken(token).scopes.map(String)).toStrictEqual(scopes.map(String));
  });
});

describe('the identity', () => {
  const drop = { dropUnmappable: true };
  const any = { allowAnyIdentity: true };
  const carol = { identity: 'carol' };
  const email = 'ann.veal@example.com';
  const unset = { identity: undefined, dropUnmappable: undefined };
  type Identity = [string, Scope[], AccessTokenConfig, AccessTokenSignOptions, is: string];
  test.each<Identity>([
    ['the incoming name', [alice, outgoing], {}, {}, 'alice'],
    ['else the outgoing name', [new OutgoingScope('AP1', { clientName: 'bob' })], {}, {}, 'bob'],
    ['that of the call', [outgoing], {}, carol, 'carol'],
    ['that of the config', [outgoing], carol, {}, 'carol'],
    ['that of the call before that of the config', [outgoing], { identity: 'bob' }, carol, 'carol'],
    ['that of the call, with another name dropped', [alice], {}, { ...carol, ...drop }, 'carol'],
    ['any name that a scope has', [new IncomingScope('é@x', { allowAnyName: true })], {}, {}, 'é@x'],
    ['any text with allowAnyIdentity', [outgoing], {}, { identity: email, ...any }, email],
    ['any text with allowAnyIdentity in the config', [outgoing], any, { identity: 'a b' }, 'a b'],
    ['that of the config, by its own allowAnyIdentity', [outgoing], { identity: 'a b', ...any }, {}, 'a b'],
    ['the incoming name if undefined', [alice], {}, unset, 'alice'],
  ])('is %s', (_, scopes, more, options, identity) => {
    const issued = new AccessTokenSigner({ ...apiKeyConfig, ...more }).issue(scopes, options);
    expect([issued.identity, issued.clientName]).toStrictEqual([identity, identity]);
    expect(decodeToken(issued.token)).toMatchObject({ kind: 'access-token', identity });
  });

  test('selects the incoming scope of the same name', () => {
    const { scopes } = signer.issue([new IncomingScope('bob'), alice], { identity: 'alice', ...drop });
    expect(scopes.map(String)).toStrictEqual([String(alice)]);
  });

  test('can be an email address only with allowAnyIdentity, which the message names', () => {
    expectRejected({ identity: email }, 'identity');
    expectRejected({ identity: email, allowAnyIdentity: false }, 'identity');
    expect(() => signer.sign(outgoing, { identity: email })).toThrow('{ allowAnyIdentity: true }');
    const strict = { identity: email, allowAnyIdentity: false };
    const lenient = new AccessTokenSigner({ ...apiKeyConfig, ...any });
    expect(refusal(() => lenient.sign(outgoing, strict))).toBe('ConfigError ERR_OPTIONS_INVALID identity');
  });

  test.each([
    ['identity', { identity: '', ...any }],
    ['identity', { identity: 'a\n', ...any }],
    ['identity', { identity: null, ...any }],
    ['allowAnyIdentity', { allowAnyIdentity: 'true' }],
    ['allowAnyIdentity', { allowAnyIdentity: null }],
    // An option of scopes.
    ['allowAnyName', { allowAnyName: true }],
  ])('is rejected for its %s: %j', (field, options) => {
    expectRejected(options, field);
  });

  test('is required', () => {
    expect(refusal(() => signer.sign(outgoing))).toBe('ScopeError ERR_NOT_MAPPABLE identity');
  });
});

describe('pushCredentialSid', () => {
  test('of a call overrides that of the signer, which undefined does not', () => {
    const mobile = new AccessTokenSigner({ ...apiKeyConfig, pushCredentialSid: 'CRios' });
    const sidOf = (of: AccessTokenSigner, options?: AccessTokenSignOptions) =>
      verifier.verify(of.sign(alice, options)).pushCredentialSid;
    expect(sidOf(signer)).toBeUndefined();
    expect(sidOf(mobile)).toBe('CRios');
    expect(sidOf(mobile, { pushCredentialSid: undefined })).toBe('CRios');
    for (const either of [signer, mobile]) {
      expect(sidOf(either, { pushCredentialSid: 'CRandroid' })).toBe('CRandroid');
    }
    expect(grantsOf(mobile.sign(alice))).toEqual({
      identity: 'alice',
      voice: { incoming: { allow: true }, push_credential_sid: 'CRios' },
    });
  });

  test('is a SID', () => {
    expectRejected({ pushCredentialSid: 'AP1' }, 'pushCredentialSid');
    expectRejected({ pushCredentialSid: null }, 'pushCredentialSid');
  });
});

describe('what has no counterpart', () => {
  const events = new EventStreamScope();
  const several = [alice, events, new EventStreamScope({ a: 1 }), new IncomingScope('bob')];
  const asBob = new OutgoingScope('AP1', { clientName: 'bob' });
  const LISTED = 'toVoiceGrant(scopes) lists each one.';
  const SAME = 'Client names must be the same as the identity option.';
  const identity = { identity: 'carol' };
  test.each<[named: string, Scope[], AccessTokenSignOptions]>([
    [`event-stream scope. ${LISTED}`, [alice, events], {}],
    [`event-stream scope. ${LISTED}`, [new OutgoingScope('AP1'), events], identity],
    [`event-stream scope, incoming scope. ${LISTED}`, several, {}],
    [`outgoing client name. ${LISTED}`, [alice, asBob], {}],
    [`outgoing client name. ${SAME}`, [asBob], identity],
    [`incoming client name. ${SAME}`, [alice], identity],
  ])('is rejected unless it is dropped: %s', (named, scopes, options) => {
    const REJECTED = 'ScopeError ERR_NOT_MAPPABLE scopes';
    const drop = { ...options, dropUnmappable: true };
    const keep = { ...options, dropUnmappable: false };
    const dropping = new AccessTokenSigner({ ...apiKeyConfig, dropUnmappable: true });
    expect(refusal(() => signer.sign(scopes, options))).toBe(REJECTED);
    expect(refusal(() => dropping.sign(scopes, keep))).toBe(REJECTED);
    expect(() => signer.sign(scopes, keep)).toThrow(named);
    expect(grantsOf(dropping.sign(scopes, options))).toStrictEqual(grantsOf(signer.sign(scopes, drop)));
  });

  test('leaves a token that allows no calls if there is nothing else', () => {
    const token = signer.sign(new EventStreamScope(), { dropUnmappable: true, identity: 'alice' });
    expect(grantsOf(token)).toStrictEqual({ identity: 'alice', voice: {} });
  });

  test('is not shown if it is a name', () => {
    const error = thrown(() => signer.sign([alice, new IncomingScope('c4naryc4naryc4nary')]));
    expect(exposure(error)).not.toContain('c4nary');
  });
});

const large = new OutgoingScope('AP1', { clientName: 'alice', params: { text: 'x'.repeat(6000) } });
test.each<[what: string, scopes: unknown, options: unknown, rejected: string]>([
  ['no scopes', [], undefined, 'ScopeError ERR_NO_SCOPES scopes'],
  ['a ttl of a day and a second', alice, { ttl: 86_401 }, 'ConfigError ERR_TTL_INVALID ttl'],
  ['a mistyped option', alice, { identitiy: 'alice' }, 'ConfigError ERR_OPTIONS_INVALID identitiy'],
  ['text for true', alice, { dropUnmappable: 'false' }, 'ConfigError ERR_OPTIONS_INVALID dropUnmappable'],
  ['more than fits into a token', large, undefined, 'TokenError ERR_TOKEN_TOO_LARGE token'],
])('sign rejects %s', (_, scopes, options, rejected) => {
  expect(refusal(() => signer.sign(scopes as Scope[], options as AccessTokenSignOptions))).toBe(rejected);
});

describe('a signer', () => {
  withoutSettings();

  test('is readable without its secret, and frozen', () => {
    const full = new AccessTokenSigner({ ...apiKeyConfig, ttl: 60, region: 'au1', pushCredentialSid: 'CR1' });
    expect({ ...full }).toStrictEqual({ accountSid, apiKeySid, region: 'au1', ttl: 60 });
    expect(Object.isFrozen(full)).toBe(true);
  });

  test('takes its ttl from configure, and no region from the environment', () => {
    configure({ ...config, ttl: 120 });
    process.env = { TWILIO_API_KEY: apiKeySid, TWILIO_API_SECRET: apiKeySecret, TWILIO_REGION: 'au1' };
    expect({ ...new AccessTokenSigner() }).toStrictEqual({
      accountSid,
      apiKeySid,
      region: undefined,
      ttl: 120,
    });
  });
});
