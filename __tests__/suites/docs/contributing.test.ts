import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** Returns the paths in the tree of CONTRIBUTING.md. Two spaces are one level. */
function readTree(): string[] {
  const [, tree = ''] = /^```\nsrc\/\n([\s\S]*?)^```$/m.exec(page) ?? [];
  let folder = '';
  return tree
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', name = ''] = /^( +)(\S+)/.exec(line) ?? [];
      if (name.endsWith('/')) {
        folder = name;
        return [];
      }
      return [indent.length === 2 ? name : folder + name];
    });
}

test('the tree lists every file of src once', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  expect(readTree().sort()).toEqual(files.filter((file) => file.endsWith('.ts')).sort());
});

test('files import only from files above them', () => {
  const tree = readTree();
  const wrong = tree.flatMap((file, index) => {
    const source = readFileSync(join(ROOT, 'src', file), 'utf8');
    const targets = Array.from(source.matchAll(/(?:from|import\() ?'(\.[^']+)'/g), ([, path]) =>
      join(dirname(file), `${path!}.ts`),
    );
    return targets.filter((target) => tree.indexOf(target) >= index).map((target) => `${file}: ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('the commands are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = Array.from(page.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g), ([, run, bare]) => run ?? bare!);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('each development dependency has a reason', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const [, table = ''] = /^## Development dependencies\n([\s\S]*?)\n\n[^|\n]/m.exec(page) ?? [];
  const named = table
    .split('\n')
    .flatMap((row) => Array.from(row.split('|')[1]?.matchAll(/`([^`]+)`/g) ?? [], ([, name]) => name!));
  expect(named.sort()).toEqual(Object.keys(devDependencies).sort());
  expect(named.length).toBeLessThanOrEqual(39);
});
