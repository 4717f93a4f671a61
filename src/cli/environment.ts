import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { valueOf } from './flags';
import { UsageError, type Arguments, type Terminal } from './terminal';

const VARIABLES = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_API_KEY_SID',
  'TWILIO_API_KEY',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_API_SECRET',
];

/**
 * Puts the credentials of the file that `--env-file` names in the place of the environment's. All of them: half
 * of a pair from here and half from there would sign one account's tokens with another's secret.
 *
 * @throws {UsageError} The file cannot be read.
 */
export function loadEnvFile(args: Arguments, { env }: Terminal): void {
  const file = valueOf(args, 'env-file');
  if (file === undefined) return;
  const found = parseEnv(read(file));
  for (const name of VARIABLES) {
    // Deleted, not set to undefined: process.env would make a word of that.
    if (found[name] === undefined) Reflect.deleteProperty(env, name);
    else env[name] = found[name];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file given by --env-file cannot be read: ${String(code)}.`);
  }
}

/** Whether there is an API key to check Access Tokens with. */
export function hasApiKey({ env }: Terminal): boolean {
  return Boolean(env['TWILIO_API_KEY_SID']) || Boolean(env['TWILIO_API_KEY']);
}

/**
 * The clock to go by: that of the machine, unless `--now` says otherwise.
 *
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, field `now`.
 */
export function clockOf(args: Arguments): () => number {
  const moment = valueOf(args, 'now');
  if (moment === undefined) return Date.now;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- seldom needed
  const { fixedClock } = require('../testing/fixed-clock') as typeof import('../testing/fixed-clock');
  return fixedClock(moment);
}
