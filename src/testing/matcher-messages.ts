import { types } from 'node:util';
import { printable } from '../printable';
import type { Scope } from '../scopes/parse-scope';
import type { DecodedToken } from '../decode-token';
import type { Asymmetric, TokenMatchers, MatcherContext } from './matcher-types';

/** Formats the message of a failed matcher. It never contains the token. */
export function formatMessage(
  name: keyof TokenMatchers,
  { isNot }: MatcherContext,
  parameters: readonly unknown[],
  expected: string,
  actual: string,
): string {
  const not = isNot === true;
  const call = `expect(token)${not ? '.not' : ''}.${name}(${parameters.map(format).join(', ')})`;
  return `${call}\n\nExpected: ${not ? 'not ' : ''}${expected}\n${actual}`;
}

/** Formats a value as one line of JSON. An asymmetric matcher becomes its description. */
export function format(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    isAsymmetric(part) ? (part.toAsymmetricMatcher?.() ?? 'an asymmetric matcher') : part,
  ) as string | undefined;
  return text === undefined ? String(value) : printable(text);
}

/**
 * Formats the error of a verifier that rejected a token, and throws any other. The code identifies it: after
 * `jest.resetModules`, errors are instances of another copy of the class.
 */
export function formatError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('ERR_TOKEN_')) return `${(error as Error).message} (${code})`;
  throw error;
}

/** Describes a value that is not a token. */
export function describeNonToken(value: unknown): string {
  return `The value is not a token: it is ${describeType(value)}.`;
}

function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (types.isPromise(value)) return 'a promise. Await it';
  if (typeof value === 'object' && typeof (value as { token?: unknown }).token === 'string') {
    return 'an object with a token. Use expect(value.token)';
  }
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

/** Lists what a token allows. */
export function describeToken({ kind, scopes }: Pick<DecodedToken, 'kind' | 'scopes'>): string {
  const name = kind === 'capability' ? 'The token' : 'The Access Token';
  if (scopes.length === 0) return `${name} allows nothing.`;
  return [`${name} allows:`, ...scopes.map((scope) => `  ${describeScope(scope)}`)].join('\n');
}

function describeScope(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      return `incoming calls to ${format(scope.clientName)}`;
    case 'outgoing': {
      const from = scope.clientName === undefined ? '' : ` from ${format(scope.clientName)}`;
      return `outgoing calls through ${scope.applicationSid}${from}${describeParams(scope.params)}`;
    }
    case 'event-stream':
      return `the event stream${describeParams(scope.filters)}`;
    case 'other':
      return `${format(`${scope.service}:${scope.privilege}`)}${describeParams(scope.params)}`;
  }
}

function describeParams(params: object): string {
  return Object.keys(params).length === 0 ? '' : ` with ${format(params)}`;
}

/** Returns whether a value is an asymmetric matcher. */
export function isAsymmetric(value: unknown): value is Asymmetric {
  return (
    typeof value === 'object' && value !== null && typeof (value as Asymmetric).asymmetricMatch === 'function'
  );
}
