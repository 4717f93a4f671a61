import { ScopeError } from '../errors';
import { isShowable } from '../options';
import { isPlainObject } from '../plain-object';

/** A parameter value. It is written as text and read back as a string. */
export type ScopeParam = string | number | boolean;

/** Parameters of an outgoing scope or filters of an event stream: at most 100 entries with non-empty keys. */
export type ScopeParams = Readonly<Record<string, ScopeParam>>;

/** Accepts any object type with such values, including interfaces. Rejects arrays. */
export type ParamsOf<P> = object & { readonly [K in keyof P as Exclude<K, symbol>]: ScopeParam };

/** Parameters of a scope, as strings. */
export type ScopeParamsText = Readonly<Record<string, string>>;

const MAX_PARAMS = 100;

/**
 * Validates parameters and converts their values to text.
 *
 * @param field - `params` or `filters`, for the error.
 * @throws {ScopeError} `ERR_SCOPE_INVALID`. The message names the key at fault, unless it could be a secret.
 */
export function validateParams(field: 'params' | 'filters', params: unknown = {}): ScopeParamsText {
  const invalid = (message: string): ScopeError => new ScopeError('ERR_SCOPE_INVALID', message, field);

  if (!isPlainObject(params)) {
    throw invalid(`${field} must be a plain object of names and values. Leave it out if there are none.`);
  }
  const keys = Object.keys(params);
  if (keys.length > MAX_PARAMS) throw invalid(`${field} has more than ${MAX_PARAMS} entries.`);
  const text: Record<string, string> = {};
  for (const key of keys) {
    if (key === '' || key === '__proto__' || !key.isWellFormed()) {
      throw invalid(`Keys of ${field} must be well-formed text, not empty and not "__proto__".`);
    }
    const value = params[key];
    if (!isScopeParam(value)) {
      throw invalid(
        `${isShowable(key, 'param') ? `${field}.${key}` : `A value of ${field}`} must be well-formed text, a finite number or a boolean. ` +
          'Leave out keys without a value. Convert dates and objects to text first.',
      );
    }
    text[key] = String(value);
  }
  return Object.freeze(text);
}

function isScopeParam(value: unknown): value is ScopeParam {
  return typeof value === 'string'
    ? value.isWellFormed()
    : typeof value === 'boolean' || Number.isFinite(value);
}
