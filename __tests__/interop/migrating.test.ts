import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import twilio from 'twilio';
import {
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
} from '../../src';
import {
  accountSid,
  applicationSid,
  authToken,
  config,
  LONE_SURROGATE,
  NOW,
  now,
  refusal,
  thrown,
} from '../helpers/fixed';
import { freezeClock, signWithTwilio } from '../helpers/twilio';
import { withoutSettings } from '../helpers/without-settings';

/*
 * The differences that docs/migrating.md lists. The twilio package is tested for twilio-node. Recorded tokens
 * are tested for the other SDKs.
 */

const { ClientCapability } = twilio.jwt;
const { IncomingClientScope, OutgoingClientScope } = ClientCapability;

const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const alice = new IncomingScope('alice');

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

const outgoingOfTwilio = (options: object): string =>
  new OutgoingClientScope({ applicationSid, ...options }).payload();

describe('twilio-node', () => {
  withoutSettings();

  freezeClock();

  test('the page names the version that is tested', () => {
    const page = readFileSync(join(__dirname, '../../docs/migrating.md'), 'utf8');
    const { version } = jest.requireActual<{ version: string }>('twilio/package.json');
    expect(page).toContain(`twilio ${version}`);
  });

  test('writes the same scope claim for the example', () => {
    const theirs = signWithTwilio(
      [
        new IncomingClientScope('alice'),
        new OutgoingClientScope({ applicationSid, clientName: 'alice', params: { user_id: '42' } }),
      ],
      { ttl: 600 },
    );
    const ours = new CapabilitySigner({ ...config, ttl: 600 }).sign([
      alice,
      new OutgoingScope(applicationSid, { clientName: 'alice', params: { user_id: '42' } }),
    ]);
    expect(claimsOf(theirs)).toEqual({ ...claimsOf(ours), iat: NOW });
    expect(verifier.verify(theirs).scopes).toEqual(verifier.verify(ours).scopes);
  });

  test.each([
    'ann.veal@example.com',
    '+15551234567',
    '2f1c1b1e-8d0b-4a57-b0f5-0d9a9f2b6c11',
    'front desk',
    '',
  ])('signs the client name %j, which is rejected here', (name) => {
    expect(new IncomingClientScope(name).payload()).toBe(
      `scope:client:incoming?clientName=${encodeURIComponent(name)}`,
    );
    expect(refusal(() => new IncomingScope(name))).toBe('ScopeError ERR_SCOPE_INVALID clientName');
  });

  test('signs undefined as a client name', () => {
    expect(new IncomingClientScope(undefined as never).payload()).toBe(
      'scope:client:incoming?clientName=undefined',
    );
    expect(refusal(() => new IncomingScope(undefined as never))).toBe(
      'ScopeError ERR_SCOPE_INVALID clientName',
    );
  });

  test('signs another name than one with invalid Unicode', () => {
    const name = `${LONE_SURROGATE}(alice)`;
    const written = new IncomingClientScope(name).payload();
    expect(decodeURIComponent(written.slice(written.indexOf('=') + 1))).not.toContain('(alice)');
    for (const allowAnyName of [false, true]) {
      expect(refusal(() => new IncomingScope(name, { allowAnyName }))).toBe(
        'ScopeError ERR_SCOPE_INVALID clientName',
      );
    }
  });

  test('both options for a rejected client name work', () => {
    const name = 'ann.veal@example.com';
    expect(new IncomingScope(encodeClientName(name)).clientName).toBe('ann_2Eveal_40example_2Ecom');
    expect(String(new IncomingScope(name, { allowAnyName: true }))).toBe(
      new IncomingClientScope(name).payload(),
    );
  });

  test('ignores unknown options', () => {
    expect(outgoingOfTwilio({ clientNmae: 'alice' })).toBe(`scope:client:outgoing?appSid=${applicationSid}`);
    expect(refusal(() => new OutgoingScope(applicationSid, { clientNmae: 'alice' } as never))).toBe(
      'ConfigError ERR_OPTIONS_INVALID clientNmae',
    );
    expect(claimsOf(signWithTwilio([new IncomingClientScope('alice')], { tll: 60 })).exp).toBe(NOW + 3600);
    expect(refusal(() => new CapabilitySigner({ ...config, tll: 60 } as never))).toBe(
      'ConfigError ERR_CONFIG_INVALID tll',
    );
  });

  test('takes the application SID among the options', () => {
    expect(outgoingOfTwilio({})).toBe(String(new OutgoingScope(applicationSid)));
    expect(refusal(() => new OutgoingScope({ applicationSid } as never))).toBe(
      'ScopeError ERR_SCOPE_INVALID applicationSid',
    );
  });

  test('fails late for null params', () => {
    const scope = new OutgoingClientScope({ applicationSid, params: null } as never);
    expect(thrown(() => signWithTwilio([scope]))).toBeInstanceOf(TypeError);
    expect(refusal(() => new OutgoingScope(applicationSid, { params: null as never }))).toBe(
      'ScopeError ERR_SCOPE_INVALID params',
    );
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [{ id: 42 }, '%5Bobject%20Object%5D'],
    [[1, 2], '1%2C2'],
    [new Date(0), encodeURIComponent(String(new Date(0)))],
  ])('converts the parameter value %j to text', (value, text) => {
    expect(outgoingOfTwilio({ params: { a: value } })).toBe(
      `scope:client:outgoing?appSid=${applicationSid}&appParams=${encodeURIComponent(`a=${text}`)}`,
    );
    expect(refusal(() => new OutgoingScope(applicationSid, { params: { a: value } as never }))).toBe(
      'ScopeError ERR_SCOPE_INVALID params',
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

  test('throws for missing credentials, which come from configure() here', () => {
    expect(thrown(() => new ClientCapability({} as never))).toMatchObject({
      message: 'Required parameter "options.accountSid" missing.',
    });
    expect(refusal(() => new CapabilitySigner())).toBe('ConfigError ERR_CONFIG_MISSING accountSid');
    configure({ accountSid, authToken });
    expect(new CapabilitySigner().accountSid).toBe(accountSid);
  });

  test('throws for undefined credentials, as this library does whatever is configured', () => {
    const missing = { accountSid: undefined, authToken: undefined };
    configure({ accountSid, authToken });
    expect(thrown(() => new ClientCapability(missing as never))).toMatchObject({
      message: 'Required parameter "options.accountSid" missing.',
    });
    expect(refusal(() => new CapabilitySigner(missing))).toBe('ConfigError ERR_CONFIG_MISSING accountSid');
  });

  test('signs with a swapped SID and auth token', () => {
    const swapped = { accountSid: authToken, authToken: accountSid };
    expect(claimsOf(signWithTwilio([new IncomingClientScope('alice')], swapped)).iss).toBe(authToken);
    expect(refusal(() => new CapabilitySigner(swapped))).toBe('ConfigError ERR_CONFIG_INVALID accountSid');
  });

  test.each([
    [0, NOW + 3600],
    [Number.NaN, NOW + 3600],
    [0.5, NOW + 0.5],
    [86_401, NOW + 86_401],
    [3_600_000, NOW + 3_600_000],
  ])('signs with the ttl %d', (ttl, exp) => {
    expect(claimsOf(signWithTwilio([new IncomingClientScope('alice')], { ttl })).exp).toBe(exp);
    expect(refusal(() => new CapabilitySigner({ ...config, ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
  });

  test('fails late for a ttl that is text', () => {
    expect(thrown(() => signWithTwilio([new IncomingClientScope('alice')], { ttl: '600' }))).toMatchObject({
      message: '"exp" should be a number of seconds',
    });
    expect(refusal(() => new CapabilitySigner({ ...config, ttl: '600' as never }))).toBe(
      'ConfigError ERR_TTL_INVALID ttl',
    );
  });

  test('signs no scopes, and the same scope twice', () => {
    const scope = new IncomingClientScope('alice');
    expect(claimsOf(signWithTwilio([])).scope).toBe('');
    expect(refusal(() => signer.sign([]))).toBe('ScopeError ERR_NO_SCOPES scopes');
    expect(claimsOf(signWithTwilio([scope, scope])).scope).toBe(`${String(alice)} ${String(alice)}`);
    expect(refusal(() => signer.sign([alice, alice]))).toBe('ScopeError ERR_DUPLICATE_SCOPE scopes');
  });

  test('accepts scopes after the token was created', () => {
    const shared = new ClientCapability({ accountSid, authToken });
    shared.addScope(new IncomingClientScope('alice'));
    shared.toJwt();
    shared.addScope(new IncomingClientScope('bob'));
    expect(verifier.verify(shared.toJwt()).clientNames).toEqual(['alice', 'bob']);

    const capability = new Capability(config).allowClientIncoming('alice');
    capability.generate();
    expect(refusal(() => capability.allowClientIncoming('bob'))).toBe('ScopeError ERR_CAPABILITY_SEALED');
  });
});

interface Vector {
  readonly id: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly grant: {
    readonly incoming: readonly string[];
    readonly outgoing: {
      readonly applicationSid: string;
      readonly params: Record<string, string> | null;
    } | null;
    readonly eventStream: Readonly<Record<string, string>> | null;
  };
  readonly scope: string;
  readonly token: string;
  readonly exp: number;
}

const { vectors } = JSON.parse(readFileSync(join(__dirname, 'dialects.json'), 'utf8')) as {
  readonly vectors: readonly Vector[];
};

function vectorOf(id: string): Vector {
  const vector = vectors.find((candidate) => candidate.id === id);
  if (vector === undefined) throw new Error(`There is no vector ${id}.`);
  return vector;
}

/** Creates the token of a vector with a Capability, in the order of the page's examples. */
function generate({ accountSid, authToken, grant, exp }: Vector): string {
  const capability = new Capability({ accountSid, authToken, now: () => (exp - 3600) * 1000 });
  for (const name of grant.incoming) capability.allowClientIncoming(name, { allowAnyName: true });
  if (grant.outgoing !== null) {
    capability.allowClientOutgoing(grant.outgoing.applicationSid, grant.outgoing.params ?? undefined);
  }
  if (grant.eventStream !== null) capability.allowEventStream(grant.eventStream);
  return capability.generate();
}

const scopesOf = ({ accountSid, authToken, exp }: Vector, token: string): readonly string[] =>
  new CapabilityVerifier({ accountSid, authToken, now: () => (exp - 3600) * 1000 })
    .verify(token)
    .scopes.map(String)
    .sort();

describe.each([
  ['ruby-4.13.0/both-params', '{"alg":"HS256"}', ['scope', 'iss', 'exp']],
  ['python-9.11.0/both-params', '{"alg":"HS256","typ":"JWT"}', ['scope', 'iss', 'exp', 'nbf']],
  ['php-8.12.0/both-params', '{"typ":"JWT","alg":"HS256"}', ['scope', 'iss', 'exp']],
])('%s', (id, header, claims) => {
  const vector = vectorOf(id);

  test('differs in its header and claims', () => {
    const { header: theirs, payload } = decodeParts(vector.token);
    expect(theirs).toBe(header);
    expect(Object.keys(JSON.parse(payload) as object)).toEqual(claims);
  });

  test('allows what a Capability with the same calls allows, whose outgoing scope is last', () => {
    const ours = generate(vector);
    expect(scopesOf(vector, ours)).toEqual(scopesOf(vector, vector.token));
    expect(claimsOf(ours).scope).toMatch(
      /^scope:client:incoming\?clientName=\S+ scope:client:outgoing\?appSid=\w+&clientName=\S+&appParams=\S+$/,
    );
  });
});

test.each([
  ['ruby-4.13.0/both-params', /appSid=[^ ]*&appParams=[^ ]*&clientName=/],
  ['ruby-4.13.0/event-stream-filters', /params=%7B%22CallStatus%22%3D%3E%22completed%22%7D$/],
  ['python-9.11.0/both-params', /\?appParams=[^ ]*&appSid=[^ ]*&clientName=/],
  ['python-9.11.0/both-params', /clientName=support\+agent/],
  ['php-8.12.0/both-params', /^scope:client:outgoing[^ ]* scope:client:incoming/],
  ['php-8.12.0/both-params', /appSid=[^ ]*&appParams=[^ ]*&clientName=/],
  ['php-8.12.0/both-params', /Tier%2Bone/],
])('%s writes %s', (id, form) => {
  expect(vectorOf(id).scope).toMatch(form);
  expect(claimsOf(generate(vectorOf(id))).scope).not.toMatch(form);
});

test('twilio-php writes empty parameters and filters', () => {
  const forms = vectors.filter(({ id }) => id.startsWith('php-')).map(({ scope }) => scope);
  expect(forms.filter((scope) => scope.endsWith('&appParams='))).toHaveLength(1);
  expect(forms.filter((scope) => scope.endsWith('&params='))).toHaveLength(1);
});

test('twilio-python replaces the incoming name of an earlier call', () => {
  expect(vectorOf('python-9.11.0/incoming-twice').scope).toBe(
    'scope:client:incoming?clientName=support+agent',
  );
  expect(claimsOf(generate(vectorOf('python-9.11.0/incoming-twice'))).scope).toBe(
    'scope:client:incoming?clientName=alice scope:client:incoming?clientName=support%20agent',
  );
});
