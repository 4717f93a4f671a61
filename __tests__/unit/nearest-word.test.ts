import { expect, test } from '@jest/globals';
import { nearestWord } from '../../src/nearest-word';

test.each([
  ['ttl', 'ttl'],
  ['TTL', 'ttl'],
  ['tll', 'ttl'],
  ['tt', 'ttl'],
  ['ttlxy', 'ttl'],
  ['acountSi', 'accountSid'],
  // Two edits, but more than half of the word.
  ['app', undefined],
  ['x', undefined],
  // Three edits.
  ['ttlxyz', undefined],
  ['accntSi', undefined],
])('the nearest word to %s is %s', (word, expected) => {
  expect(nearestWord(word, ['accountSid', 'ttl', 'now'])).toBe(expected);
});

test('the nearest one is returned, the first of two', () => {
  expect(nearestWord('mints', ['migrate', 'mint', 'hints'])).toBe('mint');
});
