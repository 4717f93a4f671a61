import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  IncomingScope,
} from '../../src';
import { exposure } from '../helpers/exposure';
import {
  BAD_SID,
  BAD_TTL,
  config,
  LONE_SURROGATE,
  now,
  refusal,
  thrown,
  withPolluted,
} from '../helpers/fixed';
import { withoutSettings } from '../helpers/without-settings';

withoutSettings();

const { accountSid, authToken } = config;
const account = { accountSid, authToken };
const apiKey = { accountSid, apiKeySid: 'SK1', apiKeySecret: 'secret' };
const alice = new IncomingScope('alice');
const INVALID = 'ConfigError ERR_CONFIG_INVALID';
const MISSING = 'ConfigError ERR_CONFIG_MISSING';

/** Values that cannot be an auth token or the secret of an API key. */
const BAD_SECRET: readonly unknown[] = [
  ...['', ' ', 'secret ', '\tsecret', 'two words', 'secret\n', 's\u0000', 's\u007f', 's\u0085'],
  ...['"secret"', "'secret'", '"secret', "secret'", 'null'],
  ...['\ufeffsecret', `s${LONE_SURROGATE}`, '-----BEGIN PRIVATE KEY-----', accountSid],
  ...['AC', 'AP', 'SK'].map((prefix) => `${prefix}${'0'.repeat(32)}`),
  ...[null, 42, true, {}, Buffer.from('secret'), new String('secret'), Symbol('secret'), () => 'secret'],
];

/** Every class and function that takes a config, a valid one, and its numbers. */
type Creator = readonly [name: string, create: (config?: unknown) => unknown, valid: object, numbers: string];
const ACCOUNT_CLASSES: readonly Creator[] = [
  ['CapabilitySigner', (config) => new CapabilitySigner(config as never), account, 'ttl'],
  ['CapabilityVerifier', (config) => new CapabilityVerifier(config as never), account, 'clockTolerance'],
  ['Capability', (config) => new Capability(config as never), account, 'ttl'],
];
const API_KEY_CLASSES: readonly Creator[] = [
  ['AccessTokenSigner', (config) => new AccessTokenSigner(config as never), apiKey, 'ttl'],
  ['AccessTokenVerifier', (config) => new AccessTokenVerifier(config as never), apiKey, 'clockTolerance'],
];
const CONFIGURE = (config: unknown): void => {
  configure(config as never);
};
const CREATORS = [...ACCOUNT_CLASSES, ...API_KEY_CLASSES, ['configure', CONFIGURE, account, 'ttl'] as const];

/** Verifies a token of a signer with an auth token. */
const verifyWith = (signer: CapabilitySigner, secret: string) =>
  new CapabilityVerifier({ accountSid: signer.accountSid, authToken: secret }).verify(signer.sign(alice));

describe.each(CREATORS)('the config of %s', (name, create, valid, numbers) => {
  const isApiKey = 'apiKeySid' in valid;
  const [prefix, sidName, secretName] = isApiKey
    ? (['SK', 'apiKeySid', 'apiKeySecret'] as const)
    : (['AC', 'accountSid', 'authToken'] as const);

  test.each([
    ...[null, 'AC1', 42, true, () => account, ['AC1']],
    ...[new Map(Object.entries(account)), new Set(['AC1']), new Date(0), /AC/, Promise.resolve(account)],
  ])('cannot be %p', (config) => {
    const credentials = Object.keys(valid).join(', ');
    expect(thrown(() => create(config))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'config',
      message: `Config must be an object with own properties, such as { ${credentials} }.`,
    });
  });

  class WithAccount {
    readonly accountSid = accountSid;
  }
  class WithGetter {
    get now(): () => number {
      return now;
    }
  }

  test('can be a literal, a frozen object, an instance of a class, a Proxy', () => {
    const bare = Object.assign(Object.create(null) as object, valid);
    const instance = Object.assign(new WithAccount(), valid);
    for (const config of [valid, Object.freeze({ ...valid }), bare, instance, new Proxy(valid, {})]) {
      expect(() => create(config)).not.toThrow();
    }
  });

  test('cannot be an instance whose settings are getters', () => {
    expect(refusal(() => create(new WithGetter()))).toBe(`${INVALID} config`);
    expect(refusal(() => create(Object.assign(new WithGetter(), valid)))).toBe(`${INVALID} now`);
  });

  test('cannot hide a setting that a copy would lose', () => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: 'of-the-platform' });
    const hidden = Object.defineProperty({ ...valid }, secretName, { enumerable: false });
    expect(refusal(() => create(hidden))).toBe(`${INVALID} ${secretName}`);
    const inherited = Object.assign(Object.create({ accountSid }) as object, { now });
    expect(refusal(() => create(inherited))).toBe(`${INVALID} accountSid`);
  });

  test('ignores what a polluted Object.prototype supplies', () => {
    expect(withPolluted({ now: 'x', accountSid: 'AC9' }, () => create(valid) !== null)).toBe(true);
  });

  test.each(['sid', 'accountSID', 'token', 'authtoken', 'x', numbers === 'ttl' ? 'clockTolerance' : 'ttl'])(
    'rejects the key %s',
    (key) => {
      expect(refusal(() => create({ ...valid, [key]: 'secret' }))).toBe(`${INVALID} ${key}`);
    },
  );

  const badTolerance = [-1, 0.5, 301, NaN, Infinity, '5', null];
  test.each<[string, readonly unknown[]]>([
    ['accountSid', BAD_SID('AC', 'AP')],
    [sidName, BAD_SID(prefix, 'AP')],
    [secretName, name === 'CapabilityVerifier' ? BAD_SECRET : [...BAD_SECRET, ['secret']]],
    ['now', [null, 0, '', {}, new Date(0)]],
    [numbers, numbers === 'ttl' ? BAD_TTL : badTolerance],
  ])('rejects a bad %s, and does not show it', (field, values) => {
    for (const value of values) {
      const act = () => create({ ...valid, [field]: value });
      const code = field === 'ttl' ? 'ConfigError ERR_TTL_INVALID' : INVALID;
      expect(refusal(act)).toBe(`${code} ${field}`);
      if (typeof value === 'string' && value.trim().length > 6) {
        expect(exposure(thrown(act))).not.toContain(value);
      }
    }
  });

  test('rejects a secret that is the word undefined', () => {
    expect(refusal(() => create({ ...valid, [secretName]: 'undefined' }))).toBe(`${INVALID} ${secretName}`);
  });

  test.each<[message: string, given: object, field: string]>([
    ['are swapped', { [sidName]: 'secret', [secretName]: `${prefix}${'0'.repeat(32)}` }, sidName],
    ['are swapped', { [sidName]: 'secret', [secretName]: `${prefix}123123` }, sidName],
    ['is the same as', { [sidName]: `${prefix}1`, [secretName]: `${prefix}1` }, secretName],
    ['is the same as', { accountSid: 'AC1', [secretName]: 'AC1' }, secretName],
  ])('rejects credentials of which one %s: %j', (message, given, field) => {
    const act = () => create({ ...valid, ...given });
    expect(refusal(act)).toBe(`${INVALID} ${field}`);
    expect(act).toThrow(message);
  });
});

const LONG = '1'.repeat(31);
test.each([
  ...['s', 'YYYYYYYYYYYYYYYYYY', 'AC12', `CR0${LONG}`, `ACg${LONG}`, `xAC${LONG}1`, `AC${LONG}11`],
  ...['schlüssel', '🔑', '\\\'"$%', 'x'.repeat(1000)],
])('accepts the auth token %j', (secret) => {
  const signer = new CapabilitySigner({ accountSid, authToken: secret });
  expect(verifyWith(signer, secret).clientNames).toEqual(['alice']);
});

test.each([0, 300])('accepts the clockTolerance %d', (clockTolerance) => {
  for (const verifier of [
    new CapabilityVerifier({ ...account, clockTolerance }),
    new AccessTokenVerifier({ ...apiKey, clockTolerance }),
  ]) {
    expect(verifier.clockTolerance).toBe(clockTolerance);
  }
});

describe('several auth tokens of a verifier', () => {
  const create = (list: unknown) => new CapabilityVerifier({ accountSid, authToken: list as string[] });
  const many = Array.from({ length: 100 }, (_, index) => `token-${index}`);

  test('are copied, and each one is tried', () => {
    const list = [...many];
    const verifier = create(list);
    list.pop();
    for (const secret of ['token-0', 'token-99']) {
      const token = new CapabilitySigner({ accountSid, authToken: secret }).sign(alice);
      expect(verifier.verify(token).clientNames).toEqual(['alice']);
    }
  });

  test.each<[string, unknown]>([
    ['an empty array', []],
    ['101 of them', [...many, 'one-more']],
    ['a million holes', Array(2 ** 20)],
    ['a hole', Object.assign([], { 1: 'first' })],
    ['undefined', ['first', undefined]],
    ['white space', ['first', 'with space']],
    ['an array in an array', [['first']]],
    ['a Set', new Set(['first'])],
    ['the account SID', ['first', accountSid]],
  ])('cannot be %s', (_, list) => {
    expect(refusal(() => create(list))).toBe(`${INVALID} authToken`);
  });

  test('can be swapped with the account SID, each of them', () => {
    const swapped = { accountSid: 'first', authToken: ['second', 'AC1'] };
    expect(refusal(() => new CapabilityVerifier(swapped))).toBe(`${INVALID} accountSid`);
    expect(() => new CapabilityVerifier(swapped)).toThrow('are swapped');
  });
});

describe('an account comes as one pair from one source', () => {
  beforeEach(() => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3', TWILIO_AUTH_TOKEN: 'third' });
  });

  test('the constructor, else configure, else the environment', () => {
    const fromEnvironment = new CapabilitySigner();
    expect(fromEnvironment.accountSid).toBe('AC3');
    expect(verifyWith(fromEnvironment, 'third').accountSid).toBe('AC3');
    configure({ accountSid: 'AC2', authToken: 'second', ttl: 2, now });
    for (const config of [undefined, {}, { ttl: 60 }]) {
      const signer = new CapabilitySigner(config);
      expect(signer.accountSid).toBe('AC2');
      expect(signer.issue(alice)).toMatchObject({ ttl: config?.ttl ?? 2 });
    }
    const fromConstructor = new CapabilitySigner({ accountSid: 'AC1', authToken: 'first' });
    expect(verifyWith(fromConstructor, 'first').accountSid).toBe('AC1');
  });

  test.each([
    [{ accountSid: undefined, authToken: undefined }, 'accountSid'],
    [{ accountSid: undefined }, 'accountSid'],
    [{ accountSid: undefined, authToken: 'tenant' }, 'accountSid'],
    [{ authToken: 'tenant' }, 'accountSid'],
    [{ accountSid: 'AC3', authToken: undefined }, 'authToken'],
    [{ accountSid: 'AC3' }, 'authToken'],
  ])('%j takes nothing from other sources', (config, field) => {
    for (const configured of [{}, { accountSid: 'AC2', authToken: 'second' }]) {
      configure(configured);
      for (const [, create] of ACCOUNT_CLASSES)
        expect(refusal(() => create(config))).toBe(`${MISSING} ${field}`);
    }
  });

  test.each([
    ['TWILIO_ACCOUNT_SID', 'accountSid'],
    ['TWILIO_AUTH_TOKEN', 'authToken'],
  ])('an empty %s counts as unset', (variable, field) => {
    process.env[variable] = '';
    expect(refusal(() => new CapabilitySigner())).toBe(`${MISSING} ${field}`);
  });

  test('configure replaces earlier defaults, clears them with {}, and keeps them on errors', () => {
    configure({ accountSid: 'AC2', authToken: 'second', ttl: 2 });
    configure({ accountSid: 'AC2', authToken: 'other' });
    expect(new CapabilitySigner().issue(alice).ttl).toBe(3600);
    for (const [bad, expected] of [
      [{ ttl: 0 }, 'ConfigError ERR_TTL_INVALID ttl'],
      [{ accountSid: 'AC4' }, `${MISSING} authToken`],
      [{ authToken: 'fourth' }, `${MISSING} accountSid`],
      [{ token: 'x' }, `${INVALID} token`],
      [undefined, `${INVALID} config`],
    ] as const) {
      const act = () => {
        configure(bad as never);
      };
      expect(refusal(act)).toBe(expected);
    }
    expect(verifyWith(new CapabilitySigner(), 'other').accountSid).toBe('AC2');
    configure({});
    expect(new CapabilitySigner().accountSid).toBe('AC3');
  });
});

describe.each(API_KEY_CLASSES)('an API key in %s', (_, create) => {
  const credentialsOf = (value: unknown): unknown[] => {
    const { accountSid, apiKeySid, apiKeySids = [apiKeySid] } = value as Record<string, unknown[]>;
    return [accountSid, ...apiKeySids];
  };
  const SID = { TWILIO_API_KEY_SID: 'SK1' };
  const SECRET = { TWILIO_API_KEY_SECRET: 'first' };
  const OLD = { TWILIO_API_KEY: 'SK2', TWILIO_API_SECRET: 'second' };

  test.each([
    [{ ...SID, ...SECRET }, 'SK1'],
    [OLD, 'SK2'],
    [{ ...SID, ...SECRET, ...OLD }, 'SK1'],
    [{ TWILIO_API_KEY_SID: '', TWILIO_API_KEY_SECRET: '', ...OLD }, 'SK2'],
  ])('from the environment %j is %s', (variables, apiKeySid) => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3' }, variables);
    expect(credentialsOf(create())).toEqual(['AC3', apiKeySid]);
  });

  test.each([
    [{ ...SID, ...OLD }, 'apiKeySecret'],
    [{ ...SECRET, ...OLD }, 'apiKeySid'],
    [{ ...SID, TWILIO_API_SECRET: 'second' }, 'apiKeySecret'],
    [{}, 'apiKeySid'],
  ])('from the environment %j lacks its %s', (variables, field) => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3' }, variables);
    expect(refusal(() => create())).toBe(`${MISSING} ${field}`);
  });

  test.each([
    [{ apiKeySid: 'SK1' }, 'apiKeySecret'],
    [{ apiKeySecret: 'first' }, 'apiKeySid'],
    [{ apiKeySid: undefined, apiKeySecret: undefined }, 'apiKeySid'],
    [{ accountSid: undefined }, 'accountSid'],
  ])('%j takes nothing from other sources', (config, field) => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3' }, SID, SECRET);
    expect(refusal(() => create(config))).toBe(`${MISSING} ${field}`);
  });

  test('needs an account SID: that of the constructor, else of configure, else of the environment', () => {
    Object.assign(process.env, SID, SECRET);
    expect(refusal(() => create())).toBe(`${MISSING} accountSid`);
    process.env['TWILIO_ACCOUNT_SID'] = 'AC3';
    expect(create()).toMatchObject({ accountSid: 'AC3' });
    configure({ accountSid: 'AC2', authToken: 'second' });
    expect(credentialsOf(create({ apiKeySid: 'SK4', apiKeySecret: 'fourth' }))).toEqual(['AC2', 'SK4']);
    expect(credentialsOf(create({ accountSid: 'AC1' }))).toEqual(['AC1', 'SK1']);
  });
});

test.each(['', 'AU1', 'au', 'au12', 'aus1', 'au1\n', 1, null, ['au1']])(
  'AccessTokenSigner rejects the region %p',
  (region) => {
    expect(refusal(() => new AccessTokenSigner({ ...apiKey, region } as object))).toBe(`${INVALID} region`);
  },
);

test('AccessTokenVerifier has the clock of configure, and no region', () => {
  const token = new AccessTokenSigner({ ...apiKey, now }).sign(alice);
  configure({ now: () => NaN });
  expect(refusal(() => new AccessTokenVerifier(apiKey).verify(token))).toBe(`${INVALID} now`);
  expect(refusal(() => new AccessTokenVerifier({ ...apiKey, region: 'au1' } as never))).toBe(
    `${INVALID} region`,
  );
});
