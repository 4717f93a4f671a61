import dialects from '../suites/interop/dialects.json';

/** What a token was asked to allow. */
export interface Grant {
  readonly incoming: readonly string[];
  readonly outgoing: {
    readonly applicationSid: string;
    readonly clientName: string | null;
    readonly params: Readonly<Record<string, string>> | null;
  } | null;
  readonly eventStream: Readonly<Record<string, string>> | null;
}

/** A capability token of another SDK. Some SDKs have only a scope claim. */
export interface Vector {
  readonly id: string;
  readonly sdk: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly grant: Grant;
  readonly scope: string;
  readonly token: string | null;
  readonly exp: number | null;
  /** Whether the claim contains everything that was asked for. */
  readonly faithful: boolean;
}

/** An Access Token of another SDK. */
export interface AccessTokenVector {
  readonly id: string;
  readonly accountSid: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
  readonly identity: string;
  readonly voice: {
    readonly incomingAllow: boolean;
    readonly outgoingApplicationSid: string | null;
    readonly outgoingParams: Readonly<Record<string, string>> | null;
  };
  readonly region: string | null;
  readonly token: string;
  readonly payload: { readonly exp: number; readonly iat?: number; readonly nbf?: number };
}

export const vectors = dialects.vectors as readonly Vector[];
export const accessTokens = dialects.accessTokens as readonly AccessTokenVector[];
/** The capability tokens, without the vectors that have only a claim. */
export const signedVectors = vectors.filter(
  (vector): vector is Vector & { token: string; exp: number } => vector.token !== null,
);
