import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import {
  defaultNowSchema,
  parseApiKeyConfig,
  rejectSwapped,
  type ApiKeyCredentials,
  type VerifierOptions,
} from '../config';
import { TokenError } from '../errors';
import { copySettings } from '../options';
import { apiKeyShape, listedKeyShape, listSchema, toleranceSchema } from '../schemas';
import { isSid } from '../sid';
import {
  readTimes,
  validateTimes,
  type DecodedTimes,
  type ExpectedClaims,
  type TokenTimes,
} from '../tokens/claims';
import { readClock } from '../tokens/clock';
import {
  createKey,
  isJsonObject,
  openToken,
  requireClaims,
  validateHeader,
  verifySignature,
  type JsonObject,
  type OpenToken,
} from '../tokens/jws';
import { kindOf, wrongKind } from '../tokens/token-kind';
import { parseGrants, type TokenGrants } from './parse-grants';

/** An API key and its secret. */
export interface ApiKey {
  /** The API key SID. */
  readonly apiKeySid: string;
  /** The secret of that API key. */
  readonly apiKeySecret: string;
}

/** Settings of an {@link AccessTokenVerifier}. */
export interface AccessTokenVerifierConfig extends ApiKeyCredentials, VerifierOptions {
  /**
   * Several API keys in place of `apiKeySid` and `apiKeySecret`, 1 to 100, for key rotation. Each token names the key
   * that signed it.
   */
  readonly apiKeys?: readonly ApiKey[] | undefined;
}

/** An Access Token that was verified. */
export interface VerifiedAccessToken extends TokenTimes, TokenGrants {
  /** The account that it belongs to. */
  readonly accountSid: string;
  /** The API key that signed it. */
  readonly apiKeySid: string;
  /** The client name for incoming and outgoing calls. */
  readonly identity: string;
  /** The Twilio region, if set. */
  readonly region: string | undefined;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** The contents of an Access Token that was not verified: anyone could have written it. */
export interface DecodedAccessToken extends DecodedTimes, TokenGrants {
  /** Distinguishes it from a capability token and narrows the type. */
  readonly kind: 'access-token';
  /** The account in the `sub` claim, if there is one. */
  readonly accountSid: string | undefined;
  /** The API key in the `iss` claim, if there is one. */
  readonly apiKeySid: string | undefined;
  /** The Twilio region, if set. */
  readonly region: string | undefined;
  /** The whole header. */
  readonly header: JsonObject;
  /** The whole payload. */
  readonly claims: JsonObject;
}

const commonShape = {
  accountSid: apiKeyShape.accountSid,
  clockTolerance: toleranceSchema,
  now: defaultNowSchema,
};

/** @internal */
export const oneKeySchema = z.object({
  ...commonShape,
  ...apiKeyShape,
  // Only listed among the known keys: a config that has it is validated by the schema below.
  apiKeys: z.optional(z.never()),
});

/** @internal */
export const severalKeysSchema = z.object({ ...commonShape, apiKeys: apiKeysSchema() });

function apiKeysSchema() {
  const message = 'apiKeys must be an array of 1 to 100 objects { apiKeySid, apiKeySecret }.';
  const copy = z.transform((given: object): unknown => {
    const apiKey = copySettings(Object.keys(listedKeyShape), given, 'config');
    rejectSwapped(apiKey, 'apiKeySid', 'apiKeySecret');
    return apiKey;
  });
  const apiKeySchema = z.pipe(
    z.custom<object>(isJsonObject, message),
    z.pipe(copy, z.object(listedKeyShape)),
  );
  return listSchema(apiKeySchema, message).check(
    z.refine(
      (apiKeys) => new Set(apiKeys.map(({ apiKeySid }) => apiKeySid)).size === apiKeys.length,
      'apiKeys has the same apiKeySid twice.',
    ),
  );
}

/** Validated settings, with keys in place of the secrets. */
interface VerifierSettings extends ExpectedClaims {
  readonly accountSid: string;
  /** By API key SID. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/**
 * Verifies Access Tokens that have a voice grant, whichever SDK created them.
 *
 * @example
 * const verifier = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret });
 * const { identity, outgoing } = verifier.verify(token);
 * @example <caption>During key rotation</caption>
 * const verifier = new AccessTokenVerifier({ accountSid, apiKeys: [newKey, oldKey] });
 */
export class AccessTokenVerifier {
  /** The account whose tokens it accepts. */
  readonly accountSid: string;
  /** The API keys whose tokens it accepts. */
  readonly apiKeySids: readonly string[];
  /** Accepted clock skew in seconds. */
  readonly clockTolerance: number;
  readonly #settings: VerifierSettings;

  /**
   * Creates a verifier. An API key that is not passed comes from `TWILIO_API_KEY_SID` and `TWILIO_API_KEY_SECRET`, an
   * account SID from `configure`, else from `TWILIO_ACCOUNT_SID`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
   */
  constructor(config?: AccessTokenVerifierConfig) {
    this.#settings = parseAccessTokenVerifierConfig(config);
    this.accountSid = this.#settings.accountSid;
    this.apiKeySids = Object.freeze([...this.#settings.keys.keys()]);
    this.clockTolerance = this.#settings.clockTolerance;
    Object.freeze(this);
  }

  /**
   * Verifies a token in three stages: decode (size, form, header, payload), signature, claims (API key, account, times,
   * grants). The key is chosen by the `iss` of the token. One of another key is rejected with `ERR_TOKEN_SIGNATURE`.
   *
   * @throws {TokenError} At the first failure, with its `code`, the `field` and Twilio's number in `twilioCode`.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`: `now` did not return a time.
   */
  verify(token: string): VerifiedAccessToken {
    return verifyAccessToken(openToken(token), this.#settings);
  }
}

/**
 * Validates the config of a verifier and creates its keys.
 *
 * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
 * @internal
 */
export function parseAccessTokenVerifierConfig(config?: AccessTokenVerifierConfig): VerifierSettings {
  const hasSeveral = config?.apiKeys !== undefined && Object.hasOwn(config, 'apiKeys');
  const settings = parseApiKeyConfig(hasSeveral ? severalKeysSchema : oneKeySchema, config);
  const { accountSid, apiKeys = [settings as ApiKey], clockTolerance, now } = settings;
  // A list is validated apart from the account SID, which must not be one of its secrets either.
  for (const apiKey of apiKeys) rejectSwapped({ accountSid, ...apiKey }, 'apiKeySid', 'apiKeySecret');
  const keys = new Map(apiKeys.map(({ apiKeySid, apiKeySecret }) => [apiKeySid, createKey(apiKeySecret)]));
  return { accountSid, keys, clockTolerance, now };
}

/**
 * Verifies a token that was opened.
 *
 * @throws As {@link AccessTokenVerifier.verify}.
 * @internal
 */
export function verifyAccessToken(token: OpenToken, settings: VerifierSettings): VerifiedAccessToken {
  const claims = validateAccessTokenForm(token);
  const key = settings.keys.get(claims['iss'] as string);
  verifySignature(token, key === undefined ? [] : [key]);
  return validateAccessTokenClaims(token, settings);
}

/**
 * Validates the header and the kind of a token.
 *
 * @returns Its claims.
 * @throws {TokenError} `ERR_TOKEN_ALGORITHM`, `ERR_TOKEN_HEADER`, `ERR_TOKEN_SCOPE` or `ERR_TOKEN_CLAIMS`.
 * @internal
 */
export function validateAccessTokenForm(token: OpenToken): JsonObject {
  validateHeader(token.header);
  const kind = kindOf(token);
  if (kind !== 'access-token') throw wrongKind(kind);
  parseRegion(token.header);
  return requireClaims(token);
}

/**
 * Validates the API key, account, times and grants of a token.
 *
 * @throws {TokenError} `ERR_TOKEN_ISSUER`, as {@link validateTimes}, or as {@link parseGrants}.
 * @internal
 */
export function validateAccessTokenClaims(
  token: OpenToken,
  { accountSid, clockTolerance, now }: ExpectedClaims,
): VerifiedAccessToken {
  const claims = requireClaims(token);
  const { iss, sub } = claims;
  if (!isSid('SK', iss)) throw wrongIssuer('Token iss is not an API key SID.', 'iss');
  if (!isSid('AC', sub)) throw wrongIssuer('Token sub is not an account SID.', 'sub');
  if (accountSid !== undefined && sub !== accountSid) {
    throw wrongIssuer('Token sub is not the account SID of this verifier.', 'sub');
  }
  const times = validateTimes(claims, readClock(now), clockTolerance);
  const { identity, ...grants } = parseGrants(claims);
  if (identity === undefined) throw missing('grants.identity');
  if (!hasVoiceGrant(claims)) throw missing('grants.voice');
  return Object.freeze({
    accountSid: sub,
    apiKeySid: iss,
    identity,
    ...grants,
    region: parseRegion(token.header),
    ...times,
    claims: Object.freeze(claims),
  });
}

/**
 * Reads an Access Token without verifying it, for `decodeToken`.
 *
 * @internal
 */
export function decodeAccessToken(token: OpenToken): DecodedAccessToken {
  const region = parseRegion(token.header);
  const claims = requireClaims(token);
  const { iss, sub } = claims;
  return Object.freeze({
    kind: 'access-token',
    accountSid: typeof sub === 'string' ? sub : undefined,
    apiKeySid: typeof iss === 'string' ? iss : undefined,
    ...parseGrants(claims),
    region,
    ...readTimes(claims),
    header: Object.freeze(token.header),
    claims: Object.freeze(claims),
  });
}

/** Parses the region. twilio-ruby writes null if there is none. */
function parseRegion({ twr }: JsonObject): string | undefined {
  if (twr === undefined || twr === null) return undefined;
  if (typeof twr === 'string') return twr;
  throw new TokenError('ERR_TOKEN_HEADER', 'Token header must have a twr that is text, or none.', 'twr');
}

/** twilio-java before 7.47.5 writes null for what is not set. */
function hasVoiceGrant(claims: JsonObject): boolean {
  const { voice } = claims['grants'] as JsonObject;
  return voice !== undefined && voice !== null;
}

function wrongIssuer(message: string, field: string): TokenError {
  return new TokenError('ERR_TOKEN_ISSUER', message, field);
}

function missing(field: string): TokenError {
  return new TokenError('ERR_TOKEN_CLAIMS', `Token ${field} is missing.`, field);
}
