import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configure } from '../src';
import { configReader, preferred } from '../src/config';
import { settingsChecker } from '../src/settings';
import { accountSid, authToken, now, refusal, thrown } from './helpers/fixed';

const readOne = configReader(['accountSid', 'authToken'], ['ttl', 'now']);
const readMany = configReader(['accountSid', 'authToken'], ['clockTolerance', 'now'], 'list');
const readKey = configReader(['accountSid', 'apiKeySid', 'apiKeySecret'], ['region', 'pushCredentialSid']);

const VARIABLES = /^TWILIO_/;
const environment = { ...process.env };
function setEnvironment(variables: Record<string, string>): void {
  for (const name of Object.keys(process.env))
    if (VARIABLES.test(name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, variables);
}

beforeEach(() => {
  setEnvironment({});
});
afterEach(() => {
  configure({});
  setEnvironment(
    Object.fromEntries(Object.entries(environment).filter(([name]) => VARIABLES.test(name))) as Record<
      string,
      string
    >,
  );
});

describe('defaults', () => {
  test('one hour, no tolerance, and the clock of the machine', () => {
    expect(readOne({ accountSid, authToken })).toEqual({ accountSid, authToken });
    expect(readMany({ accountSid, authToken })).toEqual({ accountSid, authToken: [authToken] });
    expect(preferred).toMatchObject({ ttl: 3600, clockTolerance: 0 });
    expect(Math.abs(preferred.now() - Date.now())).toBeLessThan(60_000);
  });

  test('region and push credential have none', () => {
    expect(readKey({ accountSid, apiKeySid: 'SK1', apiKeySecret: 's' })).toEqual({
      accountSid,
      apiKeySid: 'SK1',
      apiKeySecret: 's',
    });
  });
});

describe('sources', () => {
  test('the constructor, then configure, then the environment', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC3', TWILIO_AUTH_TOKEN: 'third' });
    expect(readOne(undefined)).toEqual({ accountSid: 'AC3', authToken: 'third' });
    configure({ accountSid: 'AC2', authToken: 'second', ttl: 2, now });
    expect(readOne({})).toEqual({ accountSid: 'AC2', authToken: 'second' });
    expect(preferred).toEqual({ ttl: 2, clockTolerance: 0, now });
    const all = { accountSid: 'AC1', authToken: 'first', ttl: 1, now: () => 1 };
    expect(readOne(all)).toEqual(all);
  });

  test('configure replaces what was configured, and {} clears it', () => {
    configure({ accountSid: 'AC1', authToken: 'first', ttl: 1 });
    configure({ accountSid: 'AC1', authToken: 'other' });
    expect(readOne({})).toMatchObject({ authToken: 'other' });
    expect(preferred.ttl).toBe(3600);
    configure({});
    expect(refusal(() => readOne({}))).toBe('ConfigError ERR_CONFIG_MISSING accountSid');
  });

  test('configure that is refused leaves what was configured', () => {
    configure({ accountSid: 'AC1', authToken: 'first' });
    for (const bad of [{ ttl: 0 }, { authToken: '' }, { token: 'x' }, undefined, null]) {
      refusal(() => {
        configure(bad as never);
      });
    }
    expect(readOne({})).toMatchObject({ accountSid: 'AC1', authToken: 'first' });
  });

  test('an empty variable counts as not set', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: '' });
    expect(refusal(() => readOne({}))).toBe('ConfigError ERR_CONFIG_MISSING authToken');
  });

  test('an API key goes by two names each, the newer first', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC1', TWILIO_API_KEY: 'SK1', TWILIO_API_SECRET: 'first' });
    expect(readKey({})).toEqual({ accountSid: 'AC1', apiKeySid: 'SK1', apiKeySecret: 'first' });
    setEnvironment({
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_API_KEY: 'SK1',
      TWILIO_API_KEY_SID: 'SK2',
      TWILIO_API_SECRET: 'first',
      TWILIO_API_KEY_SECRET: 'second',
    });
    expect(readKey({})).toEqual({ accountSid: 'AC1', apiKeySid: 'SK2', apiKeySecret: 'second' });
  });

  test.each([
    [
      'accountSid',
      { authToken },
      'accountSid is missing: pass it, or set TWILIO_ACCOUNT_SID in the environment, or call configure() once.',
    ],
    [
      'authToken',
      { accountSid },
      'authToken is missing: pass it, or set TWILIO_AUTH_TOKEN in the environment, or call configure() once. One that is set beside another accountSid is not used.',
    ],
  ])('%s is asked for by name', (field, given, message) => {
    expect(refusal(() => readOne(given))).toBe(`ConfigError ERR_CONFIG_MISSING ${field}`);
    expect(thrown(() => readOne(given))).toHaveProperty('message', message);
  });

  test('an API key cannot be configured, and its secret belongs to account and key', () => {
    expect(thrown(() => readKey({ accountSid, apiKeySid: 'SK1' }))).toMatchObject({
      code: 'ERR_CONFIG_MISSING',
      field: 'apiKeySecret',
      message:
        'apiKeySecret is missing: pass it, or set TWILIO_API_KEY_SECRET in the environment. ' +
        'One that is set beside another accountSid and apiKeySid is not used.',
    });
  });
});

describe('credentials are a pair', () => {
  const MISSING = 'ConfigError ERR_CONFIG_MISSING authToken';

  test('an auth token of the environment is not used for another account', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC3', TWILIO_AUTH_TOKEN: 'third' });
    expect(refusal(() => readOne({ accountSid: 'AC1' }))).toBe(MISSING);
    expect(readOne({ accountSid: 'AC3' })).toMatchObject({ authToken: 'third' });
    configure({ accountSid: 'AC2' });
    expect(refusal(() => readOne({}))).toBe(MISSING);
  });

  test('nor one of configure; but one farther away, of the right account, is', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'third' });
    configure({ accountSid: 'AC2', authToken: 'second' });
    expect(readOne({ accountSid: 'AC1' })).toMatchObject({ accountSid: 'AC1', authToken: 'third' });
    expect(refusal(() => readOne({ accountSid: 'AC4' }))).toBe(MISSING);
  });

  test('an auth token that stands without an account is anybody’s', () => {
    setEnvironment({ TWILIO_AUTH_TOKEN: 'third' });
    expect(readOne({ accountSid: 'AC1' })).toMatchObject({ authToken: 'third' });
    configure({ authToken: 'second' });
    expect(readOne({ accountSid: 'AC1' })).toMatchObject({ authToken: 'second' });
  });

  test('an explicit auth token is used for whatever account is found', () => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC3', TWILIO_AUTH_TOKEN: 'third' });
    expect(readOne({ authToken: 'first' })).toMatchObject({ accountSid: 'AC3', authToken: 'first' });
  });

  test.each([
    [{ accountSid: 'AC2' }, 'apiKeySid'],
    [{ accountSid: 'AC2', apiKeySid: 'SK2' }, 'apiKeySecret'],
    [{ apiKeySid: 'SK2' }, 'apiKeySecret'],
  ])('the environment’s API key is not used for %j', (given, field) => {
    setEnvironment({ TWILIO_ACCOUNT_SID: 'AC1', TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'secret' });
    expect(refusal(() => readKey(given))).toBe(`ConfigError ERR_CONFIG_MISSING ${field}`);
    expect(readKey({ accountSid: 'AC1' })).toMatchObject({ apiKeySid: 'SK1', apiKeySecret: 'secret' });
  });
});

describe('auth tokens of a verifier', () => {
  test('can be one, or several; the list is copied', () => {
    const list = ['first', 'second'];
    const read = readMany({ accountSid, authToken: list });
    list.pop();
    expect(read.authToken).toEqual(['first', 'second']);
  });

  const unreadable = Object.defineProperty(['first'], 0, {
    get() {
      throw new Error('the caller’s own');
    },
  });
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  revoke();

  test.each<[string, unknown]>([
    ['an empty list', []],
    ['a list with nothing in it', ['first', undefined]],
    ['a list with a hole', Object.assign([], { 1: 'first' })],
    ['a list with a bad one', ['first', 'with space']],
    ['a list with the account SID', ['first', accountSid]],
    ['a nested list', [['first']]],
    ['a Set', new Set(['first'])],
    ['a list that cannot be read', unreadable],
    ['a Proxy', new Proxy(['first'], {})],
    ['a revoked Proxy', revoked],
  ])('cannot be %s', (_, bad) => {
    expect(refusal(() => readMany({ accountSid, authToken: bad }))).toBe(
      'ConfigError ERR_CONFIG_INVALID authToken',
    );
  });

  test('belong to capability tokens, as API key secrets do to Access Tokens: the message says so', () => {
    expect(thrown(() => readOne({ accountSid, apiKeySecret: authToken }))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'apiKeySecret',
      message: expect.stringContaining('pass authToken') as unknown,
    });
    expect(thrown(() => readKey({ accountSid, authToken }))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'authToken',
      message: expect.stringContaining('pass apiKeySid and apiKeySecret') as unknown,
    });
  });

  test('a signer takes one only', () => {
    for (const list of [[authToken], revoked]) {
      expect(refusal(() => readOne({ accountSid, authToken: list }))).toBe(
        'ConfigError ERR_CONFIG_INVALID authToken',
      );
    }
  });
});

describe('settingsChecker', () => {
  const check = settingsChecker([
    'accountSid',
    'authToken',
    'apiKeySid',
    'apiKeySecret',
    'region',
    'pushCredentialSid',
    'clockTolerance',
    'now',
  ]);

  test('takes what is absent', () => {
    expect(check({})).toEqual({});
  });

  test.each([
    ['region', 'au1'],
    ['pushCredentialSid', 'CR1'],
    ['apiKeySid', 'SKabc'],
    ['apiKeySecret', 'a'],
    ['authToken', 'AC123'],
    ['clockTolerance', 0],
    ['clockTolerance', 300],
    ['now', now],
  ])('takes the %s %p', (name, value) => {
    expect(check({ [name]: value })).toEqual({ [name]: value });
  });

  test.each([
    ['region', ['', 'AU1', 'au', 'au12', 'aus1', 'au1\n', 1, null]],
    ['pushCredentialSid', ['', 'CR', 'AC1', null]],
    ['apiKeySid', ['', 'SK', 'AC1', `SK${'1'.repeat(33)}`, null]],
    ['clockTolerance', [-1, 301, 0.5, NaN, Infinity, '5', null]],
    ['now', [0, '', null, {}, new Date()]],
  ])('refuses a bad %s', (name, values) => {
    for (const value of values) {
      expect(refusal(() => check({ [name]: value }))).toBe(`ConfigError ERR_CONFIG_INVALID ${name}`);
    }
  });

  test.each([
    ['accountSid and authToken are swapped.', 'accountSid', { accountSid: authToken, authToken: accountSid }],
    ['accountSid and authToken are swapped.', 'accountSid', { accountSid: 'secret', authToken: 'AC123123' }],
    ['apiKeySid and apiKeySecret are swapped.', 'apiKeySid', { apiKeySid: 'secret', apiKeySecret: 'SK1' }],
    ['authToken is the same as accountSid.', 'authToken', { accountSid: 'AC1', authToken: 'AC1' }],
    ['apiKeySecret is the same as apiKeySid.', 'apiKeySecret', { apiKeySid: 'SK1', apiKeySecret: 'SK1' }],
    [
      'apiKeySecret is the same as accountSid.',
      'apiKeySecret',
      { accountSid: 'AC1', apiKeySid: 'SK1', apiKeySecret: 'AC1' },
    ],
    [
      'An auth token is not a SID: it is the secret that goes with one.',
      'authToken',
      { accountSid: 'AC1', authToken: accountSid },
    ],
    [
      'An auth token is not a SID: it is the secret that goes with one.',
      'authToken',
      { accountSid: 'AC1', authToken: `SK${'0'.repeat(32)}` },
    ],
    [
      'An auth token is a short word, not a PEM key.',
      'authToken',
      { accountSid: 'AC1', authToken: '-----BEGIN PRIVATE KEY-----' },
    ],
    [
      'An auth token is a non-empty, well-formed string without white space or control characters.',
      'authToken',
      { authToken: 'two words' },
    ],
    [
      'An API key secret is a non-empty, well-formed string without white space or control characters.',
      'apiKeySecret',
      { apiKeySecret: 5 },
    ],
    ['An account SID is "AC" followed by 1 to 32 letters or digits.', 'accountSid', { accountSid: 'AP1' }],
    ['An API key SID is "SK" followed by 1 to 32 letters or digits.', 'apiKeySid', { apiKeySid: 'AC1' }],
    [
      'A push credential SID is "CR" followed by 1 to 32 letters or digits.',
      'pushCredentialSid',
      { pushCredentialSid: 'SK1' },
    ],
    ['A region is two lower-case letters and a digit, such as "au1".', 'region', { region: ['au1'] }],
    ['clockTolerance is a whole number of seconds from 0 to 300.', 'clockTolerance', { clockTolerance: 301 }],
    ['now is a function that returns milliseconds since the epoch.', 'now', { now: new Date() }],
  ])('says: %s', (message, field, values) => {
    const error = thrown(() => check(values));
    expect(error).toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG_INVALID', field, message });
    expect(inspect(error, { showHidden: true })).not.toContain(authToken);
  });

  test('says that a list has at least one auth token', () => {
    const checkList = settingsChecker(['authToken'], 'list');
    expect(thrown(() => checkList({ authToken: [] }))).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      field: 'authToken',
      message: 'authToken is a string, or a list of at least one.',
    });
  });

  test('a short SID form is no slip where the SID itself is one', () => {
    const values = { accountSid: 'AC1', authToken: 'AC123123', apiKeySid: 'SK1', apiKeySecret: 'SK2' };
    expect(check(values)).toEqual(values);
  });
});
