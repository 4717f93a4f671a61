import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createFixtures } from '../../../src/testing';
import { PROJECT, shippedFiles } from '../../helpers/pack';
import { anchors, links, pages, readPage } from './pages';

describe('the links of the pages', () => {
  const shipped = shippedFiles();

  test.each([...pages, readPage('SECURITY.md'), readPage('CHANGELOG.md')])(
    'lead to files in the package: $path',
    (page) => {
      const broken = links(page).filter((target) => {
        if (target.startsWith('https://')) return false;
        const [file, anchor] = target.split('#') as [string, string?];
        const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
        if (!shipped.includes(path) || !existsSync(join(PROJECT, path))) return true;
        const linked = pages.find((other) => other.path === path);
        return anchor !== undefined && linked !== undefined && !anchors(linked).includes(anchor);
      });
      expect(broken).toEqual([]);
    },
  );
});

test('docs/testing.md lists every fixture with its outcome', () => {
  const table = readFileSync(join(PROJECT, 'docs/testing.md'), 'utf8');
  const listed = [...table.matchAll(/\| `(\w+)` +\| `(valid|ERR_\w+)` +/g)].map(([, name, outcome]) => [
    name,
    outcome,
  ]);
  const fixtures = Object.values(createFixtures()).map(({ name, outcome }) => [name, outcome]);
  expect(listed.sort()).toEqual(fixtures.sort());
});

test('README.md has at most 170 lines', () => {
  expect(readFileSync(join(PROJECT, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(
    170,
  );
});
