import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { decodeClientName, encodeClientName } from '../../../src';
import { createAccessTokenFixtures, createFixtures, type Fixture } from '../../../src/testing';
import { PROJECT } from '../../helpers/pack';
import { pages, readPage, tableAfter, type Page } from './support';

const withoutBlocks = ({ text }: Page): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** The headings of a page as GitHub and npm turn them into anchors. */
const anchors = (page: Page): readonly string[] =>
  Array.from(withoutBlocks(page).matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each([...pages, readPage('SECURITY.md'), readPage('CHANGELOG.md')])(
  'the links of $path lead to files',
  (page) => {
    const prose = withoutBlocks(page).replace(/`[^`\n]*`/g, '');
    const targets = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
    const broken = targets.filter((target) => {
      if (target.startsWith('https://')) return false;
      const [file, anchor] = target.split('#') as [string, string?];
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      if (!existsSync(join(PROJECT, path))) return true;
      const linked = pages.find((other) => other.path === path);
      return anchor !== undefined && linked !== undefined && !anchors(linked).includes(anchor);
    });
    expect(broken).toEqual([]);
  },
);

test('README.md has at most 170 lines', () => {
  expect(readPage('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(170);
});

test('docs/testing.md lists every fixture with its outcome', () => {
  const rows = tableAfter(readPage('docs/testing.md'), '| fixtures of both kinds');
  const kinds: Record<string, string>[] = [{}];
  for (const [names, outcome] of rows) {
    if (names!.startsWith('**only for')) kinds.push({});
    else for (const name of names!.split(', ')) kinds.at(-1)![name] = outcome!;
  }
  const [both, accessTokens, capabilityTokens] = kinds;
  const outcomesOf = (fixtures: object): object =>
    Object.fromEntries(Object.values(fixtures).map(({ name, outcome }: Fixture) => [name, outcome]));
  expect({ ...both, ...capabilityTokens }).toEqual(outcomesOf(createFixtures()));
  expect({ ...both, ...accessTokens }).toEqual(outcomesOf(createAccessTokenFixtures()));
});

describe('docs/scopes.md', () => {
  const page = readPage('docs/scopes.md');

  test('shows encoded client names', () => {
    const shown = [...page.text.matchAll(/^\| [^|`]+ `([^`]+)` +\| `([^`]+)` +\|$/gm)];
    expect(shown).toHaveLength(6);
    for (const [, identity, encoded] of shown) expect(encodeClientName(identity!)).toBe(encoded);
  });

  test('says how many characters fit', () => {
    const rows = tableAfter(page, '| characters');
    const samples = ['aZ9', ' @-_', 'éλяשع', '山あ한กअ', '😀'];
    expect(rows).toHaveLength(samples.length);
    for (const [index, [, , fit]] of rows.entries()) {
      for (const character of samples[index]!) {
        const longest = character.repeat(Number(fit));
        expect(decodeClientName(encodeClientName(longest))).toBe(longest);
        expect(() => encodeClientName(longest + character)).toThrow('121');
      }
    }
  });

  test('decodes a name in the page', () => {
    const [, code] = /^```js\n(function nameOf[^]*?)^```$/m.exec(page.text)!;
    const nameOf = runInThisContext(`${code}; nameOf`) as (from: string) => string;
    expect(nameOf(`client:${encodeClientName('山田 _x')}`)).toBe('山田 _x');
    expect(nameOf('+15551234567')).toBe('+15551234567');
    // Names that were not encoded, as the page warns.
    expect(nameOf('client:user_42')).toBe('userB');
    expect(() => nameOf('client:a_b_c')).toThrow('malformed');
    expect(() => decodeClientName('client:Ann_20Veal')).toThrow('was not encoded');
    expect(encodeClientName('Ann_20Veal')).toBe('Ann_5F20Veal');
    // docs/getting-started.md shows the same function.
    expect(readPage('docs/getting-started.md').text).toContain(code);
  });
});

/** Returns the text of every page by its path. */
function readApi(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  );
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
}

// typedoc itself fails if something exported has no summary: typedoc.json turns its warnings into errors.
test('docs/api is what `npm run docs` writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  const typedoc = join(PROJECT, 'node_modules/typedoc/bin/typedoc');
  execFileSync(process.execPath, [typedoc, '--out', folder, '--logLevel', 'Error'], { cwd: PROJECT });
  expect(readApi(join(PROJECT, 'docs/api'))).toEqual(readApi(folder));
  rmSync(folder, { recursive: true });
});
