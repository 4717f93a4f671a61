import { stringify } from 'node:querystring';
import { BaseScope } from './base-scope';
import type { ScopeParamsText } from './params';
import type { ScopeUri } from './scope-uri';

/**
 * A scope of a service or privilege that has no class here, so that newer tokens stay readable. Immutable.
 * `parseScope` and `parseScopes` create it.
 */
export class OtherScope extends BaseScope {
  /** Identifies the kind of scope and narrows the type. */
  readonly kind = 'other';
  /** The first word after `scope:`, such as `video`. */
  readonly service: string;
  /** The word after the service, such as `join`. */
  readonly privilege: string;
  /** The query, decoded once. */
  readonly params: ScopeParamsText;

  /** @internal */
  constructor(uri: string, service: string, privilege: string, params: ScopeParamsText) {
    super(uri);
    this.service = service;
    this.privilege = privilege;
    this.params = params;
    Object.freeze(this);
  }
}

/** Creates the scope from a parsed URI. */
export function parseOtherScope({ name, query }: ScopeUri): OtherScope {
  const [service, privilege] = name.split(':') as [string, string];
  const params = Object.freeze(Object.fromEntries([...query].map(([key, value = '']) => [key, value])));
  const text = stringify(params);
  const uri = `scope:${name}${text === '' ? '' : `?${text}`}`;
  return new OtherScope(uri, service, privilege, params);
}
