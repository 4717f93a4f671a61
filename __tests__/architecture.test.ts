import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const SRC = join(__dirname, '../src');

/** Each file of src by its path without the ending, with what it imports, such as './errors' or 'node:util'. */
const imports = new Map<string, readonly string[]>(
  readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const source = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      const specifiers = [...source.matchAll(/(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*'([^']+)'/g)];
      const name = relative(SRC, path).split(sep).join('/').replace(/\.ts$/, '');
      return [name, specifiers.map(([, specifier]) => specifier!)];
    }),
);

/** The files of src that a file of src imports. */
function importsOf(file: string): string[] {
  return imports
    .get(file)!
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file), specifier).replace(/\.js$/, ''))
    .map((target) => (imports.has(target) ? target : posix.join(target, 'index')));
}
const importersOf = (specifier: RegExp): string[] =>
  [...imports]
    .filter(([, specifiers]) => specifiers.some((each) => specifier.test(each)))
    .map(([file]) => file)
    .sort();

/** The order in which the library is told: a file imports only from those above it. */
const STORY = [
  'errors',
  ...['sid', 'options', 'client-name', 'params', 'scope-uri'],
  'scopes',
  ...['lifetime', 'zod', 'config-rules'],
  'config',
  ...['jws', 'scope-list'],
  'signer',
  'claims',
  'verifier',
  'capability',
  'index',
];
const EDGE = /^(?:token-|deadline$|express$|web$|testing\/|cli(?:$|\/))/;

describe('dependencies', () => {
  test('jsonwebtoken is imported in three files at most', () => {
    const files = importersOf(/^jsonwebtoken/);
    expect(files).toContain('jws');
    expect(files.length).toBeLessThanOrEqual(3);
  });

  test('zod is imported by the module that the build bundles, and that by the config only', () => {
    expect(importersOf(/^zod/)).toEqual(['zod']);
    expect(importersOf(/\/zod$/)).toEqual(['config-rules']);
  });

  test('the core imports nothing else but node’s own modules', () => {
    const others = [...imports].flatMap(([file, specifiers]) =>
      EDGE.test(file)
        ? []
        : specifiers.filter((each) => !/^(?:\.|node:|jsonwebtoken$|zod\/mini$)/.test(each)),
    );
    expect(others).toEqual([]);
  });
});

describe('the order of the files', () => {
  test('errors imports nothing', () => {
    expect(imports.get('errors')).toEqual([]);
  });

  test('each file of the core imports from those above it only', () => {
    const down = STORY.flatMap((file, place) =>
      importsOf(file)
        .filter((target) => STORY.includes(target) && STORY.indexOf(target) >= place)
        .map((target) => `${file} -> ${target}`),
    );
    expect(down).toEqual([]);
  });

  test('no file of the core imports an edge', () => {
    const core = [...imports.keys()].filter((file) => !EDGE.test(file));
    expect(core).toEqual(expect.arrayContaining(STORY));
    const outwards = core.flatMap((file) =>
      importsOf(file)
        .filter((target) => EDGE.test(target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(outwards).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      importsOf(from).some((next) => {
        if (next === to) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, to, seen);
      });
    expect([...imports.keys()].filter((file) => reaches(file, file))).toEqual([]);
  });

  test('every import of a file of src leads to one', () => {
    for (const file of imports.keys()) {
      for (const target of importsOf(file)) expect([...imports.keys()]).toContain(target);
    }
  });
});

test('every folder has a name that says what is in it', () => {
  const folders = [...imports.keys()].flatMap((file) => dirname(file).split('/'));
  expect(folders.filter((folder) => /^(?:utils?|helpers?|common|shared|misc|lib)$/.test(folder))).toEqual([]);
});

test('the index only re-exports', () => {
  const source = readFileSync(join(SRC, 'index.ts'), 'utf8');
  const exported = /export (?:type )?\{[^}]*\} from '[^']+';/g;
  expect(
    source
      .replace(/^\/\*\*.*?\*\//s, '')
      .replace(exported, '')
      .trim(),
  ).toBe('');
});
