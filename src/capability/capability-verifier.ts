import type { KeyObject } from 'node:crypto';
import {
  checkTimes,
  readScopes,
  readTimes,
  type TokenScopes,
  type TokenTimes,
  type Writable,
} from '../tokens/claims';
import { configReader, preferred } from '../config';
import { TokenError } from '../errors';
import { checkKind, hmacKeys, readClaims, readHeader, verifyCompact, type JsonObject } from '../tokens/jws';
import { readClock } from '../tokens/lifetime';

/** Whose tokens to accept. What is left out is looked up, as for a signer. */
export interface VerifierConfig {
  /** `AC` and 1 to 32 letters or digits. Default: that of `configure`, else `TWILIO_ACCOUNT_SID`. */
  readonly accountSid?: string | undefined;
  /**
   * The account's auth token, or a list of which any may fit: Twilio has a primary and a secondary one while
   * they are rotated. Default: that of `configure`, else `TWILIO_AUTH_TOKEN`.
   */
  readonly authToken?: string | readonly string[] | undefined;
  /** Seconds by which the signer's clock may differ: a whole number from 0 to 300. Default: 0. */
  readonly clockTolerance?: number | undefined;
  /** The time, in milliseconds since the epoch; read at each call. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A capability token that is good. */
export interface VerifiedCapability extends TokenTimes, TokenScopes {
  /** The account that vouches for it. */
  readonly accountSid: string;
  /** The whole payload, as it is. */
  readonly claims: JsonObject;
}

/** What a capability token says, which anybody can have written. */
export interface DecodedCapability extends Partial<TokenTimes>, TokenScopes {
  /** Tells it from an Access Token, and narrows the type. */
  readonly kind: 'capability';
  /** The account it claims to be of; absent where it names none. */
  readonly accountSid?: string;
  /** The whole header, as it is. */
  readonly header: JsonObject;
  /** The whole payload, as it is. */
  readonly claims: JsonObject;
}

const readConfig = configReader(['accountSid', 'authToken'], ['clockTolerance', 'now'], 'list');

/**
 * Checks capability tokens of one account, whichever SDK wrote them.
 *
 * @example
 * const verifier = new CapabilityVerifier({ accountSid, authToken: [primary, secondary] });
 * const { clientNames, outgoing } = verifier.verify(token);
 */
export class CapabilityVerifier {
  /** The account whose tokens it accepts. */
  readonly accountSid: string;
  /** Seconds by which the signer's clock may differ. */
  readonly clockTolerance: number;
  readonly #keys: readonly KeyObject[];
  readonly #now: () => number;

  /**
   * @param config - What is left out comes from `configure`, then from the environment.
   * @throws {ConfigError} `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING`, with the field.
   */
  constructor(config?: VerifierConfig) {
    const settings = readConfig(config);
    const { accountSid, authToken } = settings;
    const { clockTolerance = preferred.clockTolerance, now = preferred.now } = settings;
    this.accountSid = accountSid;
    this.clockTolerance = clockTolerance;
    this.#keys = hmacKeys(authToken);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Checks a token, in this order: size and shape, header, signature, payload, issuer, times, scopes.
   *
   * @throws {TokenError} At the first fault; `code` names the stage, `twilioCode` is what Twilio's SDKs
   *   report. Nothing else is thrown, whatever is passed (but {@link ConfigError} for a broken `now`).
   */
  verify(token: string): VerifiedCapability {
    const claims = readClaims(token, verifyCompact(token, this.#keys));
    if (claims['iss'] !== this.accountSid) {
      throw new TokenError(
        'ERR_TOKEN_ISSUER',
        'The token is of another account: its iss is not the account SID.',
        'iss',
      );
    }
    const { expiresAt, issuedAt, notBefore } = checkTimes(claims, readClock(this.#now), this.clockTolerance);
    const { scopes, clientNames, outgoing } = readScopes(claims);
    const { accountSid } = this;
    const verified: Writable<VerifiedCapability> = { accountSid, scopes, clientNames, expiresAt, claims };
    if (outgoing !== undefined) verified.outgoing = outgoing;
    if (issuedAt !== undefined) verified.issuedAt = issuedAt;
    if (notBefore !== undefined) verified.notBefore = notBefore;
    Object.freeze(claims);
    return Object.freeze(verified);
  }
}

/**
 * Reads a capability token without checking its signature, its times or who signed it: for inspection, never
 * to decide anything.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`, `ERR_TOKEN_MALFORMED`, `ERR_TOKEN_HEADER` (it is an Access
 *   Token), `ERR_TOKEN_CLAIMS` (no JSON object) or `ERR_TOKEN_SCOPE`.
 */
export function decodeCapability(token: string): DecodedCapability {
  const header = readHeader(token);
  checkKind(header);
  const claims = readClaims(token);
  const { iss } = claims;
  return Object.freeze({
    kind: 'capability',
    ...(typeof iss === 'string' && { accountSid: iss }),
    ...readScopes(claims),
    ...readTimes(claims),
    header: Object.freeze(header),
    claims: Object.freeze(claims),
  });
}
