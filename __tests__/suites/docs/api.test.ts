import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../../..');
const TYPEDOC = join(ROOT, 'node_modules/typedoc/bin/typedoc');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the text of every page by its path. */
function readPages(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  );
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
}

// typedoc itself fails if something exported has no summary: typedoc.json turns its warnings into errors.
test('docs/api is what `npm run docs` writes', () => {
  execFileSync(process.execPath, [TYPEDOC, '--out', folder, '--logLevel', 'Error'], { cwd: ROOT });
  expect(readPages(join(ROOT, 'docs/api'))).toEqual(readPages(folder));
});
