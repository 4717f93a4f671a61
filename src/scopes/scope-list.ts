import { ScopeError } from '../errors';
import { BaseScope } from './base-scope';
import type { Scope } from './parse-scope';

/** More scopes than fit into a token. Stops an endless generator. */
const MAX_SCOPES = 1000;

/**
 * Collects the scopes to sign.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`, field `scopes`. What the
 *   caller's own iterator throws passes through.
 */
export function collectScopesToSign(scopes: unknown): readonly Scope[] {
  const list = collectScopes(scopes);
  if (list.length === 0) throw new ScopeError('ERR_NO_SCOPES', 'A token needs at least one scope.', 'scopes');
  rejectDuplicates(list);
  return list;
}

/**
 * Collects one scope or any iterable of scopes.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`. What the caller's own iterator throws passes through.
 */
export function collectScopes(scopes: unknown): readonly Scope[] {
  if (isScope(scopes)) return [scopes];
  if (!isIterable(scopes)) throw notAScope(scopes);
  const list: Scope[] = [];
  for (const scope of scopes) {
    if (!isScope(scope)) throw notAScope(scope);
    if (list.length === MAX_SCOPES) throw invalid(`A token cannot hold more than ${MAX_SCOPES} scopes.`);
    list.push(scope);
  }
  return list;
}

/**
 * Returns who the client is: the first incoming client name, else the first outgoing one. The identity of an Access
 * Token follows the same rule.
 */
export function clientNameOf(scopes: readonly Scope[]): string | undefined {
  const incoming = scopes.find((scope) => scope.kind === 'incoming');
  if (incoming !== undefined) return incoming.clientName;
  const outgoing = scopes.filter((scope) => scope.kind === 'outgoing');
  return outgoing.find(({ clientName }) => clientName !== undefined)?.clientName;
}

/** Returns whether a value was created by a scope class of this copy of the library. */
function isScope(value: unknown): value is Scope {
  return BaseScope.isScope(value);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  // Rejects strings, which iterate over their characters.
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

/** Two outgoing scopes for one application count as the same, whatever their names and params are. */
function rejectDuplicates(scopes: readonly Scope[]): void {
  const seen = new Set<string>();
  for (const scope of scopes) {
    const id = scope.kind === 'outgoing' ? scope.applicationSid : String(scope);
    if (seen.has(id)) throw duplicate(scope);
    seen.add(id);
  }
}

function duplicate({ kind }: Scope): ScopeError {
  const message =
    kind === 'outgoing'
      ? 'Two outgoing scopes use the same application SID. Use one.'
      : 'The same scope was passed twice.';
  return new ScopeError('ERR_DUPLICATE_SCOPE', message, 'scopes');
}

function notAScope(value: unknown): ScopeError {
  const lookalike = typeof value === 'object' && value !== null && 'kind' in value;
  return invalid(
    'Scopes must be created with IncomingScope, OutgoingScope, EventStreamScope or parseScope(). ' +
      (lookalike
        ? 'If this one was, a second copy of twilio-capability created it: run `npm ls twilio-capability`.'
        : 'Pass one scope, or an array or another iterable of scopes.'),
  );
}

function invalid(message: string): ScopeError {
  return new ScopeError('ERR_SCOPE_INVALID', message, 'scopes');
}
