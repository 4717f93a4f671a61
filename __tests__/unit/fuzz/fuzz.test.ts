import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compared, LAWS } from './properties';

/**
 * Checks the properties with random cases. Without FUZZ_RUNS, a few thousand cases from a fixed seed. FUZZ_RUNS is the
 * total number of cases. FUZZ_SEED repeats a run: each run prints its seed.
 */

const shares = LAWS.reduce((sum, { share }) => sum + share, 0);
const runs = Number(process.env['FUZZ_RUNS'] ?? 500 * shares);
const seed = Number(
  process.env['FUZZ_SEED'] ?? (process.env['FUZZ_RUNS'] === undefined ? 20260101 : Date.now() % 2 ** 31),
);
const HOUR = 3_600_000;

describe(`fuzz, FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`, () => {
  it.each(LAWS)(
    '$name',
    async ({ share, property }) => {
      await fc.assert(property(), { seed, numRuns: Math.ceil((runs * share) / shares) });
    },
    HOUR,
  );

  it('compared both accepted and rejected tokens', () =>
    expect(Math.min(compared.accepted, compared.refused)).toBeGreaterThan(runs / 100));
});
