import { quote } from '../printable';
import type { Scope } from '../scopes/scope';

/** What a scope allows, in words; what comes from the token is quoted and printable. */
export function describeScope(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      return `incoming calls to ${quote(scope.clientName)}`;
    case 'outgoing': {
      const from = scope.clientName === undefined ? '' : ` from ${quote(scope.clientName)}`;
      return `outgoing calls through ${scope.applicationSid}${from}${withParams(scope.params)}`;
    }
    case 'event-stream':
      return `the event stream${withParams(scope.filters)}`;
    case 'other':
      return `${quote(`${scope.service}:${scope.privilege}`)}${withParams(scope.params)}`;
  }
}

function withParams(params: object): string {
  return Object.keys(params).length === 0 ? '' : ` with ${quote(params)}`;
}
