import * as z from 'zod/mini';
import { AccessTokenSigner } from '../access-token/access-token-signer';
import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { CapabilitySigner } from '../capability/capability-signer';
import { ScopeError, type ErrorCode } from '../errors';
import { DEFAULT_TTL } from '../limits';
import { parseOptions, readOptions } from '../options';
import { ttlSchema } from '../schemas';
import type { Scope } from '../scopes/parse-scope';
import { collectScopesToSign } from '../scopes/scope-list';
import { readClock } from '../tokens/clock';
import { testApiKey, testCredentials } from './credentials';
import {
  createTokens,
  DEFAULT_SCOPES,
  type AccessTokenFixtureName,
  type CreatedFixture,
  type FixtureInputs,
  type FixtureName,
} from './fixture-definitions';
import { readMoment, testNow, type Moment } from './fixed-clock';

export type { AccessTokenFixtureName, CommonFixtureName, FixtureName } from './fixture-definitions';

/** A token and the expected verification result. */
export interface Fixture<N extends string = FixtureName | AccessTokenFixtureName> {
  /** The name of the fixture. */
  readonly name: N;
  /** What the token is. */
  readonly description: string;
  /** The token. */
  readonly token: string;
  /** `valid`, or the code of the error that a verifier of the same kind, credentials and time throws. */
  readonly outcome: 'valid' | ErrorCode;
  /** The payload. Null if it cannot be read. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

/** All fixtures for capability tokens, by name. */
export type Fixtures = { readonly [N in FixtureName]: Fixture<N> };

/** All fixtures for Access Tokens, by name. */
export type AccessTokenFixtures = { readonly [N in AccessTokenFixtureName]: Fixture<N> };

/** Credentials of the fixtures. They never come from `configure` or the environment. */
export interface FixtureCredentials {
  /** Pass it together with `authToken`. Default: {@link testCredentials}. */
  readonly accountSid?: string | undefined;
  /** Pass it together with `accountSid`. For {@link createAccessTokenFixtures} it is optional. */
  readonly authToken?: string | undefined;
  /** For Access Tokens. Pass it together with `apiKeySecret`. Default: {@link testApiKey}. */
  readonly apiKeySid?: string | undefined;
  /** Pass it together with `apiKeySid`. */
  readonly apiKeySecret?: string | undefined;
}

/** Options of {@link createFixtures} and {@link createAccessTokenFixtures}. */
export interface FixtureOptions {
  /** Credentials that sign the fixtures. Default: {@link testCredentials} and {@link testApiKey}. */
  readonly credentials?: FixtureCredentials | undefined;
  /** The time for which the fixtures are made, or a clock that is read once. Default: {@link testNow}. */
  readonly now?: Moment | (() => number) | undefined;
  /** Scopes for fixtures that test something else. Default: incoming and outgoing calls as `alice`. */
  readonly scopes?: Scope | Iterable<Scope> | undefined;
  /** Lifetime of the valid fixtures in seconds, 1 to 86,400. Default: 3600. */
  readonly ttl?: number | undefined;
}

const optionsSchema = z.object({
  credentials: z.optional(z.unknown()),
  now: z.optional(z.unknown()),
  scopes: z.optional(z.unknown()),
  ttl: z.optional(ttlSchema),
});

const CREDENTIALS = ['accountSid', 'authToken', 'apiKeySid', 'apiKeySecret'];

/**
 * Creates capability tokens for tests: valid ones, and one for each reason to reject a token. The same options give the
 * same tokens on any machine and any day.
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
  return byName(createTokens('capability', readInputs(options, undefined))) as Fixtures;
}

/**
 * Creates Access Tokens for tests, like {@link createFixtures}. The `jti` of these tokens is fixed.
 *
 * @param options - Default: {@link testApiKey} at {@link testNow}.
 * @throws As {@link createFixtures}, and {ScopeError} `ERR_NOT_MAPPABLE`, field `scopes`: an Access Token has no
 *   counterpart for some of the scopes.
 * @example
 * const { valid, wrongKey } = createAccessTokenFixtures();
 * const verifier = new AccessTokenVerifier({ ...testApiKey, now: fixedClock() });
 * verifier.verify(valid.token).identity; // 'alice'
 * verifier.verify(wrongKey.token); // throws a TokenError with the code wrongKey.outcome
 */
export function createAccessTokenFixtures(options?: FixtureOptions): AccessTokenFixtures {
  const inputs = readInputs(options, testCredentials.authToken);
  if (toVoiceGrant(inputs.scopes).dropped.length > 0) {
    const message =
      'An Access Token has no counterpart for some of the scopes. toVoiceGrant(scopes) lists them.';
    throw new ScopeError('ERR_NOT_MAPPABLE', message, 'scopes');
  }
  return byName(createTokens('access-token', inputs)) as AccessTokenFixtures;
}

/** Adds the claims, and freezes everything. */
function byName(fixtures: readonly CreatedFixture[]): Readonly<Record<string, Fixture<string>>> {
  const entries = fixtures.map((fixture) => [
    fixture.name,
    deepFreeze({ ...fixture, claims: decodePayload(fixture.token) }),
  ]);
  return Object.freeze(Object.fromEntries(entries) as Record<string, Fixture<string>>);
}

/** Decodes the payload of a token. Null if there is none. */
function decodePayload(token: string): Record<string, unknown> | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

/** @param authToken - The auth token if the credentials have only an account SID. */
function readInputs(options: FixtureOptions | undefined, authToken: string | undefined): FixtureInputs {
  const {
    credentials,
    now,
    scopes,
    ttl = DEFAULT_TTL,
  } = parseOptions(optionsSchema, options) as FixtureOptions;
  return {
    ...readCredentials(credentials, authToken),
    scopes: scopes === undefined ? DEFAULT_SCOPES : collectScopesToSign(scopes),
    ttl,
    now: readMoment(typeof now === 'function' ? readClock(now) : (now ?? testNow)),
    region: undefined,
    pushCredentialSid: undefined,
    grants: undefined,
  };
}

function readCredentials(credentials: FixtureCredentials | undefined, authToken: string | undefined) {
  const given: FixtureCredentials = readOptions(CREDENTIALS, credentials);
  const account =
    given.accountSid === undefined && given.authToken === undefined
      ? testCredentials
      : { accountSid: given.accountSid, authToken: given.authToken ?? authToken };
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
