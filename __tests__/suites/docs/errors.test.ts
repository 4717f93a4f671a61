import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodeClientName, TokenError, type TokenErrorCode } from '../../../src';
import pageNumbers from '../../../src/cli/page-numbers.json';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

test('no heading occurs twice', () => {
  const headings = page.match(/^##+ .*$/gm)!;
  expect(headings).toEqual([...new Set(headings)]);
});

/** The rows of the table with this heading, as cells. */
function tableUnder(heading: string): string[][] {
  const [, rows] = page.split(new RegExp(`^\\| ${heading} +\\|.*\\n\\| -.*\\n`, 'm'));
  return rows!
    .slice(0, rows!.indexOf('\n\n'))
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe('the errors of the library', () => {
  const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
  const codes = [...new Set(Array.from(source.matchAll(/'(ERR_\w+)'/g), ([, code]) => code!))];
  const described = Array.from(page.matchAll(/^\| `(ERR_\w+)` +\| \D/gm), ([, code]) => code!);

  test('have a row each', () => {
    expect(described.sort()).toEqual(codes.sort());
  });

  const rows = new Map(tableUnder('code +\\| `twilioCode`').map(([code, ...cells]) => [code!, cells]));

  test.each(codes.filter((code) => code.startsWith('ERR_TOKEN_')))('%s has the numbers listed', (code) => {
    const [listed, inPage] = rows.get(code) ?? rows.get('all others')!;
    const numbers = listed!.split(', or ');
    expect(numbers[0]).toBe(String(new TokenError(code as TokenErrorCode, '').twilioCode));
    expect(inPage!.split(' or ')).toEqual(numbers.map((number) => String(seen(number)[0])));
  });
});

/** What a page gets for a number that the gateway sends, by `pageNumbers.columns`. */
function seen(number: string): readonly number[] {
  return pageNumbers.numbers[number as keyof typeof pageNumbers.numbers];
}

describe('the numbers that a page gets', () => {
  const rows = tableUnder('the gateway sends').flatMap(([sent, ...cells]) =>
    sent!.split(', ').map((number) => [number, ...cells] as [string, string, string]),
  );

  test('are listed for all numbers measured', () => {
    expect(rows.map(([number]) => number).sort()).toEqual(Object.keys(pageNumbers.numbers).sort());
  });

  test.each(rows)('are as measured for %s', (sent, ofDevice, ofCall) => {
    expect([...read(ofDevice, sent), ...read(ofCall, sent), sent, sent]).toEqual(seen(sent).map(String));
  });

  /** Reads a cell such as "53000 (as sent)": the number, and the number with the option. */
  function read(cell: string, sent: string): string[] {
    const [, number, precise = number] = /^(.*?)(?: \((.*)\))?$/.exec(cell)!;
    return [number!, precise!].map((text) => (text === 'as sent' ? sent : text));
  }

  test('have the versions and general texts of the measurement', () => {
    const { sdks, general } = pageNumbers;
    expect(page).toContain(`\`@twilio/voice-sdk\` ${sdks['@twilio/voice-sdk']} and \`twilio-client\``);
    expect(page).toContain(`\`twilio-client\` ${sdks['twilio-client']}, against a local mock`);
    expect(section(general.connection.code)).toContain(
      `no \`originalError\`: \`${general.connection.text}\``,
    );
    expect(general.connection.hasOriginalError).toBe(false);
    expect(section(general.call.code)).toContain(`\`${general.call.text}\`, and \`originalError\` has`);
    expect(general.call.hasOriginalError).toBe(true);
  });

  test.each([31201, 31204, 31205])('%i links to what the device shows', (number) => {
    const [shown] = seen(String(number));
    expect(section(number)).toContain(`[${shown}](#error-${shown}-`);
  });
});

/** Numbers of Twilio's APIs, mobile SDKs, Console and twilio-client, which `@twilio/voice-sdk` has no class for. */
const OTHERS = [
  13805, 20102, 20103, 20105, 20106, 20107, 20155, 20156, 20157, 20160, 21218, 31007, 31208, 51007, 52002,
];

interface SdkError {
  readonly causes: readonly string[];
  readonly solutions: readonly string[];
}

describe('each number', () => {
  // The package does not export this module.
  const sdk = dirname(createRequire(__filename).resolve('@twilio/voice-sdk'));
  const { errorsByCode } = createRequire(__filename)(join(sdk, 'twilio/errors/generated.js')) as {
    errorsByCode: ReadonlyMap<number, new () => SdkError>;
  };
  const numbers = [...errorsByCode.keys(), ...OTHERS].sort((a, b) => a - b);

  test('has a section, in order', () => {
    const sections = Array.from(page.matchAll(/^### Error (\d+): /gm), ([, number]) => Number(number));
    expect(sections).toEqual(numbers);
  });

  test.each(numbers)('%i has a cause, a fix, a sign and a link at the top', (number) => {
    const text = section(number);
    expect(text).toMatch(/^\n- \*\*Cause:\*\* .+\n- \*\*Fix:\*\* .+\n- \*\*Sign:\*\* .+\n/);
    expect(page).toContain(`\n[${number}](#error-${number}-`);
  });

  test.each(numbers)('%i has a source, or the page admits that there is none', (number) => {
    expect(section(number)).toMatch(/\]\(https:\/\/|[Ww]e do not know|`error\.causes`|the SDK does not show/);
  });

  test.each(['Cause', 'Fix', 'Sign'])('has a %s of its own', (label) => {
    const texts = Array.from(
      page.matchAll(new RegExp(`^- \\*\\*${label}:\\*\\* (.*)$`, 'gm')),
      ([, text]) => text,
    );
    expect(texts).toHaveLength(numbers.length);
    expect(new Set(texts).size).toBe(numbers.length);
  });

  test.each([
    [31404, 'causes', 'The TwiML application sid is missing a Voice URL.'],
    [31404, 'causes', 'The outbound call was made to an invalid phone number.'],
    [31100, 'causes', 'Invalid content or MessageType passed to sendMessage method.'],
    [31206, 'solutions', 'Ensure message send rate does not exceed authorized limits.'],
    [53001, 'causes', 'The device running your application lost its Internet connection.'],
  ] as const)('%i: the SDK has in %s what the page says', (number, property, text) => {
    expect(new (errorsByCode.get(number)!)()[property]).toContain(text);
  });
});

test('SECURITY.md has the number that a page gets for a wrong secret', () => {
  const security = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const { twilioCode } = new TokenError('ERR_TOKEN_SIGNATURE', '');
  expect(security).toContain(`rejects with [error ${twilioCode}](docs/errors.md#error-${twilioCode}-`);
  expect(security).toContain(`\`@twilio/voice-sdk\` sees ${seen(String(twilioCode))[0]}.`);
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

/** The text below the heading of a number. */
function section(number: number): string {
  const [, text] = page.split(new RegExp(`^### Error ${number}: .*\\n`, 'm'));
  return text!.split(/^### /m)[0]!;
}
