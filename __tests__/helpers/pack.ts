import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The project's own folder. */
export const PROJECT = join(__dirname, '..', '..');

/** What a child process printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, whatever that is. Only what a stranger's shell has is in its environment: not
 * the jest worker's own variables, and no Twilio credentials.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { PATH, HOME, TMPDIR } = process.env;
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, env: { PATH, HOME, TMPDIR, NO_COLOR: '1', ...environment }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Runs a program that is part of what the test needs, not of what it tests. */
async function mustRun(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, cwd);
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${stdout}${stderr}`);
  return stdout;
}

/** A temporary folder, by its real path: a compiler or bundler would otherwise see two of it. */
export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'twilio-capability-')));
}

/** Deletes a temporary folder. */
export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** What is in node_modules once somebody has installed the package for production. */
export const PRODUCTION = [
  'buffer-equal-constant-time',
  'ecdsa-sig-formatter',
  'jsonwebtoken',
  'jwa',
  'jws',
  'lodash.includes',
  'lodash.isboolean',
  'lodash.isinteger',
  'lodash.isnumber',
  'lodash.isplainobject',
  'lodash.isstring',
  'lodash.once',
  'ms',
  'safe-buffer',
  'semver',
  'twilio-capability',
];

/** What the tarball is to hold: what each source file compiles to, and the documents. Sorted. */
export function shippedFiles(): string[] {
  const compiled = sourceFiles().flatMap((file) => {
    const path = `dist/${file.replace(/\.ts$/, '')}`;
    // The types of zod are not there for the user to have.
    if (file === 'zod.ts') return [`${path}.js`];
    return [`${path}.d.ts`, `${path}.js`];
  });
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'THIRD-PARTY-LICENSES'];
  const guides = readdirSync(join(PROJECT, 'docs'))
    .filter((file) => /\.(?:md|svg)$/.test(file))
    .map((file) => `docs/${file}`);
  return [...compiled, ...documents, ...guides, 'package.json'].sort();
}

/** The source files, as paths below `src`. */
export function sourceFiles(): string[] {
  return readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
}

/** What `npm pack` says of a package. */
export interface Packed {
  /** The path of the tarball. */
  readonly tarball: string;
  readonly unpackedSize: number;
  /** Every file in it, sorted. */
  readonly files: readonly string[];
}

/** Packs the project as it is built: `npm run build` comes before. */
export function pack(destination: string): Promise<Packed> {
  return npmPack(PROJECT, destination);
}

/** The files that would be packed out of a folder. */
export async function packDryRun(folder: string): Promise<readonly string[]> {
  return (await npmPack(folder, folder, '--dry-run')).files;
}

async function npmPack(folder: string, destination: string, ...options: string[]): Promise<Packed> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination, ...options];
  const [report] = JSON.parse(await mustRun('npm', args, folder)) as [
    { filename: string; unpackedSize: number; files: { path: string }[] },
  ];
  return {
    tarball: join(destination, report.filename),
    unpackedSize: report.unpackedSize,
    files: report.files.map(({ path }) => path).sort(),
  };
}

/**
 * Makes a project and installs packages into it, as a user would; from npm's cache where it has them. No
 * install script runs: nothing that is tested here has one.
 */
export async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  manifest: object = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), { private: true, ...manifest, dependencies });
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await mustRun('npm', args, folder);
}

/** Copies a project with all that is installed in it. */
export async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

/** Writes JSON into a file. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** The names of what is installed in a project, scoped packages with their scope, sorted. */
export async function installed(folder: string): Promise<string[]> {
  const modules = join(folder, 'node_modules');
  const names = await readdir(modules);
  const nested = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(modules, name))).map((inner) => `${name}/${inner}`) : [name],
  );
  return (await Promise.all(nested))
    .flat()
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/** The bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
