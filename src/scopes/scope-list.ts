import { CapabilityError, ScopeError, SignError } from '../errors';
import { MAX_TOKEN_LENGTH, tooLarge } from '../tokens/jws';
import { isScope, scopeUri, type IncomingScope, type OutgoingScope, type Scope } from './scope';

/** What is to be signed. */
export interface ScopeList {
  readonly scopes: readonly Scope[];
  /** Their URIs joined by spaces: the `scope` claim. */
  readonly claim: string;
}

/**
 * Reads what is to be signed: one scope, or any iterable of them, read once.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: something that is no scope of this library.
 * @throws {SignError} `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`.
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: more than any token could hold, as an endless generator gives.
 */
export function readScopeList(given: unknown): ScopeList {
  const scopes = collectScopes(given);
  checkDuplicates(scopes);
  let claim = '';
  for (const scope of scopes) {
    claim += claim === '' ? scopeUri(scope) : ` ${scopeUri(scope)}`;
    if (claim.length > MAX_TOKEN_LENGTH) throw tooLarge();
  }
  if (claim === '') {
    throw new SignError(
      'ERR_NO_SCOPES',
      'A token needs at least one scope: without any it allows nothing.',
      'scopes',
    );
  }
  return { scopes, claim };
}

function checkDuplicates(scopes: readonly Scope[]): void {
  // Only two of one kind can be the same; and kinds are few and short, where URIs are long.
  if (new Set(scopes.map(({ kind }) => kind)).size === scopes.length) return;
  const seen = new Set<string>();
  for (const scope of scopes) {
    const key = scope.kind === 'outgoing' ? scope.applicationSid : scopeUri(scope);
    if (seen.has(key)) {
      throw new SignError(
        'ERR_DUPLICATE_SCOPE',
        scope.kind === 'outgoing'
          ? 'Two outgoing scopes are for one application; Twilio would take only one of them.'
          : 'The same scope is there twice.',
        'scopes',
      );
    }
    seen.add(key);
  }
}

/**
 * Collects one scope, or any iterable of them, read once.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: something that is no scope of this library.
 */
export function collectScopes(scopes: unknown): Scope[] {
  if (isScope(scopes)) return [scopes];
  // A string is iterable too, by its characters.
  if (typeof scopes !== 'object') throw notScopes();
  const list: Scope[] = [];
  try {
    for (const scope of scopes as Iterable<unknown>) {
      if (!isScope(scope)) throw notScopes();
      list.push(scope);
      // No token could hold as many: an endless generator ends here.
      if (list.length > MAX_TOKEN_LENGTH) break;
    }
  } catch (error) {
    // A generator that builds its scopes as it goes says better itself what is wrong with one.
    throw error instanceof CapabilityError ? error : notScopes();
  }
  return list;
}

function notScopes(): ScopeError {
  return new ScopeError(
    'ERR_SCOPE_INVALID',
    'Scopes are made by new IncomingScope(…), new OutgoingScope(…), new EventStreamScope(…) or parseScope(…): ' +
      'give one of them, or an array or other iterable of them. Text and look-alikes are not taken.',
    'scopes',
  );
}

/** The name to show for a set of scopes: the first incoming one, else the first outgoing one's. */
export function clientNameOf(scopes: readonly Scope[]): string | undefined {
  const incoming = scopes.find((scope) => scope.kind === 'incoming');
  return (incoming ?? scopes.find(isNamed))?.clientName;
}

function isNamed(scope: Scope): scope is IncomingScope | OutgoingScope {
  return 'clientName' in scope;
}
