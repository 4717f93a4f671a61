import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import {
  defaultNowSchema,
  parseAccountConfig,
  type AccountCredentials,
  type VerifierOptions,
} from '../config';
import { TokenError } from '../errors';
import { accountShape, listSchema, toleranceSchema } from '../schemas';
import { isSid } from '../sid';
import {
  parseScopeClaim,
  readTimes,
  validateTimes,
  type DecodedTimes,
  type ExpectedClaims,
  type TokenScopes,
  type TokenTimes,
} from '../tokens/claims';
import { readClock } from '../tokens/clock';
import {
  createKey,
  openToken,
  requireClaims,
  validateHeader,
  verifySignature,
  type JsonObject,
  type OpenToken,
} from '../tokens/jws';
import { kindOf, wrongKind } from '../tokens/token-kind';

/** Settings of a {@link CapabilityVerifier}. */
export interface CapabilityVerifierConfig extends Omit<AccountCredentials, 'authToken'>, VerifierOptions {
  /** The auth token of that account, or up to 100, tried in order during key rotation. */
  readonly authToken?: string | readonly string[] | undefined;
}

/** A capability token that was verified. */
export interface VerifiedCapability extends TokenTimes, TokenScopes {
  /** The account that signed it. */
  readonly accountSid: string;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** The contents of a capability token that was not verified: anyone could have written it. */
export interface DecodedCapability extends DecodedTimes, TokenScopes {
  /** Distinguishes it from an Access Token and narrows the type. */
  readonly kind: 'capability';
  /** The account in the `iss` claim, if there is one. */
  readonly accountSid: string | undefined;
  /** The whole header. */
  readonly header: JsonObject;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** @internal */
export const verifierConfigSchema = z.object({
  accountSid: accountShape.accountSid,
  authToken: authTokensSchema(),
  clockTolerance: toleranceSchema,
  now: defaultNowSchema,
});

function authTokensSchema() {
  const list = listSchema(
    accountShape.authToken,
    'authToken must be a string, or an array of 1 to 100 strings.',
  );
  const toList = z.transform(
    // An element that is undefined is invalid, not missing.
    (given: string | readonly string[]) =>
      (Array.isArray(given) ? given.map((each: unknown) => each ?? null) : [given]) as string[],
  );
  return z.pipe(toList, list);
}

/** Validated settings, with keys in place of the auth tokens. */
interface VerifierSettings extends ExpectedClaims {
  readonly accountSid: string;
  readonly keys: readonly KeyObject[];
}

/**
 * Verifies capability tokens of one account, whichever SDK created them.
 *
 * @example
 * const verifier = new CapabilityVerifier({ accountSid, authToken: [primary, secondary] });
 * const { clientNames, outgoing } = verifier.verify(token);
 */
export class CapabilityVerifier {
  /** The account whose tokens it accepts. */
  readonly accountSid: string;
  /** Accepted clock skew in seconds. */
  readonly clockTolerance: number;
  readonly #settings: VerifierSettings;

  /**
   * Creates a verifier. Credentials that are not passed come from `configure`, else from `TWILIO_ACCOUNT_SID` and
   * `TWILIO_AUTH_TOKEN`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
   */
  constructor(config?: CapabilityVerifierConfig) {
    this.#settings = parseCapabilityVerifierConfig(config);
    this.accountSid = this.#settings.accountSid;
    this.clockTolerance = this.#settings.clockTolerance;
    Object.freeze(this);
  }

  /**
   * Verifies a token in three stages: decode (size, form, header, payload), signature, claims (issuer, times, scopes).
   *
   * @throws {TokenError} At the first failure, with its `code`, the `field` and Twilio's number in `twilioCode`.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`: `now` did not return a time.
   */
  verify(token: string): VerifiedCapability {
    return verifyCapability(openToken(token), this.#settings);
  }
}

/**
 * Validates the config of a verifier and creates its keys.
 *
 * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
 * @internal
 */
export function parseCapabilityVerifierConfig(config?: CapabilityVerifierConfig): VerifierSettings {
  const { accountSid, authToken, clockTolerance, now } = parseAccountConfig(verifierConfigSchema, config);
  return { accountSid, keys: authToken.map(createKey), clockTolerance, now };
}

/**
 * Verifies a token that was opened.
 *
 * @throws As {@link CapabilityVerifier.verify}.
 * @internal
 */
export function verifyCapability(token: OpenToken, settings: VerifierSettings): VerifiedCapability {
  const claims = validateCapabilityForm(token);
  verifySignature(token, settings.keys);
  return validateCapabilityClaims(claims, settings);
}

/**
 * Validates the header and the kind of a token.
 *
 * @returns Its claims.
 * @throws {TokenError} `ERR_TOKEN_ALGORITHM`, `ERR_TOKEN_HEADER`, `ERR_TOKEN_SCOPE` or `ERR_TOKEN_CLAIMS`.
 * @internal
 */
export function validateCapabilityForm(token: OpenToken): JsonObject {
  validateHeader(token.header);
  const kind = kindOf(token);
  if (kind !== 'capability') throw wrongKind(kind);
  return requireClaims(token);
}

/**
 * Validates the issuer, times and scopes of a token.
 *
 * @throws {TokenError} `ERR_TOKEN_ISSUER`, as {@link validateTimes}, or as {@link parseScopeClaim}.
 * @internal
 */
export function validateCapabilityClaims(
  claims: JsonObject,
  { accountSid, clockTolerance, now }: ExpectedClaims,
): VerifiedCapability {
  const issuer = claims['iss'];
  if (!isSid('AC', issuer)) {
    throw new TokenError('ERR_TOKEN_ISSUER', 'Token iss is not an account SID.', 'iss');
  }
  if (accountSid !== undefined && issuer !== accountSid) {
    throw new TokenError('ERR_TOKEN_ISSUER', 'Token iss is not the account SID of this verifier.', 'iss');
  }
  const times = validateTimes(claims, readClock(now), clockTolerance);
  return Object.freeze({
    accountSid: issuer,
    ...parseScopeClaim(claims),
    ...times,
    claims: Object.freeze(claims),
  });
}

/**
 * Reads a capability token without verifying it, for `decodeToken`.
 *
 * @internal
 */
export function decodeCapability(token: OpenToken): DecodedCapability {
  const claims = requireClaims(token);
  const { iss } = claims;
  return Object.freeze({
    kind: 'capability',
    accountSid: typeof iss === 'string' ? iss : undefined,
    ...parseScopeClaim(claims),
    ...readTimes(claims),
    header: Object.freeze(token.header),
    claims: Object.freeze(claims),
  });
}
