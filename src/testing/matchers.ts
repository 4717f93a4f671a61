import { decodeToken, type DecodedToken } from '../decode-token';
import { decodeHeader, validateHeader } from '../tokens/jws';
import { readClock } from '../tokens/lifetime';
import { functionSchema, isPlainObject, parseOptions } from '../settings';
import { isSid } from '../sid';
import * as z from '../zod';
import { decodeCapability, type CapabilityVerifier } from '../capability/capability-verifier';
import { allowed, describe, judge, noToken, report, show } from './judge';
import {
  isAsymmetric,
  type Asymmetric,
  type CapabilityMatchers,
  type Context,
  type MatcherResult,
  type ToExpireInOptions,
} from './matcher-types';

const toExpireInSchema = z.strictObject({
  now: z.optional(
    functionSchema<() => number>('now must be a function that returns milliseconds since the epoch.'),
  ),
});

type Matcher = (this: Context, received: unknown, ...expected: never[]) => MatcherResult;

/**
 * The matchers as `expect.extend` takes them, in jest and in vitest. Importing this module registers them
 * by itself where jest is.
 *
 * @example
 * import { expect } from 'vitest';
 * import { matchers } from 'twilio-capability/testing/jest';
 * expect.extend(matchers);
 */
export const matchers = {
  toBeCapabilityToken(this: Context, received: unknown, verifier?: Pick<CapabilityVerifier, 'verify'>) {
    const fault = faultOf(received, verifier);
    const what =
      verifier === undefined ? 'a capability token' : 'a capability token that the verifier accepts';
    return {
      pass: fault === undefined,
      message: () =>
        report(
          'toBeCapabilityToken',
          this,
          '',
          what,
          fault === undefined ? allowed(decodeToken(received as string)) : fault,
        ),
    };
  },

  toAllowIncoming(this: Context, received: unknown, clientName: string | Asymmetric) {
    return judge('toAllowIncoming', this, received, [clientName], {
      problem: isText(clientName) ? undefined : 'The client name to look for is missing, or not a string.',
      expected: `a token that allows incoming calls to ${show(clientName)}`,
      test: ({ clientNames }) => clientNames.some((name) => this.equals(name, clientName)),
      actual: allowed,
    });
  },

  toAllowOutgoing(
    this: Context,
    received: unknown,
    applicationSid: string | Asymmetric,
    // Not narrower: vitest's types compare this with the generic signature of CapabilityMatchers.
    params?: object,
  ) {
    const text = asText(params);
    const given = params === undefined ? [applicationSid] : [applicationSid, params];
    return judge('toAllowOutgoing', this, received, given, {
      problem: isText(applicationSid)
        ? undefined
        : 'The application SID to look for is missing, or not a string.',
      expected:
        `a token that allows outgoing calls through ${show(applicationSid)}` +
        (params === undefined ? '' : ` with ${show(text)}`),
      test: ({ scopes }) =>
        scopes.some(
          (scope) =>
            scope.kind === 'outgoing' &&
            this.equals(scope.applicationSid, applicationSid) &&
            (params === undefined || this.equals(scope.params, text)),
        ),
      actual: allowed,
    });
  },

  toExpireIn(this: Context, received: unknown, seconds: number, options?: ToExpireInOptions) {
    const { now } = parseOptions(toExpireInSchema, options);
    const time = readClock(now ?? Date.now);
    const left = ({ expiresAt }: DecodedToken): number =>
      expiresAt === undefined ? Number.NaN : expiresAt.getTime() / 1000 - Math.floor(time / 1000);
    return judge('toExpireIn', this, received, [seconds], {
      problem: Number.isFinite(seconds) ? undefined : 'The number of seconds is missing, or not a number.',
      expected: `a token that expires in ${seconds} s`,
      test: (token) => left(token) === seconds || (now === undefined && left(token) === seconds - 1),
      actual: (token) =>
        token.expiresAt === undefined
          ? 'The token has no exp that can be read: it never expires.'
          : `The token expires in ${left(token)} s: at ${token.expiresAt.toISOString()}, ` +
            `and it is ${new Date(time).toISOString()}.`,
    });
  },
} as const satisfies Record<keyof CapabilityMatchers, Matcher>;

function faultOf(
  received: unknown,
  verifier: Pick<CapabilityVerifier, 'verify'> | undefined,
): string | undefined {
  if (typeof received !== 'string') return noToken(received);
  try {
    validateHeader(decodeHeader(received).header);
    const { accountSid, claims } = decodeCapability(received);
    if (!isSid('AC', accountSid)) return 'The token names no account: its iss is not an account SID.';
    if (!Number.isSafeInteger(claims['exp']))
      return 'The token has no exp that can be read: it never expires.';
    verifier?.verify(received);
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || isAsymmetric(value);
}

/** Params as a token has them: numbers and booleans as text. */
function asText(params: unknown): unknown {
  if (!isPlainObject(params)) return params;
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      key,
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}
