import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createAccessTokenFixtures, createFixtures, type Fixture } from '../../../src/testing';
import { PROJECT } from '../../helpers/pack';
import { anchors, links, pages, readPage } from './pages';

describe('the links of the pages', () => {
  test.each([...pages, readPage('SECURITY.md'), readPage('CHANGELOG.md')])('lead to files: $path', (page) => {
    const broken = links(page).filter((target) => {
      if (target.startsWith('https://')) return false;
      const [file, anchor] = target.split('#') as [string, string?];
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      if (!existsSync(join(PROJECT, path))) return true;
      const linked = pages.find((other) => other.path === path);
      return anchor !== undefined && linked !== undefined && !anchors(linked).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test('docs/testing.md lists every fixture with its outcome', () => {
  const [, table = ''] =
    /^\| fixtures of both kinds([\s\S]*?)\n\n/m.exec(readPage('docs/testing.md').text) ?? [];
  const [both, accessTokens, capabilityTokens] = table.split(/\*\*only for .*\*\*/).map(readOutcomes);
  const outcomesOf = (fixtures: object): object =>
    Object.fromEntries(Object.values(fixtures).map(({ name, outcome }: Fixture) => [name, outcome]));
  expect({ ...both, ...capabilityTokens }).toEqual(outcomesOf(createFixtures()));
  expect({ ...both, ...accessTokens }).toEqual(outcomesOf(createAccessTokenFixtures()));
});

/** Reads the names in the first column, and the outcome in the second. */
function readOutcomes(rows: string): Record<string, string> {
  const entries = [...rows.matchAll(/^\| (`.*) \| `(\w+)` +\|$/gm)].flatMap(([, names, outcome]) =>
    [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => [name!, outcome!] as const),
  );
  return Object.fromEntries(entries);
}

test('README.md has at most 170 lines', () => {
  expect(readFileSync(join(PROJECT, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(
    170,
  );
});
