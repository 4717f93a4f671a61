import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { isSid } from '../sid';
import { UsageError } from './arguments';
import type { Terminal } from './report';

/** The credentials at hand, all from one source. */
export interface Credentials {
  readonly source: 'environment' | '--dotenv file';
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  readonly apiKeySid: string | undefined;
  readonly apiKeySecret: string | undefined;
  /** The names of the API key's variables, in the spelling that is in use. */
  readonly keyVariables: readonly [sid: string, secret: string];
}

/** A shorter secret would mask parts of ordinary words. Twilio's have 32 characters. */
const MIN_SECRET_LENGTH = 8;

/**
 * Reads the credentials: all from the file, or all from the environment. Half of a pair from each would sign the tokens
 * of one account with the secret of another.
 *
 * @param file - The value of `--dotenv`.
 * @throws {UsageError} The file cannot be read.
 */
export function loadCredentials(file: string | undefined, env: Terminal['env']): Credentials {
  const variables = file === undefined ? env : parseEnv(readText(file));
  // An empty variable counts as unset, as in the library.
  const read = (name: string): string | undefined => (variables[name] === '' ? undefined : variables[name]);
  const keyVariables = keyVariablesOf(read);
  return {
    source: file === undefined ? 'environment' : '--dotenv file',
    accountSid: read('TWILIO_ACCOUNT_SID'),
    authToken: read('TWILIO_AUTH_TOKEN'),
    apiKeySid: read(keyVariables[0]),
    apiKeySecret: read(keyVariables[1]),
    keyVariables,
  };
}

function keyVariablesOf(read: (name: string) => string | undefined): Credentials['keyVariables'] {
  const long = ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'] as const;
  const short = ['TWILIO_API_KEY', 'TWILIO_API_SECRET'] as const;
  const isSet = (name: string): boolean => read(name) !== undefined;
  return !long.some(isSet) && short.some(isSet) ? short : long;
}

/** Lists what must not be printed: the secrets, and what stands in place of a SID after a swap. */
export function secretsOf({ accountSid, authToken, apiKeySid, apiKeySecret }: Credentials): string[] {
  return [authToken, apiKeySecret, accountSid, apiKeySid].filter(
    (value): value is string =>
      value !== undefined && value.length >= MIN_SECRET_LENGTH && !isSid('AC', value) && !isSid('SK', value),
  );
}

/** Lists what a token may have been signed with by mistake, in place of the secret of its kind. */
export function mistakenSecrets(
  { accountSid, authToken, apiKeySid, apiKeySecret }: Credentials,
  isAccessToken: boolean,
): [name: string, secret: string | Buffer][] {
  const right = isAccessToken ? apiKeySecret : authToken;
  const list: [string, string | Buffer | undefined][] = [
    isAccessToken ? ['the auth token', authToken] : ['the secret of an API key', apiKeySecret],
    ['the account SID', accountSid],
    ['the API key SID', apiKeySid],
    ...['undefined', 'null', 'None'].map((word): [string, string] => ['a word such as undefined', word]),
  ];
  if (right !== undefined) {
    list.push(
      ...['\n', '\r', ' '].map((end): [string, string] => ['white space after the secret', right + end]),
      ...['"', "'"].map((mark): [string, string] => ['quotes around the secret', mark + right + mark]),
      ['the secret decoded from base64', Buffer.from(right, 'base64')],
      ['the secret decoded from hex', Buffer.from(right, 'hex')],
    );
  }
  return list.filter((each): each is [string, string | Buffer] => each[1] !== undefined);
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
