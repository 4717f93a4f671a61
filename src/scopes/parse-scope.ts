import { ScopeError, typeName } from '../errors';
import { MAX_TOKEN_LENGTH } from '../limits';
import { isEventStream, parseEventStreamScope, type EventStreamScope } from './event-stream-scope';
import { parseIncomingScope, type IncomingScope } from './incoming-scope';
import { parseOtherScope, type OtherScope } from './other-scope';
import { parseOutgoingScope, type OutgoingScope } from './outgoing-scope';
import { malformed, parseScopeUri, splitClaim, type ScopeUri } from './scope-uri';

/** One thing that a token allows. `kind` identifies it and narrows the type. */
export type Scope = IncomingScope | OutgoingScope | EventStreamScope | OtherScope;

/**
 * Parses a scope URI written by any Twilio SDK.
 *
 * @param uri - At most 8,192 characters.
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: not a scope URI, bad percent-encoding, a repeated key, or values that no
 *   {@link IncomingScope}, {@link OutgoingScope} or {@link EventStreamScope} can have. Any client name that
 *   `allowAnyName` accepts can be parsed.
 * @example
 * const scope = parseScope('scope:client:incoming?clientName=support+agent');
 * if (scope.kind === 'incoming') scope.clientName; // 'support agent'
 */
export function parseScope(uri: string): Scope {
  if (typeof uri !== 'string') throw malformed(`Scope must be a string. Received ${typeName(uri)}.`);
  try {
    return createScope(parseScopeUri(uri));
  } catch (error) {
    // The constructors say what is wrong with a value. Here the fault is in the text.
    if (error instanceof ScopeError && error.code === 'ERR_SCOPE_INVALID') {
      throw malformed(`Scope cannot be parsed. ${error.message}`, error.field);
    }
    throw error;
  }
}

/**
 * Parses a `scope` claim: scope URIs joined by spaces. A word that does not start with `scope:` continues the scope
 * before it, since twilio-java and twilio-csharp do not encode incoming client names.
 *
 * @param claim - At most 8,192 characters.
 * @returns The scopes in order. Empty for the empty string.
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`, as {@link parseScope}.
 */
export function parseScopes(claim: string): Scope[] {
  if (typeof claim !== 'string')
    throw malformed(`Scope claim must be a string. Received ${typeName(claim)}.`);
  if (claim.length > MAX_TOKEN_LENGTH) {
    throw malformed(`Scope claim is longer than ${MAX_TOKEN_LENGTH} characters.`);
  }
  return splitClaim(claim).map(parseScope);
}

function createScope(uri: ScopeUri): Scope {
  const { query } = uri;
  switch (uri.name) {
    case 'client:incoming':
      return parseIncomingScope(query);
    case 'client:outgoing':
      return parseOutgoingScope(query);
    case 'stream:subscribe':
      return isEventStream(query) ? parseEventStreamScope(query) : parseOtherScope(uri);
    default:
      return parseOtherScope(uri);
  }
}
