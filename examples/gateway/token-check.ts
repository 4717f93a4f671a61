import { AccessTokenVerifier, CapabilityVerifier } from 'twilio-capability';

/** The account whose tokens the gateway accepts. */
export interface Credentials {
  readonly accountSid: string;
  /** Verifies capability tokens and signs requests to the Voice URL. */
  readonly authToken: string;
  /** Verifies Access Tokens. Without a key, the gateway refuses them. */
  readonly apiKey?: { readonly sid: string; readonly secret: string } | undefined;
}

/** The content of a valid token that the gateway needs. */
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

/** Returns what a valid token grants. Throws for an invalid one. */
export type TokenCheck = (token: string) => Grant;

/** Accepts capability tokens, and Access Tokens if there is an API key. */
export function createTokenCheck({ accountSid, authToken, apiKey }: Credentials): TokenCheck {
  const capabilities = new CapabilityVerifier({ accountSid, authToken });
  if (apiKey === undefined) return (token) => capabilities.verify(token);

  const { sid: apiKeySid, secret: apiKeySecret } = apiKey;
  const accessTokens = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret });
  return (token) => (isAccessToken(token) ? accessTokens : capabilities).verify(token);
}

// The header only selects the verifier. Each verifier rejects tokens of the other kind.
function isAccessToken(token: string): boolean {
  const header = Buffer.from(token.split('.', 1).join(), 'base64url').toString();
  return header.includes('"twilio-fpa;v=1"');
}
