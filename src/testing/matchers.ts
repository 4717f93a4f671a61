import * as z from 'zod/mini';
import {
  validateAccessTokenClaims,
  validateAccessTokenForm,
  type AccessTokenVerifier,
} from '../access-token/access-token-verifier';
import {
  validateCapabilityClaims,
  validateCapabilityForm,
  type CapabilityVerifier,
} from '../capability/capability-verifier';
import { decodeToken, type DecodedToken } from '../decode-token';
import { isPlainObject } from '../plain-object';
import { parseOptions } from '../options';
import { nowSchema } from '../schemas';
import type { TokenScopes } from '../tokens/claims';
import { readClock } from '../tokens/clock';
import { openToken } from '../tokens/jws';
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
  MatcherContext,
  MatcherOptions,
  MatcherResult,
  TokenMatchers,
} from './matcher-types';

const optionsSchema = z.object({
  now: z.optional(nowSchema),
});

/** Any account, with an exact clock. */
const ANY_ACCOUNT = { accountSid: undefined, clockTolerance: 0 };

type Matcher = (this: MatcherContext, received: unknown, ...expected: never[]) => MatcherResult;

/** The matchers as `expect.extend` takes them. */
export const matchers = {
  toBeCapabilityToken(
    this: MatcherContext,
    received: unknown,
    options?: CapabilityVerifier | MatcherOptions,
  ) {
    return matchKind('toBeCapabilityToken', this, received, options, {
      kind: 'capability',
      noun: 'a capability token',
      advice: 'toBeCapabilityToken() needs a CapabilityVerifier. Use toBeAccessToken() for Access Tokens.',
      validate: (text, now) => {
        const claims = validateCapabilityForm(openToken(text));
        return validateCapabilityClaims(claims, { ...ANY_ACCOUNT, now });
      },
    });
  },

  toBeAccessToken(this: MatcherContext, received: unknown, options?: AccessTokenVerifier | MatcherOptions) {
    return matchKind('toBeAccessToken', this, received, options, {
      kind: 'access-token',
      noun: 'an Access Token',
      advice:
        'toBeAccessToken() needs an AccessTokenVerifier. Use toBeCapabilityToken() for capability tokens.',
      validate: (text, now) => {
        const token = openToken(text);
        validateAccessTokenForm(token);
        return validateAccessTokenClaims(token, { ...ANY_ACCOUNT, now });
      },
    });
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
    // vitest compares this type with the generic signature of TokenMatchers.
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
} as const satisfies Record<keyof TokenMatchers, Matcher>;

/** What distinguishes the matchers of the two kinds of token. */
interface KindExpectation {
  readonly kind: DecodedToken['kind'];
  readonly noun: string;
  /** The message for a verifier of the other kind. */
  readonly advice: string;
  /** Validates all but the signature and the account. */
  readonly validate: (text: string, now: () => number) => TokenScopes;
}

/** Matches a token of one kind. Without a token or with the wrong verifier, the matcher fails, and so does its `.not`. */
function matchKind(
  name: keyof TokenMatchers,
  context: MatcherContext,
  received: unknown,
  options: Verifier | MatcherOptions | undefined,
  { kind, noun, advice, validate }: KindExpectation,
): MatcherResult {
  const expected = `${noun} that ${isVerifier(options) ? 'the verifier accepts' : 'is valid now'}`;
  const result = (pass: boolean, actual: string): MatcherResult => ({
    pass,
    message: () => formatMessage(name, context, [], expected, actual),
  });
  if (isVerifier(options) && kindOfVerifier(options) !== kind) return result(context.isNot === true, advice);
  if (typeof received !== 'string') return result(context.isNot === true, describeNonToken(received));
  try {
    const { scopes } = isVerifier(options)
      ? options.verify(received)
      : validate(received, parseOptions(optionsSchema, options).now ?? Date.now);
    return result(true, describeToken({ kind, scopes }));
  } catch (error) {
    return result(false, formatError(error));
  }
}

type Verifier = CapabilityVerifier | AccessTokenVerifier;

function isVerifier(options: Verifier | MatcherOptions | undefined): options is Verifier {
  return typeof (options as Partial<Verifier> | undefined)?.verify === 'function';
}

/** Not by its class: after `jest.resetModules`, a verifier is an instance of another copy. */
function kindOfVerifier(verifier: Verifier): DecodedToken['kind'] {
  return 'apiKeySids' in verifier ? 'access-token' : 'capability';
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
  name: keyof TokenMatchers,
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
