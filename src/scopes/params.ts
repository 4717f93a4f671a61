import { ScopeError } from '../errors';
import { isPlainObject, quoted } from '../options';

/** What a parameter or filter can hold; written as text, read back as a string. */
export type ScopeParam = string | number | boolean;

/** Parameters of an outgoing scope, or filters of an event stream: at most 100, keys not empty. */
export type ScopeParams = Readonly<Record<string, ScopeParam>>;

/**
 * The same for any type with such properties: lets an `interface`, which has no index signature, fit. The key
 * clause keeps the mapping from taking a list for a list of parameters; `object`, from passing on null or text.
 */
export type ParamsOf<P> = object & { readonly [K in keyof P as Exclude<K, symbol>]: ScopeParam };

/** Parameters as a scope holds them. */
export type ScopeParamsText = Readonly<Record<string, string>>;

const MAX_PARAMS = 100;

/**
 * Copies parameters out of a plain object. Walked by hand: a schema library's record lets the error of a
 * getter out, and drops `__proto__`.
 *
 * @param field - `params` or `filters`, for the error.
 * @throws {ScopeError} `ERR_SCOPE_INVALID`: anything but a plain object of at most 100 own enumerable
 *   string keys with strings, finite numbers or booleans, all text well formed.
 */
export function readParams(value: unknown, field: 'params' | 'filters'): ScopeParamsText {
  if (value === undefined) return NO_PARAMS;
  const refuse = (message: string): ScopeError => new ScopeError('ERR_SCOPE_INVALID', message, field);

  if (!isPlainObject(value)) {
    throw refuse(`The ${field} must be a plain object of names and values; leave it out for none.`);
  }
  const keys = Object.keys(value);
  const tooMany = countProblem(keys.length, field);
  if (tooMany !== undefined) throw refuse(tooMany);
  const all = Object.getOwnPropertyNames(value).length + Object.getOwnPropertySymbols(value).length;
  if (all !== keys.length) {
    throw refuse(`The ${field} must have enumerable string keys only: a hidden or symbol key would be lost.`);
  }
  if (keys.length === 0) return NO_PARAMS;
  const text: Record<string, string> = {};
  for (const key of keys) {
    const problem = nameProblem(key, field);
    if (problem !== undefined) throw refuse(problem);
    text[key] = readParam(value, key, refuse);
  }
  return Object.freeze(text);
}

/** What is wrong with a number of parameters, in a sentence; nothing where it is good. */
export function countProblem(count: number, field: 'params' | 'filters'): string | undefined {
  return count > MAX_PARAMS ? `The ${field} hold more than ${MAX_PARAMS} entries.` : undefined;
}

/** What is wrong with the name of a parameter; likewise. */
export function nameProblem(name: string, field: 'params' | 'filters'): string | undefined {
  return name === '' || name === '__proto__' || !name.isWellFormed()
    ? `The names of ${field} must be well-formed text, not empty and not "__proto__".`
    : undefined;
}

/** No parameters. One object for all the scopes that have none. */
export const NO_PARAMS: ScopeParamsText = Object.freeze({});

function readParam(
  params: Record<string, unknown>,
  key: string,
  refuse: (message: string) => ScopeError,
): string {
  let value: unknown;
  try {
    value = params[key];
  } catch {
    throw refuse(`The value of ${quoted(key) ?? 'a parameter'} cannot be read: its getter throws.`);
  }
  if (typeof value === 'string' && value.isWellFormed()) return value;
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  throw refuse(
    `The value of ${quoted(key) ?? 'a parameter'} must be well-formed text, a finite number or a boolean. ` +
      'Leave out what is not set; turn dates and objects into text yourself.',
  );
}
