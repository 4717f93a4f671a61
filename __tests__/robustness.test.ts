import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CapabilitySigner,
  CapabilityVerifier,
  encodeClientName,
  IncomingScope,
  type OtherScope,
  parseScope,
} from '../src';
import { compared, LAWS } from './fuzz/properties';
import { accountSid, authToken, refusal } from './helpers/fixed';

describe('a secret passed as a key', () => {
  // One in 280 API key secrets contains no digit.
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

describe('a clock near the last Date', () => {
  const MAX_NOW = 8.64e15 - 2 * 86_400_000;
  const signer = (time: number, ttl = 86_400) =>
    new CapabilitySigner({ accountSid, authToken, ttl, now: () => time });

  it('gives an expiry that fits into a Date', () => {
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

  it('is rejected beyond that', () => {
    expect(refusal(() => signer(MAX_NOW + 1).sign(new IncomingScope('alice')))).toBe(
      'ConfigError ERR_CONFIG_INVALID now',
    );
  });
});

describe('an identity of ten million characters', () => {
  it('is rejected by its length, before it is encoded', () => {
    expect(refusal(() => encodeClientName('€'.repeat(10_000_000)))).toBe(
      'ScopeError ERR_SCOPE_INVALID clientName',
    );
  });

  it.each([
    [121, 'a'.repeat(121)],
    [41, '_5F'.repeat(40) + 'a'],
  ])('is encoded if it fits: %i characters', (length, encoded) => {
    const identity = encoded.replaceAll('_5F', '_');
    expect(identity).toHaveLength(length);
    expect(encodeClientName(identity)).toBe(encoded);
  });
});

describe('a scope with very many parts', () => {
  const query = 'scope:video:join?';
  const filled = (length: number) => query + '&'.repeat(length - query.length);

  it('is parsed up to 8,192 characters, the limit of a token', () => {
    expect(refusal(() => parseScope(filled(8193)))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
    expect(refusal(() => parseScope(filled(1_000_000)))).toBe('ScopeError ERR_SCOPE_MALFORMED scope');
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}=1`).join('&');
    expect(Object.keys((parseScope(query + keys) as OtherScope).params)).toHaveLength(1000);
  });
});

describe('the properties of fuzz/properties.ts, briefly and with a fixed seed', () => {
  it.each(LAWS)('$name', async ({ property }) => {
    await fc.assert(property(), { seed: 20260101, numRuns: 300 });
  });

  it('compared both accepted and rejected tokens', () => {
    expect(compared.accepted).toBeGreaterThan(50);
    expect(compared.refused).toBeGreaterThan(50);
  });
});
