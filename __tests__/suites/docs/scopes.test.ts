import { runInThisContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { decodeClientName, encodeClientName } from '../../../src';
import { readPage } from './pages';

const { text } = readPage('docs/scopes.md');

/** The cells of the table rows whose first cell starts with this text. */
function rowOf(start: string): string[] {
  const row = text.split('\n').find((line) => line.startsWith(`| ${start}`))!;
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('docs/scopes.md', () => {
  test.each([
    ['UUID', '3f2b8c1e-6f0a-4f5e-9d7e-0c9d5a1b2c3d'],
    ['phone number', '+15551234567'],
    ['e-mail', 'ann.veal@example.com'],
    ['user name', 'user_42'],
    ['name with a space', 'Ann Veal'],
    ['Japanese name', '山田'],
  ])('shows the encoded %s', (label, identity) => {
    const [first, encoded] = rowOf(label);
    expect(first).toContain(`\`${identity}\``);
    expect(encoded).toBe(`\`${encodeClientName(identity)}\``);
  });

  test.each([
    ['ASCII letters and digits', 'aZ9'],
    ['other ASCII characters', ' @-_'],
    ['accented Latin, Greek', 'éλяשع'],
    ['Japanese, Chinese, Korean', '山あ한กअ'],
    ['emoji', '😀'],
  ])('says how many fit: %s', (label, samples) => {
    const [, , fit] = rowOf(label);
    for (const character of samples) {
      const longest = character.repeat(Number(fit));
      expect(decodeClientName(encodeClientName(longest))).toBe(longest);
      expect(() => encodeClientName(longest + character)).toThrow('121');
    }
  });

  test('decodes a name in the page', () => {
    const [, code] = /^```js\n(function nameOf[^]*?)^```$/m.exec(text)!;
    const nameOf = runInThisContext(`${code}; nameOf`) as (from: string) => string;
    expect(nameOf(`client:${encodeClientName('山田 _x')}`)).toBe('山田 _x');
    expect(nameOf('+15551234567')).toBe('+15551234567');
  });
});
