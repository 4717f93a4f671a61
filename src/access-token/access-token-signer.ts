import { randomUUID, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import {
  defaultNowSchema,
  defaultTtlSchema,
  parseApiKeyConfig,
  type ApiKeyCredentials,
  type ClockOption,
  type TtlOption,
} from '../config';
import { ConfigError, ScopeError } from '../errors';
import { parseOptions } from '../options';
import { apiKeyShape, flagSchema, sidSchema } from '../schemas';
import { clientNameProblem } from '../scopes/client-name';
import type { Scope } from '../scopes/parse-scope';
import { collectScopesToSign } from '../scopes/scope-list';
import { createIssuedToken, type IssuedToken, type TokenSigner } from '../tokens/issued-token';
import { createKey, signClaims } from '../tokens/jws';
import { computeLifetime, signOptionsShape, type Lifetime, type SignOptions } from '../tokens/lifetime';
import { ACCESS_TOKEN_TYPE } from '../tokens/token-kind';
import { grantsSchema, type OtherGrants } from './other-grants';
import { parseVoice } from './parse-grants';
import { planVoiceGrant, type Dropped, type VoiceGrant } from './plan-voice-grant';

/** Options for the grants of an Access Token. */
export interface GrantOptions {
  /**
   * The client name for incoming and outgoing calls: 1 to 121 letters, digits or underscores. It overrides the client
   * names of the scopes. Default: the first incoming client name, else the first outgoing one.
   */
  readonly identity?: string | undefined;
  /** Accept any `identity` of up to 256 characters without control characters. Default: false. */
  readonly allowAnyIdentity?: boolean | undefined;
  /** The push credential that notifies a mobile app of incoming calls. Default: none. */
  readonly pushCredentialSid?: string | undefined;
  /** Leave out what has no counterpart in an Access Token, instead of throwing. Default: false. */
  readonly dropUnmappable?: boolean | undefined;
  /** Grants for other products. They are added next to the voice grant, unchanged. Default: none. */
  readonly grants?: OtherGrants | undefined;
}

/** Settings of an {@link AccessTokenSigner}. Its grant options apply unless a call overrides them. */
export interface AccessTokenConfig extends ApiKeyCredentials, GrantOptions, TtlOption, ClockOption {
  /** The Twilio region of the key, such as `ie1` or `au1`. Default: none, for `us1`. */
  readonly region?: string | undefined;
}

/** Options of {@link AccessTokenSigner.sign}. Each one replaces that of the signer. */
export interface AccessTokenSignOptions extends SignOptions, GrantOptions {}

/** A new Access Token and its contents. */
export interface IssuedAccessToken extends IssuedToken {
  /** The client name for incoming and outgoing calls. */
  readonly identity: string;
  /** The unique ID of the token, for an audit log. */
  readonly jti: string;
}

const grantOptionsShape = {
  identity: z.optional(z.unknown()),
  allowAnyIdentity: flagSchema('allowAnyIdentity'),
  pushCredentialSid: z.optional(sidSchema('CR', 'pushCredentialSid')),
  dropUnmappable: flagSchema('dropUnmappable'),
  grants: z.optional(grantsSchema),
};

/** @internal */
export const accessTokenConfigSchema = z.object({
  ...apiKeyShape,
  region: z.optional(regionSchema()),
  ttl: defaultTtlSchema,
  now: defaultNowSchema,
  ...grantOptionsShape,
});

const signOptionsSchema = z.object({ ...signOptionsShape, ...grantOptionsShape });

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
export class AccessTokenSigner implements TokenSigner {
  /** The account that its tokens belong to. */
  readonly accountSid: string;
  /** The API key that signs its tokens. */
  readonly apiKeySid: string;
  /** The Twilio region of its tokens, if set. */
  readonly region: string | undefined;
  /** Default lifetime of its tokens in seconds. */
  readonly ttl: number;
  readonly #key: KeyObject;
  readonly #now: () => number;
  readonly #grantOptions: GrantOptions;

  /**
   * Creates a signer. An API key that is not passed comes from `TWILIO_API_KEY_SID` and `TWILIO_API_KEY_SECRET`, an
   * account SID from `configure`, else from `TWILIO_ACCOUNT_SID`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` or `ERR_TTL_INVALID`, with the field.
   */
  constructor(config?: AccessTokenConfig) {
    const settings = parseApiKeyConfig(accessTokenConfigSchema, config);
    const { allowAnyIdentity, pushCredentialSid, dropUnmappable, grants } = settings;
    const identity = validateIdentity(settings.identity, allowAnyIdentity, 'ERR_CONFIG_INVALID');
    this.accountSid = settings.accountSid;
    this.apiKeySid = settings.apiKeySid;
    this.region = settings.region;
    this.ttl = settings.ttl;
    this.#key = createKey(settings.apiKeySecret);
    this.#now = settings.now;
    this.#grantOptions = { identity, allowAnyIdentity, pushCredentialSid, dropUnmappable, grants };
    Object.freeze(this);
  }

  /**
   * Signs a token: HS256, with the claims `jti`, `grants`, `iat`, `exp`, `iss` and `sub`. See `toVoiceGrant` for the
   * scope mapping.
   *
   * @param scopes - One or more scopes, all different, with at most one outgoing scope per application.
   * @param options - Lifetime and grant options. Default: those of the signer.
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
    const defaults = this.#grantOptions;
    const allowAnyIdentity = given.allowAnyIdentity ?? defaults.allowAnyIdentity;
    const override =
      validateIdentity(given.identity, allowAnyIdentity, 'ERR_OPTIONS_INVALID') ?? defaults.identity;
    const { identity, voice, dropped } = planVoiceGrant(list, override);
    const dropUnmappable = given.dropUnmappable ?? defaults.dropUnmappable;
    if (dropped.length > 0 && dropUnmappable !== true) throw notMappable(dropped, override);
    if (identity === null) throw noIdentity();

    const lifetime = computeLifetime(given, this.ttl, this.#now);
    const { accountSid, apiKeySid, region } = this;
    const jti = `${apiKeySid}-${randomUUID()}`;
    const pushCredentialSid = given.pushCredentialSid ?? defaults.pushCredentialSid;
    const grants = given.grants ?? defaults.grants;
    const contents = {
      jti,
      accountSid,
      apiKeySid,
      region,
      identity,
      voice,
      pushCredentialSid,
      grants,
      lifetime,
    };
    const token = signAccessToken(contents, this.#key);
    // As a verifier reads them back: each scope has the identity as its client name.
    const allowed = parseVoice({ ...voice }, identity);
    const issued = createIssuedToken(token, accountSid, allowed, lifetime);
    return Object.freeze({ ...issued, clientName: identity, identity, jti });
  }
}

/** What an Access Token contains. */
interface AccessTokenContents {
  readonly jti: string;
  readonly accountSid: string;
  readonly apiKeySid: string;
  readonly region: string | undefined;
  readonly identity: string;
  readonly voice: VoiceGrant;
  readonly pushCredentialSid: string | undefined;
  readonly grants: OtherGrants | undefined;
  readonly lifetime: Lifetime;
}

/**
 * Signs an Access Token.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`.
 * @internal
 */
export function signAccessToken(contents: AccessTokenContents, key: KeyObject): string {
  const { header, claims } = buildAccessToken(contents);
  return signClaims(claims, key, header);
}

/**
 * Builds the header and the claims of an Access Token. The claims are in the order of twilio-node. Members that are
 * undefined are not written.
 *
 * @internal
 */
export function buildAccessToken(contents: AccessTokenContents) {
  const { jti, accountSid, apiKeySid, region, identity, voice, pushCredentialSid, grants, lifetime } =
    contents;
  const claims = {
    jti,
    grants: { identity, voice: { ...voice, push_credential_sid: pushCredentialSid }, ...grants },
    iat: lifetime.iat,
    exp: lifetime.exp,
    iss: apiKeySid,
    sub: accountSid,
  };
  return { header: { cty: ACCESS_TOKEN_TYPE, twr: region }, claims };
}

function validateIdentity(
  identity: unknown,
  allowAnyIdentity: boolean | undefined,
  code: 'ERR_CONFIG_INVALID' | 'ERR_OPTIONS_INVALID',
): string | undefined {
  if (identity === undefined) return undefined;
  const problem = clientNameProblem(identity, allowAnyIdentity === true, 'allowAnyIdentity');
  if (problem === undefined) return identity as string;
  throw new ConfigError(code, `identity ${problem}`, 'identity');
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
