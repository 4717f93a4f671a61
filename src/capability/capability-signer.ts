import type { KeyObject } from 'node:crypto';
import { configReader, preferred, type CapabilityConfig } from '../config';
import { hmacKeys, payloadSigner } from '../tokens/jws';
import { planLifetime, readSignOptions, type Lifetime, type SignOptions } from '../tokens/lifetime';
import { clientNameOf, readScopeList } from '../scopes/scope-list';
import type { Scope } from '../scopes/scope';

export type { SignOptions } from '../tokens/lifetime';

/** A fresh token, and what there is to know about it. */
export interface IssuedToken {
  /** What to hand to the client. */
  readonly token: string;
  /** The account that vouches for it. */
  readonly accountSid: string;
  /** What it allows, in the order of the token. */
  readonly scopes: readonly Scope[];
  /** The first name the client can be called by, else the one it calls from; absent where it has neither. */
  readonly clientName?: string;
  /** Seconds from when it was signed until it ends. */
  readonly ttl: number;
  /** When it ends, to the second. At this moment it is already refused. */
  readonly expiresAt: Date;
}

/** @internal */
export const signPayload = payloadSigner();

const readConfig = configReader(['accountSid', 'authToken'], ['ttl', 'now']);

/**
 * Signs scopes into capability tokens for one account.
 *
 * Make one and share it: it keeps nothing but its settings and the key, and is safe for any number of
 * requests. The auth token cannot be read back from it.
 *
 * @example
 * const signer = new CapabilitySigner({ accountSid, authToken });
 * const token = signer.sign([new IncomingScope('alice'), new OutgoingScope(applicationSid)]);
 */
export class CapabilitySigner {
  /** The account whose tokens it signs. */
  readonly accountSid: string;
  /** Seconds that a token lives unless `sign` is told otherwise. */
  readonly ttl: number;
  readonly #key: KeyObject;
  readonly #now: () => number;

  /**
   * @param config - What is left out comes from `configure`, then from the environment.
   * @throws {ConfigError} `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING`, with the field.
   * @throws {SignError} `ERR_TTL_INVALID`.
   */
  constructor(config?: CapabilityConfig) {
    const { accountSid, authToken, ttl = preferred.ttl, now = preferred.now } = readConfig(config);
    this.accountSid = accountSid;
    this.ttl = ttl;
    this.#key = hmacKeys(authToken)[0];
    this.#now = now;
    Object.freeze(this);
  }

  /**
   * Signs a token: HS256, with the claims `scope`, `iss` and `exp`.
   *
   * @param scopes - One or more, no two the same and no two outgoing ones for one application.
   * @param options - `{ ttl }` in seconds or `{ expiresAt }`; default: the signer's ttl.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: something that is no scope of this library.
   * @throws {SignError} `ERR_NO_SCOPES`, `ERR_DUPLICATE_SCOPE`, `ERR_TTL_INVALID` or `ERR_OPTIONS_INVALID`.
   * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: more than 8,192 characters.
   */
  sign(scopes: Scope | Iterable<Scope>, options?: SignOptions): string {
    return this.#sign(readScopeList(scopes).claim, this.#plan(options));
  }

  /**
   * Signs a token, and tells what is in it: for an endpoint that answers with more than the token.
   *
   * @throws As {@link sign}.
   */
  issue(scopes: Scope | Iterable<Scope>, options?: SignOptions): IssuedToken {
    const list = readScopeList(scopes);
    const lifetime = this.#plan(options);
    const token = this.#sign(list.claim, lifetime);
    return issuedToken(token, this.accountSid, list.scopes, clientNameOf(list.scopes), lifetime);
  }

  #plan(options: SignOptions | undefined): Lifetime {
    return planLifetime(readSignOptions(options), { ttl: this.ttl, now: this.#now });
  }

  #sign(scope: string, { expiresAt }: Lifetime): string {
    // As JSON without JSON.stringify: neither a scope URI nor a SID has a character that JSON escapes.
    // SCOPE_NAME in scope-uri.ts holds that: whoever widens it must go back to JSON.stringify here.
    return signPayload(`{"scope":"${scope}","iss":"${this.accountSid}","exp":${expiresAt}}`, this.#key);
  }
}

/** Describes a fresh token. */
export function issuedToken(
  token: string,
  accountSid: string,
  scopes: readonly Scope[],
  clientName: string | undefined,
  { issuedAt, expiresAt }: Lifetime,
): IssuedToken {
  return Object.freeze({
    token,
    accountSid,
    scopes: Object.freeze(scopes),
    ...(clientName !== undefined && { clientName }),
    ttl: expiresAt - issuedAt,
    expiresAt: new Date(expiresAt * 1000),
  });
}
