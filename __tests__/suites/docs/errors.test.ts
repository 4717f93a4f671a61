import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { TokenError, type TokenErrorCode } from '../../../src';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

/** Returns the cells of every table row whose first cell matches. */
function rowsOf(first: RegExp): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
    .filter(([cell]) => first.test(cell!));
}

describe('docs/errors.md', () => {
  test('lists each code of the library once', () => {
    const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
    const codes = new Set(Array.from(source.matchAll(/'(ERR_\w+)'/g), ([, code]) => code));
    const listed = rowsOf(/^ERR_/).map(([code]) => code);
    expect(listed.sort()).toEqual([...codes].sort());
  });

  test('gives the twilioCode of each token error, and what the browser shows for it', () => {
    const shown = new Map(rowsOf(/^31\d{3}$/).map(([sent, , inBrowser]) => [sent, inBrowser]));
    const rows = rowsOf(/^ERR_TOKEN_/);
    expect(rows).toHaveLength(11);
    for (const [code, , , twilioCode, inBrowser] of rows) {
      expect([code, twilioCode]).toEqual([
        code,
        String(new TokenError(code as TokenErrorCode, '').twilioCode),
      ]);
      expect([code, inBrowser]).toEqual([code, shown.get(twilioCode)]);
    }
  });

  test.each([
    20101, 20102, 20104, 20107, 20151, 20157, 20160, 31000, 31105, 31201, 31202, 31203, 31204, 31205, 31207,
  ])('has a section for %i', (number) => {
    expect(page).toContain(`\n### Error ${number}: `);
    expect(page).toContain(`\n[${number}](#error-${number}-`);
  });
});

type SdkError = new () => { readonly code: number };

describe('the numbers that @twilio/voice-sdk shows', () => {
  // The package does not export these modules.
  const folder = join(dirname(createRequire(__filename).resolve('@twilio/voice-sdk')), 'twilio');
  const { getPreciseSignalingErrorByCode } = createRequire(__filename)(join(folder, 'errors/index.js')) as {
    getPreciseSignalingErrorByCode: (precise: boolean, code: number) => SdkError | undefined;
  };
  const device = readFileSync(join(folder, 'device.js'), 'utf8');

  /** The SDK always translates these numbers, whatever the option. */
  const TRANSLATED: Readonly<Record<number, [number, string]>> = {
    31201: [20151, 'AuthenticationFailed'],
    31204: [20101, 'AccessTokenInvalid'],
    31205: [20104, 'AccessTokenExpired'],
  };

  function shownFor(sent: number, precise: boolean): number {
    const translated = TRANSLATED[sent];
    if (translated === undefined) {
      const SdkError = getPreciseSignalingErrorByCode(precise, sent);
      return SdkError === undefined ? 31000 : new SdkError().code;
    }
    const [shown, name] = translated;
    expect(device).toMatch(
      new RegExp(
        `code === ${sent}\\) \\{[^}]*twilioError = new generated\\.AuthorizationErrors\\.${name}\\(`,
      ),
    );
    return shown;
  }

  test.each(rowsOf(/^31\d{3}$/))('are as the page says for %s', (sent, inClient, byDefault, precisely) => {
    expect(inClient).toBe(sent);
    expect(byDefault).toBe(String(shownFor(Number(sent), false)));
    expect(precisely).toBe(String(shownFor(Number(sent), true)));
  });

  test.each([20102, 20107, 20157, 20160])('%i has no class in the SDK', (number) => {
    expect(getPreciseSignalingErrorByCode(true, number)).toBeUndefined();
  });
});
