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
} from '../../../src';
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
} from '../../helpers/fixed';
import { signedVectors, vectors } from '../../helpers/dialects';
import { freezeClock, signWithTwilio } from '../../helpers/twilio';
import { withoutSettings } from '../../helpers/without-settings';

/*
 * The differences that docs/migrating.md lists. The twilio package is tested for twilio-node. Recorded tokens
 * are tested for the other SDKs: their headers, claims and query order in docs/dialects.test.ts.
 */

const { ClientCapability } = twilio.jwt;
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
