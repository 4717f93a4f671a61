import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodeClientName, TokenError, type TokenErrorCode } from '../../../src';
import pageNumbers from '../../../src/cli/page-numbers.json';
import { PROJECT } from '../../helpers/pack';
import { readPage, tableAfter } from './support';

const page = readPage('docs/errors.md');
const { sdks, general, numbers } = pageNumbers;

/** What a page gets for a number that the gateway sends, by `pageNumbers.columns`. */
const seen = (number: string): readonly number[] => numbers[number as keyof typeof numbers];

/** The text below the heading of a number. */
const section = (number: number): string =>
  page.text.split(new RegExp(`^### Error ${number}: .*\\n`, 'm'))[1]!.split(/^### /m)[0]!;

test('no heading occurs twice', () => {
  const headings = page.text.match(/^##+ .*$/gm)!;
  expect(headings).toEqual([...new Set(headings)]);
});

describe('the errors of the library', () => {
  const source = readFileSync(join(PROJECT, 'src/errors.ts'), 'utf8');
  const codes = [...new Set(Array.from(source.matchAll(/'(ERR_\w+)'/g), ([, code]) => code!))];

  test('have a row each', () => {
    const described = Array.from(page.text.matchAll(/^\| `(ERR_\w+)` +\| \D/gm), ([, code]) => code!);
    expect(described.sort()).toEqual(codes.sort());
  });

  test('have the numbers listed', () => {
    const rows = new Map(
      tableAfter(page, 'Each of these errors has').map(([code, ...cells]) => [code!, cells]),
    );
    for (const code of codes.filter((name) => name.startsWith('ERR_TOKEN_'))) {
      const [listed, inPage] = rows.get(code) ?? rows.get('all others')!;
      const sent = listed!.split(', or ');
      expect(sent[0]).toBe(String(new TokenError(code as TokenErrorCode, '').twilioCode));
      expect(inPage).toBe(sent.map((number) => seen(number)[0]).join(' or '));
    }
  });
});

describe('the numbers that a page gets', () => {
  /** Reads a cell such as "53000 (as sent)": the number, and the number with the option. */
  function read(cell: string, sent: string): number[] {
    const [, number, precise = number] = /^(.*?)(?: \((.*)\))?$/.exec(cell)!;
    return [number!, precise!].map((text) => Number(text === 'as sent' ? sent : text));
  }

  test('are those measured', () => {
    const rows = tableAfter(page, '| the gateway sends').flatMap(([sent, ofDevice, ofCall]) =>
      sent!.split(', ').map((number) => {
        const sentToClient = [Number(number), Number(number)];
        return [number, [...read(ofDevice!, number), ...read(ofCall!, number), ...sentToClient]] as const;
      }),
    );
    expect(Object.fromEntries(rows)).toEqual(numbers);
  });

  test('have the versions and general texts of the measurement', () => {
    expect(page.text).toContain(`\`@twilio/voice-sdk\` ${sdks['@twilio/voice-sdk']} and \`twilio-client\``);
    expect(page.text).toContain(`\`twilio-client\` ${sdks['twilio-client']}, against a local mock`);
    const { connection, call } = general;
    expect(section(connection.code)).toContain(`no \`originalError\`: \`${connection.text}\``);
    expect(section(call.code)).toContain(`\`${call.text}\`, and \`originalError\` has`);
    expect([connection.hasOriginalError, call.hasOriginalError]).toEqual([false, true]);
    for (const number of [31201, 31204, 31205]) {
      const [shown] = seen(`${number}`);
      expect(section(number)).toContain(`[${shown}](#error-${shown}-`);
    }
    // For a wrong secret, Twilio may send the number of the library's error or 31204.
    const { twilioCode } = new TokenError('ERR_TOKEN_SIGNATURE', '');
    const { text: security } = readPage('SECURITY.md');
    expect(security).toContain(`rejects with [error ${twilioCode}](docs/errors.md#error-${twilioCode}-`);
    expect(security).toContain('or [31204](docs/errors.md#error-31204-');
    const inPage = [`${twilioCode}`, '31204'].map((number) => seen(number)[0]).join(' or ');
    expect(security).toContain(`\`@twilio/voice-sdk\` sees ${inPage}.`);
  });
});

/** Measured, but no SDK has an error for them. */
const WITHOUT_SECTION = [31004, 31006, 31403, 31405];
/** Of Twilio's Console. No gateway sends it. */
const TRIAL_CALL_TOO_LONG = 13805;

test('each number has a section, in order, with a cause, a fix, a sign, a source and a link at the top', () => {
  const measured = Object.keys(numbers).map(Number);
  const expected = [TRIAL_CALL_TOO_LONG, ...measured.filter((number) => !WITHOUT_SECTION.includes(number))];
  const sections = Array.from(page.text.matchAll(/^### Error (\d+): /gm), ([, number]) => Number(number));
  expect(sections).toEqual(expected.sort((a, b) => a - b));
  for (const number of sections) {
    const text = section(number);
    expect(text).toMatch(/^\n- \*\*Cause:\*\* .+\n- \*\*Fix:\*\* .+\n- \*\*Sign:\*\* .+\n/);
    expect(text).toMatch(/\]\(https:\/\/|[Ww]e do not know|`error\.causes`|the SDK does not show/);
    expect(page.text).toContain(`\n[${number}](#error-${number}-`);
  }
});

test.each([
  ['Latin', 'a', 121],
  ['Cyrillic', 'Ж', 20],
  ['Japanese', '日', 13],
])('an encoded client name holds as many %s characters as the page says', (script, character, count) => {
  expect(section(31105)).toMatch(new RegExp(` ${count} (unaccented )?${script} (letters|characters|or)`));
  expect(encodeClientName(character.repeat(count)).length).toBeLessThanOrEqual(121);
  expect(() => encodeClientName(character.repeat(count + 1))).toThrow('too long');
});
