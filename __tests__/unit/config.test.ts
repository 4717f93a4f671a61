import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  IncomingScope,
  type CapabilityError,
} from '../../src';
import { exposure } from '../helpers/exposure';
import {
  accountSid,
  authToken,
  BAD_SID,
  BAD_TTL,
  LONE_SURROGATE,
  now,
  refusal,
  thrown,
  withPolluted,
} from '../helpers/fixed';
import { withoutSettings } from '../helpers/without-settings';

withoutSettings();

const account = { accountSid, authToken };
const apiKey = { accountSid, apiKeySid: 'SK1', apiKeySecret: 'secret' };
const INVALID = 'ConfigError ERR_CONFIG_INVALID';
const MISSING = 'ConfigError ERR_CONFIG_MISSING';

/** Values that cannot be an auth token or the secret of an API key. */
const BAD_SECRET: readonly unknown[] = [
  ...['', ' ', 'secret ', '\tsecret', 'two words', 'secret\n', 's\u0000', 's\u007f', 's\u0085'],
  ...['"secret"', "'secret'", '"secret', "secret'"],
  ...['\ufeffsecret', `s${LONE_SURROGATE}`, '-----BEGIN PRIVATE KEY-----', accountSid],
  ...['AC', 'AP', 'SK'].map((prefix) => `${prefix}${'0'.repeat(32)}`),
  ...[null, 42, true, {}, Buffer.from('secret'), new String('secret'), Symbol('secret'), () => 'secret'],
];

/** Returns the account and API key of a signer or verifier. */
const shown = (value: unknown): unknown[] => {
  const { accountSid, apiKeySid, apiKeySids = [apiKeySid] } = value as Record<string, unknown[]>;
  return [accountSid, ...apiKeySids];
};

/** Every class and function that takes a config, by its kind of credentials. */
const OF_ACCOUNT: readonly [string, (config?: unknown) => unknown][] = [
  ['CapabilitySigner', (config) => new CapabilitySigner(config as never)],
  ['CapabilityVerifier', (config) => new CapabilityVerifier(config as never)],
  ['Capability', (config) => new Capability(config as never)],
];
const OF_API_KEY: readonly [string, (config?: unknown) => unknown][] = [
  ['AccessTokenSigner', (config) => new AccessTokenSigner(config as never)],
  ['AccessTokenVerifier', (config) => new AccessTokenVerifier(config as never)],
];
const CONFIGURE: readonly [string, (config?: unknown) => unknown] = [
  'configure',
  (config) => {
    configure(config as never);
  },
];

/** Verifies a token of a signer with an auth token. */
const verifyWith = (signer: CapabilitySigner, secret: string) =>
  new CapabilityVerifier({ accountSid: signer.accountSid, authToken: secret }).verify(
    signer.sign(new IncomingScope('alice')),
  );

describe.each([...OF_ACCOUNT, CONFIGURE])('an account in %s', (_, create) => {
  test.each(BAD_SID('AC', 'AP'))('rejects the accountSid %p', (sid) => {
    expect(refusal(() => create({ accountSid: sid, authToken }))).toBe(`${INVALID} accountSid`);
  });

  test.each(BAD_SECRET)('rejects the authToken %p', (secret) => {
    const error = thrown(() => create({ accountSid, authToken: secret })) as CapabilityError;
    expect([error.name, error.code, error.field].join(' ')).toBe(`${INVALID} authToken`);
    if (typeof secret === 'string' && secret.trim().length > 6) expect(exposure(error)).not.toContain(secret);
  });

  test.each([
    ['accountSid', { authToken }],
    ['authToken', { accountSid }],
  ])('rejects half a pair: %s is missing', (name, half) => {
    process.env['TWILIO_ACCOUNT_SID'] = accountSid;
    process.env['TWILIO_AUTH_TOKEN'] = authToken;
    expect(refusal(() => create({ ...account, [name]: undefined }))).toBe(`${MISSING} ${name}`);
    expect(refusal(() => create(half))).toBe(`${MISSING} ${name}`);
  });

  test.each([
    ['accountSid and authToken are swapped.', { accountSid: authToken, authToken: accountSid }, 'accountSid'],
    ['accountSid and authToken are swapped.', { accountSid: 'secret', authToken: 'AC123123' }, 'accountSid'],
    [
      'authToken is the same as accountSid. Pass the secret that belongs to it.',
      { accountSid: 'AC1', authToken: 'AC1' },
      'authToken',
    ],
  ])('%s', (message, given, field) => {
    expect(thrown(() => create(given))).toMatchObject({ code: 'ERR_CONFIG_INVALID', field, message });
  });
});

test.each(['AC1', 'AC123123', 'ACXXXXXXXXXXXXXXXXX', `AC${'Zz'.repeat(16)}`])(
  'accepts the account SID %s',
  (sid) => {
    expect(new CapabilitySigner({ accountSid: sid, authToken }).accountSid).toBe(sid);
  },
);

test.each([
  's',
  'YYYYYYYYYYYYYYYYYY',
  'AC12',
  `CR0${'1'.repeat(31)}`,
  `ACg${'1'.repeat(31)}`,
  `xAC${'0'.repeat(32)}`,
  `AC${'0'.repeat(33)}`,
  'schlüssel',
  '🔑',
  '\\\'"$%',
  'x'.repeat(1000),
])('accepts the auth token %j', (secret) => {
  expect(verifyWith(new CapabilitySigner({ accountSid, authToken: secret }), secret)).toMatchObject({
    clientNames: ['alice'],
  });
});

describe.each([...OF_ACCOUNT, ...OF_API_KEY, CONFIGURE])('the config of %s', (name, create) => {
  const valid = name.startsWith('AccessToken') ? apiKey : account;

  test.each([
    ...[null, 'AC1', 42, true, () => account, ['AC1']],
    ...[new Map(Object.entries(account)), new Set(['AC1']), new Date(0), /AC/, Promise.resolve(account)],
  ])('cannot be %p', (config) => {
    expect(refusal(() => create(config))).toBe(`${INVALID} config`);
  });

  test('can be a literal, a frozen object, an instance of a class, a Proxy', () => {
    class Settings {
      readonly accountSid = accountSid;
    }
    for (const config of [
      valid,
      Object.freeze({ ...valid }),
      Object.assign(new Settings(), valid),
      Object.assign(Object.create(null) as object, valid),
      new Proxy(valid, {}),
    ]) {
      expect(() => create(config)).not.toThrow();
    }
  });

  test('cannot be an instance whose settings are getters', () => {
    class Clock {
      get now(): () => number {
        return () => 0;
      }
    }
    expect(refusal(() => create(Object.assign(new Clock(), valid)))).toBe(`${INVALID} now`);
    expect(refusal(() => create(new Clock()))).toBe(`${INVALID} config`);
    class Settings {
      readonly now = now;
      get accountSid(): string {
        return accountSid;
      }
    }
    expect(refusal(() => create(new Settings()))).toBe(`${INVALID} accountSid`);
  });

  test('cannot hide a setting that a copy would lose', () => {
    const secretName = name.startsWith('AccessToken') ? 'apiKeySecret' : 'authToken';
    const hidden = Object.defineProperty({ ...valid }, secretName, { enumerable: false });
    process.env['TWILIO_ACCOUNT_SID'] = accountSid;
    process.env['TWILIO_AUTH_TOKEN'] = 'of-the-platform';
    const error = thrown(() => create(hidden));
    expect(error).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: secretName,
      message: `${secretName} must be an own, enumerable property of the config.`,
    });
    expect(refusal(() => create(Object.assign(Object.create({ accountSid }) as object, { now })))).toBe(
      `${INVALID} accountSid`,
    );
  });

  test('ignores what a polluted Object.prototype supplies', () => {
    expect(withPolluted({ now: () => 0, accountSid: 'AC9' }, () => refusal(() => create(null)))).toBe(
      `${INVALID} config`,
    );
    expect(withPolluted({ now: 'x', accountSid: 'AC9' }, () => create(valid) !== null)).toBe(true);
  });

  test.each(['sid', 'accountSID', 'token', 'authtoken', 'x'])('rejects the key %s', (key) => {
    expect(refusal(() => create({ ...valid, [key]: 'secret' }))).toBe(`${INVALID} ${key}`);
  });

  test.each([null, 0, '', {}, new Date(0)])('rejects now %p', (clock) => {
    expect(refusal(() => create({ ...valid, now: clock }))).toBe(`${INVALID} now`);
  });
});

describe.each([OF_ACCOUNT[0]!, OF_ACCOUNT[2]!, OF_API_KEY[0]!, CONFIGURE])(
  'the ttl of %s',
  (name, create) => {
    test.each(BAD_TTL)('cannot be %p', (ttl) => {
      const valid = name === 'AccessTokenSigner' ? apiKey : account;
      expect(refusal(() => create({ ...valid, ttl }))).toBe('ConfigError ERR_TTL_INVALID ttl');
    });
  },
);

describe.each([
  ['CapabilityVerifier', (config: object) => new CapabilityVerifier({ ...account, ...config })],
  ['AccessTokenVerifier', (config: object) => new AccessTokenVerifier({ ...apiKey, ...config })],
] as const)('%s', (_, create) => {
  test.each([-1, 0.5, 301, NaN, Infinity, '5', null])('rejects clockTolerance %p', (clockTolerance) => {
    expect(refusal(() => create({ clockTolerance }))).toBe(`${INVALID} clockTolerance`);
  });

  test.each([0, 300])('accepts clockTolerance %d', (clockTolerance) => {
    expect(create({ clockTolerance }).clockTolerance).toBe(clockTolerance);
  });

  test('has no ttl', () => {
    expect(refusal(() => create({ ttl: 60 }))).toBe(`${INVALID} ttl`);
  });
});

describe('several auth tokens of a verifier', () => {
  const create = (list: unknown) => new CapabilityVerifier({ accountSid, authToken: list as string[] });

  test('are copied, and each one is tried', () => {
    const list = ['first', 'second'];
    const verifier = create(list);
    list.pop();
    for (const secret of ['first', 'second']) {
      const token = new CapabilitySigner({ accountSid, authToken: secret }).sign(new IncomingScope('alice'));
      expect(verifier.verify(token).clientNames).toEqual(['alice']);
    }
  });

  test.each([
    ...[
      [],
      ['first', undefined],
      Object.assign([], { 1: 'first' }),
      ['first', 'with space'],
      ['first', accountSid],
    ],
    ...[[['first']], new Set(['first'])],
  ])('cannot be %p', (list) => {
    expect(refusal(() => create(list))).toBe(`${INVALID} authToken`);
  });

  test('can be swapped with the account SID, each of them', () => {
    const swapped = { accountSid: 'first', authToken: ['second', 'AC1'] };
    expect(refusal(() => new CapabilityVerifier(swapped))).toBe(`${INVALID} accountSid`);
    expect(() => new CapabilityVerifier(swapped)).toThrow('are swapped');
  });

  test('are rejected by a signer', () => {
    expect(refusal(() => new CapabilitySigner({ accountSid, authToken: [authToken] as never }))).toBe(
      `${INVALID} authToken`,
    );
  });
});

describe('credentials come as one pair from one source', () => {
  beforeEach(() => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3', TWILIO_AUTH_TOKEN: 'third' });
  });

  test('the constructor, else configure, else the environment', () => {
    const fromEnvironment = new CapabilitySigner();
    expect(fromEnvironment.accountSid).toBe('AC3');
    expect(verifyWith(fromEnvironment, 'third')).toMatchObject({ clientNames: ['alice'] });
    configure({ accountSid: 'AC2', authToken: 'second', ttl: 2, now });
    for (const config of [undefined, {}, { ttl: 60 }]) {
      const signer = new CapabilitySigner(config);
      expect(signer.accountSid).toBe('AC2');
      expect(signer.issue(new IncomingScope('alice'))).toMatchObject({ ttl: config?.ttl ?? 2 });
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
      for (const [, create] of OF_ACCOUNT) expect(refusal(() => create(config))).toBe(`${MISSING} ${field}`);
    }
  });

  test.each([
    ['TWILIO_ACCOUNT_SID', 'accountSid'],
    ['TWILIO_AUTH_TOKEN', 'authToken'],
  ])('an empty %s counts as unset', (variable, field) => {
    process.env[variable] = '';
    const error = thrown(() => new CapabilitySigner()) as CapabilityError;
    expect(error).toMatchObject({ code: 'ERR_CONFIG_MISSING', field });
    expect(error.message).toContain('set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN');
    expect(error.message).toContain('configure()');
  });

  test('configure replaces earlier defaults, clears them with {}, and keeps them on errors', () => {
    configure({ accountSid: 'AC2', authToken: 'second', ttl: 2 });
    configure({ accountSid: 'AC2', authToken: 'other' });
    expect(verifyWith(new CapabilitySigner(), 'other')).toMatchObject({ clientNames: ['alice'] });
    expect(new CapabilitySigner().issue(new IncomingScope('alice')).ttl).toBe(3600);
    for (const bad of [{ ttl: 0 }, { accountSid: 'AC4' }, { token: 'x' }, undefined, null]) {
      refusal(() => {
        configure(bad as never);
      });
    }
    expect(verifyWith(new CapabilitySigner(), 'other')).toMatchObject({ clientNames: ['alice'] });
    configure({});
    expect(new CapabilitySigner().accountSid).toBe('AC3');
  });
});

describe.each(OF_API_KEY)('an API key in %s', (_, create) => {
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
    expect(shown(create())).toEqual(['AC3', apiKeySid]);
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

  test('takes the account SID from the constructor, else configure, else the environment', () => {
    Object.assign(process.env, { TWILIO_ACCOUNT_SID: 'AC3' }, SID, SECRET);
    expect(create()).toMatchObject({ accountSid: 'AC3' });
    configure({ accountSid: 'AC2', authToken: 'second' });
    expect(shown(create({ apiKeySid: 'SK4', apiKeySecret: 'fourth' }))).toEqual(['AC2', 'SK4']);
    expect(shown(create({ accountSid: 'AC1' }))).toEqual(['AC1', 'SK1']);
  });

  test.each([
    ['apiKeySid and apiKeySecret are swapped.', { apiKeySid: 'secret', apiKeySecret: 'SK1' }, 'apiKeySid'],
    [
      'apiKeySecret is the same as apiKeySid. Pass the secret that belongs to it.',
      { apiKeySid: 'SK1', apiKeySecret: 'SK1' },
      'apiKeySecret',
    ],
    [
      'apiKeySecret is the same as accountSid. Pass the secret that belongs to it.',
      { apiKeySecret: 'AC1', accountSid: 'AC1' },
      'apiKeySecret',
    ],
  ])('%s', (message, given, field) => {
    expect(thrown(() => create({ ...apiKey, ...given }))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field,
      message,
    });
  });

  test.each([
    ['accountSid', BAD_SID('AC', 'AP')],
    ['apiKeySid', BAD_SID('SK', 'AC')],
    ['apiKeySecret', [...BAD_SECRET, ['secret']]],
  ])('rejects a bad %s, and does not show it', (name, values) => {
    for (const value of values) {
      const error = thrown(() => create({ ...apiKey, [name]: value })) as CapabilityError;
      expect(`${error.name} ${error.code} ${error.field!}`).toBe(`${INVALID} ${name}`);
      if (String(value).trim().length > 6) expect(exposure(error)).not.toContain(String(value));
    }
  });
});

test('an API key needs an account', () => {
  const { apiKeySid, apiKeySecret } = apiKey;
  for (const [, create] of OF_API_KEY) {
    expect(refusal(() => create({ apiKeySid, apiKeySecret }))).toBe(`${MISSING} accountSid`);
  }
});

test.each([
  ['region', ['', 'AU1', 'au', 'au12', 'aus1', 'au1\n', 1, null, ['au1']]],
  ['pushCredentialSid', BAD_SID('CR', 'AC')],
  ['allowAnyName', ['true', null, 1]],
])('AccessTokenSigner rejects a bad %s', (name, values) => {
  for (const value of values) {
    expect(refusal(() => new AccessTokenSigner({ ...apiKey, [name]: value }))).toBe(`${INVALID} ${name}`);
  }
});

test('AccessTokenVerifier uses the clock of configure', () => {
  const token = new AccessTokenSigner({ ...apiKey, now }).sign(new IncomingScope('alice'));
  configure({ now: () => NaN });
  expect(refusal(() => new AccessTokenVerifier(apiKey).verify(token))).toBe(`${INVALID} now`);
});

test('AccessTokenVerifier has no region', () => {
  const given = { ...apiKey, region: 'au1' };
  expect(refusal(() => new AccessTokenVerifier(given as never))).toBe(`${INVALID} region`);
});

describe('the positional arguments of another library', () => {
  test.each([
    ['AccessTokenSigner', '{ accountSid, apiKeySid, apiKeySecret }'],
    ['AccessTokenVerifier', '{ accountSid, apiKeySid, apiKeySecret }'],
    ['CapabilitySigner', '{ accountSid, authToken }'],
  ])('%s asks for %s', (name, example) => {
    const [, create] = [...OF_ACCOUNT, ...OF_API_KEY].find(([each]) => each === name)!;
    expect(thrown(() => create('AC1'))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: `Config must be an object with own properties, such as ${example}.`,
    });
  });
});

describe('a list of auth tokens', () => {
  const verifierOf = (authToken: unknown) =>
    new CapabilityVerifier({ accountSid, authToken: authToken as string[] });

  test('can have 1 to 100 elements', () => {
    const tokens = Array.from({ length: 100 }, (_, index) => `token-${index}`);
    const signed = new CapabilitySigner({ accountSid, authToken: 'token-99' }).sign(
      new IncomingScope('alice'),
    );
    expect(verifierOf(tokens).verify(signed).clientNames).toEqual(['alice']);
    for (const list of [[], [...tokens, 'one-more'], Array(2 ** 20)]) {
      expect(thrown(() => verifierOf(list))).toMatchObject({
        code: 'ERR_CONFIG_INVALID',
        field: 'authToken',
        message: 'authToken must be a string, or an array of 1 to 100 strings.',
      });
    }
  });
});
