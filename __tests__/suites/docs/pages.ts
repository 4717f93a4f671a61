import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PROJECT } from '../../helpers/pack';

/**
 * How a block of code is tested. The word follows the language, as in "```ts server".
 *
 * - `run`: a program, which must exit with 0 and print no errors.
 * - `file`: a module that other blocks import. It is compiled.
 * - `server`: a program that answers `POST /token`.
 * - `installed`: a server as above, in a project with packages that are not installed here.
 * - `next`: a route of Next.js, bundled as Next.js does.
 * - `web`: a module whose `POST`, or the `fetch` of its default export, answers a `Request`.
 * - `lambda`: a module whose `handler` answers an event.
 * - `jest`, `vitest`: a test.
 */
export type Kind = 'run' | 'file' | 'server' | 'installed' | 'next' | 'web' | 'lambda' | 'jest' | 'vitest';

/** A block of code on a page. */
export interface Block {
  /** The name in test titles. */
  readonly title: string;
  readonly kind: string;
  /** Path below the folder of the page: what the first line names ("// signers.ts"), else a number. */
  readonly path: string;
  readonly code: string;
}

/** A page and its blocks. */
export interface Page {
  /** Path below the project, such as `docs/scopes.md`. */
  readonly path: string;
  /** Name of the folder for its code. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly shellBlocks: readonly Block[];
}

/** README.md and docs/*.md. */
export const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => `docs/${file}`),
].map(readPage);

/** Reads a page by its path below the project. */
export function readPage(path: string): Page {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  const name = basename(path, '.md');
  return {
    path,
    name,
    text,
    blocks: findBlocks(text, 'ts', path),
    shellBlocks: findBlocks(text, 'sh', path),
  };
}

function findBlocks(text: string, language: string, page: string): Block[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}(.*)\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, kind, code], index) => {
      const [, path = `${index + 1}.ts`] = /^\/\/ (\S+\.m?ts)\n/.exec(code!) ?? [];
      return { title: `${page} ${path}`, kind: kind!.trim(), path, code: code! };
    },
  );
}

/** The headings of a page as GitHub and npm turn them into anchors. */
export function anchors({ text }: Page): readonly string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The targets of the links and images of a page. */
export function links({ text }: Page): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}
