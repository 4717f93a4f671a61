import type { KeyObject } from 'node:crypto';
import { checkTimes, readTimes, type TokenTimes } from '../tokens/claims';
import { configReader, preferred } from '../config';
import { REGION } from '../settings';
import { TokenError } from '../errors';
import { readGrants, type TokenGrants } from './parse-grants';
import {
  ACCESS_TOKEN_TYPE,
  checkHeader,
  checkKind,
  hmacKeys,
  readClaims,
  readHeader,
  verifySignature,
  type JsonObject,
} from '../tokens/jws';
import { readClock } from '../tokens/lifetime';

/** Whose Access Tokens to accept. What is left out is looked up, as for a signer. */
export interface AccessTokenVerifierConfig {
  /** `AC` and 1 to 32 letters or digits. Default: that of `configure`, else `TWILIO_ACCOUNT_SID`. */
  readonly accountSid?: string | undefined;
  /** `SK` and 1 to 32 letters or digits. Default: `TWILIO_API_KEY_SID`, else `TWILIO_API_KEY`. */
  readonly apiKeySid?: string | undefined;
  /** The secret of that API key. Default: `TWILIO_API_KEY_SECRET`, else `TWILIO_API_SECRET`. */
  readonly apiKeySecret?: string | undefined;
  /** Seconds by which the signer's clock may differ: a whole number from 0 to 300. Default: 0. */
  readonly clockTolerance?: number | undefined;
  /** The time, in milliseconds since the epoch; read at each call. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** An Access Token that is good. */
export interface VerifiedAccessToken extends TokenTimes, TokenGrants {
  /** The account it is for. */
  readonly accountSid: string;
  /** The API key that vouches for it. */
  readonly apiKeySid: string;
  /** The region it is for, where it names one. */
  readonly region?: string;
  /** The whole payload, as it is. */
  readonly claims: JsonObject;
}

/** What an Access Token says, which anybody can have written. */
export interface DecodedAccessToken extends Partial<TokenTimes>, TokenGrants {
  /** Tells it from a capability token, and narrows the type. */
  readonly kind: 'access-token';
  /** The account it claims to be for; absent where it names none. */
  readonly accountSid?: string;
  /** The API key it claims to be signed with; absent where it names none. */
  readonly apiKeySid?: string;
  /** The region it claims to be for, where it names one. */
  readonly region?: string;
  /** The whole header, as it is. */
  readonly header: JsonObject;
  /** The whole payload, as it is. */
  readonly claims: JsonObject;
}

const readConfig = configReader(['accountSid', 'apiKeySid', 'apiKeySecret'], ['clockTolerance', 'now']);

/**
 * Checks Access Tokens with a voice grant, of one API key, whichever SDK wrote them.
 *
 * @example
 * const verifier = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret });
 * const { identity, outgoing } = verifier.verify(token);
 */
export class AccessTokenVerifier {
  /** The account whose tokens it accepts. */
  readonly accountSid: string;
  /** The API key they must be signed with. */
  readonly apiKeySid: string;
  /** Seconds by which the signer's clock may differ. */
  readonly clockTolerance: number;
  readonly #keys: readonly KeyObject[];
  readonly #now: () => number;

  /**
   * @param config - What is left out comes from `configure` (never the API key) and from the environment.
   * @throws {ConfigError} `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING`, with the field.
   */
  constructor(config?: AccessTokenVerifierConfig) {
    const settings = readConfig(config);
    const { accountSid, apiKeySid, apiKeySecret } = settings;
    const { clockTolerance = preferred.clockTolerance, now = preferred.now } = settings;
    this.accountSid = accountSid;
    this.apiKeySid = apiKeySid;
    this.clockTolerance = clockTolerance;
    this.#keys = hmacKeys(apiKeySecret);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Checks a token, in this order: size and shape, header, signature, payload, issuer (the API key) and
   * subject (the account), times, grants. A capability token fails at the header.
   *
   * @throws {TokenError} At the first fault; `code` names the stage, `twilioCode` is what Twilio's SDKs
   *   report. Nothing else is thrown, whatever is passed (but {@link ConfigError} for a broken `now`).
   */
  verify(token: string): VerifiedAccessToken {
    const header = readHeader(token);
    checkHeader(header, ACCESS_TOKEN_TYPE);
    const region = readRegion(header);
    const claims = readClaims(token, verifySignature(token, this.#keys));
    if (claims['iss'] !== this.apiKeySid) {
      throw new TokenError('ERR_TOKEN_ISSUER', 'The token is of another API key, by its iss.', 'iss');
    }
    if (claims['sub'] !== this.accountSid) {
      throw new TokenError('ERR_TOKEN_ISSUER', 'The token is for another account, by its sub.', 'sub');
    }
    const times = checkTimes(claims, readClock(this.#now), this.clockTolerance);
    return Object.freeze({
      accountSid: this.accountSid,
      apiKeySid: this.apiKeySid,
      ...readGrants(claims),
      ...region,
      ...times,
      claims: Object.freeze(claims),
    });
  }
}

/** Reads an Access Token without checking who signed it, for `decodeToken`. */
export function readAccessToken(token: string): DecodedAccessToken {
  const header = readHeader(token);
  checkKind(header, ACCESS_TOKEN_TYPE);
  const region = readRegion(header);
  const claims = readClaims(token);
  const { iss, sub } = claims;
  return Object.freeze({
    kind: 'access-token',
    ...(typeof sub === 'string' && { accountSid: sub }),
    ...(typeof iss === 'string' && { apiKeySid: iss }),
    ...readGrants(claims),
    ...region,
    ...readTimes(claims),
    header: Object.freeze(header),
    claims: Object.freeze(claims),
  });
}

/** The region in a header. twilio-ruby writes `"twr": null` where it was given none. */
function readRegion({ twr }: { twr?: unknown }): { region?: string } {
  if (twr === undefined || twr === null) return {};
  if (typeof twr === 'string' && REGION.test(twr)) return { region: twr };
  throw new TokenError('ERR_TOKEN_HEADER', 'The header of the token has a twr that is no region.', 'twr');
}
