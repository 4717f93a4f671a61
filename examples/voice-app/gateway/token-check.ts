import { AccessTokenVerifier, CapabilityVerifier } from 'twilio-capability';
import type { Account } from '../account';

/** What the gateway needs to know of a token that it has checked. */
export interface Grant {
  readonly accountSid: string;
  readonly clientNames: readonly string[];
  readonly outgoing?:
    | {
        readonly applicationSid: string;
        readonly clientName?: string | undefined;
        readonly params: Readonly<Record<string, string>>;
      }
    | undefined;
  readonly expiresAt: Date;
}

/** Checks a token: its grant when good; throws when not. */
export type TokenCheck = (token: string) => Grant;

/** Checks capability tokens and Access Tokens alike, as Twilio's own gateway takes either. */
export function createTokenCheck(account: Account): TokenCheck {
  const { sid: accountSid, authToken, apiKeySid, apiKeySecret } = account;
  const capabilities = new CapabilityVerifier({ accountSid, authToken });
  if (apiKeySid === undefined || apiKeySecret === undefined) return (token) => capabilities.verify(token);

  const accessTokens = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret });
  return (token) => (isAccessToken(token) ? accessTokens : capabilities).verify(token);
}

// The header only chooses which verifier looks at the token; each then insists on its own kind.
function isAccessToken(token: string): boolean {
  const header = Buffer.from(token.split('.', 1).join(), 'base64url').toString();
  return header.includes('"twilio-fpa;v=1"');
}
