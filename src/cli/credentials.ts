import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { UsageError } from './arguments';
import type { Terminal } from './report';

const VARIABLES = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_API_KEY_SID',
  'TWILIO_API_KEY',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_API_SECRET',
];

/** Where the credentials come from, for messages. */
export interface CredentialSource {
  readonly source: 'environment' | '--dotenv file';
  readonly keyVariables: readonly [sid: string, secret: string];
}

/**
 * Replaces the credentials in the environment by those of a file. All of them: half of a pair from each place would
 * sign the tokens of one account with the secret of another.
 *
 * @param file - The value of `--dotenv`.
 * @throws {UsageError} The file cannot be read.
 */
export function loadCredentials(file: string | undefined, { env }: Terminal): CredentialSource {
  if (file !== undefined) {
    const found = parseEnv(readText(file));
    for (const name of VARIABLES) {
      // process.env would turn undefined into text.
      if (found[name] === undefined) Reflect.deleteProperty(env, name);
      else env[name] = found[name];
    }
  }
  return { source: file === undefined ? 'environment' : '--dotenv file', keyVariables: keyVariables(env) };
}

/** Returns the names of the API key's variables, in the spelling that is in use. */
export function keyVariables(env: Terminal['env']): CredentialSource['keyVariables'] {
  return env['TWILIO_API_KEY_SID'] || env['TWILIO_API_KEY_SECRET'] || !env['TWILIO_API_KEY']
    ? ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET']
    : ['TWILIO_API_KEY', 'TWILIO_API_SECRET'];
}

function readText(file: string): string {
  try {
    // A byte order mark would become a part of the first variable's name.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file given with --dotenv cannot be read: ${String(code)}.`);
  }
}
