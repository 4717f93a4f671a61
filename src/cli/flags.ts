import { parseArgs } from 'node:util';
import { nearest } from '../settings';
import { UsageError, type Arguments, type FlagTypes } from './terminal';

/** Flags that a secret would follow, whatever their spelling. */
const SECRET = /secret|password|passphrase|credential|auth.?token|api.?key$|private.?key/i;

/**
 * Reads the command line of a subcommand. What follows a wrong flag is never repeated: it may be a secret.
 *
 * @throws {UsageError}
 */
export function parseFlags(args: readonly string[], types: FlagTypes, takesToken: boolean): Arguments {
  const flags: Record<string, true | string[]> = {};
  let token: string | undefined;
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [name, { type: type === 'boolean' ? type : 'string' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const part of tokens) {
    if (part.kind === 'option') readFlag(part, types, flags);
    else if (part.kind === 'positional') {
      if (!takesToken) throw new UsageError('There is an argument too many: this command takes flags only.');
      if (token !== undefined) throw new UsageError('There is more than one token: give one at a time.');
      token = part.value;
    }
  }
  return { flags, token };
}

function readFlag(
  {
    name,
    rawName,
    value,
    inlineValue,
  }: { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  types: FlagTypes,
  flags: Record<string, true | string[]>,
): void {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw unknownFlag(name, rawName, Object.keys(types));
  if (type === 'boolean') {
    if (value !== undefined) throw new UsageError(`--${name} takes no value.`);
    flags[name] = true;
    return;
  }
  if (value === undefined || (inlineValue === false && value.startsWith('--'))) {
    throw new UsageError(`--${name} needs a value.`);
  }
  const values = (flags[name] ??= []) as string[];
  if (type === 'one' && values.length > 0) throw new UsageError(`--${name} is there twice.`);
  values.push(value);
}

function unknownFlag(name: string, rawName: string, known: readonly string[]): UsageError {
  if (SECRET.test(name)) {
    return new UsageError(
      'Secrets are not taken from flags, since the process list shows those. Set TWILIO_AUTH_TOKEN, or for ' +
        'Access Tokens TWILIO_API_KEY_SECRET, in the environment or in a file given by --env-file.',
    );
  }
  // Only a plain word is shown: anything else may be a token or a secret that slipped in here.
  const shown = /^--?[A-Za-z-]{1,30}$/.test(rawName) ? ` ${rawName}` : '';
  const near = nearest(name, known);
  const suggestion = near === undefined ? '' : ` Did you mean --${near}?`;
  return new UsageError(`There is no flag${shown}.${suggestion}`);
}

/** The value of a flag that has one. */
export function valueOf(args: Arguments, name: string): string | undefined {
  return valuesOf(args, name)[0];
}

/** The values of a flag that can be there more than once. */
export function valuesOf({ flags }: Arguments, name: string): readonly string[] {
  const values = flags[name];
  return values === undefined || values === true ? [] : values;
}

/**
 * The value of a flag, as a whole number.
 *
 * @throws {UsageError}
 */
export function secondsOf(args: Arguments, name: string): number | undefined {
  const value = valueOf(args, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${name} takes a whole number of seconds.`);
  return Number(value);
}

/**
 * The values of a flag of the form KEY=VALUE; undefined where it is not there.
 *
 * @throws {UsageError}
 */
export function pairsOf(args: Arguments, name: string): Record<string, string> | undefined {
  const pairs = valuesOf(args, name).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--${name} takes KEY=VALUE.`);
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  if (pairs.length === 0) return undefined;
  const found = Object.fromEntries(pairs);
  if (Object.keys(found).length < pairs.length) throw new UsageError(`--${name} has one key twice.`);
  return found;
}
