import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The root folder of the project. */
export const PROJECT = join(__dirname, '..', '..');

/** The output and the exit code of a child process. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables that npm and Node need, also behind a proxy or with a private certificate authority. */
const PASSED_ON = /^(?:PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|(?:https?|no|all)_proxy|npm_config_.+)$/i;

/**
 * Runs a program and returns its outcome, whether or not it fails. The environment is that of a plain shell,
 * without jest's variables and Twilio credentials.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const env = { ...Object.fromEntries(passedOn), NO_COLOR: '1', ...environment };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run('npm', args, cwd);
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Creates a temporary folder and returns its real path. Compilers and bundlers would see a symlinked folder
 * twice.
 */
export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'twilio-capability-')));
}

/** Deletes a temporary folder. */
export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** The contents of node_modules after a production install of the package. */
export const PRODUCTION = [
  ...['buffer-equal-constant-time', 'ecdsa-sig-formatter', 'jsonwebtoken', 'jwa', 'jws', 'lodash.includes'],
  ...['lodash.isboolean', 'lodash.isinteger', 'lodash.isnumber', 'lodash.isplainobject', 'lodash.isstring'],
  ...['lodash.once', 'ms', 'safe-buffer', 'semver', 'twilio-capability'],
];

/** The scripts that the build writes: one for each entry point and the command, and the code that several share. */
const SCRIPTS = [
  ...['index.js', 'endpoint/express.js', 'endpoint/web.js', 'testing/index.js', 'testing/jest.js'],
  ...['testing/vitest.js', 'cli/main.js', 'browser/index.js', 'browser/index.mjs'],
  ...['core.js', 'fixtures.js', 'matchers.js', 'token-endpoint.js'],
];

/** Lists the expected files of the tarball, sorted: scripts, declarations and documents. */
export function shippedFiles(): string[] {
  const declarations = sourceFiles()
    .filter((file) => !file.startsWith('cli/'))
    .map((file) => file.replace(/\.ts$/, '.d.ts'));
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'THIRD-PARTY-LICENSES'];
  const built = [...SCRIPTS, ...declarations, 'browser/index.d.mts'].map((file) => `dist/${file}`);
  return [...built, ...documents, 'package.json'].sort();
}

/** The source files, as paths below `src`. */
export function sourceFiles(): string[] {
  return readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
}

/** The report of `npm pack`. */
export interface Packed {
  /** The path of the tarball. */
  readonly tarball: string;
  readonly unpackedSize: number;
  /** Every file in it, sorted. */
  readonly files: readonly string[];
}

/** Packs the built project. Run `npm run build` first. */
export async function pack(destination: string): Promise<Packed> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
  // An array of reports, or from npm 12 on an object with the names of the packages as keys.
  const reports = JSON.parse(await npm(args, PROJECT)) as Record<string, unknown>;
  const { filename, unpackedSize, files } = Object.values(reports)[0] as {
    readonly filename: string;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string }[];
  };
  return {
    tarball: join(destination, filename),
    unpackedSize,
    files: files.map(({ path }) => path).sort(),
  };
}

/**
 * Creates a project and installs packages into it, as a user would. Uses npm's cache where possible. Skips
 * install scripts, since none of the packages has one.
 */
export async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  manifest: object = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), { private: true, ...manifest, dependencies });
  await npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], folder);
}

/** Writes JSON into a file. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Lists the packages that are installed in a project, sorted. A scope counts as one. */
export async function installed(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'node_modules'));
  return names.filter((name) => !name.startsWith('.')).sort();
}
