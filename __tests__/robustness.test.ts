import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  type OtherScope,
  parseScope,
} from '../src';
import { compared, LAWS } from './fuzz/properties';

const accountSid = 'AC00000000000000000000000000000001';
const authToken = '0123456789abcdef0123456789abcdef';
const now = (): number => Date.UTC(2026, 0, 1);

/** What a call throws, as `code field`; a value or an error of another kind fails the test. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CapabilityError) return `${error.code} ${error.field ?? ''}`;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

const explode = (): never => {
  throw new Error(`a trap that tells ${authToken}`);
};

describe('an auth token list with code of its own', () => {
  const verifierWith = (list: unknown) => () =>
    new CapabilityVerifier({ accountSid, authToken: list as string[], now });

  it.each<[string, () => unknown]>([
    ['a Proxy of an array', () => new Proxy([authToken], { get: explode })],
    [
      'a revoked Proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable([authToken], {});
        revoke();
        return proxy;
      },
    ],
    ['an entry that is a getter', () => Object.defineProperty([authToken], 0, { get: explode })],
    ['a hole', () => new Array<string>(4_000_000_000)],
  ])('refuses %s', (_, make) => {
    expect(refusal(verifierWith(make()))).toBe('ERR_CONFIG_INVALID authToken');
  });

  it('refuses the same where one auth token is asked for', () => {
    const list = new Proxy([authToken], { get: explode }) as unknown as string;
    expect(refusal(() => new CapabilitySigner({ accountSid, authToken: list }))).toBe(
      'ERR_CONFIG_INVALID authToken',
    );
  });

  it('does not ask an iterator of its own', () => {
    const list = Object.assign([authToken], { [Symbol.iterator]: explode });
    const token = new CapabilitySigner({ accountSid, authToken, now }).sign(new IncomingScope('alice'));
    expect(verifierWith(list)().verify(token).clientNames).toEqual(['alice']);
  });
});

describe('an object whose prototype is a Proxy', () => {
  const trapped = (): object =>
    Object.create(new Proxy({}, { getPrototypeOf: explode, getOwnPropertyDescriptor: explode })) as object;

  it('is no options object', () => {
    expect(refusal(() => new IncomingScope('alice', trapped()))).toBe('ERR_OPTIONS_INVALID options');
  });

  it('is no params object', () => {
    expect(refusal(() => new EventStreamScope(trapped()))).toBe('ERR_SCOPE_INVALID filters');
  });
});

describe('a secret that ended up as a key', () => {
  // One in 280 API key secrets has no digit in it.
  const secret = 'abcdefghijklmnopABCDEFGHIJKLMNOP';

  it('is not shown', () => {
    try {
      new CapabilitySigner({ accountSid, [secret]: true } as object);
    } catch (error) {
      expect(inspect(error)).not.toContain(secret);
      expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', field: 'config' });
    }
    expect.assertions(2);
  });
});

describe('a clock near the end of time', () => {
  const MAX_NOW = 8.64e15 - 2 * 86_400_000;
  const signer = (time: number, ttl = 86_400) =>
    new CapabilitySigner({ accountSid, authToken, ttl, now: () => time });

  it('gives an end that a Date can hold', () => {
    const { token, expiresAt } = signer(MAX_NOW).issue(new IncomingScope('alice'));
    expect(expiresAt.toISOString()).toBe('+275760-09-12T00:00:00.000Z');
    const verifier = new CapabilityVerifier({
      accountSid,
      authToken,
      clockTolerance: 300,
      now: () => MAX_NOW,
    });
    expect(verifier.verify(token).expiresAt).toEqual(expiresAt);
  });

  it('is refused past that', () => {
    expect(refusal(() => signer(MAX_NOW + 1).sign(new IncomingScope('alice')))).toBe(
      'ERR_CONFIG_INVALID now',
    );
  });
});

describe('an identity of ten million characters', () => {
  it('is refused by its length, before it is encoded', () => {
    expect(refusal(() => encodeClientName('€'.repeat(10_000_000)))).toBe('ERR_SCOPE_INVALID clientName');
  });

  it.each([
    [121, 'a'.repeat(121)],
    [41, '_5F'.repeat(40) + 'a'],
  ])('but one that fits, of %i characters, is encoded', (length, encoded) => {
    const identity = encoded.replaceAll('_5F', '_');
    expect(identity).toHaveLength(length);
    expect(encodeClientName(identity)).toBe(encoded);
  });
});

describe('a query of very many parts', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=1`).join('&');

  it('is read up to a thousand', () => {
    expect(Object.keys((parseScope(`scope:video:join?${keys(1000)}`) as OtherScope).params)).toHaveLength(
      1000,
    );
  });

  it.each([
    `scope:video:join?${keys(1001)}`,
    `scope:client:outgoing?appSid=AP1&appParams=${encodeURIComponent(keys(1001))}`,
    `scope:video:join?${'&'.repeat(1_000_000)}`,
  ])('is refused past that (case %#)', (uri) => {
    expect(refusal(() => parseScope(uri))).toBe('ERR_SCOPE_MALFORMED scope');
  });
});

describe('the properties of fuzz-properties.ts, briefly and always alike', () => {
  it.each(LAWS)('$name', async ({ property }) => {
    await fc.assert(property(), { seed: 20260101, numRuns: 300 });
  });

  it('have compared tokens that are accepted, and such as are not', () => {
    expect(compared.accepted).toBeGreaterThan(50);
    expect(compared.refused).toBeGreaterThan(50);
  });
});
