import { inspect } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import {
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  decodeClientName,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
} from '../src';
import { accountSid, LONE_SURROGATE, NOW, now, thrown } from './helpers/fixed';

/** Stands wherever a secret does, or something that could be one. */
const CANARY = 'c4n4ry5f6e7d8c9b0a1b2c3d4e5f6a7b';
const config = { accountSid, authToken: CANARY, now };
const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');
const at = (seconds: number): Date => new Date((NOW + seconds) * 1000);
const capability = (): Capability => new Capability(config).allowClientIncoming('alice');

/** What no string, number, boolean or list can stand for. */
const NOT_TEXT = [null, 0, 42, NaN, true, {}, [], ['alice'], Symbol('alice'), 5n, () => 'alice', new Date()];

function throwing(key: string, target: object = {}): object {
  return Object.defineProperty(target, key, {
    enumerable: true,
    get() {
      throw new Error(CANARY);
    },
  });
}
const hostile = new Proxy(
  {},
  {
    ownKeys() {
      throw new Error(CANARY);
    },
    getPrototypeOf() {
      throw new Error(CANARY);
    },
  },
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
class Custom {
  a = 1;
}

/** Neither a plain object nor undefined. */
const NOT_PLAIN: readonly unknown[] = [
  null,
  'a=1',
  42,
  true,
  [],
  new Date(),
  new Map([['a', 1]]),
  new Custom(),
  () => ({}),
  hostile,
  revoked,
  Object.create({ a: 1 }),
  Object.create(hostile),
];
const BAD_PARAMS = [
  ...NOT_PLAIN,
  ...[
    null,
    undefined,
    NaN,
    Infinity,
    {},
    ['x'],
    new Date(),
    5n,
    Symbol('x'),
    () => 'x',
    new String('x'),
    `x${LONE_SURROGATE}`,
  ].map((a) => ({ a })),
  { '': 'x' },
  { [LONE_SURROGATE]: 'x' },
  { [Symbol('a')]: 'x' },
  Object.defineProperty({}, 'hidden', { value: 'x' }),
  JSON.parse('{"__proto__":"x"}') as object,
  throwing('a'),
  Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`key${index}`, 'x'])),
];
const BAD_SID = (prefix: string, wrong: string) => [
  '',
  prefix,
  `${prefix.toLowerCase()}123`,
  `${wrong}123`,
  `${prefix}${'1'.repeat(33)}`,
  `${prefix}12-3`,
  ` ${prefix}123`,
  `${prefix}123\n`,
  `${prefix}１２３`,
  `${prefix}12${LONE_SURROGATE}`,
  new String(`${prefix}123`),
  ...NOT_TEXT,
];
const BAD_SECRET = [
  ...[
    '',
    ' ',
    `${CANARY} `,
    `\t${CANARY}`,
    `${CANARY}\n`,
    `${CANARY}\u0000`,
    `${CANARY}\u007f`,
    `${CANARY}\u0085`,
    `\ufeff${CANARY}`,
    `${CANARY}${LONE_SURROGATE}`,
  ],
  ...['AC', 'AP', 'SK'].map((prefix) => `${prefix}0123456789abcdef0123456789ABCDE0`),
  `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`,
  accountSid,
  Buffer.from(CANARY),
  new String(CANARY),
  ...NOT_TEXT.filter((value) => !Array.isArray(value)),
];
const BAD_NAME = [
  '',
  ' ',
  'front desk',
  'ann.veal@x.com',
  'a-b',
  'a&b',
  'a=b',
  'é',
  '😀',
  'alice\n',
  'alice scope:client:outgoing?appSid=AP1',
  'x'.repeat(122),
  LONE_SURROGATE,
  new String('alice'),
  ...NOT_TEXT,
];
const BAD_TTL = [
  0,
  -0,
  -1,
  0.5,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  86_401,
  3_600_000,
  '600',
  '',
  null,
  true,
  [600],
  600n,
  Symbol('600'),
  new Number(600),
];
const BAD_OPTIONS: readonly unknown[] = [...NOT_PLAIN, { [Symbol('ttl')]: 1 }, { [CANARY]: 1 }];

interface Rule {
  readonly input: string;
  readonly bad: readonly unknown[];
  readonly refused: string | ((value: unknown) => string);
  readonly act: (value: never) => unknown;
}

const RULES: readonly Rule[] = [
  {
    input: 'accountSid',
    bad: BAD_SID('AC', 'AP'),
    refused: 'ConfigError ERR_CONFIG_INVALID accountSid',
    act: (sid) => new CapabilitySigner({ ...config, accountSid: sid }),
  },
  {
    input: 'accountSid of a verifier',
    bad: BAD_SID('AC', 'SK'),
    refused: 'ConfigError ERR_CONFIG_INVALID accountSid',
    act: (sid) => new CapabilityVerifier({ ...config, accountSid: sid }),
  },
  {
    input: 'accountSid of configure',
    bad: ['', 'AC', null],
    refused: 'ConfigError ERR_CONFIG_INVALID accountSid',
    act: (sid) => {
      configure({ accountSid: sid });
    },
  },
  {
    input: 'applicationSid',
    bad: [undefined, ...BAD_SID('AP', 'AC')],
    refused: 'ScopeError ERR_SCOPE_INVALID applicationSid',
    act: (sid) => new OutgoingScope(sid),
  },
  {
    input: 'applicationSid of a Capability',
    bad: [undefined, 'AC123', null],
    refused: 'ScopeError ERR_SCOPE_INVALID applicationSid',
    act: (sid) => capability().allowClientOutgoing(sid),
  },
  {
    input: 'authToken',
    bad: BAD_SECRET,
    refused: 'ConfigError ERR_CONFIG_INVALID authToken',
    act: (authToken) => new CapabilitySigner({ ...config, authToken }),
  },
  {
    input: 'authToken of configure',
    bad: BAD_SECRET.slice(0, 4),
    refused: 'ConfigError ERR_CONFIG_INVALID authToken',
    act: (authToken) => {
      configure({ authToken });
    },
  },
  {
    input: 'authToken of a verifier',
    bad: BAD_SECRET,
    refused: 'ConfigError ERR_CONFIG_INVALID authToken',
    act: (authToken) => new CapabilityVerifier({ ...config, authToken }),
  },
  {
    input: 'authToken among several',
    bad: [undefined, ...BAD_SECRET],
    refused: 'ConfigError ERR_CONFIG_INVALID authToken',
    act: (authToken) => new CapabilityVerifier({ ...config, authToken: [CANARY, authToken] }),
  },
  {
    input: 'several authTokens',
    bad: [[], new Set([CANARY]), new Proxy([CANARY], {}), throwing('0', [])],
    refused: 'ConfigError ERR_CONFIG_INVALID authToken',
    act: (authToken) => new CapabilityVerifier({ ...config, authToken }),
  },
  {
    input: 'accountSid in place of the authToken',
    bad: [CANARY, 'secret', ''],
    refused: 'ConfigError ERR_CONFIG_INVALID accountSid',
    act: (secret) => new CapabilitySigner({ accountSid: secret, authToken: 'AC123123' }),
  },
  {
    input: 'clientName',
    bad: [undefined, ...BAD_NAME],
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: (name) => new IncomingScope(name),
  },
  {
    input: 'clientName of an outgoing scope',
    bad: BAD_NAME,
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: (clientName) => new OutgoingScope('AP1', { clientName }),
  },
  {
    input: 'clientName of a Capability',
    bad: ['', 'front desk'],
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: (name) => capability().allowClientIncoming(name),
  },
  {
    input: 'any clientName',
    bad: ['', 'a\u0000', 'a\n', 'a\u007f', 'a\u009f', `a${LONE_SURROGATE}`, 'x'.repeat(257), null, 42],
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: (name) => new IncomingScope(name, { allowAnyName: true }),
  },
  {
    input: 'name to encode',
    bad: ['', 'x'.repeat(122), '😀'.repeat(11), LONE_SURROGATE, null, 42],
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: encodeClientName,
  },
  {
    input: 'name to decode',
    bad: ['', 'user_42', '_2e', '_41', '_C3', 'a b', null, 42],
    refused: 'ScopeError ERR_SCOPE_INVALID clientName',
    act: decodeClientName,
  },
  {
    input: 'allowAnyName',
    bad: [null, 'true', 1],
    refused: 'SignError ERR_OPTIONS_INVALID allowAnyName',
    act: (allowAnyName) => new IncomingScope('alice', { allowAnyName }),
  },
  {
    input: 'ttl of a config',
    bad: BAD_TTL,
    refused: 'SignError ERR_TTL_INVALID ttl',
    act: (ttl) => new CapabilitySigner({ ...config, ttl }),
  },
  {
    input: 'ttl of configure',
    bad: [0, NaN, null],
    refused: 'SignError ERR_TTL_INVALID ttl',
    act: (ttl) => {
      configure({ ttl });
    },
  },
  {
    input: 'ttl of sign',
    bad: BAD_TTL,
    refused: 'SignError ERR_TTL_INVALID ttl',
    act: (ttl) => signer.sign(alice, { ttl }),
  },
  {
    input: 'ttl of generate',
    bad: BAD_TTL.filter((ttl) => typeof ttl !== 'object'),
    refused: 'SignError ERR_TTL_INVALID ttl',
    act: (ttl) => capability().generate(ttl),
  },
  {
    input: 'expiresAt',
    bad: [
      new Date(NaN),
      at(-60),
      at(0),
      at(0.999),
      at(86_400.001),
      NOW + 60,
      at(60).toISOString(),
      null,
      { getTime: () => (NOW + 60) * 1000 },
      new Proxy(at(60), {}),
    ],
    refused: 'SignError ERR_TTL_INVALID expiresAt',
    act: (expiresAt) => signer.sign(alice, { expiresAt }),
  },
  {
    input: 'expiresAt beside a ttl',
    bad: [at(60)],
    refused: 'SignError ERR_TTL_INVALID expiresAt',
    act: (expiresAt) => signer.sign(alice, { ttl: 60, expiresAt }),
  },
  {
    input: 'now',
    bad: [null, 0, '', {}, at(0)],
    refused: 'ConfigError ERR_CONFIG_INVALID now',
    act: (clock) => new CapabilitySigner({ ...config, now: clock }),
  },
  {
    input: 'time',
    bad: [NaN, -1, Infinity, 8.64e15, `${NOW}`, null, at(0)],
    refused: 'ConfigError ERR_CONFIG_INVALID now',
    act: (time) => new CapabilitySigner({ ...config, now: () => time }).sign(alice),
  },
  {
    input: 'clockTolerance',
    bad: [-1, 0.5, 301, NaN, '5', null],
    refused: 'ConfigError ERR_CONFIG_INVALID clockTolerance',
    act: (clockTolerance) => new CapabilityVerifier({ ...config, clockTolerance }),
  },
  {
    input: 'params',
    bad: BAD_PARAMS,
    refused: 'ScopeError ERR_SCOPE_INVALID params',
    act: (params) => new OutgoingScope('AP1', { params }),
  },
  {
    input: 'params of a Capability',
    bad: BAD_PARAMS,
    refused: 'ScopeError ERR_SCOPE_INVALID params',
    act: (params) => capability().allowClientOutgoing('AP1', params),
  },
  {
    input: 'filters',
    bad: BAD_PARAMS,
    refused: 'ScopeError ERR_SCOPE_INVALID filters',
    act: (filters) => new EventStreamScope(filters),
  },
  {
    input: 'scopes',
    bad: [
      undefined,
      null,
      '',
      'alice',
      String(alice),
      42,
      {},
      () => [alice],
      [String(alice)],
      [alice, null],
      [[alice]],
      structuredClone(alice),
      [new Proxy(alice, {})],
      Object.create(alice),
      new Map([['a', alice]]),
      hostile,
      throwing('a'),
    ],
    refused: 'ScopeError ERR_SCOPE_INVALID scopes',
    act: (scopes) => signer.sign(scopes),
  },
  {
    input: 'number of scopes',
    bad: [[], new Set()],
    refused: 'SignError ERR_NO_SCOPES scopes',
    act: (scopes) => signer.sign(scopes),
  },
  {
    input: 'repeated scopes',
    bad: [
      [alice, alice],
      [alice, new IncomingScope('alice')],
      [new EventStreamScope(), new EventStreamScope({})],
      [new OutgoingScope('AP1'), new OutgoingScope('AP1', { clientName: 'alice' })],
    ],
    refused: 'SignError ERR_DUPLICATE_SCOPE scopes',
    act: (scopes) => signer.sign(scopes),
  },
  {
    input: 'size of a token',
    bad: ['x'.repeat(8192), 'é'.repeat(900)],
    refused: 'TokenError ERR_TOKEN_TOO_LARGE token',
    act: (a) => signer.sign([alice, new OutgoingScope('AP1', { params: { a } })]),
  },
  {
    input: 'options of sign',
    bad: [...BAD_OPTIONS, 600],
    refused: 'SignError ERR_OPTIONS_INVALID options',
    act: (options) => signer.sign(alice, options),
  },
  {
    input: 'options of an incoming scope',
    bad: BAD_OPTIONS,
    refused: 'SignError ERR_OPTIONS_INVALID options',
    act: (options) => new IncomingScope('alice', options),
  },
  {
    input: 'options of an outgoing scope',
    bad: BAD_OPTIONS,
    refused: 'SignError ERR_OPTIONS_INVALID options',
    act: (options) => new OutgoingScope('AP1', options),
  },
  {
    input: 'config',
    bad: BAD_OPTIONS,
    refused: 'ConfigError ERR_CONFIG_INVALID config',
    act: (given) => new CapabilitySigner(given),
  },
  {
    input: 'config of a verifier',
    bad: BAD_OPTIONS,
    refused: 'ConfigError ERR_CONFIG_INVALID config',
    act: (given) => new CapabilityVerifier(given),
  },
  {
    input: 'config of configure',
    bad: [undefined, ...BAD_OPTIONS],
    refused: 'ConfigError ERR_CONFIG_INVALID config',
    act: configure,
  },
  {
    input: 'name of an option',
    bad: ['tll', 'TTL', 'expiresIn', 'expires_at', 'issuer'],
    refused: (name) => `SignError ERR_OPTIONS_INVALID ${String(name)}`,
    act: (name) => signer.sign(alice, { [name as string]: CANARY }),
  },
  {
    input: 'name of a setting',
    bad: ['sid', 'accountSID', 'token', 'authtoken', 'apiKeySid'],
    refused: (name) => `ConfigError ERR_CONFIG_INVALID ${String(name)}`,
    act: (name) => new CapabilitySigner({ ...config, [name as string]: CANARY }),
  },
  {
    input: 'option whose getter throws',
    bad: ['ttl', 'expiresAt'],
    refused: (name) => `SignError ERR_OPTIONS_INVALID ${String(name)}`,
    act: (name) => signer.sign(alice, throwing(name)),
  },
  {
    input: 'setting whose getter throws',
    bad: ['accountSid', 'authToken', 'ttl', 'now'],
    refused: (name) => `ConfigError ERR_CONFIG_INVALID ${String(name)}`,
    act: (name) => new CapabilitySigner(throwing(name)),
  },
];

function label(value: unknown): string {
  try {
    return inspect(value, { breakLength: Infinity, depth: 1 }).replaceAll(CANARY, 'CANARY').slice(0, 60);
  } catch {
    return 'what cannot even be shown';
  }
}

/** Every way in which something can be shown: text, inspection, JSON, a structured clone, and its causes. */
function everythingShown(value: unknown): string {
  const inspected = (each: unknown): string =>
    inspect(each, { showHidden: true, depth: Infinity, getters: false });
  const { message, stack, cause } = value as Partial<Error>;
  return [
    String(value),
    message,
    stack,
    inspected(cause),
    inspected(value),
    JSON.stringify(value),
    JSON.stringify(value, Object.getOwnPropertyNames(value)),
    inspected(structuredClone(value)),
  ].join('\n');
}

const sign = jest.spyOn(jsonwebtoken, 'sign');
afterEach(() => {
  sign.mockClear();
  configure({});
});

// Loops rather than jest's own tables, which print each row: some of these throw when they are looked at.
for (const { input, bad, refused, act } of RULES) {
  describe(`${input}: refuses`, () => {
    for (const value of bad) {
      test(label(value), () => {
        const error = thrown(() => act(value as never)) as CapabilityError;
        expect(error).toBeInstanceOf(CapabilityError);
        expect([error.name, error.code, error.field].join(' ')).toBe(
          typeof refused === 'string' ? refused : refused(value),
        );
        expect(sign).not.toHaveBeenCalled();
        expect(error.cause).toBeUndefined();
        expect(everythingShown(error)).not.toContain(CANARY);
      });
    }
  });
}

test('the table has 150 rows and more', () => {
  expect(RULES.flatMap(({ bad }) => bad).length).toBeGreaterThanOrEqual(150);
});

test('nothing that was made with a secret shows it', () => {
  const verifier = new CapabilityVerifier({ ...config, authToken: [CANARY, `${CANARY}2`] });
  const sealed = capability().allowClientOutgoing('AP1', { a: 1 }).allowEventStream();
  const issued = signer.issue(sealed.scopes);
  sealed.generate();
  for (const made of [signer, verifier, sealed, issued, ...sealed.scopes, verifier.verify(issued.token)]) {
    expect(everythingShown(made)).not.toContain(CANARY);
  }
});

describe('takes good input, and passes it on unchanged:', () => {
  const claims = (token: string) => new CapabilityVerifier(config).verify(token).claims;
  const back = (params: object) => {
    const scope = parseScope(String(new OutgoingScope('AP1', { params: params as Record<string, string> })));
    return scope.kind === 'outgoing' ? scope.params : undefined;
  };

  test.each([1, 86_400])('the ttl %d', (ttl) => {
    expect(claims(signer.sign(alice, { ttl }))).toHaveProperty('exp', NOW + ttl);
    expect(claims(new CapabilitySigner({ ...config, ttl }).sign(alice))).toHaveProperty('exp', NOW + ttl);
  });

  test.each([1, 86_400])('an end %d seconds away', (seconds) => {
    expect(claims(signer.sign(alice, { expiresAt: at(seconds) }))).toHaveProperty('exp', NOW + seconds);
  });

  test.each(['AC1', 'AC123123', 'ACXXXXXXXXXXXXXXXXX', `AC${'Zz'.repeat(16)}`])(
    'the account SID %s',
    (sid) => {
      expect(new CapabilitySigner({ ...config, accountSid: sid }).accountSid).toBe(sid);
    },
  );

  test.each(['AP1', `AP${'Zz'.repeat(16)}`])('the application SID %s', (sid) => {
    expect(new OutgoingScope(sid).applicationSid).toBe(sid);
  });

  test.each(['s', 'secret', 'YYYYYYYYYYYYYYYYYY', 'AC12', 'schlüssel', '🔑', '"\\\'$%', 'x'.repeat(1000)])(
    'the auth token %j',
    (authToken) => {
      const token = new CapabilitySigner({ ...config, authToken }).sign(alice);
      expect(jsonwebtoken.verify(token, Buffer.from(authToken), { ignoreExpiration: true })).toHaveProperty(
        'iss',
        accountSid,
      );
    },
  );

  test.each(['a', '_', '0', 'Alice_42', 'x'.repeat(121)])('the client name %s', (name) => {
    expect(parseScope(String(new IncomingScope(name)))).toHaveProperty('clientName', name);
  });

  test.each(['front desk', 'a&b=c', '100%', '+', '名前', '😀', 'x'.repeat(256), 'alice scope:a:b'])(
    'the client name %j, if any name will do',
    (name) => {
      expect(parseScope(String(new IncomingScope(name, { allowAnyName: true })))).toHaveProperty(
        'clientName',
        name,
      );
    },
  );

  test.each<[string, object, object]>([
    ['an empty value', { a: '' }, { a: '' }],
    ['emoji', { '🔑': '😀' }, { '🔑': '😀' }],
    [
      'names that mean something in a scope',
      { appSid: 'AP2', clientName: 'mallory' },
      { appSid: 'AP2', clientName: 'mallory' },
    ],
    ['names of Object.prototype', { toString: 'x', constructor: 'y' }, { toString: 'x', constructor: 'y' }],
    ['a null prototype', Object.assign(Object.create(null) as object, { a: 'x' }), { a: 'x' }],
    ['what would end a value', { a: '&b=c', 'd=e&f': ' + %26' }, { a: '&b=c', 'd=e&f': ' + %26' }],
    ['control characters', { a: '\u0000\r\n' }, { a: '\u0000\r\n' }],
    [
      'numbers and booleans',
      { a: 0, b: -1.5, c: true, d: false },
      { a: '0', b: '-1.5', c: 'true', d: 'false' },
    ],
    ['a frozen object', Object.freeze({ a: 'x' }), { a: 'x' }],
    ['none', {}, {}],
  ])('parameters with %s', (_, params, text) => {
    expect(back(params)).toEqual(text);
  });

  test('options that are undefined, and options without a prototype', () => {
    expect(
      String(new OutgoingScope('AP1', { clientName: undefined, params: undefined, allowAnyName: undefined })),
    ).toBe('scope:client:outgoing?appSid=AP1');
    const options = Object.assign(Object.create(null) as object, { ttl: 60 });
    expect(claims(signer.sign(alice, options))).toHaveProperty('exp', NOW + 60);
  });
});
