import { randomUUID, type KeyObject } from 'node:crypto';
import { isClientName } from '../scopes/client-name';
import { configReader, preferred } from '../config';
import { SignError } from '../errors';
import { grantScopes } from './parse-grants';
import { ACCESS_TOKEN_TYPE, hmacKeys, payloadSigner, type PayloadSigner } from '../tokens/jws';
import { planLifetime, readSignOptions, type Lifetime, type SignOptions } from '../tokens/lifetime';
import { readFlag } from '../options';
import { readScopeList } from '../scopes/scope-list';
import type { Scope } from '../scopes/scope';
import { issuedToken, type IssuedToken } from '../capability/capability-signer';
import { notMappable, planVoiceGrant, type VoiceGrant } from './plan-voice-grant';

/** Who signs Access Tokens, for which region and how long. What is left out is looked up. */
export interface AccessTokenConfig {
  /** `AC` and 1 to 32 letters or digits. Default: that of `configure`, else `TWILIO_ACCOUNT_SID`. */
  readonly accountSid?: string | undefined;
  /** `SK` and 1 to 32 letters or digits. Default: `TWILIO_API_KEY_SID`, else `TWILIO_API_KEY`. */
  readonly apiKeySid?: string | undefined;
  /** The secret of that API key. Default: `TWILIO_API_KEY_SECRET`, else `TWILIO_API_SECRET`. */
  readonly apiKeySecret?: string | undefined;
  /** The Twilio region the key is of, such as `ie1` or `au1`. Default: none, which is `us1`. */
  readonly region?: string | undefined;
  /** `CR` and 1 to 32 letters or digits: how a mobile app is told of incoming calls. Default: none. */
  readonly pushCredentialSid?: string | undefined;
  /** Seconds that a token lives, 1 to 86,400. Default: 3600, one hour. */
  readonly ttl?: number | undefined;
  /** The time, in milliseconds since the epoch; read at each call. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** How one Access Token differs from what its scopes and its signer say. */
export interface AccessTokenSignOptions extends SignOptions {
  /**
   * The one name that calls go to and come from, `[A-Za-z0-9_]{1,121}`. Default: the incoming client name, else
   * the outgoing one. Where the scopes have a name and it is not this one, that name has no counterpart.
   */
  readonly identity?: string | undefined;
  /**
   * Leave out what has no counterpart in an Access Token, instead of refusing to sign; where nothing is left,
   * the token allows no calls. Default: false.
   */
  readonly dropUnmappable?: boolean | undefined;
}

/** All that an Access Token says. */
export interface AccessTokenParts {
  /** Unlike that of any other token. Twilio's form is the SID of the API key, a dash, and then anything. */
  readonly jti: string;
  readonly accountSid: string;
  readonly apiKeySid: string;
  readonly identity: string;
  readonly voice: VoiceGrant;
  readonly lifetime: Lifetime;
  readonly pushCredentialSid?: string | undefined;
}

const signWithoutRegion = payloadSigner({ cty: ACCESS_TOKEN_TYPE });

/** What signs payloads for a region, or for none. @internal */
export const regionSigner = (region: string | undefined): PayloadSigner =>
  region === undefined ? signWithoutRegion : payloadSigner({ cty: ACCESS_TOKEN_TYPE, twr: region });

const readConfig = configReader(
  ['accountSid', 'apiKeySid', 'apiKeySecret'],
  ['region', 'pushCredentialSid', 'ttl', 'now'],
);

/**
 * Signs scopes into Access Tokens with a voice grant, which take the place of capability tokens: the same
 * `sign` and `issue` as a `CapabilitySigner`, with an API key in place of the auth token.
 *
 * Make one and share it: it keeps nothing but its settings and the key, and is safe for any number of
 * requests. The secret cannot be read back from it.
 *
 * @see https://www.twilio.com/docs/iam/access-tokens
 * @example
 * const signer = new AccessTokenSigner({ accountSid, apiKeySid, apiKeySecret });
 * const token = signer.sign([new IncomingScope('alice'), new OutgoingScope(applicationSid)]);
 */
export class AccessTokenSigner {
  /** The account that its tokens are for. */
  readonly accountSid: string;
  /** The API key that vouches for them. */
  readonly apiKeySid: string;
  /** The region that tokens are for; absent where none was given. */
  declare readonly region?: string;
  /** The push credential that goes into each token; absent where none was given. */
  declare readonly pushCredentialSid?: string;
  /** Seconds that a token lives unless `sign` is told otherwise. */
  readonly ttl: number;
  readonly #key: KeyObject;
  readonly #signPayload: PayloadSigner;
  readonly #now: () => number;

  /**
   * @param config - What is left out comes from `configure` (never the API key) and from the environment.
   * @throws {ConfigError} `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING`, with the field.
   * @throws {SignError} `ERR_TTL_INVALID`.
   */
  constructor(config?: AccessTokenConfig) {
    const settings = readConfig(config);
    const { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid } = settings;
    const { ttl = preferred.ttl, now = preferred.now } = settings;
    this.accountSid = accountSid;
    this.apiKeySid = apiKeySid;
    if (region !== undefined) this.region = region;
    if (pushCredentialSid !== undefined) this.pushCredentialSid = pushCredentialSid;
    this.ttl = ttl;
    this.#key = hmacKeys(apiKeySecret)[0];
    this.#signPayload = regionSigner(region);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Signs a token: HS256, with the claims `jti`, `grants`, `iat`, `exp`, `iss` and `sub`.
   *
   * @param scopes - One or more, no two the same. See `toVoiceGrant` for what becomes of each.
   * @param options - `{ ttl }` in seconds or `{ expiresAt }`, `{ identity }`, `{ dropUnmappable }`.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: something that is no scope of this library.
   * @throws {SignError} `ERR_NOT_MAPPABLE`, field `scopes`: something in them has no counterpart in an Access
   *   Token; field `identity`: neither they nor the options give one. `ERR_NO_SCOPES`, `ERR_DUPLICATE_SCOPE`,
   *   `ERR_TTL_INVALID` or `ERR_OPTIONS_INVALID`.
   * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: more than 8,192 characters.
   */
  sign(scopes: Scope | Iterable<Scope>, options?: AccessTokenSignOptions): string {
    return this.issue(scopes, options).token;
  }

  /**
   * Signs a token, and tells what is in it: `clientName` is its identity, and `scopes` are the given ones, or
   * what is left of them.
   *
   * @throws As {@link sign}.
   */
  issue(scopes: Scope | Iterable<Scope>, options?: AccessTokenSignOptions): IssuedToken {
    const list = readScopeList(scopes).scopes;
    const {
      identity: given,
      dropUnmappable,
      ...ends
    } = readSignOptions(options, 'identity', 'dropUnmappable');
    checkIdentity(given);
    const mayDrop = readFlag(dropUnmappable, 'dropUnmappable');
    const { identity, voice, dropped } = planVoiceGrant(list, given);
    if (dropped.length > 0 && !mayDrop) throw notMappable(dropped);
    if (identity === null) throw noIdentity();

    const { accountSid, apiKeySid, pushCredentialSid } = this;
    const lifetime = planLifetime(ends, { ttl: this.ttl, now: this.#now });
    const jti = `${apiKeySid}-${randomUUID()}`;
    const token = signAccessToken(
      { jti, accountSid, apiKeySid, identity, voice, lifetime, pushCredentialSid },
      this.#key,
      this.#signPayload,
    );
    const granted = dropped.length === 0 ? list : grantScopes(identity, voice).scopes;
    return issuedToken(token, accountSid, granted, identity, lifetime);
  }
}

/**
 * Writes an Access Token as twilio-node does, to the order of its members.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`.
 * @internal
 */
export function signAccessToken(
  parts: AccessTokenParts,
  key: KeyObject,
  signPayload: PayloadSigner = signWithoutRegion,
): string {
  const { jti, accountSid, apiKeySid, identity, voice, lifetime, pushCredentialSid } = parts;
  const claims = {
    jti,
    grants: {
      identity,
      voice: pushCredentialSid === undefined ? voice : { ...voice, push_credential_sid: pushCredentialSid },
    },
    iat: lifetime.issuedAt,
    exp: lifetime.expiresAt,
    iss: apiKeySid,
    sub: accountSid,
  };
  return signPayload(JSON.stringify(claims), key);
}

function checkIdentity(identity: unknown): asserts identity is string | undefined {
  if (identity === undefined || isClientName(identity)) return;
  throw new SignError(
    'ERR_OPTIONS_INVALID',
    'An identity must be 1 to 121 ASCII letters, digits or underscores. For other text, such as an e-mail ' +
      'address, use encodeClientName(text); or leave it out, and give the scopes a client name.',
    'identity',
  );
}

function noIdentity(): SignError {
  return new SignError(
    'ERR_NOT_MAPPABLE',
    'An Access Token needs an identity, and no scope gives a client name: pass { identity }.',
    'identity',
  );
}
