import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compared, LAWS } from './fuzz/properties';

describe('the properties of fuzz/properties.ts, with a fixed seed', () => {
  it.each(LAWS)('$name', async ({ share, property }) => {
    await fc.assert(property(), { seed: 20260101, numRuns: 500 * share });
  });

  it('compared both accepted and rejected tokens', () => {
    expect(compared.accepted).toBeGreaterThan(50);
    expect(compared.refused).toBeGreaterThan(50);
  });
});
