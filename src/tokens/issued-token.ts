import { clientNameOf } from '../scopes/scope-list';
import type { Scope } from '../scopes/parse-scope';
import type { Lifetime, SignOptions } from './lifetime';

/** A new token and its contents. */
export interface IssuedToken {
  /** The token to send to the client. */
  readonly token: string;
  /** The account that the token belongs to. */
  readonly accountSid: string;
  /** What the token allows, in the order of the token. */
  readonly scopes: readonly Scope[];
  /** Who the client is: the first incoming client name, else the first outgoing one. Undefined without one. */
  readonly clientName: string | undefined;
  /** Lifetime in seconds. */
  readonly ttl: number;
  /** When the token was issued, to the second. */
  readonly issuedAt: Date;
  /** When the token expires, to the second. It is rejected from this time on. */
  readonly expiresAt: Date;
}

/**
 * A signer of either kind of token. `CapabilitySigner` and `AccessTokenSigner` implement it, so that one can replace
 * the other.
 *
 * @example
 * function tokenFor(user: User, signer: TokenSigner) {
 *   return signer.issue(new IncomingScope(user.name), { ttl: 600 });
 * }
 */
export interface TokenSigner {
  /** The account that the tokens belong to. */
  readonly accountSid: string;
  /** Default lifetime of the tokens in seconds. */
  readonly ttl: number;
  /** Signs a token. */
  sign(scopes: Scope | Iterable<Scope>, options?: SignOptions): string;
  /** Signs a token and returns it with its contents. */
  issue(scopes: Scope | Iterable<Scope>, options?: SignOptions): IssuedToken;
}

/** Creates the result of `issue`. Freezes the scopes. */
export function createIssuedToken(
  token: string,
  accountSid: string,
  scopes: readonly Scope[],
  { iat, exp }: Lifetime,
): IssuedToken {
  return Object.freeze({
    token,
    accountSid,
    scopes: Object.freeze(scopes),
    clientName: clientNameOf(scopes),
    ttl: exp - iat,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  });
}
