import { parseArgs, type ParseArgsConfig } from 'node:util';
import { CapabilityError } from '../errors';
import { nearestWord } from '../nearest-word';
import { fixedClock } from '../testing/fixed-clock';

/** Wrong usage. The message never contains a value from the command line, which may be a secret. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Flags<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; tokens: true }>
>['values'];

/** Options of the commands that compare a token with the clock. */
export const TOKEN_OPTIONS = {
  now: { type: 'string' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const;

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
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: takesToken,
      tokens: true,
    });
    const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const repeated = names.find(
      (name, index) => names.indexOf(name) < index && options[name]!.multiple !== true,
    );
    if (repeated !== undefined) throw new UsageError(`--${repeated} is given twice.`);
    if (positionals.length > 1) throw new UsageError('More than one token. Pass one at a time.');
    return { flags: values, token: positionals[0] };
  } catch (error) {
    throw describeParseError(error as Error & { code?: string }, Object.keys(options));
  }
}

/** Describes an error of parseArgs. Its own message would repeat an argument. */
function describeParseError(error: Error & { code?: string }, known: readonly string[]): Error {
  // For an argument without a value, the message contains only the name of a known flag.
  const [, flag = ''] = /'(--?[\w-]+)/.exec(error.message) ?? [];
  switch (error.code) {
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      if (error.message.includes('does not take')) return new UsageError(`${flag} takes no value.`);
      return new UsageError(
        error.message.includes('ambiguous')
          ? `${flag} needs a value. If the value starts with "-", use ${flag}=VALUE.`
          : `${flag} needs a value.`,
      );
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return new UsageError('Unexpected argument. This command takes only flags.');
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return new UsageError(unknownFlagMessage(flag, known));
    default:
      return error;
  }
}

function unknownFlagMessage(flag: string, known: readonly string[]): string {
  const name = flag.replace(/^--?/, '');
  if (SECRET.test(name)) {
    return (
      'Secrets cannot be passed as flags: the process list would show them. Set TWILIO_AUTH_TOKEN (for Access Tokens: ' +
      'TWILIO_API_KEY_SECRET) in the environment, or in a file given with --dotenv.'
    );
  }
  if (name === 'env-file')
    return 'Unknown flag --env-file. Use --dotenv FILE: Node.js takes --env-file for itself.';
  const near = nearestWord(name, known);
  // Only a plain word is repeated. Anything else may be a token or a secret.
  const shown = /^[a-z-]{2,24}$/i.test(name) ? ` --${name}` : '';
  return `Unknown flag${shown}. ${near === undefined ? 'Run the command with --help.' : `Did you mean --${near}?`}`;
}

/**
 * Parses the value of a flag as whole seconds.
 *
 * @throws {UsageError}
 */
export function parseSeconds(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new UsageError(`${flag} takes a whole number of seconds.`);
  return Number(value);
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

/** The command-line names of what the API names in its messages. */
const NAMES: readonly (readonly [word: RegExp, name: string])[] = [
  [/ is missing\. .*/g, ' is not set. Set it in the environment, or in a file given with --dotenv.'],
  [/encodeClientName\(\)/g, '--encode-name'],
  [/pass \{ allowAnyName: true \}/gi, 'use --allow-any-name'],
  [/Pass \{ dropUnmappable: true \}/g, 'Use --drop-unmappable'],
  [/Pass \{ identity \}/g, 'Use --identity'],
  [/toVoiceGrant\(scopes\)/g, 'twilio-capability migrate'],
  [/\baccountSid\b/g, 'TWILIO_ACCOUNT_SID'],
  [/\bauthToken\b/g, 'TWILIO_AUTH_TOKEN'],
  [/\bclockTolerance\b/g, '--clock-tolerance'],
  [/\bpushCredentialSid\b/g, '--push-credential'],
  [/^Client name\b/g, 'The client name'],
  [/^Application SID\b/g, 'The application SID of --outgoing'],
  [/^identity\b|the identity option/g, '--identity'],
  [/^region\b/g, '--region'],
  [/^ttl\b/g, '--ttl'],
  [/\bparams\b/g, '--param'],
  [/\bfilters\b/g, '--filter'],
];

/**
 * Describes an error of the library for a user of the command line.
 *
 * @param keyVariables - The names of the API key's variables.
 * @throws Any other error.
 */
export function describeUsage(error: unknown, [keySid, keySecret]: readonly [string, string]): string {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CapabilityError)) throw error;
  const names = [...NAMES, [/\bapiKeySid\b/g, keySid], [/\bapiKeySecret\b/g, keySecret]] as const;
  return names.reduce((message, [word, name]) => message.replace(word, name), error.message);
}
