import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { defaultNowSchema, parseApiKeyConfig } from '../config';
import { TokenError } from '../errors';
import { apiKeyShape, toleranceSchema } from '../settings';
import { readTimes, validateTimes, type TokenTimes } from '../tokens/claims';
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
import { parseGrants, type TokenGrants } from './parse-grants';

/** Settings of an {@link AccessTokenVerifier}. */
export interface AccessTokenVerifierConfig {
  /**
   * The account SID. Default: that of `configure`, else `TWILIO_ACCOUNT_SID`. If the property is present,
   * even as undefined, the default is not used.
   */
  readonly accountSid?: string | undefined;
  /**
   * The API key SID. An API key is a pair: pass `apiKeySid` and `apiKeySecret` together. Default: `TWILIO_API_KEY_SID`
   * and `TWILIO_API_KEY_SECRET`, else `TWILIO_API_KEY` and `TWILIO_API_SECRET`. If either property is present, even as
   * undefined, the defaults are not used.
   */
  readonly apiKeySid?: string | undefined;
  /** The secret of that API key. */
  readonly apiKeySecret?: string | undefined;
  /** Accepted clock skew in seconds, 0 to 300. Default: 0. */
  readonly clockTolerance?: number | undefined;
  /**
   * Returns the time in milliseconds since the epoch. Called for each token. Default: that of `configure`, else
   * `Date.now`.
   */
  readonly now?: (() => number) | undefined;
}

/** An Access Token that was verified. */
export interface VerifiedAccessToken extends TokenTimes, TokenGrants {
  /** The account that it belongs to. */
  readonly accountSid: string;
  /** The API key that signed it. */
  readonly apiKeySid: string;
  /** The name that calls go to and come from. */
  readonly identity: string;
  /** The Twilio region, if set. */
  readonly region?: string;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** The contents of an Access Token that was not verified: anyone could have written it. */
export interface DecodedAccessToken extends Partial<TokenTimes>, TokenGrants {
  /** Distinguishes it from a capability token and narrows the type. */
  readonly kind: 'access-token';
  /** The account in the `sub` claim, if there is one. */
  readonly accountSid?: string;
  /** The API key in the `iss` claim, if there is one. */
  readonly apiKeySid?: string;
  /** The Twilio region, if set. */
  readonly region?: string;
  /** The whole header. */
  readonly header: JsonObject;
  /** The whole payload. */
  readonly claims: JsonObject;
}

/** @internal */
export const accessTokenVerifierConfigSchema = z.strictObject({
  ...apiKeyShape,
  clockTolerance: toleranceSchema,
  now: defaultNowSchema,
});

/**
 * Verifies Access Tokens of one API key that have a voice grant, whichever SDK created them.
 *
 * @example
 * const verifier = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret });
 * const { identity, outgoing } = verifier.verify(token);
 */
export class AccessTokenVerifier {
  /** The account whose tokens it accepts. */
  readonly accountSid: string;
  /** The API key that must have signed them. */
  readonly apiKeySid: string;
  /** Accepted clock skew in seconds. */
  readonly clockTolerance: number;
  readonly #key: KeyObject;
  readonly #now: () => number;

  /**
   * Creates a verifier. An API key that is not passed comes from `TWILIO_API_KEY_SID` and `TWILIO_API_KEY_SECRET`, an
   * account SID from `configure`, else from `TWILIO_ACCOUNT_SID`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING` or `ERR_CONFIG_INVALID`, with the field.
   */
  constructor(config?: AccessTokenVerifierConfig) {
    const { accountSid, apiKeySid, apiKeySecret, clockTolerance, now } = parseApiKeyConfig(
      accessTokenVerifierConfigSchema,
      config,
    );
    this.accountSid = accountSid;
    this.apiKeySid = apiKeySid;
    this.clockTolerance = clockTolerance;
    this.#key = createKey(apiKeySecret);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Verifies a token in three stages: decode (size, form, header, payload), signature, claims (API key, account, times,
   * grants).
   *
   * @throws {TokenError} At the first failure, with its `code`, the `field` and the gateway's number in `twilioCode`.
   * @throws {ConfigError} `ERR_CONFIG_INVALID`: `now` did not return a time.
   */
  verify(token: string): VerifiedAccessToken {
    const decoded = decodeSegments(token);
    validateHeader(decoded.header);
    requireContentType(decoded.header);
    const region = parseRegion(decoded.header);
    const claims = decodeClaims(decoded);

    verifySignature(token, [this.#key]);

    if (claims['iss'] !== this.apiKeySid) {
      throw new TokenError('ERR_TOKEN_ISSUER', 'Token iss is not the API key SID of this verifier.', 'iss');
    }
    if (claims['sub'] !== this.accountSid) {
      throw new TokenError('ERR_TOKEN_ISSUER', 'Token sub is not the account SID of this verifier.', 'sub');
    }
    const times = validateTimes(claims, readClock(this.#now), this.clockTolerance);
    const { identity, ...grants } = parseGrants(claims);
    if (identity === undefined) throw missing('grants.identity');
    if (!('voice' in (claims['grants'] as object))) throw missing('grants.voice');
    return Object.freeze({
      accountSid: this.accountSid,
      apiKeySid: this.apiKeySid,
      identity,
      ...grants,
      ...region,
      ...times,
      claims: Object.freeze(claims),
    });
  }
}

/** Decodes an Access Token without verifying it, for `decodeToken`. */
export function decodeAccessToken(token: string): DecodedAccessToken {
  const decoded = decodeSegments(token);
  const { header } = decoded;
  requireContentType(header);
  const region = parseRegion(header);
  const claims = decodeClaims(decoded);
  const { iss, sub } = claims;
  return Object.freeze({
    kind: 'access-token',
    ...(typeof sub === 'string' && { accountSid: sub }),
    ...(typeof iss === 'string' && { apiKeySid: iss }),
    ...parseGrants(claims),
    ...region,
    ...readTimes(claims),
    header: Object.freeze(header),
    claims: Object.freeze(claims),
  });
}

function requireContentType({ cty }: JsonObject): void {
  if (cty === ACCESS_TOKEN_TYPE) return;
  throw new TokenError(
    'ERR_TOKEN_HEADER',
    cty === undefined
      ? 'Token header has no cty. Use CapabilityVerifier for capability tokens. Twilio rejects Access Tokens without a cty.'
      : `Token header must have the cty "${ACCESS_TOKEN_TYPE}".`,
    'cty',
  );
}

/** Parses the region. twilio-ruby writes null if there is none. */
function parseRegion({ twr }: JsonObject): { region?: string } {
  if (twr === undefined || twr === null) return {};
  if (typeof twr === 'string') return { region: twr };
  throw new TokenError('ERR_TOKEN_HEADER', 'Token header must have a twr that is text, or none.', 'twr');
}

function missing(field: string): TokenError {
  return new TokenError('ERR_TOKEN_CLAIMS', `Token ${field} is missing.`, field);
}
