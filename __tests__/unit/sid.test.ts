import { expect, test } from '@jest/globals';
import { isFullSid, isSid } from '../../src/sid';

const HEX = '0123456789abcdefABCDEF0123456789';

test.each(['AC', 'AP', 'SK', 'CR'] as const)(
  '%s and 1 to 32 letters or digits is a SID of its kind',
  (kind) => {
    for (const rest of ['1', 'Zz', HEX]) {
      expect(isSid(kind, kind + rest)).toBe(true);
      expect(isSid(kind === 'AC' ? 'AP' : 'AC', kind + rest)).toBe(false);
    }
    for (const rest of ['', `${HEX}0`, '1 ', '1\n', '-', '_', 'é', '１']) {
      expect(isSid(kind, kind + rest)).toBe(false);
    }
    expect(isSid(kind, kind.toLowerCase() + HEX)).toBe(false);
    expect(isSid(kind, [kind + HEX])).toBe(false);
  },
);

test.each([
  [`AC${HEX}`, true],
  [`AP${HEX}`, true],
  [`SK${HEX}`, true],
  [`CR${HEX}`, false],
  ['AC123123', false],
  [`AC${HEX.replace('0', 'g')}`, false],
  [`xAC${HEX}`, false],
  [`AC${HEX}0`, false],
])('%j has the length of a real SID: %j', (text, full) => {
  expect(isFullSid(text)).toBe(full);
});
