import { randomUUID, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { defaultTtlSchema, defaultNowSchema, parseApiKeyConfig } from '../config';
import { ConfigError, ScopeError } from '../errors';
import { ownProperties } from '../plain-object';
import { clientNameProblem } from '../scopes/client-name';
import type { Scope } from '../scopes/parse-scope';
import { collectScopesToSign } from '../scopes/scope-list';
import { apiKeyShape, flagSchema, parseOptions, sidSchema } from '../settings';
import { createIssuedToken, type IssuedToken } from '../tokens/issued-token';
import { createKey } from '../tokens/jws';
import { computeLifetime, signOptionsShape, type SignOptions } from '../tokens/lifetime';
import { copyGrants, grantsSchema, type OtherGrants } from './other-grants';
import { parseVoice } from './parse-grants';
import { planVoiceGrant, type Dropped } from './plan-voice-grant';
import { signAccessToken } from './sign-access-token';

/** Options that change how scopes map to an Access Token. */
export interface AccessTokenPreferences {
  /**
   * The name that calls go to and come from: 1 to 121 letters, digits or underscores. It overrides the client names of
   * the scopes. Default: the incoming client name, else the outgoing one.
   */
  readonly identity?: string | undefined;
  /** Accept any `identity` of up to 256 characters without control characters. Default: false. */
  readonly allowAnyName?: boolean | undefined;
  /** Leave out what has no counterpart in an Access Token, instead of throwing. Default: false. */
  readonly dropUnmappable?: boolean | undefined;
  /** Grants for other products. They are added next to the voice grant, unchanged. Default: none. */
  readonly grants?: OtherGrants | undefined;
}

/** Settings of an {@link AccessTokenSigner}. Its preferences are defaults that a call can replace. */
export interface AccessTokenConfig extends AccessTokenPreferences {
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
  /** The secret of that API key. The API key must be a Main or Standard key. */
  readonly apiKeySecret?: string | undefined;
  /** The Twilio region of the key, such as `ie1` or `au1`. Default: none, for `us1`. */
  readonly region?: string | undefined;
  /** The push credential that notifies a mobile app of incoming calls. Default: none. */
  readonly pushCredentialSid?: string | undefined;
  /** Lifetime of tokens in seconds, 1 to 86,400. Default: that of `configure`, else 3600. */
  readonly ttl?: number | undefined;
  /**
   * Returns the time in milliseconds since the epoch. Called for each token. Default: that of `configure`, else
   * `Date.now`.
   */
  readonly now?: (() => number) | undefined;
}

/** Options of {@link AccessTokenSigner.sign}. */
export interface AccessTokenSignOptions extends SignOptions, AccessTokenPreferences {}

/** A new Access Token and its contents. */
export interface IssuedAccessToken extends IssuedToken {
  /** The name that calls go to and come from. */
  readonly identity: string;
  /** The unique ID of the token, for an audit log. */
  readonly jti: string;
}

const preferencesShape = {
  identity: z.optional(z.unknown()),
  allowAnyName: flagSchema('allowAnyName'),
  dropUnmappable: flagSchema('dropUnmappable'),
  grants: z.optional(grantsSchema),
};

/** @internal */
export const accessTokenConfigSchema = z.strictObject({
  ...apiKeyShape,
  region: z.optional(regionSchema()),
  pushCredentialSid: z.optional(sidSchema('CR', 'pushCredentialSid')),
  ttl: defaultTtlSchema,
  now: defaultNowSchema,
  ...preferencesShape,
});

/** Validated settings without the secret. */
interface SignerSettings extends AccessTokenPreferences {
  readonly accountSid: string;
  readonly apiKeySid: string;
  readonly region?: string | undefined;
  readonly pushCredentialSid?: string | undefined;
  readonly ttl: number;
  readonly now: () => number;
}

const signOptionsSchema = z.strictObject({ ...signOptionsShape, ...preferencesShape });

function regionSchema() {
  const message = 'region must be two lower-case letters and a digit, such as "au1".';
  return z.string(message).check(z.regex(/^[a-z]{2}[0-9]$/, message));
}

/**
 * Signs scopes as Access Tokens with a voice grant. Access Tokens replace capability tokens. `sign` and `issue` take
 * the same arguments as those of a `CapabilitySigner`.
 *
 * Create one and reuse it for every request. The secret cannot be read back from it.
 *
 * @see https://www.twilio.com/docs/iam/access-tokens
 * @example
 * const signer = new AccessTokenSigner({ accountSid, apiKeySid, apiKeySecret });
 * const token = signer.sign([new IncomingScope('alice'), new OutgoingScope(applicationSid)]);
 */
export class AccessTokenSigner {
  /** The account that its tokens belong to. */
  readonly accountSid: string;
  /** The API key that signs them. */
  readonly apiKeySid: string;
  /** The Twilio region of its tokens. */
  declare readonly region?: string;
  /** The push credential in its tokens. */
  declare readonly pushCredentialSid?: string;
  /** Default lifetime of its tokens in seconds. */
  readonly ttl: number;
  readonly #key: KeyObject;
  readonly #settings: SignerSettings;

  /**
   * Creates a signer. An API key that is not passed comes from `TWILIO_API_KEY_SID` and `TWILIO_API_KEY_SECRET`, an
   * account SID from `configure`, else from `TWILIO_ACCOUNT_SID`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` or `ERR_TTL_INVALID`, with the field.
   */
  constructor(config?: AccessTokenConfig) {
    const { apiKeySecret, ...rest } = parseApiKeyConfig(accessTokenConfigSchema, config);
    // `rest` inherits from Object.prototype, which could supply missing settings if it is polluted.
    const settings = ownProperties(rest);
    const { accountSid, apiKeySid, region, pushCredentialSid, ttl, allowAnyName } = settings;
    const identity = validateIdentity(settings.identity, allowAnyName, 'ERR_CONFIG_INVALID');
    const grants = settings.grants && copyGrants(settings.grants);
    this.accountSid = accountSid;
    this.apiKeySid = apiKeySid;
    if (region !== undefined) this.region = region;
    if (pushCredentialSid !== undefined) this.pushCredentialSid = pushCredentialSid;
    this.ttl = ttl;
    this.#key = createKey(apiKeySecret);
    this.#settings = Object.assign(settings, { identity, grants });
    Object.freeze(this);
  }

  /**
   * Signs a token: HS256, with the claims `jti`, `grants`, `iat`, `exp`, `iss` and `sub`. See `toVoiceGrant` for the
   * scope mapping.
   *
   * @param scopes - One or more scopes, all different, with at most one outgoing scope per application.
   * @param options - Lifetime and preferences. Default: those of the signer.
   * @throws {ScopeError} `ERR_NOT_MAPPABLE`, field `scopes` (something has no counterpart) or `identity` (no name).
   *   `ERR_SCOPE_INVALID`, `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`, field `scopes`.
   * @throws {ConfigError} `ERR_TTL_INVALID`, `ERR_OPTIONS_INVALID`, or `ERR_CONFIG_INVALID`: `now` did not return a
   *   time.
   * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: more than 8,192 characters.
   */
  sign(scopes: Scope | Iterable<Scope>, options?: AccessTokenSignOptions): string {
    return this.issue(scopes, options).token;
  }

  /**
   * Signs a token and returns it with what an endpoint or an audit log needs. Its scopes are those that the token
   * allows.
   *
   * @throws As {@link sign}.
   */
  issue(scopes: Scope | Iterable<Scope>, options?: AccessTokenSignOptions): IssuedAccessToken {
    const list = collectScopesToSign(scopes);
    const given = parseOptions(signOptionsSchema, options);
    const settings = this.#settings;
    const { accountSid, apiKeySid, region, pushCredentialSid } = settings;
    const allowAnyName = given.allowAnyName ?? settings.allowAnyName;
    const dropUnmappable = given.dropUnmappable ?? settings.dropUnmappable;
    const grants = given.grants ?? settings.grants;
    const override =
      validateIdentity(given.identity, allowAnyName, 'ERR_OPTIONS_INVALID') ?? settings.identity;
    const { identity, voice, dropped } = planVoiceGrant(list, override);
    if (dropped.length > 0 && dropUnmappable !== true) throw notMappable(dropped, override);
    if (identity === null) throw noIdentity();

    const lifetime = computeLifetime(given, settings.ttl, settings.now);
    const jti = `${apiKeySid}-${randomUUID()}`;
    const token = signAccessToken(
      { accountSid, apiKeySid, region, pushCredentialSid, jti, identity, voice, grants, lifetime },
      this.#key,
    );
    // As a verifier reads them back: each scope has the identity as its client name.
    const allowed = parseVoice({ ...voice }, identity);
    const issued = createIssuedToken(token, accountSid, allowed, lifetime);
    return Object.freeze({ ...issued, clientName: identity, identity, jti });
  }
}

function validateIdentity(
  identity: unknown,
  allowAnyName: boolean | undefined,
  code: 'ERR_CONFIG_INVALID' | 'ERR_OPTIONS_INVALID',
): string | undefined {
  const problem = identity === undefined ? undefined : clientNameProblem(identity, allowAnyName === true);
  if (problem !== undefined) throw new ConfigError(code, `identity ${problem}`, 'identity');
  return identity as string | undefined;
}

/** Creates the error for scopes that would lose something. It shows no values of the caller. */
function notMappable(dropped: readonly Dropped[], override: string | undefined): ScopeError {
  const kinds = new Set(
    dropped.map(({ scope, part }) => `${scope.kind} ${part === 'scope' ? 'scope' : 'client name'}`),
  );
  const isNameLost = dropped.some(({ scope, part }) => part === 'clientName' || scope.kind === 'incoming');
  const advice =
    override !== undefined && isNameLost
      ? 'Client names must be the same as the identity option.'
      : 'toVoiceGrant(scopes) lists each one.';
  return new ScopeError(
    'ERR_NOT_MAPPABLE',
    `An Access Token has no counterpart for: ${[...kinds].join(', ')}. ${advice} ` +
      'Pass { dropUnmappable: true } to sign without them.',
    'scopes',
  );
}

function noIdentity(): ScopeError {
  return new ScopeError(
    'ERR_NOT_MAPPABLE',
    'An Access Token needs an identity, and no scope has a client name. Pass { identity }.',
    'identity',
  );
}
