import { ConfigError } from '../errors';
import { copyOptions, NO_OPTIONS } from '../settings';

/** The options of a scope. Only their names and `allowAnyName` are validated. */
type ScopeOptions = Readonly<Record<string, unknown>> & { readonly allowAnyName?: boolean };

/**
 * Validates the names of a scope's options, and `allowAnyName`. The other values have rules of their own.
 *
 * @returns A copy, since only own properties count.
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, with the field.
 */
export function validateScopeOptions(names: readonly string[], options: unknown): ScopeOptions {
  if (options === undefined) return NO_OPTIONS;
  const own = copyOptions(names, options);
  // Text such as "false" would count as true.
  const { allowAnyName } = own;
  if (allowAnyName === undefined || typeof allowAnyName === 'boolean') return own;
  throw new ConfigError('ERR_OPTIONS_INVALID', 'allowAnyName must be true or false.', 'allowAnyName');
}
