import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from '../errors';
import { isSid } from '../sid';
import { UsageError } from './arguments';
import type { Terminal } from './report';

/** The credentials at hand, all from one source. */
export interface Credentials {
  /** The value of `--dotenv`. Undefined if they come from the environment. */
  readonly file: string | undefined;
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  readonly apiKeySid: string | undefined;
  readonly apiKeySecret: string | undefined;
  /** The names of the API key's variables, in the spelling that is in use. */
  readonly keyVariables: readonly [sid: string, secret: string];
  /** Whether the API key's variables are of both spellings. */
  readonly isMixed: boolean;
  /** Whether the file has no variable of Twilio at all. */
  readonly isUnreadable: boolean;
}

/** A shorter secret would mask parts of ordinary words. Twilio's have 32 characters. */
const MIN_SECRET_LENGTH = 8;

/** The two spellings of the API key's variables. */
const LONG = ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'] as const;
const SHORT = ['TWILIO_API_KEY', 'TWILIO_API_SECRET'] as const;

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
  const isSet = (name: string): boolean => read(name) !== undefined;
  const keyVariables = !LONG.some(isSet) && SHORT.some(isSet) ? SHORT : LONG;
  return {
    file,
    accountSid: read('TWILIO_ACCOUNT_SID'),
    authToken: read('TWILIO_AUTH_TOKEN'),
    apiKeySid: read(keyVariables[0]),
    apiKeySecret: read(keyVariables[1]),
    keyVariables,
    isMixed: LONG.some(isSet) && SHORT.some(isSet),
    isUnreadable: file !== undefined && !Object.keys(variables).some((name) => /^TWILIO_\w+$/.test(name)),
  };
}

/** Describes the variables that a kind of token needs and that are not set. */
export function describeMissing(credentials: Credentials, isAccessToken: boolean): string | undefined {
  const { file, accountSid, authToken, apiKeySid, apiKeySecret, keyVariables } = credentials;
  const secrets: [string, string | undefined][] = isAccessToken
    ? [
        [keyVariables[0], apiKeySid],
        [keyVariables[1], apiKeySecret],
      ]
    : [['TWILIO_AUTH_TOKEN', authToken]];
  const needed: typeof secrets = [['TWILIO_ACCOUNT_SID', accountSid], ...secrets];
  const missing = needed.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length === 0) return undefined;
  const are = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set`;
  const where =
    file === undefined
      ? '. Use the environment, or a file given with --dotenv.'
      : ` in ${file}. With --dotenv, the environment is not read.`;
  if (credentials.isUnreadable) {
    return `${are}${where} No TWILIO variable was found there: write lines such as TWILIO_ACCOUNT_SID=AC…, in UTF-8.`;
  }
  const isMixed = isAccessToken && credentials.isMixed;
  return `${are}${where}${isMixed ? ` Use ${LONG.join(' with ')}, or ${SHORT.join(' with ')}.` : ''}`;
}

/** Describes a credential that the library rejects. Undefined if the error is another. */
export function describeInvalid(error: unknown, credentials: Credentials): string | undefined {
  if (!(error instanceof ConfigError && error.code === 'ERR_CONFIG_INVALID')) return undefined;
  const { accountSid, authToken, apiKeySid, apiKeySecret, keyVariables } = credentials;
  switch (error.field) {
    case 'accountSid':
      return describeSid(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'], 'AC', accountSid, authToken);
    case 'apiKeySid':
      return describeSid(keyVariables, 'SK', apiKeySid, apiKeySecret);
    case 'authToken':
    case 'apiKeySecret': {
      const name = error.field === 'authToken' ? 'TWILIO_AUTH_TOKEN' : keyVariables[1];
      return `${name} must be the secret alone: no SID, no spaces, no quotes around it.`;
    }
    default:
      return undefined;
  }
}

function describeSid(
  [name, secretName]: Credentials['keyVariables'],
  prefix: 'AC' | 'SK',
  value = '',
  secret: string | undefined,
): string {
  if (isSid(prefix, secret)) return `${name} and ${secretName} are swapped.`;
  if (/^["'“”‘’]|["'“”‘’]$/.test(value)) return `${name} has quotes around it. Remove them.`;
  return `${name} must be "${prefix}" followed by 1 to 32 letters or digits. Copy it from the console.`;
}

/** Lists what must not be printed: the secrets, and what stands in place of a SID after a swap. */
export function secretsOf({ accountSid, authToken, apiKeySid, apiKeySecret }: Credentials): string[] {
  // A SID in quotes is no secret either.
  const isAnySid = (value: string): boolean => /^\W*(?:AC|SK)[A-Za-z0-9]{1,32}\W*$/.test(value);
  return [authToken, apiKeySecret, accountSid, apiKeySid].filter(
    (value): value is string => value !== undefined && value.length >= MIN_SECRET_LENGTH && !isAnySid(value),
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
    throw new UsageError(`${file}, given with --dotenv, cannot be read: ${String(code)}.`);
  }
}
