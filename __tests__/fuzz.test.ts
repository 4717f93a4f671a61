import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compared, LAWS } from './fuzz-properties';

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
