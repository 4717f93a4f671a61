import * as z from 'zod/mini';
import { AccessTokenSigner } from '../access-token/access-token-signer';
import { CapabilitySigner } from '../capability/capability-signer';
import { TokenError, type ErrorCode } from '../errors';
import type { Scope } from '../scopes/parse-scope';
import { collectScopesToSign } from '../scopes/scope-list';
import { DEFAULT_TTL, MAX_TOKEN_LENGTH, parseOptions, ttlSchema } from '../settings';
import { readClock } from '../tokens/lifetime';
import { testApiKey, testCredentials } from './credentials';
import {
  DEFAULT_SCOPES,
  FIXTURE_TOKENS,
  decodePayload,
  type FixtureInputs,
  type FixtureName,
} from './fixture-definitions';
import { readMoment, testNow, type Moment } from './fixed-clock';

export type { FixtureName } from './fixture-definitions';

/** A token and how a verifier must respond to it. */
export interface Fixture<N extends FixtureName = FixtureName> {
  /** The name of the fixture. */
  readonly name: N;
  /** What the token is, in one sentence. */
  readonly description: string;
  /** The token. */
  readonly token: string;
  /** What a `CapabilityVerifier` of the same account and time returns: `valid`, or the code of its error. */
  readonly outcome: 'valid' | ErrorCode;
  /** The payload. Null if it cannot be read. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

/** All fixtures by name. */
export type Fixtures = { readonly [N in FixtureName]: Fixture<N> };

/** Credentials of the fixtures. They never come from `configure` or the environment. */
export interface FixtureCredentials {
  /** Pass it together with `authToken`. Default: {@link testCredentials}. */
  readonly accountSid?: string | undefined;
  /** Pass it together with `accountSid`. */
  readonly authToken?: string | undefined;
  /** For the fixture `accessToken`. Pass it together with `apiKeySecret`. Default: {@link testApiKey}. */
  readonly apiKeySid?: string | undefined;
  /** Pass it together with `apiKeySid`. */
  readonly apiKeySecret?: string | undefined;
}

/** Options of {@link createFixtures}. */
export interface FixtureOptions {
  /** Credentials that sign the fixtures. Default: {@link testCredentials} and {@link testApiKey}. */
  readonly credentials?: FixtureCredentials | undefined;
  /** The time for which the fixtures are made, or a clock that is read once. Default: {@link testNow}. */
  readonly now?: Moment | (() => number) | undefined;
  /** Scopes of the fixtures that are not about scopes. Default: incoming and outgoing calls as `alice`. */
  readonly scopes?: Scope | Iterable<Scope> | undefined;
  /** Lifetime of the valid fixtures in seconds, 1 to 86,400. Default: 3600. */
  readonly ttl?: number | undefined;
}

const optionsSchema = z.strictObject({
  credentials: z.optional(z.unknown()),
  now: z.optional(z.unknown()),
  scopes: z.optional(z.unknown()),
  ttl: z.optional(ttlSchema),
});

const credentialsSchema = z.strictObject({
  accountSid: z.optional(z.unknown()),
  authToken: z.optional(z.unknown()),
  apiKeySid: z.optional(z.unknown()),
  apiKeySecret: z.optional(z.unknown()),
});

/**
 * Creates a token of every kind that a test may need: valid ones, and one for each way to be invalid. The same options
 * give the same tokens on any machine and any day.
 *
 * @param options - Default: {@link testCredentials} at {@link testNow}.
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, `ERR_TTL_INVALID`, `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING` (half of
 *   a pair of credentials).
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`, field `scopes`.
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: a token with these scopes has more than 8,192 characters.
 * @example
 * const { valid, expired } = createFixtures();
 * const verifier = new CapabilityVerifier({ ...testCredentials, now: fixedClock() });
 * verifier.verify(valid.token);
 * verifier.verify(expired.token); // throws a TokenError with the code expired.outcome
 */
export function createFixtures(options?: FixtureOptions): Fixtures {
  const inputs = readInputs(options);
  const fixtures = Object.entries(FIXTURE_TOKENS).map(([name, { description, outcome, create }]) => {
    const token = create(inputs);
    // Only the HS512 signature of wrongAlgorithm is longer than what a signer limits.
    if (token.length > MAX_TOKEN_LENGTH) {
      const message = `Fixture ${name} is longer than ${MAX_TOKEN_LENGTH} characters. Use fewer or shorter scopes.`;
      throw new TokenError('ERR_TOKEN_TOO_LARGE', message, 'token');
    }
    return [name, deepFreeze({ name, description, token, outcome, claims: decodePayload(token) })];
  });
  return Object.freeze(Object.fromEntries(fixtures)) as Fixtures;
}

function readInputs(options: FixtureOptions | undefined): FixtureInputs {
  const {
    credentials,
    now,
    scopes,
    ttl = DEFAULT_TTL,
  } = parseOptions(optionsSchema, options) as FixtureOptions;
  return {
    ...readCredentials(credentials),
    scopes: scopes === undefined ? DEFAULT_SCOPES : collectScopesToSign(scopes),
    ttl,
    now: readMoment(typeof now === 'function' ? readClock(now) : (now ?? testNow)),
  };
}

function readCredentials(credentials: FixtureCredentials | undefined) {
  const given = parseOptions(credentialsSchema, credentials) as FixtureCredentials;
  const account =
    given.accountSid === undefined && given.authToken === undefined
      ? testCredentials
      : { accountSid: given.accountSid, authToken: given.authToken };
  const apiKey =
    given.apiKeySid === undefined && given.apiKeySecret === undefined
      ? { apiKeySid: testApiKey.apiKeySid, apiKeySecret: testApiKey.apiKeySecret }
      : { apiKeySid: given.apiKeySid, apiKeySecret: given.apiKeySecret };
  // The signers reject credentials that are invalid or incomplete.
  new CapabilitySigner(account);
  new AccessTokenSigner({ accountSid: account.accountSid, ...apiKey });
  return { ...account, ...apiKey } as Record<keyof FixtureCredentials, string>;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
