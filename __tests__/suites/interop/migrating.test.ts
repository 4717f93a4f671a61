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
  encodeClientName,
  EventStreamScope,
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
  thrown,
} from '../../helpers/fixed';
import { signedVectors, vectors } from '../../helpers/dialects';
import { AccessToken, ClientCapability, freezeClock, signWithTwilio } from '../../helpers/twilio';
import { withoutSettings } from '../../helpers/without-settings';

/*
 * The differences that docs/migrating.md lists. The twilio package is tested for twilio-node. Recorded tokens
 * are tested for the other SDKs: their headers, claims and query order in docs/dialects.test.ts.
 */

const { IncomingClientScope, OutgoingClientScope } = ClientCapability;

const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const alice = new IncomingScope('alice');

type SignedVector = (typeof signedVectors)[number];

interface Claims {
  readonly scope: string;
  readonly iss: string;
  readonly exp: number;
  readonly iat?: number;
}

/** Returns the header and the payload as text, with the keys in their order. */
function decodeParts(token: string): { header: string; payload: string } {
  const [header = '', payload = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  return { header, payload };
}

const claimsOf = (token: string): Claims => jsonwebtoken.decode(token) as unknown as Claims;

describe('twilio-node', () => {
  withoutSettings();

  freezeClock();

  test('the page names the version that is tested', () => {
    const page = readFileSync(join(__dirname, '../../../docs/migrating.md'), 'utf8');
    const { version } = jest.requireActual<{ version: string }>('twilio/package.json');
    expect(page).toContain(`twilio ${version}`);
  });

  const CLIENT_NAME = 'ScopeError ERR_SCOPE_INVALID clientName';
  const PARAMS = 'ScopeError ERR_SCOPE_INVALID params';
  const TTL = 'ConfigError ERR_TTL_INVALID ttl';
  const INCOMING = 'scope:client:incoming?clientName=';
  const OUTGOING = `scope:client:outgoing?appSid=${applicationSid}`;
  const MISSING = { message: 'Required parameter "options.accountSid" missing.' };
  const unset = { accountSid: undefined, authToken: undefined };
  const swapped = { accountSid: authToken, authToken: accountSid };
  const theirAlice = new IncomingClientScope('alice');
  const malformed = `${LONE_SURROGATE}(alice)`;
  const nameOfTwilio = (name: unknown): string => new IncomingClientScope(name as string).payload();
  const outgoingOfTwilio = (options: object): string =>
    new OutgoingClientScope({ applicationSid, ...options }).payload();
  const claimsOfTwilio = (scopes = [theirAlice], options = {}): Claims =>
    claimsOf(signWithTwilio(scopes, options));
  const create = (options: object) => new CapabilitySigner({ ...config, ...options });

  /** `theirs` is what twilio-node returns or throws. This library rejects the same input with `code`. */
  type Row = [subject: string, theirs: () => unknown, result: unknown, ours: () => unknown, code: string];
  test.each<Row>([
    ...['ann.veal@example.com', '+15551234567', '2f1c1b1e-8d0b-4a57-b0f5-0d9a9f2b6c11', 'front desk', ''].map(
      (name): Row => [
        `the client name "${name}"`,
        () => nameOfTwilio(name),
        INCOMING + encodeURIComponent(name),
        () => new IncomingScope(name),
        CLIENT_NAME,
      ],
    ),
    [
      'undefined as client name',
      () => nameOfTwilio(undefined),
      `${INCOMING}undefined`,
      () => new IncomingScope(undefined as never),
      CLIENT_NAME,
    ],
    [
      'a client name with invalid Unicode, which becomes another name',
      () => decodeURIComponent(nameOfTwilio(malformed)),
      expect.not.stringContaining('(alice)'),
      () => new IncomingScope(malformed, { allowAnyName: true }),
      CLIENT_NAME,
    ],
    [
      'the application SID among the options',
      () => new OutgoingClientScope({ applicationSid }).payload(),
      String(new OutgoingScope(applicationSid)),
      () => new OutgoingScope({ applicationSid } as never),
      'ScopeError ERR_SCOPE_INVALID applicationSid',
    ],
    [
      'an unknown option of a scope',
      () => outgoingOfTwilio({ clientNmae: 'alice' }),
      OUTGOING,
      () => new OutgoingScope(applicationSid, { clientNmae: 'alice' } as never),
      'ConfigError ERR_OPTIONS_INVALID clientNmae',
    ],
    [
      'an unknown option of the token',
      () => claimsOfTwilio(undefined, { tll: 60 }).exp,
      NOW + 3600,
      () => create({ tll: 60 }),
      'ConfigError ERR_CONFIG_INVALID tll',
    ],
    [
      'null as params, which fails late',
      () =>
        thrown(() => signWithTwilio([new OutgoingClientScope({ applicationSid, params: null } as never)])),
      expect.any(TypeError),
      () => new OutgoingScope(applicationSid, { params: null as never }),
      PARAMS,
    ],
    ...(
      [
        [null, 'null'],
        [undefined, 'undefined'],
        [{ id: 42 }, '%5Bobject%20Object%5D'],
        [[1, 2], '1%2C2'],
        [new Date(0), encodeURIComponent(String(new Date(0)))],
      ] as const
    ).map(([value, text]): Row => [
      `the parameter value ${JSON.stringify(value)}`,
      () => outgoingOfTwilio({ params: { a: value } }),
      `${OUTGOING}&appParams=${encodeURIComponent(`a=${text}`)}`,
      () => new OutgoingScope(applicationSid, { params: { a: value } as never }),
      PARAMS,
    ]),
    [
      'missing credentials',
      () => thrown(() => new ClientCapability({} as never)),
      expect.objectContaining(MISSING),
      () => new CapabilitySigner(),
      'ConfigError ERR_CONFIG_MISSING accountSid',
    ],
    [
      'undefined credentials, whatever is configured',
      () => thrown(() => new ClientCapability(unset as never)),
      expect.objectContaining(MISSING),
      () => {
        configure({ accountSid, authToken });
        return new CapabilitySigner(unset);
      },
      'ConfigError ERR_CONFIG_MISSING accountSid',
    ],
    [
      'a swapped SID and auth token',
      () => claimsOfTwilio(undefined, swapped).iss,
      authToken,
      () => new CapabilitySigner(swapped),
      'ConfigError ERR_CONFIG_INVALID accountSid',
    ],
    ...[
      [0, 3600],
      [NaN, 3600],
      [0.5, 0.5],
      [86_401, 86_401],
      [3_600_000, 3_600_000],
    ].map(([ttl, seconds]): Row => [
      `the ttl ${ttl!}`,
      () => claimsOfTwilio(undefined, { ttl }).exp,
      NOW + seconds!,
      () => create({ ttl }),
      TTL,
    ]),
    [
      'a ttl that is text, which fails late',
      () => thrown(() => claimsOfTwilio(undefined, { ttl: '600' })),
      expect.objectContaining({ message: '"exp" should be a number of seconds' }),
      () => create({ ttl: '600' }),
      TTL,
    ],
    [
      'no scopes',
      () => claimsOfTwilio([]).scope,
      '',
      () => signer.sign([]),
      'ScopeError ERR_NO_SCOPES scopes',
    ],
    [
      'the same scope twice',
      () => claimsOfTwilio([theirAlice, theirAlice]).scope,
      `${INCOMING}alice ${INCOMING}alice`,
      () => signer.sign([alice, alice]),
      'ScopeError ERR_DUPLICATE_SCOPE scopes',
    ],
    [
      'a scope added after the token was created',
      () => {
        const shared = new ClientCapability({ accountSid, authToken });
        shared.addScope(theirAlice);
        shared.toJwt();
        shared.addScope(new IncomingClientScope('bob'));
        return verifier.verify(shared.toJwt()).clientNames;
      },
      ['alice', 'bob'],
      () => {
        const capability = new Capability(config).allowClientIncoming('alice');
        capability.generate();
        return capability.allowClientIncoming('bob');
      },
      'ScopeError ERR_CAPABILITY_SEALED',
    ],
  ])('rejected here: %s', (_subject, theirs, result, ours, code) => {
    expect(theirs()).toEqual(result);
    expect(refusal(ours)).toBe(code);
  });

  test('missing credentials come from configure() here', () => {
    configure({ accountSid, authToken });
    expect(new CapabilitySigner().accountSid).toBe(accountSid);
  });

  test('both options for a rejected client name work', () => {
    const name = 'ann.veal@example.com';
    expect(new IncomingScope(encodeClientName(name)).clientName).toBe('ann_2Eveal_40example_2Ecom');
    expect(String(new IncomingScope(name, { allowAnyName: true }))).toBe(
      new IncomingClientScope(name).payload(),
    );
  });

  test('writes appParams for empty params', () => {
    const scope = `scope:client:outgoing?appSid=${applicationSid}`;
    expect(outgoingOfTwilio({ params: {} })).toBe(`${scope}&appParams=`);
    expect(String(new OutgoingScope(applicationSid, { params: {} }))).toBe(scope);
  });

  test('adds iat', () => {
    const scope = String(alice);
    expect(decodeParts(signWithTwilio([new IncomingClientScope('alice')])).payload).toBe(
      JSON.stringify({ scope, iss: accountSid, exp: NOW + 3600, iat: NOW }),
    );
    expect(decodeParts(signer.sign(alice)).payload).toBe(
      JSON.stringify({ scope, iss: accountSid, exp: NOW + 3600 }),
    );
    expect(signer.issue(alice).issuedAt).toEqual(new Date(now()));
  });

  test('writes event stream filters as appParams', () => {
    const theirs = new ClientCapability.EventStreamScope({ a: 'b' });
    expect(theirs.payload()).toBe('scope:stream:subscribe?path=/2010-04-01/Events&appParams=a%3Db');
    expect(String(new EventStreamScope({ a: 'b' }))).toBe(
      'scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=a%3Db',
    );
    expect(verifier.verify(signWithTwilio([theirs])).scopes).toEqual([new EventStreamScope({ a: 'b' })]);
  });
});

describe("twilio-node's AccessToken", () => {
  withoutSettings();

  freezeClock();

  const { ChatGrant, SyncGrant, TaskRouterGrant, VideoGrant, VoiceGrant } = AccessToken;
  type Grant = Parameters<InstanceType<typeof AccessToken>['addGrant']>[0];

  const accessTokens = new AccessTokenSigner(apiKeyConfig);
  const accessTokenVerifier = new AccessTokenVerifier(apiKeyConfig);
  const pushCredentialSid = 'CR0123456789abcdef0123456789abcdef';

  function theirs(grants: readonly Grant[], options: object = {}, key = [apiKeySid, apiKeySecret]): string {
    const [sid, secret] = key as [string, string];
    const token = new AccessToken(accountSid, sid, secret, { identity: 'alice', ...options });
    for (const grant of grants) token.addGrant(grant);
    return token.toJwt();
  }

  /** The claims but for the ID, as text, since their order counts too. */
  const withoutId = (token: string): string => {
    const { jti, ...claims } = JSON.parse(decodeParts(token).payload) as { jti: string };
    expect(jti.startsWith(apiKeySid)).toBe(true);
    return JSON.stringify(claims);
  };

  const outgoing = new OutgoingScope(applicationSid, { params: { user_id: '42' } });
  const voiceOptions = {
    incomingAllow: true,
    outgoingApplicationSid: applicationSid,
    outgoingApplicationParams: { user_id: '42' },
    pushCredentialSid,
  };

  test('the example has the same header and claims', () => {
    const chat = new ChatGrant({ serviceSid: 'IS0123456789abcdef0123456789abcdef' });
    const token = theirs([new VoiceGrant(voiceOptions), chat], { ttl: 600, region: 'ie1' });
    const signer = new AccessTokenSigner({ ...apiKeyConfig, ttl: 600, region: 'ie1' });
    const grants = { chat: { service_sid: 'IS0123456789abcdef0123456789abcdef' } };
    const ours = signer.sign([alice, outgoing], { pushCredentialSid, grants });
    expect(decodeParts(ours).header).toBe(decodeParts(token).header);
    expect(withoutId(ours)).toBe(withoutId(token));
    expect(accessTokenVerifier.verify(ours).scopes).toEqual(accessTokenVerifier.verify(token).scopes);
  });

  test.each<[string, Grant, string, object]>([
    [
      'ChatGrant',
      new ChatGrant({
        serviceSid: 'IS1',
        endpointId: 'e',
        deploymentRoleSid: 'RL1',
        pushCredentialSid: 'CR1',
      }),
      'chat',
      { service_sid: 'IS1', endpoint_id: 'e', deployment_role_sid: 'RL1', push_credential_sid: 'CR1' },
    ],
    [
      'SyncGrant',
      new SyncGrant({ serviceSid: 'IS1', endpointId: 'e' }),
      'data_sync',
      { service_sid: 'IS1', endpoint_id: 'e' },
    ],
    ['VideoGrant', new VideoGrant({ room: 'lobby' }), 'video', { room: 'lobby' }],
    [
      'TaskRouterGrant',
      new TaskRouterGrant({ workspaceSid: 'WS1', workerSid: 'WK1', role: 'worker' }),
      'task_router',
      { workspace_sid: 'WS1', worker_sid: 'WK1', role: 'worker' },
    ],
  ])('a %s is the same member of grants', (_, grant, name, claims) => {
    const token = theirs([new VoiceGrant({ incomingAllow: true }), grant]);
    expect(withoutId(accessTokens.sign(alice, { grants: { [name]: claims } }))).toBe(withoutId(token));
    expect(accessTokenVerifier.verify(token).otherGrants).toEqual([name]);
  });

  test('an endpointId is read, and cannot be written', () => {
    const token = theirs([new VoiceGrant({ incomingAllow: true, endpointId: 'desk' })]);
    const { grants } = accessTokenVerifier.verify(token).claims as { grants: object };
    expect(grants).toEqual({ identity: 'alice', voice: { incoming: { allow: true }, endpoint_id: 'desk' } });
    expect(refusal(() => accessTokens.sign(alice, { endpointId: 'desk' } as object))).toBe(
      'ConfigError ERR_OPTIONS_INVALID endpointId',
    );
  });

  test('an nbf is read, and cannot be written', () => {
    const token = theirs([new VoiceGrant({ incomingAllow: true })], { nbf: NOW });
    expect(accessTokenVerifier.verify(token).notBefore).toEqual(new Date(now()));
    expect(refusal(() => accessTokens.sign(alice, { nbf: NOW } as object))).toBe(
      'ConfigError ERR_OPTIONS_INVALID nbf',
    );
  });

  test('two tokens of the same second have different IDs only here', () => {
    const id = (token: string): unknown => (jsonwebtoken.decode(token) as { jti: string }).jti;
    const voice = [new VoiceGrant({ incomingAllow: true })];
    expect(id(theirs(voice))).toBe(id(theirs(voice)));
    expect(id(accessTokens.sign(alice))).not.toBe(id(accessTokens.sign(alice)));
  });

  const voiceOf = (token: string): unknown =>
    (jsonwebtoken.decode(token) as unknown as { grants: { voice?: unknown } }).grants.voice;
  const voiceOfTwilio = (options: object): unknown => voiceOf(theirs([new VoiceGrant(options)]));
  const application = { application_sid: applicationSid };

  test('params are text here, and left out if there are none', () => {
    const of = (params: object) =>
      voiceOfTwilio({ outgoingApplicationSid: applicationSid, outgoingApplicationParams: params });
    const ours = (params: Record<string, number>) =>
      voiceOf(accessTokens.sign(new OutgoingScope(applicationSid, { clientName: 'alice', params })));
    expect(of({ user_id: 42 })).toEqual({ outgoing: { ...application, params: { user_id: 42 } } });
    expect(ours({ user_id: 42 })).toEqual({ outgoing: { ...application, params: { user_id: '42' } } });
    expect(of({})).toEqual({ outgoing: { ...application, params: {} } });
    expect(ours({})).toEqual({ outgoing: application });
    expect(voiceOfTwilio({ outgoingApplicationParams: { user_id: 42 } })).toEqual({});
  });

  const expiryOf = (ttl: number): number =>
    (jsonwebtoken.decode(theirs([], { ttl })) as unknown as Claims).exp;
  const create = (options: object) => new AccessTokenSigner({ ...apiKeyConfig, ...options });
  test.each<[subject: string, theirs: () => unknown, result: unknown, ours: () => unknown, code: string]>([
    [
      'no grant',
      () => voiceOf(theirs([])),
      undefined,
      () => accessTokens.sign([]),
      'ScopeError ERR_NO_SCOPES scopes',
    ],
    [
      'no identity',
      () => thrown(() => theirs([], { identity: undefined })),
      expect.objectContaining({ message: 'identity is required to be specified in options' }),
      () => accessTokens.sign(outgoing),
      'ScopeError ERR_NOT_MAPPABLE identity',
    ],
    [
      'an email address as identity',
      () =>
        accessTokenVerifier.verify(theirs([new VoiceGrant(voiceOptions)], { identity: 'a@x.com' })).identity,
      'a@x.com',
      () => accessTokens.sign(outgoing, { identity: 'a@x.com' }),
      'ConfigError ERR_OPTIONS_INVALID identity',
    ],
    ['the ttl 0', () => expiryOf(0), NOW + 3600, () => create({ ttl: 0 }), 'ConfigError ERR_TTL_INVALID ttl'],
    [
      'a ttl of more than 24 hours',
      () => expiryOf(86_401),
      NOW + 86_401,
      () => create({ ttl: 86_401 }),
      'ConfigError ERR_TTL_INVALID ttl',
    ],
    [
      'a swapped key SID and secret',
      () => (jsonwebtoken.decode(theirs([], {}, [apiKeySecret, apiKeySid])) as unknown as Claims).iss,
      apiKeySecret,
      () => create({ apiKeySid: apiKeySecret, apiKeySecret: apiKeySid }),
      'ConfigError ERR_CONFIG_INVALID apiKeySid',
    ],
    [
      'a misspelled option',
      () => voiceOfTwilio({ incomingAlow: true }),
      {},
      () => accessTokens.sign(alice, { pushCredentialSID: pushCredentialSid } as object),
      'ConfigError ERR_OPTIONS_INVALID pushCredentialSID',
    ],
  ])('rejected here: %s', (_subject, act, result, ours, code) => {
    expect(act()).toEqual(result);
    expect(refusal(ours)).toBe(code);
  });

  test('allowAnyIdentity accepts an email address', () => {
    const token = accessTokens.sign(outgoing, { identity: 'a@x.com', allowAnyIdentity: true });
    expect(withoutId(token)).toBe(
      withoutId(
        theirs(
          [
            new VoiceGrant({
              outgoingApplicationSid: applicationSid,
              outgoingApplicationParams: { user_id: '42' },
            }),
          ],
          { identity: 'a@x.com' },
        ),
      ),
    );
  });

  test('an auth token in place of the key secret signs in both, and is found by the verifier', () => {
    const token = theirs([new VoiceGrant(voiceOptions)], {}, [apiKeySid, authToken]);
    expect(create({ apiKeySecret: authToken }).sign(alice)).toEqual(expect.any(String));
    expect(refusal(() => accessTokenVerifier.verify(token))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
  });
});

function vectorOf(id: string): SignedVector {
  const vector = signedVectors.find((candidate) => candidate.id === id);
  if (vector === undefined) throw new Error(`There is no vector ${id}.`);
  return vector;
}

/** Creates the token of a vector with a Capability, in the order of the page's examples. */
function generate({ accountSid, authToken, grant, exp }: SignedVector): string {
  const capability = new Capability({ accountSid, authToken, now: () => (exp - 3600) * 1000 });
  for (const name of grant.incoming) capability.allowClientIncoming(name, { allowAnyName: true });
  if (grant.outgoing !== null) {
    capability.allowClientOutgoing(grant.outgoing.applicationSid, grant.outgoing.params ?? undefined);
  }
  if (grant.eventStream !== null) capability.allowEventStream(grant.eventStream);
  return capability.generate();
}

const scopesOf = ({ accountSid, authToken, exp }: SignedVector, token: string): readonly string[] =>
  new CapabilityVerifier({ accountSid, authToken, now: () => (exp - 3600) * 1000 })
    .verify(token)
    .scopes.map(String)
    .sort();

test.each(['ruby-4.13.0/both-params', 'python-9.11.0/both-params', 'php-8.12.0/both-params'])(
  '%s allows what a Capability with the same calls allows, whose outgoing scope is last',
  (id) => {
    const vector = vectorOf(id);
    const ours = generate(vector);
    expect(scopesOf(vector, ours)).toEqual(scopesOf(vector, vector.token));
    expect(claimsOf(ours).scope).toMatch(
      /^scope:client:incoming\?clientName=\S+ scope:client:outgoing\?appSid=\w+&clientName=\S+&appParams=\S+$/,
    );
  },
);

describe('twilio-ruby 7', () => {
  const both = vectorOf('ruby-7.11.1/both');
  const ampersand = vectorOf('ruby-7.11.1/outgoing-params-ampersand');
  const filters = vectorOf('ruby-7.11.1/event-stream-two-filters');

  test('adds nbf, and writes typ first', () => {
    expect(decodeParts(both.token).header).toBe('{"typ":"JWT","alg":"HS256"}');
    expect(Object.keys(claimsOf(both.token))).toEqual(['scope', 'iss', 'nbf', 'exp']);
    expect(decodeParts(generate(both)).header).toBe('{"alg":"HS256","typ":"JWT"}');
    expect(Object.keys(claimsOf(generate(both)))).toEqual(['scope', 'iss', 'exp']);
  });

  test.each(['both', 'outgoing-params', 'event-stream-one-filter', 'event-stream-two-filters'])(
    '%s allows what a CapabilitySigner with the same scopes allows',
    (name) => {
      const vector = vectorOf(`ruby-7.11.1/${name}`);
      expect(scopesOf(vector, generate(vector))).toEqual(scopesOf(vector, vector.token));
    },
  );

  test('writes + for a space', () => {
    expect(both.scope).toMatch(/clientName=front\+desk/);
    expect(claimsOf(generate(both)).scope).toMatch(/clientName=front%20desk/);
  });

  test('splits a value that contains &', () => {
    expect(ampersand.grant.outgoing?.params).toMatchObject({ q: 'a&b=c' });
    expect(scopesOf(ampersand, ampersand.token)).toEqual([
      String(
        new OutgoingScope(ampersand.grant.outgoing!.applicationSid, {
          params: { user_id: '42', title: 'Tier one support', q: 'a', b: 'c', empty: '' },
        }),
      ),
    ]);
  });

  test('joins filters by & that is not encoded', () => {
    expect(filters.scope).toMatch(/&params=CallStatus%3Dcompleted&Direction%3Dinbound\+dial$/);
    expect(claimsOf(generate(filters)).scope).toMatch(
      /&params=CallStatus%3Dcompleted%26Direction%3Dinbound%2520dial$/,
    );
  });
});

test.each([
  ['ruby-4.13.0/event-stream-filters', /params=%7B%22CallStatus%22%3D%3E%22completed%22%7D$/],
  ['python-9.11.0/both-params', /clientName=support\+agent/],
  ['php-8.12.0/both-params', /^scope:client:outgoing[^ ]* scope:client:incoming/],
])('%s writes %s', (id, form) => {
  expect(vectorOf(id).scope).toMatch(form);
  expect(claimsOf(generate(vectorOf(id))).scope).not.toMatch(form);
});

test('twilio-php writes empty parameters and filters', () => {
  const forms = vectors.filter(({ id }) => id.startsWith('php-')).map(({ scope }) => scope);
  expect(forms.filter((scope) => scope.endsWith('&appParams='))).toHaveLength(1);
  expect(forms.filter((scope) => scope.endsWith('&params='))).toHaveLength(1);
});
