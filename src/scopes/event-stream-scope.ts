import { stringify } from 'node:querystring';
import { BaseScope } from './base-scope';
import { validateParams, type ParamsOf, type ScopeParams, type ScopeParamsText } from './params';
import { formatPart, malformed, parseParams, type ScopeQuery } from './scope-uri';

const EVENTS_PATH = '/2010-04-01/Events';

/**
 * Allows a client to subscribe to the account's event stream. Immutable.
 *
 * @example
 * new EventStreamScope({ CallStatus: 'completed' });
 */
export class EventStreamScope<P extends ParamsOf<P> = ScopeParams> extends BaseScope {
  /** Identifies the kind of scope and narrows the type. */
  readonly kind = 'event-stream';
  /** Event filters, as strings. Empty for all events. */
  readonly filters: ScopeParamsText;

  /**
   * Creates a scope to subscribe to events.
   *
   * @param filters - Default: none, for all events.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `filters`.
   */
  constructor(filters?: P) {
    const text = validateParams('filters', filters);
    const path = encodeURIComponent(EVENTS_PATH);
    super(`scope:stream:subscribe?path=${path}${formatPart('params', stringify(text))}`);
    this.filters = text;
    Object.freeze(this);
  }
}

/** Returns whether a `stream:subscribe` query is for the event stream. */
export function isEventStream(query: ScopeQuery): boolean {
  return query.get('path') === EVENTS_PATH;
}

/** Creates the scope from a parsed URI. */
export function parseEventStreamScope(query: ScopeQuery): EventStreamScope {
  if (query.has('params') && query.has('appParams')) {
    throw malformed('Scope has both "params" and "appParams".');
  }
  return new EventStreamScope(parseParams(query, query.has('params') ? 'params' : 'appParams'));
}
