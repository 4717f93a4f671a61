import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface InstallSize {
  /** How many packages a production install has, this one among them. */
  readonly packages: number;
  readonly bytes: number;
  /** Bytes of an install of jsonwebtoken and zod themselves. */
  readonly reference: number;
}

/** Installs the packed library, and beside it what it is made with, each into an empty project. */
export function measureInstall(): InstallSize {
  const folder = mkdtempSync(join(tmpdir(), 'install-size-'));
  try {
    const project = join(__dirname, '..');
    const { version } = JSON.parse(readFileSync(require.resolve('zod/package.json'), 'utf8')) as {
      version: string;
    };
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: project });
    const tarball = join(folder, packed.toString().trim().split('\n').at(-1)!);
    const ours = install(join(folder, 'ours'), tarball);
    const reference = install(join(folder, 'reference'), 'jsonwebtoken@9', `zod@${version}`);
    return { packages: ours.packages, bytes: ours.bytes, reference: reference.bytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function install(folder: string, ...packages: string[]): { packages: number; bytes: number } {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const npm = (...args: string[]): string => execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
  npm('install', '--silent', '--no-audit', '--no-fund', ...packages);
  const modules = join(folder, 'node_modules');
  return {
    // The first line is the project itself.
    packages: npm('ls', '--all', '--parseable').trim().split('\n').length - 1,
    bytes: readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .filter((file) => !file.startsWith('.'))
      .map((file) => statSync(join(modules, file)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0),
  };
}
