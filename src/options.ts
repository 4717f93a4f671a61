import { types } from 'node:util';
import { ConfigError, SignError } from './errors';

/** Whether a value is `{}`-like: no array, no class instance, no Proxy, though from any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // An Object.prototype of another realm, such as a vm context or a jest environment.
  return (
    !types.isProxy(prototype) &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype as object, 'isPrototypeOf')
  );
}

/**
 * A name given by the caller, where a message can show it. Only a short plain word is: a secret that ended
 * up as a key, by a slip such as `{ [authToken]: … }`, has digits in it or, at 32 characters, is longer.
 */
export function quoted(name: string): string | undefined {
  return /^[A-Za-z_]{1,24}$/.test(name) ? `"${name}"` : undefined;
}

/** How many single-character edits lead from one word to the other, case aside (Levenshtein). */
export function editDistance(from: string, to: string): number {
  const a = from.toLowerCase();
  const b = to.toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The known word nearest to a mistyped one, for a "did you mean". */
export function nearest(word: string, known: readonly string[]): string {
  const distances = known.map((candidate) => editDistance(word.slice(0, 40), candidate));
  return known[distances.indexOf(Math.min(...distances))]!;
}

/**
 * Reads an options object once: the known properties, as a copy that no getter can change afterwards.
 *
 * @param hints - What to say of an unknown property, by its name, in place of the nearest known one.
 * @throws {SignError} `ERR_OPTIONS_INVALID`, or for a config {@link ConfigError} `ERR_CONFIG_INVALID`: not a
 *   plain object, a property that cannot be read, or an unknown one (the message suggests the nearest).
 */
export function readOptions<K extends string>(
  value: unknown,
  known: readonly K[],
  what: 'config' | 'options' = 'options',
  hints: Readonly<Record<string, string>> = {},
): { [P in K]?: unknown } {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    throw refusal(what, `The ${what} must be a plain object with any of: ${known.join(', ')}.`, what);
  }
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol !== undefined) throw unknownProperty(what, String(symbol), known, hints);
  const copy: { [P in K]?: unknown } = {};
  // Not only the enumerable ones: a hidden option would be dropped in silence.
  for (const key of Object.getOwnPropertyNames(value)) {
    if (!known.includes(key as K)) throw unknownProperty(what, key, known, hints);
    try {
      copy[key as K] = value[key as K];
    } catch {
      throw refusal(what, `The property "${key}" of the ${what} cannot be read: its getter throws.`, key);
    }
  }
  return copy;
}

function refusal(what: 'config' | 'options', message: string, field: string): ConfigError | SignError {
  return what === 'config'
    ? new ConfigError('ERR_CONFIG_INVALID', message, field)
    : new SignError('ERR_OPTIONS_INVALID', message, field);
}

function unknownProperty(
  what: 'config' | 'options',
  name: string,
  known: readonly string[],
  hints: Readonly<Record<string, string>>,
): ConfigError | SignError {
  const hint = Object.hasOwn(hints, name) ? hints[name] : undefined;
  if (hint !== undefined) return refusal(what, hint, name);
  const shown = quoted(name);
  const has = what === 'config' ? 'config has' : 'options have';
  const property = shown === undefined ? 'an unknown property' : `an unknown property ${shown}`;
  return refusal(
    what,
    `The ${has} ${property}; did you mean "${nearest(name, known)}"?`,
    shown === undefined ? what : name,
  );
}

/**
 * Reads an option that is on or off; undefined is off.
 *
 * @throws {SignError} `ERR_OPTIONS_INVALID`: anything but a boolean. A string such as "false" would count as on.
 */
export function readFlag(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new SignError('ERR_OPTIONS_INVALID', `${name} must be true or false.`, name);
}
