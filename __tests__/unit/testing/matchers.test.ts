import { describe, expect, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
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
} from '../../../src/testing';
import { matchers } from '../../../src/testing/jest';
import { matchers as vitestMatchers } from '../../../src/testing/vitest';
import { refusal } from '../../helpers/fixed';
import { forge } from '../../helpers/forge';

const APP = 'APdeadbeefdeadbeefdeadbeefdeadbeef';
const fixtures = createFixtures();
const accessTokens = createAccessTokenFixtures();
const now = fixedClock();
const verifier = new CapabilityVerifier({ ...testCredentials, now });
const accessTokenVerifier = new AccessTokenVerifier({ ...testApiKey, now });
const sign = (...scopes: Scope[]): string => new CapabilitySigner({ ...testCredentials, now }).sign(scopes);

/** Returns the message of a failed expectation, or undefined if it passes. */
function failure(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('toBeCapabilityToken', () => {
  // Without a verifier, neither the signature nor the account is checked.
  const passing = ['valid', 'incomingOnly', 'outgoingOnly', 'withParams', 'eventStream', 'noScopes'];
  passing.push('tampered', 'wrongSecret', 'wrongAccount');
  test.each(Object.values(fixtures))('of the fixture $name', ({ name, token }) => {
    const is = passing.includes(name);
    if (is) expect(token).toBeCapabilityToken({ now });
    else expect(token).not.toBeCapabilityToken({ now });
    const message = failure(() => (is ? expect(token).not : expect(token)).toBeCapabilityToken({ now }))!;
    expect(message).toContain('toBeCapabilityToken()');
    expect(message).not.toContain(token.slice(0, 30));
  });

  test('with a verifier passes only for tokens that it accepts', () => {
    for (const { token, outcome } of Object.values(fixtures)) {
      if (outcome === 'valid') expect(token).toBeCapabilityToken(verifier);
      else expect(token).not.toBeCapabilityToken(verifier);
    }
  });

  test('does not count a broken verifier as a rejected token', () => {
    const broken = new CapabilityVerifier({ ...testCredentials, now: () => Number.NaN });
    for (const options of [broken, { now: () => Number.NaN }]) {
      expect(failure(() => expect(fixtures.valid.token).not.toBeCapabilityToken(options))).toMatch(
        /^now must return/,
      );
    }
  });

  test('with the verifier of Access Tokens fails for any token, negated too', () => {
    const other = accessTokenVerifier as never;
    for (const { token } of [fixtures.valid, fixtures.accessToken, fixtures.notAJwt]) {
      expect(failure(() => expect(token).toBeCapabilityToken(other))).toBe(
        'expect(token).toBeCapabilityToken()\n\nExpected: a capability token that the verifier accepts\n' +
          'toBeCapabilityToken() needs a CapabilityVerifier. Use toBeAccessToken() for Access Tokens.',
      );
      expect(failure(() => expect(token).not.toBeCapabilityToken(other))).toMatch(
        /needs a CapabilityVerifier/,
      );
    }
  });

  test('uses Date.now by default, which fake timers replace', () => {
    expect(fixtures.valid.token).not.toBeCapabilityToken();
    jest.useFakeTimers({ now: testNow });
    try {
      expect(fixtures.valid.token).toBeCapabilityToken();
      expect(fixtures.valid.token).toBeCapabilityToken({});
      expect(fixtures.valid.token).toBeCapabilityToken({ now: undefined });
      jest.advanceTimersByTime(3_600_000);
      expect(fixtures.valid.token).not.toBeCapabilityToken();
    } finally {
      jest.useRealTimers();
    }
  });

  const { accessToken, expired, missingExpiry } = fixtures;
  const noIssuer = forge({ scope: '', exp: testNow / 1000 + 1 });
  const noExpiry = 'Token must have an exp in Unix seconds. (ERR_TOKEN_CLAIMS)';
  const noAccount = 'Token iss is not an account SID. (ERR_TOKEN_ISSUER)';
  const otherKind = 'This is an Access Token. Use AccessTokenVerifier. (ERR_TOKEN_HEADER)';
  test.each<[string, string, typeof verifier | { now: () => number }, string]>([
    ['an Access Token', accessToken.token, { now }, otherKind],
    ['an expired token', expired.token, { now }, 'Token has expired. (ERR_TOKEN_EXPIRED)'],
    ['an expired token', expired.token, verifier, 'Token has expired. (ERR_TOKEN_EXPIRED)'],
    ['a token without exp', missingExpiry.token, { now }, noExpiry],
    ['a token without iss', noIssuer, { now }, noAccount],
  ])('explains the failure of %s', (_, token, options, said) => {
    const expected = options === verifier ? 'that the verifier accepts' : 'that is valid now';
    expect(failure(() => expect(token).toBeCapabilityToken(options))).toBe(
      `expect(token).toBeCapabilityToken()\n\nExpected: a capability token ${expected}\n${said}`,
    );
  });

  test('fails for values that are not strings, negated too', () => {
    for (const value of [undefined, Promise.resolve(fixtures.valid.token), { token: fixtures.valid.token }]) {
      expect(failure(() => expect(value).toBeCapabilityToken({ now }))).toContain('The value is not a token');
      expect(failure(() => expect(value).not.toBeCapabilityToken({ now }))).toContain('is not a token');
    }
  });

  test('shows what the token allows if negated', () => {
    expect(failure(() => expect(fixtures.valid.token).not.toBeCapabilityToken({ now }))).toBe(
      'expect(token).not.toBeCapabilityToken()\n\nExpected: not a capability token that is valid now\n' +
        `The token allows:\n  incoming calls to "alice"\n  outgoing calls through ${APP} from "alice"`,
    );
  });

  test("does not catch a broken verifier's error", () => {
    const broken = {
      verify(): never {
        throw new TypeError('broken');
      },
    };
    expect(() => expect(fixtures.valid.token).toBeCapabilityToken(broken as never)).toThrow(
      new TypeError('broken'),
    );
  });
});

describe('toBeAccessToken', () => {
  // Without a verifier, neither the signature nor the account and the key are checked.
  const passing = ['valid', 'incomingOnly', 'outgoingOnly', 'withParams', 'withPushCredential', 'withRegion'];
  passing.push('withOtherGrants', 'tampered', 'wrongSecret', 'wrongKey', 'wrongAccount');
  test.each(Object.values(accessTokens))('of the fixture $name', ({ name, token }) => {
    const is = passing.includes(name);
    if (is) expect(token).toBeAccessToken({ now });
    else expect(token).not.toBeAccessToken({ now });
    const message = failure(() => (is ? expect(token).not : expect(token)).toBeAccessToken({ now }))!;
    expect(message).toContain('toBeAccessToken()');
    expect(message).not.toContain(token.slice(0, 30));
  });

  test('with a verifier passes only for tokens that it accepts', () => {
    for (const { token, outcome } of Object.values(accessTokens)) {
      if (outcome === 'valid') expect(token).toBeAccessToken(accessTokenVerifier);
      else expect(token).not.toBeAccessToken(accessTokenVerifier);
    }
  });

  test('with the verifier of capability tokens fails for any token, negated too', () => {
    const other = verifier as never;
    for (const { token } of [accessTokens.valid, accessTokens.capabilityToken, accessTokens.notAJwt]) {
      expect(failure(() => expect(token).toBeAccessToken(other))).toBe(
        'expect(token).toBeAccessToken()\n\nExpected: an Access Token that the verifier accepts\n' +
          'toBeAccessToken() needs an AccessTokenVerifier. Use toBeCapabilityToken() for capability tokens.',
      );
      expect(failure(() => expect(token).not.toBeAccessToken(other))).toMatch(/needs an AccessTokenVerifier/);
    }
  });

  test('recognizes verifiers of another copy of the library', () => {
    jest.isolateModules(() => {
      const other = jest.requireActual<typeof import('../../../src')>('../../../src');
      expect(other.AccessTokenVerifier).not.toBe(AccessTokenVerifier);
      expect(accessTokens.valid.token).toBeAccessToken(new other.AccessTokenVerifier({ ...testApiKey, now }));
      expect(accessTokens.expired.token).not.toBeAccessToken(
        new other.AccessTokenVerifier({ ...testApiKey, now }),
      );
      const wrong = new other.CapabilityVerifier({ ...testCredentials, now }) as never;
      expect(failure(() => expect(accessTokens.valid.token).toBeAccessToken(wrong))).toMatch(/needs an/);
    });
  });

  test('uses Date.now by default, which fake timers replace', () => {
    expect(accessTokens.valid.token).not.toBeAccessToken();
    jest.useFakeTimers({ now: testNow });
    try {
      expect(accessTokens.valid.token).toBeAccessToken();
      jest.advanceTimersByTime(3_600_000);
      expect(accessTokens.valid.token).not.toBeAccessToken();
    } finally {
      jest.useRealTimers();
    }
  });

  const { capabilityToken, expired, missingIdentity, wrongKey } = accessTokens;
  const otherKey =
    'Signature does not match. The token was changed, or signed with the secret of another account or key. ' +
    '(ERR_TOKEN_SIGNATURE)';
  test.each([
    [
      'a capability token',
      capabilityToken.token,
      { now },
      'Token header has no cty, so it is not an Access Token. Use CapabilityVerifier for capability tokens. ' +
        '(ERR_TOKEN_HEADER)',
    ],
    ['an expired token', expired.token, { now }, 'Token has expired. (ERR_TOKEN_EXPIRED)'],
    [
      'a token without identity',
      missingIdentity.token,
      { now },
      'Token grants.identity is missing. (ERR_TOKEN_CLAIMS)',
    ],
    ['a token of another key', wrongKey.token, accessTokenVerifier, otherKey],
  ])('explains the failure of %s', (_, token, options, said) => {
    const expected = options === accessTokenVerifier ? 'that the verifier accepts' : 'that is valid now';
    expect(failure(() => expect(token).toBeAccessToken(options))).toBe(
      `expect(token).toBeAccessToken()\n\nExpected: an Access Token ${expected}\n${said}`,
    );
  });

  test('fails for values that are not strings, negated too', () => {
    const value = Promise.resolve(accessTokens.valid.token);
    expect(failure(() => expect(value).toBeAccessToken({ now }))).toContain('it is a promise. Await it.');
    expect(failure(() => expect(value).not.toBeAccessToken({ now }))).toContain('it is a promise. Await it.');
  });

  test('shows what the token allows if negated', () => {
    for (const options of [{ now }, accessTokenVerifier]) {
      expect(failure(() => expect(accessTokens.valid.token).not.toBeAccessToken(options))).toMatch(
        /\nThe Access Token allows:\n {2}incoming calls to "alice"\n {2}outgoing calls through AP\w+ from "alice"$/,
      );
    }
  });

  test('works as an asymmetric matcher in a response of an endpoint', () => {
    expect({ token: accessTokens.valid.token, ttl: 3600 }).toEqual({
      token: expect.toBeAccessToken(accessTokenVerifier),
      ttl: 3600,
    });
    expect({ token: fixtures.valid.token }).not.toEqual({ token: expect.toBeAccessToken({ now }) });
  });
});

describe('toAllowIncoming', () => {
  test('passes for each incoming name, and no other', () => {
    const token = sign(new IncomingScope('alice'), new IncomingScope('bob'));
    expect(token).toAllowIncoming('alice');
    expect(token).toAllowIncoming('bob');
    expect(token).toAllowIncoming(expect.stringMatching(/^b/));
    expect(token).not.toAllowIncoming('Alice');
    expect(token).not.toAllowIncoming('ali');
    expect(fixtures.outgoingOnly.token).not.toAllowIncoming('alice');
  });

  test('accepts Access Tokens', () => {
    const token = new AccessTokenSigner({ ...testApiKey, now }).sign(new IncomingScope('alice'));
    expect(token).toAllowIncoming('alice');
    expect(failure(() => expect(token).toAllowIncoming('bob'))).toBe(
      'expect(token).toAllowIncoming("bob")\n\nExpected: a token that allows incoming calls to "bob"\n' +
        'The Access Token allows:\n  incoming calls to "alice"',
    );
  });

  test('shows what the token allows', () => {
    const token = sign(
      new OutgoingScope('AP1', { params: { user_id: 42 } }),
      new IncomingScope('al \u202e ice', { allowAnyName: true }),
      new EventStreamScope({ a: 1 }),
      new EventStreamScope(),
    );
    expect(failure(() => expect(token).toAllowIncoming('bob'))).toBe(
      'expect(token).toAllowIncoming("bob")\n\nExpected: a token that allows incoming calls to "bob"\n' +
        'The token allows:\n  outgoing calls through AP1 with {"user_id":"42"}\n' +
        '  incoming calls to "al \\u202e ice"\n  the event stream with {"a":"1"}\n  the event stream',
    );
    expect(failure(() => expect(fixtures.noScopes.token).toAllowIncoming('bob'))).toMatch(
      /^The token allows nothing\.$/m,
    );
    const other = forge({ scope: 'scope:video:join?room=x' });
    expect(failure(() => expect(other).toAllowIncoming('bob'))).toMatch(
      /^ {2}"video:join" with \{"room":"x"\}$/m,
    );
  });

  const promise = Promise.resolve(fixtures.valid.token);
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'it is undefined.'],
    ['null', null, 'it is null.'],
    ['a number', 42, 'it is of type number.'],
    ['an array', [], 'it is an array.'],
    ['an issued token', fixtures.valid, 'it is an object with a token. Use expect(value.token).'],
    ['another object', {}, 'it is of type object.'],
    ['a promise', promise, 'it is a promise. Await it.'],
    ['a truncated token', fixtures.truncated.token, '(ERR_TOKEN_MALFORMED)'],
  ])('fails with and without .not for %s', (_, value, said) => {
    const expected = 'a token that allows incoming calls to "alice"';
    const ofAlice = failure(() => expect(value).toAllowIncoming('alice'))!;
    expect(ofAlice).toContain(`expect(token).toAllowIncoming("alice")\n\nExpected: ${expected}\n`);
    expect(ofAlice.endsWith(said)).toBe(true);
    const negated = failure(() => expect(value).not.toAllowIncoming('alice'))!;
    expect(negated).toContain(`expect(token).not.toAllowIncoming("alice")\n\nExpected: not ${expected}\n`);
    expect(negated.endsWith(said)).toBe(true);
  });

  test('works as an asymmetric matcher in a response of an endpoint', () => {
    const body = { token: fixtures.valid.token, ttl: 3600 };
    expect(body).toEqual({ token: expect.toAllowIncoming('alice'), ttl: 3600 });
    expect(body).toEqual({ token: expect.not.toAllowIncoming('bob'), ttl: 3600 });
    expect(body).not.toEqual({ token: expect.toAllowIncoming('bob'), ttl: 3600 });
    expect({ token: 'x' }).not.toEqual({ token: expect.not.toAllowIncoming('bob') });
  });
});

describe('toAllowOutgoing', () => {
  const token = sign(
    new OutgoingScope('AP1'),
    new OutgoingScope('AP2', { params: { user_id: 42, vip: true, name: 'Alice Smith' } }),
  );

  test('passes for each application', () => {
    expect(token).toAllowOutgoing('AP1');
    expect(token).toAllowOutgoing('AP2');
    expect(token).toAllowOutgoing(expect.stringMatching(/^AP/));
    expect(token).not.toAllowOutgoing('AP3');
    expect(fixtures.incomingOnly.token).not.toAllowOutgoing(APP);
    expect(fixtures.accessToken.token).toAllowOutgoing(APP);
  });

  test('with params passes only for exactly these', () => {
    interface Params {
      name: string;
      user_id: number;
      vip: boolean;
    }
    const params: Params = { name: 'Alice Smith', user_id: 42, vip: true };
    expect(token).toAllowOutgoing('AP2', params);
    expect(token).toAllowOutgoing('AP2', { user_id: '42', vip: 'true', name: expect.any(String) });
    expect(token).toAllowOutgoing('AP2', expect.objectContaining({ user_id: '42' }));
    expect(token).toAllowOutgoing('AP1', {});
    expect(token).not.toAllowOutgoing('AP2', {});
    expect(token).not.toAllowOutgoing('AP2', { user_id: 42 });
    expect(token).not.toAllowOutgoing('AP1', { user_id: 42, vip: true, name: 'Alice Smith' });
    expect(token).not.toAllowOutgoing('AP2', { ...params, user_id: 43 });
    expect(token).not.toAllowOutgoing('AP2', { ...params, more: 1 });
  });

  test.each([null, 'user_id=42', new Map(), [42], { params: { user_id: 42 } }])(
    'with the params %p fails, and so does its .not',
    (params) => {
      const message = failure(() => expect(token).toAllowOutgoing('AP2', params as never));
      expect(message).toContain('The params must be a plain object of strings, numbers and booleans.');
      expect(failure(() => expect(token).not.toAllowOutgoing('AP2', params as never))).toBeDefined();
    },
  );

  test('shows the expected application and what the token allows', () => {
    expect(
      failure(() => expect(token).toAllowOutgoing('AP2', { user_id: 43, name: expect.any(String) })),
    ).toBe(
      'expect(token).toAllowOutgoing("AP2", {"user_id":43,"name":"Any<String>"})\n\n' +
        'Expected: a token that allows outgoing calls through "AP2" with {"user_id":"43","name":"Any<String>"}\n' +
        'The token allows:\n  outgoing calls through AP1\n' +
        '  outgoing calls through AP2 with {"user_id":"42","vip":"true","name":"Alice Smith"}',
    );
    const mine = { asymmetricMatch: () => false };
    expect(failure(() => expect(token).toAllowOutgoing(mine))).toMatch(
      /^expect\(token\)\.toAllowOutgoing\("an asymmetric matcher"\)$/m,
    );
  });
});

describe('toExpireIn', () => {
  test('with now is exact to the second', () => {
    const clock = fixedClock('2026-01-01T00:00:00.900Z');
    const { token } = createFixtures({ now: clock, ttl: 600 }).valid;
    expect(token).toExpireIn(600, { now: clock });
    expect(token).not.toExpireIn(601, { now: clock });
    expect(token).not.toExpireIn(599, { now: clock });
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
      expect(token).toExpireIn(600);
      expect(token).toExpireIn(599);
      jest.advanceTimersByTime(1000);
      expect(token).not.toExpireIn(600);
    } finally {
      jest.useRealTimers();
    }
  });

  test('shows when the token expires', () => {
    expect(failure(() => expect(fixtures.valid.token).toExpireIn(600, { now }))).toBe(
      'expect(token).toExpireIn(600)\n\nExpected: a token that expires in 600 s\n' +
        'The token expires in 3600 s: at 2026-01-01T01:00:00.000Z, and it is 2026-01-01T00:00:00.000Z.',
    );
    expect(failure(() => expect(fixtures.missingExpiry.token).toExpireIn(600, { now }))).toMatch(
      /^The token has no valid exp\.$/m,
    );
  });
});

const missing = undefined as never;
test.each<[string, (token: ReturnType<typeof expect<string>>) => void, string]>([
  [
    'toAllowIncoming(undefined)',
    (token) => {
      token.toAllowIncoming(missing);
    },
    'client name must be a string.',
  ],
  [
    'toAllowOutgoing(undefined)',
    (token) => {
      token.toAllowOutgoing(missing);
    },
    'application SID must be a string.',
  ],
  [
    'toExpireIn("600")',
    (token) => {
      token.toExpireIn('600' as never);
    },
    'seconds must be a number.',
  ],
])('%s fails with and without .not', (call, act, said) => {
  const token = expect(fixtures.valid.token);
  expect(
    failure(() => {
      act(token);
    }),
  ).toContain(`expect(token).${call}\n\n`);
  expect(
    failure(() => {
      act(token);
    }),
  ).toContain(`\nThe ${said}`);
  expect(
    failure(() => {
      act(token.not as typeof token);
    }),
  ).toContain(`\nThe ${said}`);
});

test('unknown options are rejected', () => {
  const token = expect(fixtures.valid.token);
  const unknown = { nou: now } as object;
  expect(
    refusal(() => {
      token.toBeCapabilityToken(unknown);
    }),
  ).toBe('ConfigError ERR_OPTIONS_INVALID nou');
  expect(
    refusal(() => {
      token.toBeAccessToken(unknown);
    }),
  ).toBe('ConfigError ERR_OPTIONS_INVALID nou');
  expect(
    refusal(() => {
      token.toExpireIn(600, unknown);
    }),
  ).toBe('ConfigError ERR_OPTIONS_INVALID nou');
});

test('each entry point exports the matchers for expect.extend', () => {
  expect(vitestMatchers).toBe(matchers);
  expect(Object.keys(matchers)).toEqual([
    'toBeCapabilityToken',
    'toBeAccessToken',
    'toAllowIncoming',
    'toAllowOutgoing',
    'toExpireIn',
  ]);
});
