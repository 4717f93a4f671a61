import { readOptions } from '../options';
import { BaseScope } from './base-scope';
import { validateAllowAnyName, validateClientName } from './client-name';
import { queryValue, type ScopeQuery } from './scope-uri';

/** Options of an {@link IncomingScope}. */
export interface IncomingScopeOptions {
  /** Accept any name of up to 256 characters without control characters. Default: false. */
  readonly allowAnyName?: boolean | undefined;
}

/**
 * Allows a client to receive calls under a name. Immutable.
 *
 * @example
 * String(new IncomingScope('alice')); // 'scope:client:incoming?clientName=alice'
 */
export class IncomingScope extends BaseScope {
  /** Identifies the kind of scope and narrows the type. */
  readonly kind = 'incoming';
  /** The name that is called with `<Client>alice</Client>`. */
  readonly clientName: string;

  /**
   * Creates a scope to receive calls.
   *
   * @param clientName - 1 to 121 letters, digits or underscores. Use `encodeClientName` for other text.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`.
   * @throws {ConfigError} `ERR_OPTIONS_INVALID`.
   */
  constructor(clientName: string, options?: IncomingScopeOptions) {
    const { allowAnyName } = readOptions(['allowAnyName'], options);
    validateClientName(clientName, validateAllowAnyName(allowAnyName));
    super(`scope:client:incoming?clientName=${encodeURIComponent(clientName)}`);
    this.clientName = clientName;
    Object.freeze(this);
  }
}

/** Creates the scope from a parsed URI. */
export function parseIncomingScope(query: ScopeQuery): IncomingScope {
  return new IncomingScope(queryValue(query, 'clientName'), { allowAnyName: true });
}
