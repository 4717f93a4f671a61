import type { Scope } from '../scopes/parse-scope';
import type { Lifetime } from './lifetime';

/** A new token and its contents. */
export interface IssuedToken {
  /** The token to send to the client. */
  readonly token: string;
  /** The account that the token belongs to. */
  readonly accountSid: string;
  /** What the token allows, in the order of the token. */
  readonly scopes: readonly Scope[];
  /** The first name that the client can be called by, else the first name that it calls from. Undefined without one. */
  readonly clientName: string | undefined;
  /** Lifetime in seconds. */
  readonly ttl: number;
  /** When the token was issued, to the second. */
  readonly issuedAt: Date;
  /** When the token expires, to the second. It is rejected from this time on. */
  readonly expiresAt: Date;
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
    clientName: firstClientName(scopes),
    ttl: exp - iat,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  });
}

function firstClientName(scopes: readonly Scope[]): string | undefined {
  const incoming = scopes.find((scope) => scope.kind === 'incoming');
  if (incoming !== undefined) return incoming.clientName;
  const outgoing = scopes.filter((scope) => scope.kind === 'outgoing');
  return outgoing.find(({ clientName }) => clientName !== undefined)?.clientName;
}
