import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { defaultNowSchema, defaultTtlSchema, parseAccountConfig, type CapabilityConfig } from '../config';
import { parseOptions } from '../options';
import { accountShape } from '../schemas';
import { collectScopesToSign } from '../scopes/scope-list';
import type { Scope } from '../scopes/parse-scope';
import { createIssuedToken, type IssuedToken, type TokenSigner } from '../tokens/issued-token';
import { createKey, signClaims } from '../tokens/jws';
import { computeLifetime, signOptionsShape, type Lifetime, type SignOptions } from '../tokens/lifetime';

/** @internal */
export const capabilityConfigSchema = z.object({
  ...accountShape,
  ttl: defaultTtlSchema,
  now: defaultNowSchema,
});

const signOptionsSchema = z.object(signOptionsShape);

/**
 * Signs capability tokens for one account.
 *
 * Create one and reuse it for every request. The auth token cannot be read back from it.
 *
 * @example
 * const signer = new CapabilitySigner({ accountSid, authToken });
 * const token = signer.sign([new IncomingScope('alice'), new OutgoingScope(applicationSid)]);
 */
export class CapabilitySigner implements TokenSigner {
  /** The account whose tokens it signs. */
  readonly accountSid: string;
  /** Default lifetime of its tokens in seconds. */
  readonly ttl: number;
  readonly #key: KeyObject;
  readonly #now: () => number;

  /**
   * Creates a signer. Credentials that are not passed come from `configure`, else from `TWILIO_ACCOUNT_SID` and
   * `TWILIO_AUTH_TOKEN`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` or `ERR_TTL_INVALID`, with the field.
   */
  constructor(config?: CapabilityConfig) {
    const { accountSid, authToken, ttl, now } = parseAccountConfig(capabilityConfigSchema, config);
    this.accountSid = accountSid;
    this.ttl = ttl;
    this.#key = createKey(authToken);
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Signs a token: HS256, with the claims `scope`, `iss` and `exp`.
   *
   * @param scopes - One or more scopes, all different, with at most one outgoing scope per application.
   * @param options - `{ ttl }` in seconds or `{ expiresAt }`. Default: the ttl of the signer.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`, field `scopes`.
   * @throws {ConfigError} `ERR_TTL_INVALID`, `ERR_OPTIONS_INVALID`, or `ERR_CONFIG_INVALID`: `now` did not return a
   *   time.
   * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: more than 8,192 characters.
   */
  sign(scopes: Scope | Iterable<Scope>, options?: SignOptions): string {
    return this.#sign(collectScopesToSign(scopes), this.#lifetime(options));
  }

  /**
   * Signs a token and returns it with what an endpoint or an audit log needs.
   *
   * @throws As {@link sign}.
   */
  issue(scopes: Scope | Iterable<Scope>, options?: SignOptions): IssuedToken {
    const list = collectScopesToSign(scopes);
    const lifetime = this.#lifetime(options);
    return createIssuedToken(this.#sign(list, lifetime), this.accountSid, list, lifetime);
  }

  #lifetime(options: SignOptions | undefined): Lifetime {
    return computeLifetime(parseOptions(signOptionsSchema, options), this.ttl, this.#now);
  }

  #sign(scopes: readonly Scope[], { exp }: Lifetime): string {
    return signClaims({ scope: scopes.join(' '), iss: this.accountSid, exp }, this.#key);
  }
}
