import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../helpers/pack';

/** The app of docs/production.md. */
export const EXAMPLE = join(PROJECT, 'examples/production');

/** Copies stand-ins for the modules that the pages leave to the reader. */
export function copyStandIns(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of ['auth.ts', 'secret-manager.ts']) copyFileSync(join(EXAMPLE, file), join(folder, file));
}
