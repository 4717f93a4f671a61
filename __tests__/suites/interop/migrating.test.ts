import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  IncomingScope,
  OutgoingScope,
} from '../../../src';
import {
  accountSid,
  apiKeyConfig,
  apiKeySecret,
  apiKeySid,
  applicationSid,
  authToken,
  config,
  LONE_SURROGATE,
  NOW,
  now,
  refusal,
} from '../../helpers/fixed';
import { signedVectors } from '../../helpers/dialects';
import { AccessToken, ClientCapability, freezeClock, signWithTwilio } from '../../helpers/twilio';
import { withoutSettings } from '../../helpers/without-settings';

/*
 * The differences that docs/migrating.md lists. What the SDKs write is recorded in dialects.json, and tested in
 * docs/dialects.test.ts.
 */

withoutSettings();
freezeClock();

const page = readFileSync(join(__dirname, '../../../docs/migrating.md'), 'utf8');
const { IncomingClientScope, OutgoingClientScope } = ClientCapability;

type Claims = Readonly<Record<'scope' | 'iss' | 'exp' | 'jti' | 'grants', unknown>>;
const claimsOf = (token: string): Claims => jsonwebtoken.decode(token) as object as Claims;
const alice = new IncomingScope('alice');
const signer = new CapabilitySigner(config);
const accessTokens = new AccessTokenSigner(apiKeyConfig);
const accessTokenVerifier = new AccessTokenVerifier(apiKeyConfig);

test('the page names the version that is tested', () => {
  const { version } = jest.requireActual<{ version: string }>('twilio/package.json');
  expect(page).toContain(`twilio ${version}`);
});

describe('twilio-node signs, and this library rejects', () => {
  const incoming = new IncomingClientScope('alice');
  const ttlOf = (options: object): number => Number(claimsOf(signWithTwilio([incoming], options)).exp) - NOW;
  const outgoingOf = (options: object): string =>
    new OutgoingClientScope({ applicationSid, ...options }).payload();
  const create = (settings: object) => new CapabilitySigner({ ...config, ...settings });
  const misspelled = { clientNmae: 'alice' } as object;

  test.each([
    ['', ''],
    ['front desk', 'front%20desk'],
    [undefined, 'undefined'],
    // Invalid Unicode, which takes the next character with it.
    [`${LONE_SURROGATE}(alice)`, '%F0%9F%90%A8alice)'],
  ])('the client name %p', (name, text) => {
    const scope = `scope:client:incoming?clientName=${text}`;
    expect(new IncomingClientScope(name as string).payload()).toBe(scope);
    expect(refusal(() => new IncomingScope(name as string))).toBe('ScopeError ERR_SCOPE_INVALID clientName');
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [{ id: 42 }, '%5Bobject%20Object%5D'],
    [[1, 2], '1%2C2'],
    [new Date(0), encodeURIComponent(String(new Date(0)))],
  ])('the parameter value %p', (value, text) => {
    const params = { a: value } as object as Record<string, string>;
    expect(outgoingOf({ params }).endsWith(`&appParams=${encodeURIComponent(`a=${text}`)}`)).toBe(true);
    const ours = () => new OutgoingScope(applicationSid, { params });
    expect(refusal(ours)).toBe('ScopeError ERR_SCOPE_INVALID params');
  });

  test.each([
    [0, 3600],
    [NaN, 3600],
    [0.5, 0.5],
    [86_401, 86_401],
    [3_600_000, 3_600_000],
  ])('the ttl %d', (ttl, seconds) => {
    expect(ttlOf({ ttl })).toBe(seconds);
    expect(refusal(() => create({ ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('unknown options', () => {
    expect(outgoingOf(misspelled)).toBe(`scope:client:outgoing?appSid=${applicationSid}`);
    const ours = () => new OutgoingScope(applicationSid, misspelled);
    expect(refusal(ours)).toBe('ConfigError ERR_OPTIONS_INVALID clientNmae');
    expect(ttlOf({ tll: 60 })).toBe(3600);
    expect(refusal(() => create({ tll: 60 }))).toBe('ConfigError ERR_CONFIG_INVALID tll');
  });

  test('a swapped SID and auth token', () => {
    const swapped = { accountSid: authToken, authToken: accountSid };
    expect(claimsOf(signWithTwilio([incoming], swapped)).iss).toBe(authToken);
    expect(refusal(() => create(swapped))).toBe('ConfigError ERR_CONFIG_INVALID accountSid');
  });

  test('no scopes, and the same scope twice', () => {
    expect(claimsOf(signWithTwilio([])).scope).toBe('');
    expect(refusal(() => signer.sign([]))).toBe('ScopeError ERR_NO_SCOPES scopes');
    expect(claimsOf(signWithTwilio([incoming, incoming])).scope).toBe([alice, alice].join(' '));
    expect(refusal(() => signer.sign([alice, alice]))).toBe('ScopeError ERR_DUPLICATE_SCOPE scopes');
  });

  test('a scope added after the token was created', () => {
    const shared = new ClientCapability({ accountSid, authToken });
    shared.addScope(incoming);
    shared.toJwt();
    shared.addScope(new IncomingClientScope('bob'));
    expect(new CapabilityVerifier(config).verify(shared.toJwt()).clientNames).toEqual(['alice', 'bob']);
    const capability = new Capability(config).allowClientIncoming('alice');
    capability.generate();
    expect(refusal(() => capability.allowClientIncoming('bob'))).toBe('ScopeError ERR_CAPABILITY_SEALED');
  });
});

describe('twilio-node fails late', () => {
  test('for null as params', () => {
    const params = null as never;
    expect(() => signWithTwilio([new OutgoingClientScope({ applicationSid, params })])).toThrow(TypeError);
    const ours = () => new OutgoingScope(applicationSid, { params });
    expect(refusal(ours)).toBe('ScopeError ERR_SCOPE_INVALID params');
  });

  test('for a ttl that is text', () => {
    const ttl = '600' as never;
    expect(() => signWithTwilio([], { ttl })).toThrow('"exp" should be a number of seconds');
    expect(refusal(() => new CapabilitySigner({ ...config, ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('for missing credentials, which this library reads from configure() unless they are undefined', () => {
    const unset = { accountSid: undefined, authToken: undefined };
    expect(() => new ClientCapability(unset as never)).toThrow('parameter "options.accountSid" missing');
    configure({ accountSid, authToken });
    expect(new CapabilitySigner().accountSid).toBe(accountSid);
    expect(refusal(() => new CapabilitySigner(unset))).toBe('ConfigError ERR_CONFIG_MISSING accountSid');
  });
});

describe("twilio-node's AccessToken", () => {
  const { ChatGrant, SyncGrant, TaskRouterGrant, VideoGrant, VoiceGrant } = AccessToken;
  type Grant = Parameters<InstanceType<typeof AccessToken>['addGrant']>[0];

  function theirs(grants: readonly Grant[], options: object = {}, key = [apiKeySid, apiKeySecret]): string {
    const [sid, secret] = key as [string, string];
    const token = new AccessToken(accountSid, sid, secret, { identity: 'alice', ...options });
    for (const grant of grants) token.addGrant(grant);
    return token.toJwt();
  }

  /** The header, and the claims but for the ID, as text, since their order counts too. */
  const withoutId = (token: string): string =>
    token
      .split('.', 2)
      .map((part) => Buffer.from(part, 'base64url').toString())
      .join('.')
      .replace(/"jti":"SK[^"]+",/, '');

  const outgoing = new OutgoingScope(applicationSid);
  const receives = new VoiceGrant({ incomingAllow: true });
  const chat = { serviceSid: 'IS1', endpointId: 'e', deploymentRoleSid: 'RL1', pushCredentialSid: 'CR1' };
  const chatClaims = {
    service_sid: 'IS1',
    endpoint_id: 'e',
    deployment_role_sid: 'RL1',
    push_credential_sid: 'CR1',
  };
  const worker = { workspaceSid: 'WS1', workerSid: 'WK1', role: 'worker' };
  const workerClaims = { workspace_sid: 'WS1', worker_sid: 'WK1', role: 'worker' };
  const sync = new SyncGrant({ serviceSid: 'IS1', endpointId: 'e' });
  test.each<[string, Grant, object]>([
    ['chat', new ChatGrant(chat), chatClaims],
    ['data_sync', sync, { service_sid: 'IS1', endpoint_id: 'e' }],
    ['video', new VideoGrant({ room: 'lobby' }), { room: 'lobby' }],
    ['task_router', new TaskRouterGrant(worker), workerClaims],
  ])('%s is the same member of grants', (name, grant, claims) => {
    const token = theirs([receives, grant]);
    expect(withoutId(accessTokens.sign(alice, { grants: { [name]: claims } }))).toBe(withoutId(token));
    expect(accessTokenVerifier.verify(token).otherGrants).toEqual([name]);
  });

  test('an endpointId and an nbf are read, and cannot be written', () => {
    const token = theirs([new VoiceGrant({ incomingAllow: true, endpointId: 'desk' })], { nbf: NOW });
    const { claims, notBefore } = accessTokenVerifier.verify(token);
    const voice = { incoming: { allow: true }, endpoint_id: 'desk' };
    expect(claims['grants']).toEqual({ identity: 'alice', voice });
    expect(notBefore).toEqual(new Date(now()));
    for (const name of ['endpointId', 'nbf']) {
      const ours = () => accessTokens.sign(alice, { [name]: NOW });
      expect(refusal(ours)).toBe(`ConfigError ERR_OPTIONS_INVALID ${name}`);
    }
  });

  test('two tokens of the same second have different IDs only here', () => {
    expect(claimsOf(theirs([])).jti).toBe(claimsOf(theirs([])).jti);
    expect(claimsOf(accessTokens.sign(alice)).jti).not.toBe(claimsOf(accessTokens.sign(alice)).jti);
  });

  const voiceOfTwilio = (options: object): unknown =>
    (claimsOf(theirs([new VoiceGrant(options)])).grants as { voice: unknown }).voice;

  test.each([
    [{ user_id: 42 }, { params: { user_id: 42 } }, { params: { user_id: '42' } }],
    [{}, { params: {} }, {}],
  ])('the params %j', (params, inTwilio, here) => {
    const application = { application_sid: applicationSid };
    const options = { outgoingApplicationSid: applicationSid, outgoingApplicationParams: params };
    expect(voiceOfTwilio(options)).toEqual({ outgoing: { ...application, ...inTwilio } });
    const ours = accessTokens.sign(new OutgoingScope(applicationSid, { clientName: 'alice', params }));
    expect(claimsOf(ours).grants).toMatchObject({ voice: { outgoing: { ...application, ...here } } });
    expect(voiceOfTwilio({ outgoingApplicationParams: params })).toEqual({});
  });

  test('no grant, and no identity', () => {
    expect(claimsOf(theirs([])).grants).toEqual({ identity: 'alice' });
    expect(refusal(() => accessTokens.sign([]))).toBe('ScopeError ERR_NO_SCOPES scopes');
    expect(() => theirs([], { identity: undefined })).toThrow('identity is required to be specified');
    expect(refusal(() => accessTokens.sign(outgoing))).toBe('ScopeError ERR_NOT_MAPPABLE identity');
  });

  test.each([
    [0, 3600],
    [86_401, 86_401],
  ])('the ttl %d', (ttl, seconds) => {
    expect(claimsOf(theirs([], { ttl })).exp).toBe(NOW + seconds);
    const ours = () => new AccessTokenSigner({ ...apiKeyConfig, ttl });
    expect(refusal(ours)).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('an email address as identity, and a misspelled option', () => {
    const identity = 'ann@example.com';
    expect(accessTokenVerifier.verify(theirs([receives], { identity })).identity).toBe(identity);
    const ours = () => accessTokens.sign(outgoing, { identity });
    expect(refusal(ours)).toBe('ConfigError ERR_OPTIONS_INVALID identity');
    expect(voiceOfTwilio({ incomingAlow: true })).toEqual({});
    const misspelled = () => accessTokens.sign(alice, { pushCredentialSID: 'CR1' } as object);
    expect(refusal(misspelled)).toBe('ConfigError ERR_OPTIONS_INVALID pushCredentialSID');
  });

  test('another secret in place of that of the key', () => {
    expect(claimsOf(theirs([], {}, [apiKeySecret, apiKeySid])).iss).toBe(apiKeySecret);
    const swapped = { ...apiKeyConfig, apiKeySid: apiKeySecret, apiKeySecret: apiKeySid };
    expect(refusal(() => new AccessTokenSigner(swapped))).toBe('ConfigError ERR_CONFIG_INVALID apiKeySid');
    // An auth token looks like the secret of a key. The verifier finds it.
    const ours = new AccessTokenSigner({ ...apiKeyConfig, apiKeySecret: authToken }).sign(alice);
    for (const token of [ours, theirs([receives], {}, [apiKeySid, authToken])]) {
      expect(refusal(() => accessTokenVerifier.verify(token))).toBe(
        'TokenError ERR_TOKEN_SIGNATURE signature',
      );
    }
  });
});

test.each([
  ...['both', 'outgoing-params', 'event-stream-one-filter', 'event-stream-two-filters'].map(
    (name) => `ruby-7.11.1/${name}`,
  ),
  ...['ruby-4.13.0/both-params', 'python-9.11.0/both-params', 'php-8.12.0/both-params'],
])('%s allows what a Capability with the same calls allows, whose outgoing scope is last', (id) => {
  const { accountSid, authToken, grant, exp, token } = signedVectors.find((vector) => vector.id === id)!;
  const settings = { accountSid, authToken, now: () => (exp - 3600) * 1000 };
  const capability = new Capability(settings);
  for (const name of grant.incoming) capability.allowClientIncoming(name, { allowAnyName: true });
  if (grant.outgoing !== null) {
    capability.allowClientOutgoing(grant.outgoing.applicationSid, grant.outgoing.params ?? undefined);
  }
  if (grant.eventStream !== null) capability.allowEventStream(grant.eventStream);
  const ours = capability.generate();
  const scopesOf = (text: string): string[] =>
    new CapabilityVerifier(settings).verify(text).scopes.map(String).sort();
  expect(scopesOf(ours)).toEqual(scopesOf(token));
  if (grant.outgoing !== null) expect(claimsOf(ours).scope).toMatch(/scope:client:outgoing\?\S+$/);
});
