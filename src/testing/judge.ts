import { types } from 'node:util';
import { decodeToken, type DecodedToken } from '../decode-token';
import { printable } from '../printable';
import { describeScope } from './describe-scope';
import { isAsymmetric, type CapabilityMatchers, type Context, type MatcherResult } from './matcher-types';

/** What a matcher asks of a token. */
export interface Question {
  /** What is wrong with the question itself. */
  readonly problem: string | undefined;
  readonly expected: string;
  readonly test: (token: DecodedToken) => boolean;
  readonly actual: (token: DecodedToken) => string;
}

/** Asks a question of a token. Where there is none to ask, or no question, the answer is "no" either way. */
export function judge(
  name: keyof CapabilityMatchers,
  context: Context,
  received: unknown,
  given: unknown[],
  { problem, expected, test, actual }: Question,
): MatcherResult {
  const token = problem === undefined ? decode(received) : problem;
  const call = given.map(show).join(', ');
  if (typeof token === 'string') {
    return { pass: context.isNot === true, message: () => report(name, context, call, expected, token) };
  }
  return { pass: test(token), message: () => report(name, context, call, expected, actual(token)) };
}

/** What a token says, or why it says nothing. */
function decode(received: unknown): DecodedToken | string {
  if (typeof received !== 'string') return noToken(received);
  try {
    return decodeToken(received);
  } catch (error) {
    return describe(error);
  }
}

/**
 * An error of this library in a sentence; any other is none of a matcher's business. Told by its code: after
 * `jest.resetModules` a verifier's errors are of another copy of the class.
 */
export function describe(error: unknown): string {
  if (error instanceof Error && 'code' in error) return `${error.message} (${String(error.code)})`;
  throw error;
}

/** The message of a matcher. It never has the token in it. */
export function report(
  name: keyof CapabilityMatchers,
  { isNot }: Context,
  given: string,
  expected: string,
  actual: string,
): string {
  const not = isNot === true;
  return [
    `expect(token)${not ? '.not' : ''}.${name}(${given})`,
    '',
    `Expected: ${not ? 'not ' : ''}${expected}`,
    actual,
  ].join('\n');
}

/** What a token allows, a line each. */
export function allowed({ kind, scopes }: DecodedToken): string {
  const what = kind === 'capability' ? 'The token' : 'The Access Token';
  if (scopes.length === 0) return `${what} allows nothing.`;
  return [`${what} allows:`, ...scopes.map((scope) => `  ${describeScope(scope)}`)].join('\n');
}

/** What there is in the place of a token. */
export function noToken(value: unknown): string {
  return `The value is no token, but ${kindOf(value)}.`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (types.isPromise(value)) return 'a promise: await it';
  if (typeof value === 'object' && typeof (value as { token?: unknown }).token === 'string') {
    return 'an object that has one: expect(value.token)';
  }
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** An expected value, as the test wrote it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    isAsymmetric(part) ? (part.toAsymmetricMatcher?.() ?? 'an asymmetric matcher') : part,
  ) as string | undefined;
  return text === undefined ? String(value) : printable(text);
}
