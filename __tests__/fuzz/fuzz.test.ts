import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCapability, decodeClientName, encodeClientName, parseScope, parseScopes } from '../../src';
import { compared, LAWS } from './properties';

/**
 * The properties at length. FUZZ_RUNS is how many cases there are in all, a million unless it is set; FUZZ_SEED
 * repeats a run, whose seed is printed.
 */

const runs = Number(process.env['FUZZ_RUNS'] ?? 1_000_000);
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
const HOUR = 3_600_000;

process.stdout.write(`FUZZ_SEED=${seed} FUZZ_RUNS=${runs}\n`);

describe(`fuzz, seed ${seed}`, () => {
  const shares = LAWS.reduce((sum, { share }) => sum + share, 0);

  it.each(LAWS)(
    '$name',
    async ({ share, property }) => {
      await fc.assert(property(), { seed, numRuns: Math.ceil((runs * share) / shares) });
    },
    HOUR,
  );

  it('has compared tokens that are accepted, and such as are not', () => {
    expect(Math.min(compared.accepted, compared.refused)).toBeGreaterThan(runs / 100);
  });
});

describe('hostile text takes time in proportion to its length, or little more', () => {
  const SIZE = 20_000;
  const outgoing = 'scope:client:outgoing?appSid=AP1';
  const readers: Record<string, (text: string) => unknown> = {
    parseScope,
    'parseScope, in a query': (text) => parseScope(`scope:client:incoming?clientName=${text}`),
    'parseScope, in parameters': (text) => parseScope(`${outgoing}&appParams=${encodeURIComponent(text)}`),
    parseScopes,
    'parseScopes, after a scope': (text) => parseScopes(`${outgoing} ${text}`),
    decodeCapability,
    decodeClientName,
    encodeClientName,
  };
  const texts = [
    'a',
    '_',
    '.',
    ':',
    '%',
    '%25',
    '&',
    '=',
    '&=',
    '+',
    ' ',
    'scope:',
    ' scope:',
    ' scope:a:b',
    'é',
  ];

  /** Milliseconds, the least of some tries: what else the machine does only adds. */
  function time(read: (text: string) => unknown, text: string): number {
    let least = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      try {
        read(text);
      } catch {
        // Refused, as most of it is.
      }
      least = Math.min(least, performance.now() - start);
    }
    return least;
  }

  // In a straight line 64 times as much takes 64 times as long, and squared 4,096 times. Much of a large text is
  // collecting garbage, which comes in leaps.
  it.each(Object.entries(readers))('%s', (_, read) => {
    for (const text of texts) {
      const once = time(read, text.repeat(SIZE / text.length));
      expect([text, once < 100]).toEqual([text, true]);
      const more = time(read, text.repeat((64 * SIZE) / text.length));
      expect([text, more < 1000 * once + 100]).toEqual([text, true]);
    }
  });
});
