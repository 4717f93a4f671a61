import * as z from 'zod/mini';
import { decodeCapability } from '../capability/capability-verifier';
import { decodeToken, type DecodedToken } from '../decode-token';
import { TokenError } from '../errors';
import { isPlainObject } from '../plain-object';
import { nowSchema, parseOptions } from '../settings';
import { isSid } from '../sid';
import { validateTimes } from '../tokens/claims';
import { decodeSegments, validateHeader } from '../tokens/jws';
import { readClock } from '../tokens/lifetime';
import {
  describeNonToken,
  describeToken,
  format,
  formatError,
  formatMessage,
  isAsymmetric,
} from './matcher-messages';
import type {
  Asymmetric,
  CapabilityMatchers,
  MatcherContext,
  MatcherOptions,
  MatcherResult,
  TokenVerifier,
} from './matcher-types';

const optionsSchema = z.strictObject({
  now: z.optional(nowSchema),
});

type Matcher = (this: MatcherContext, received: unknown, ...expected: never[]) => MatcherResult;

/**
 * The matchers as `expect.extend` takes them. The import registers them by itself: pass them to `expect.extend` only in
 * another test framework.
 */
export const matchers = {
  toBeCapabilityToken(this: MatcherContext, received: unknown, options?: TokenVerifier | MatcherOptions) {
    const verifier = isVerifier(options) ? options : verifierWithoutSecret(options);
    const isString = typeof received === 'string';
    const fault = isString ? faultOf(received, verifier) : describeNonToken(received);
    const expected = isVerifier(options)
      ? 'a capability token that the verifier accepts'
      : 'a capability token that is valid now';
    return {
      // A promise that was not awaited must not pass `.not`.
      pass: isString ? fault === undefined : this.isNot === true,
      message: () => {
        const actual = fault ?? describeToken(decodeToken(received as string));
        return formatMessage('toBeCapabilityToken', this, [], expected, actual);
      },
    };
  },

  toAllowIncoming(this: MatcherContext, received: unknown, clientName: string | Asymmetric) {
    return match('toAllowIncoming', this, received, [clientName], {
      problem: isText(clientName) ? undefined : 'The client name must be a string.',
      expected: `a token that allows incoming calls to ${format(clientName)}`,
      test: ({ clientNames }) => clientNames.some((name) => this.equals(name, clientName)),
      actual: describeToken,
    });
  },

  toAllowOutgoing(
    this: MatcherContext,
    received: unknown,
    applicationSid: string | Asymmetric,
    // vitest compares this type with the generic signature of CapabilityMatchers.
    params?: object,
  ) {
    const text = stringifyParams(params);
    const withParams = params === undefined ? '' : ` with ${format(text)}`;
    const parameters = params === undefined ? [applicationSid] : [applicationSid, params];
    return match('toAllowOutgoing', this, received, parameters, {
      problem: problemOfOutgoing(applicationSid, params),
      expected: `a token that allows outgoing calls through ${format(applicationSid)}${withParams}`,
      test: ({ scopes }) =>
        scopes.some(
          (scope) =>
            scope.kind === 'outgoing' &&
            this.equals(scope.applicationSid, applicationSid) &&
            (params === undefined || this.equals(scope.params, text)),
        ),
      actual: describeToken,
    });
  },

  toExpireIn(this: MatcherContext, received: unknown, seconds: number, options?: MatcherOptions) {
    const { now } = parseOptions(optionsSchema, options);
    const time = readClock(now ?? Date.now);
    const left = ({ expiresAt }: DecodedToken): number =>
      expiresAt === undefined ? Number.NaN : expiresAt.getTime() / 1000 - Math.floor(time / 1000);
    return match('toExpireIn', this, received, [seconds], {
      problem: Number.isFinite(seconds) ? undefined : 'The seconds must be a number.',
      expected: `a token that expires in ${seconds} s`,
      test: (token) => left(token) === seconds || (now === undefined && left(token) === seconds - 1),
      actual: (token) =>
        token.expiresAt === undefined
          ? 'The token has no valid exp.'
          : `The token expires in ${left(token)} s: at ${token.expiresAt.toISOString()}, ` +
            `and it is ${new Date(time).toISOString()}.`,
    });
  },
} as const satisfies Record<keyof CapabilityMatchers, Matcher>;

function isVerifier(options: TokenVerifier | MatcherOptions | undefined): options is TokenVerifier {
  return typeof (options as Partial<TokenVerifier> | undefined)?.verify === 'function';
}

/** Returns a verifier that checks all but the signature and the account. */
function verifierWithoutSecret(options: MatcherOptions | undefined): { verify(token: string): void } {
  const { now = Date.now } = parseOptions(optionsSchema, options);
  return {
    verify(token) {
      validateHeader(decodeSegments(token).header);
      const { accountSid, claims } = decodeCapability(token);
      validateTimes(claims, readClock(now), 0);
      if (isSid('AC', accountSid)) return;
      throw new TokenError('ERR_TOKEN_ISSUER', 'Token must have an account SID in iss.', 'iss');
    },
  };
}

function faultOf(token: string, verifier: { verify(token: string): unknown }): string | undefined {
  try {
    verifier.verify(token);
    return decodeToken(token).kind === 'capability' ? undefined : 'The token is an Access Token.';
  } catch (error) {
    return formatError(error);
  }
}

interface Expectation {
  /** The problem with the parameters of the matcher, if any. */
  readonly problem: string | undefined;
  readonly expected: string;
  readonly test: (token: DecodedToken) => boolean;
  readonly actual: (token: DecodedToken) => string;
}

/** Matches a decoded token. Without a token or with wrong parameters, the matcher fails, and so does its `.not`. */
function match(
  name: keyof CapabilityMatchers,
  context: MatcherContext,
  received: unknown,
  parameters: readonly unknown[],
  { problem, expected, test, actual }: Expectation,
): MatcherResult {
  const token = problem ?? decode(received);
  const failed = typeof token === 'string';
  return {
    pass: failed ? context.isNot === true : test(token),
    message: () => formatMessage(name, context, parameters, expected, failed ? token : actual(token)),
  };
}

/** Decodes a token, or returns why it cannot be decoded. */
function decode(received: unknown): DecodedToken | string {
  if (typeof received !== 'string') return describeNonToken(received);
  try {
    return decodeToken(received);
  } catch (error) {
    return formatError(error);
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || isAsymmetric(value);
}

function problemOfOutgoing(applicationSid: unknown, params: unknown): string | undefined {
  if (!isText(applicationSid)) return 'The application SID must be a string.';
  if (params === undefined || isAsymmetric(params)) return undefined;
  const isParam = (value: unknown): boolean => isText(value) || isScalar(value);
  if (isPlainObject(params) && Object.values(params).every(isParam)) return undefined;
  return 'The params must be a plain object of strings, numbers and booleans.';
}

function isScalar(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** Converts numbers and booleans to text, as they are in a token. */
function stringifyParams(params: unknown): unknown {
  if (!isPlainObject(params)) return params;
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, isScalar(value) ? String(value) : value]),
  );
}
