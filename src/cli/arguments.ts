import { parseArgs, type ParseArgsConfig } from 'node:util';
import { CapabilityError, type ErrorCode } from '../errors';
import { nearestWord } from '../nearest-word';
import { fixedClock } from '../testing/fixed-clock';

/** Wrong usage. The message never contains a value from the command line, which may be a secret. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Flags<T extends Options> = ReturnType<typeof parseArgs<{ options: T; strict: true }>>['values'];

/** Flags that would be followed by a secret. */
const SECRET = /secret|password|passphrase|auth.?token|api.?key$|private.?key/i;

/**
 * Parses the flags of a command, and its token if it takes one.
 *
 * @throws {UsageError}
 */
export function parseFlags<T extends Options>(
  args: readonly string[],
  options: T,
  takesToken = false,
): { readonly flags: Flags<T>; readonly token: string | undefined } {
  // Not strict: the messages of parseArgs repeat arguments.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
  });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, value, inlineValue } = token;
    if (!Object.hasOwn(options, name)) throw unknownFlag(name, Object.keys(options));
    const { type, multiple } = options[name]!;
    if (type === 'boolean' && value !== undefined) throw new UsageError(`--${name} takes no value.`);
    if (type === 'string' && value === undefined) throw new UsageError(`--${name} needs a value.`);
    if (type === 'string' && inlineValue === false && /^-./.test(value)) {
      throw new UsageError(`--${name} needs a value. If the value starts with "-", use --${name}=VALUE.`);
    }
    if (multiple !== true && seen.has(name)) throw new UsageError(`--${name} is given twice.`);
    seen.add(name);
  }
  if (positionals.length > 0 && !takesToken) {
    throw new UsageError('Unexpected argument. This command takes only flags.');
  }
  if (positionals.length > 1) throw new UsageError('More than one token. Pass one at a time.');
  return { flags: values, token: positionals[0] };
}

function unknownFlag(name: string, known: readonly string[]): UsageError {
  if (SECRET.test(name)) {
    return new UsageError(
      'Secrets cannot be passed as flags: the process list would show them. Set TWILIO_AUTH_TOKEN (for Access Tokens: ' +
        'TWILIO_API_KEY_SECRET) in the environment, or in a file given with --dotenv.',
    );
  }
  if (name === 'env-file') {
    return new UsageError('Unknown flag --env-file. Use --dotenv FILE: Node.js takes --env-file for itself.');
  }
  const near = nearestWord(name, known);
  // Only a plain word is repeated. Anything else may be a token or a secret.
  const shown = /^[a-z-]{2,24}$/i.test(name) ? ` --${name}` : '';
  return new UsageError(
    `Unknown flag${shown}. ${near === undefined ? 'Run the command with --help.' : `Did you mean --${near}?`}`,
  );
}

/**
 * Parses the value of a flag as whole seconds.
 *
 * @throws {UsageError}
 */
export function parseSeconds(flag: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value) && Number(value) <= max) return Number(value);
  const hint = /^\d+000$/.test(value) ? ' This value looks like milliseconds. Divide it by 1000.' : '';
  throw new UsageError(`${flag} takes a whole number of seconds, at most ${max}.${hint}`);
}

/**
 * Parses values of the form KEY=VALUE.
 *
 * @throws {UsageError}
 */
export function parsePairs(flag: string, values: readonly string[] = []): Record<string, string> | undefined {
  if (values.length === 0) return undefined;
  const pairs = values.map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`${flag} takes KEY=VALUE.`);
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  const parsed = Object.fromEntries(pairs);
  if (Object.keys(parsed).length < pairs.length) throw new UsageError(`${flag} has the same key twice.`);
  return parsed;
}

/**
 * Returns the clock: the machine's, or the time of `--now`.
 *
 * @throws {UsageError}
 */
export function parseNow(value: string | undefined): () => number {
  if (value === undefined) return Date.now;
  try {
    return fixedClock(value);
  } catch {
    throw new UsageError('--now takes an ISO 8601 time with a zone, such as 2026-01-01T00:00:00Z.');
  }
}

const ANY_NAME = 'Use --encode-name for other text, or --allow-any-name to send it unchanged.';

/** The messages about flags, by the code and field of the library's error. */
const MESSAGES: Readonly<Partial<Record<`${ErrorCode} ${string}`, string>>> = {
  'ERR_OPTIONS_INVALID identity': `--identity must be 1 to 121 letters, digits or underscores. ${ANY_NAME}`,
  'ERR_TTL_INVALID ttl': '--ttl must be a whole number of seconds from 1 to 86400 (24 hours).',
  'ERR_SCOPE_INVALID clientName': `Client names must be 1 to 121 letters, digits or underscores. ${ANY_NAME}`,
  'ERR_SCOPE_INVALID applicationSid':
    '--outgoing must be "AP" followed by 1 to 32 letters or digits: a TwiML app.',
  'ERR_OPTIONS_INVALID pushCredentialSid':
    '--push-credential must be "CR" followed by 1 to 32 letters or digits.',
  'ERR_NOT_MAPPABLE scopes':
    'An Access Token has no counterpart for some of this: it has one identity and no event stream. Inspect the ' +
    'capability token to see which, or use --drop-unmappable to sign without.',
  'ERR_NOT_MAPPABLE identity':
    'An Access Token needs an identity. Use --incoming, --client-name or --identity.',
};

/**
 * Describes an error for a user of the command line.
 *
 * @throws Any error that is neither wrong usage nor an error of the library.
 */
export function describeUsage(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CapabilityError)) throw error;
  return MESSAGES[`${error.code} ${error.field ?? ''}`] ?? error.message;
}
