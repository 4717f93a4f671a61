import { describe, expect, jest, test } from '@jest/globals';
import {
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from '../../../src';
import {
  createAccessTokenFixtures,
  createFixtures,
  fixedClock,
  testApiKey,
  testCredentials,
  testNow,
  type Fixture,
} from '../../../src/testing';
import '../../../src/testing/jest';
import { forge } from '../../helpers/forge';

const APP = 'APdeadbeefdeadbeefdeadbeefdeadbeef';
const fixtures = createFixtures();
const accessTokens = createAccessTokenFixtures();
const now = fixedClock();
const broken = { now: () => Number.NaN };
const verifier = new CapabilityVerifier({ ...testCredentials, now });
const accessTokenVerifier = new AccessTokenVerifier({ ...testApiKey, now });
const signer = new CapabilitySigner({ ...testCredentials, now });
const sign = (...scopes: Scope[]): string => signer.sign(scopes);

/** Calls a matcher by its name. Returns the message if it fails, else undefined. */
function failure(token: unknown, name: string, ...args: unknown[]): string | undefined {
  const expectation = name.startsWith('not.') ? expect(token).not : expect(token);
  try {
    (expectation as unknown as Record<string, (...args: unknown[]) => void>)[name.replace('not.', '')]!(
      ...args,
    );
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const KINDS = [
  {
    name: 'toBeCapabilityToken',
    all: Object.values<Fixture>(fixtures),
    verifier,
    wrong: accessTokenVerifier,
    advice: 'needs a CapabilityVerifier. Use toBeAccessToken() for Access Tokens.',
    brokenVerifier: new CapabilityVerifier({ ...testCredentials, ...broken }),
  },
  {
    name: 'toBeAccessToken',
    all: Object.values<Fixture>(accessTokens),
    verifier: accessTokenVerifier,
    wrong: verifier,
    advice: 'needs an AccessTokenVerifier. Use toBeCapabilityToken() for capability tokens.',
    brokenVerifier: new AccessTokenVerifier({ ...testApiKey, ...broken }),
  },
];
// Without a verifier, neither the signature nor the account and the key are checked.
const UNCHECKED = ['tampered', 'wrongSecret', 'wrongKey', 'wrongAccount'];

describe.each(KINDS)('$name', ({ name, all, verifier, wrong, advice, brokenVerifier }) => {
  const [{ token: valid }] = all as [Fixture];
  const is = (token: unknown, ...args: unknown[]) => failure(token, name, ...args);
  const isNot = (token: unknown, ...args: unknown[]) => failure(token, `not.${name}`, ...args);

  test.each(all)('of the fixture $name', ({ name: fixture, token, outcome }) => {
    const isValid = outcome === 'valid';
    const withoutVerifier = fixture === 'signedWithAuthToken' ? 'ERR_TOKEN_ISSUER' : outcome;
    for (const [options, passes, code] of [
      [verifier, isValid, outcome],
      [{ now }, isValid || UNCHECKED.includes(fixture), withoutVerifier],
    ] as const) {
      const [passing, failing] = passes ? [is, isNot] : [isNot, is];
      expect(passing(token, options)).toBeUndefined();
      const message = failing(token, options);
      expect(message).toContain(passes ? ' allows' : `(${code})`);
      expect(message).not.toContain(token.slice(0, 30));
    }
  });

  test('does not count a broken verifier, clock or option as a rejected token', () => {
    for (const options of [brokenVerifier, broken]) expect(isNot(valid, options)).toMatch(/^now must return/);
    expect(isNot(valid, { nou: now })).toMatch(/^Unknown key "nou" in options. Did you mean "now"\?/);
    const verify = () => {
      throw new TypeError('broken');
    };
    expect(isNot(valid, Object.assign(Object.create(verifier) as object, { verify }))).toBe('broken');
  });

  test('with the verifier of the other kind fails for any token, negated too', () => {
    for (const token of [valid, fixtures.accessToken.token, fixtures.valid.token, 'not-a-token']) {
      for (const message of [is(token, wrong), isNot(token, wrong)]) expect(message).toContain(advice);
    }
  });

  test('uses Date.now by default, which fake timers replace', () => {
    expect(isNot(valid)).toBeUndefined();
    jest.useFakeTimers({ now: testNow });
    try {
      for (const args of [[], [{}], [{ now: undefined }]]) expect(is(valid, ...args)).toBeUndefined();
      jest.advanceTimersByTime(3_600_000);
      expect(is(valid)).toContain('(ERR_TOKEN_EXPIRED)');
    } finally {
      jest.useRealTimers();
    }
  });

  test('fails for a value that is not a string, negated too', () => {
    const promise = Promise.resolve(valid);
    for (const message of [is(promise, { now }), isNot(promise, { now })]) {
      expect(message).toContain('it is a promise. Await it.');
    }
  });
});

test('recognizes verifiers of another copy of the library', () => {
  jest.isolateModules(() => {
    const other = jest.requireActual<typeof import('../../../src')>('../../../src');
    expect(other.AccessTokenVerifier).not.toBe(AccessTokenVerifier);
    const same = new other.AccessTokenVerifier({ ...testApiKey, now });
    expect(accessTokens.valid.token).toBeAccessToken(same);
    expect(accessTokens.expired.token).not.toBeAccessToken(same);
    const wrong = new other.CapabilityVerifier({ ...testCredentials, now });
    expect(failure(accessTokens.valid.token, 'toBeAccessToken', wrong)).toMatch(
      /needs an AccessTokenVerifier/,
    );
  });
});

test('asymmetric matchers work in a response of an endpoint', () => {
  const body = { token: fixtures.valid.token, ttl: 3600 };
  expect(body).toEqual({ token: expect.toAllowIncoming('alice'), ttl: 3600 });
  expect(body).toEqual({ token: expect.not.toAllowIncoming('bob'), ttl: 3600 });
  expect(body).not.toEqual({ token: expect.toAllowIncoming('bob'), ttl: 3600 });
  expect({ token: 'x' }).not.toEqual({ token: expect.not.toAllowIncoming('bob') });
  expect({ token: accessTokens.valid.token }).toEqual({ token: expect.toBeAccessToken(accessTokenVerifier) });
  expect(body).not.toEqual({ token: expect.toBeAccessToken({ now }), ttl: 3600 });
});

describe('toAllowIncoming', () => {
  test('passes for each incoming name, and no other', () => {
    const token = sign(new IncomingScope('alice'), new IncomingScope('bob'));
    for (const name of ['alice', 'bob', expect.stringMatching(/^b/)]) expect(token).toAllowIncoming(name);
    for (const name of ['Alice', 'ali']) expect(token).not.toAllowIncoming(name);
    expect(fixtures.outgoingOnly.token).not.toAllowIncoming('alice');
  });

  const every = sign(
    new OutgoingScope('AP1', { params: { user_id: 42 } }),
    new IncomingScope('al \u202e ice', { allowAnyName: true }),
    new EventStreamScope({ a: 1 }),
    new EventStreamScope(),
  );
  test.each([
    [
      every,
      'The token allows:\n  outgoing calls through AP1 with {"user_id":"42"}\n' +
        '  incoming calls to "al \\u202e ice"\n  the event stream with {"a":"1"}\n  the event stream',
    ],
    [accessTokens.incomingOnly.token, 'The Access Token allows:\n  incoming calls to "alice"'],
    [fixtures.noScopes.token, 'The token allows nothing.'],
    [forge({ scope: 'scope:video:join?room=x' }), 'The token allows:\n  "video:join" with {"room":"x"}'],
  ])('shows what the token allows, case %#', (token, allowed) => {
    expect(failure(token, 'toAllowIncoming', 'bob')).toBe(
      `expect(token).toAllowIncoming("bob")\n\nExpected: a token that allows incoming calls to "bob"\n${allowed}`,
    );
  });

  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'it is undefined.'],
    ['null', null, 'it is null.'],
    ['a number', 42, 'it is of type number.'],
    ['an array', [], 'it is an array.'],
    ['an issued token', fixtures.valid, 'it is an object with a token. Use expect(value.token).'],
    ['another object', {}, 'it is of type object.'],
    ['a promise', Promise.resolve(fixtures.valid.token), 'it is a promise. Await it.'],
    ['a truncated token', fixtures.truncated.token, '(ERR_TOKEN_MALFORMED)'],
  ])('fails with and without .not for %s', (_, value, said) => {
    const messages = ['', 'not.'].map((not) => failure(value, `${not}toAllowIncoming`, 'alice'));
    expect(messages.map((message) => message?.endsWith(said))).toEqual([true, true]);
  });
});

describe('toAllowOutgoing', () => {
  interface Params {
    name: string;
    user_id: number;
    vip: boolean;
  }
  const params: Params = { name: 'Alice Smith', user_id: 42, vip: true };
  const token = sign(
    new OutgoingScope('AP1'),
    new OutgoingScope('AP2', { params: { user_id: 42, vip: true, name: 'Alice Smith' } }),
  );

  test('passes for each application', () => {
    for (const sid of ['AP1', 'AP2', expect.stringMatching(/^AP/)]) expect(token).toAllowOutgoing(sid);
    expect(token).not.toAllowOutgoing('AP3');
    expect(fixtures.incomingOnly.token).not.toAllowOutgoing(APP);
    expect(fixtures.accessToken.token).toAllowOutgoing(APP);
  });

  test('with params passes only for exactly these', () => {
    expect(token).toAllowOutgoing('AP2', params);
    expect(token).toAllowOutgoing('AP2', { user_id: '42', vip: 'true', name: expect.any(String) });
    expect(token).toAllowOutgoing('AP2', expect.objectContaining({ user_id: '42' }));
    expect(token).toAllowOutgoing('AP1', {});
    for (const other of [{}, { user_id: 42 }, { ...params, user_id: 43 }, { ...params, more: 1 }]) {
      expect(token).not.toAllowOutgoing('AP2', other);
    }
    expect(token).not.toAllowOutgoing('AP1', params);
  });

  test('shows the expected application and what the token allows', () => {
    const given = { user_id: 43, name: expect.any(String) };
    expect(failure(token, 'toAllowOutgoing', 'AP2', given)).toBe(
      'expect(token).toAllowOutgoing("AP2", {"user_id":43,"name":"Any<String>"})\n\n' +
        'Expected: a token that allows outgoing calls through "AP2" with {"user_id":"43","name":"Any<String>"}\n' +
        'The token allows:\n  outgoing calls through AP1\n' +
        '  outgoing calls through AP2 with {"user_id":"42","vip":"true","name":"Alice Smith"}',
    );
    const mine = { asymmetricMatch: () => false };
    expect(failure(token, 'toAllowOutgoing', mine)).toMatch(
      /^expect\(token\)\.toAllowOutgoing\("an asymmetric matcher"\)$/m,
    );
  });
});

describe('toExpireIn', () => {
  test('with now is exact to the second', () => {
    const clock = fixedClock('2026-01-01T00:00:00.900Z');
    const { token } = createFixtures({ now: clock, ttl: 600 }).valid;
    expect(token).toExpireIn(600, { now: clock });
    for (const other of [599, 601]) expect(token).not.toExpireIn(other, { now: clock });
    clock.advance(700);
    expect(token).toExpireIn(-100, { now: clock });
  });

  test('with fake timers allows one elapsed second', () => {
    jest.useFakeTimers({ now: testNow });
    try {
      const token = new CapabilitySigner(testCredentials).sign(new IncomingScope('alice'), { ttl: 600 });
      expect(token).toExpireIn(600);
      expect(token).not.toExpireIn(599);
      jest.advanceTimersByTime(1000);
      for (const seconds of [600, 599]) expect(token).toExpireIn(seconds);
      jest.advanceTimersByTime(1000);
      expect(token).not.toExpireIn(600);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    [
      fixtures.valid,
      'The token expires in 3600 s: at 2026-01-01T01:00:00.000Z, and it is 2026-01-01T00:00:00.000Z.',
    ],
    [fixtures.missingExpiry, 'The token has no valid exp.'],
  ])('shows when the token expires: $name', ({ token }, said) => {
    expect(failure(token, 'toExpireIn', 600, { now })).toBe(
      `expect(token).toExpireIn(600)\n\nExpected: a token that expires in 600 s\n${said}`,
    );
  });

  test('rejects unknown options', () => {
    expect(failure(fixtures.valid.token, 'toExpireIn', 600, { nou: now })).toMatch(/^Unknown key "nou"/);
  });
});

test.each<[name: string, args: unknown[], said: string]>([
  ['toAllowIncoming', [undefined], 'client name must be a string.'],
  ['toAllowOutgoing', [undefined], 'application SID must be a string.'],
  ...[null, 'user_id=42', new Map(), [42], { params: { user_id: 42 } }].map(
    (params): [string, unknown[], string] => ['toAllowOutgoing', [APP, params], 'params must be '],
  ),
  ['toExpireIn', ['600'], 'seconds must be a number.'],
])('%s%j fails with and without .not', (name, args, said) => {
  for (const not of ['', 'not.']) {
    expect(failure(fixtures.valid.token, not + name, ...args)).toContain(`\nThe ${said}`);
  }
});
