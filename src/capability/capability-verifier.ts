import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { defaultNowSchema, parseAccountConfig } from '../config';
import { TokenError } from '../errors';
import { accountShape, toleranceSchema } from '../settings';
import {
  parseScopeClaim,
  readTimes,
  validateTimes,
  type TokenScopes,
  type TokenTimes,
} from '../tokens/claims';
import {
  ACCESS_TOKEN_TYPE,
  createKey,
  decodeClaims,
  decodeSegments,
  validateHeader,
  verifySignature,
  type JsonObject,
} from '../tokens/jws';
import { readClock } from '../tokens/lifetime';

/** Settings of a {@link CapabilityVerifier}. */
export interface CapabilityVerifierConfig {
  /**
   * The account SID. Credentials are a pair: pass `accountSid` and `authToken` together. Default: the pair of
   * `configure`, else `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`. If either property is present, even as
   * undefined, the defaults are not used.
   */
  readonly accountSid?: string | undefined;
  /** The auth token of that account, or several, tried in order during key rotation. */
  readonly authToken?: string | readonly string[] | undefined;
  /** Accepted clock skew in seconds, 0 to 300. Default: 0. */
  readonly clockTolerance?: number | undefined;
  /**
   * Returns the time in milliseconds since the epoch. Called for each token. Default: that of `configure`, else
   * `Date.now`.
   */
  readonly now?: (() => number) | undefined;
}

/** A capability token that was verified. */
export interface VerifiedCapability extends TokenTimes, TokenScopes {
  /** The account that signed it. */
  readonly accountSid: string;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** The contents of a capability token that was not verified: anyone could have written it. */
export interface DecodedCapability extends Partial<TokenTimes>, TokenScopes {
  /** Distinguishes it from an Access Token and narrows the type. */
  readonly kind: 'capability';
  /** The account in the `iss` claim, if there is one. */
  readonly accountSid?: string;
  /** The whole header. */
  readonly header: JsonObject;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** @internal */
export const verifierConfigSchema = z.strictObject({
  accountSid: accountShape.accountSid,
  authToken: authTokensSchema(),
  clockTolerance: toleranceSchema,
  now: defaultNowSchema,
});

function authTokensSchema() {
  const several = z
    .array(accountShape.authToken)
    .check(z.minLength(1, 'authToken must be a string, or an array of at least one string.'));
  // An element of an array that is undefined is invalid, not missing.
  const toArray = z.transform((given: string | readonly string[]): readonly unknown[] =>
    Array.isArray(given) ? given.map((each: unknown) => each ?? null) : [given],
  );
  return z.pipe(toArray, several);
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
  readonly #keys: readonly KeyObject[];
  readonly #now: () => number;

  /**
   * Creates a verifier. Credentials that are not passed come from `configure`, else from `TWILIO_ACCOUNT_SID` and
   * `TWILIO_AUTH_TOKEN`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
   */
  constructor(config?: CapabilityVerifierConfig) {
    const { accountSid, authToken, clockTolerance, now } = parseAccountConfig(verifierConfigSchema, config);
    this.accountSid = accountSid;
    this.clockTolerance = clockTolerance;
    this.#keys = authToken.map(createKey);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Verifies a token in three stages: decode (size, form, header, payload), signature, claims (issuer, times, scopes).
   *
   * @throws {TokenError} At the first failure, with its `code`, the `field` and the gateway's number in `twilioCode`.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`: `now` did not return a time.
   */
  verify(token: string): VerifiedCapability {
    const decoded = decodeSegments(token);
    validateHeader(decoded.header);
    rejectContentType(decoded.header);
    const claims = decodeClaims(decoded);
    rejectOtherKinds(claims);

    verifySignature(token, this.#keys);

    if (claims['iss'] !== this.accountSid) {
      throw new TokenError('ERR_TOKEN_ISSUER', 'Token iss is not the account SID of this verifier.', 'iss');
    }
    const times = validateTimes(claims, readClock(this.#now), this.clockTolerance);
    return Object.freeze({
      accountSid: this.accountSid,
      ...parseScopeClaim(claims),
      ...times,
      claims: Object.freeze(claims),
    });
  }
}

/**
 * Decodes a capability token without verifying it: for inspection, never to decide anything.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`, `ERR_TOKEN_MALFORMED`, `ERR_TOKEN_HEADER` (an Access Token, or
 *   an unknown cty),
 *   `ERR_TOKEN_CLAIMS` (not a JSON object) or `ERR_TOKEN_SCOPE`.
 */
export function decodeCapability(token: string): DecodedCapability {
  const decoded = decodeSegments(token);
  const { header } = decoded;
  rejectContentType(header);
  const claims = decodeClaims(decoded);
  rejectOtherKinds(claims);
  const { iss } = claims;
  return Object.freeze({
    kind: 'capability',
    ...(typeof iss === 'string' && { accountSid: iss }),
    ...parseScopeClaim(claims),
    ...readTimes(claims),
    header: Object.freeze(header),
    claims: Object.freeze(claims),
  });
}

function rejectContentType({ cty }: JsonObject): void {
  if (cty === undefined) return;
  const message =
    cty === ACCESS_TOKEN_TYPE
      ? 'This is an Access Token. Use AccessTokenVerifier.'
      : 'Token header has an unknown cty. Capability tokens have none.';
  throw new TokenError('ERR_TOKEN_HEADER', message, 'cty');
}

/** Rejects tokens that are often mistaken for capability tokens, and names their kind. */
function rejectOtherKinds({ scope, grants, policies }: JsonObject): void {
  if (scope !== undefined) return;
  if (grants !== undefined) {
    throw new TokenError(
      'ERR_TOKEN_HEADER',
      `This is an Access Token without the cty "${ACCESS_TOKEN_TYPE}" in its header. Twilio rejects it.`,
      'cty',
    );
  }
  if (policies !== undefined) {
    throw new TokenError(
      'ERR_TOKEN_SCOPE',
      'This is a TaskRouter token: it has policies instead of scope. Voice SDKs do not accept it.',
      'scope',
    );
  }
}
