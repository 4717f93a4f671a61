import type { DecodedToken } from '../decode-token';
import type { TokenError } from '../errors';
import type { JsonObject, OpenToken } from '../tokens/jws';
import type { Credentials } from './credentials';
import type { Paste } from './find-token';

/** What the library says of a token. */
export interface Check {
  /** Undefined if nothing is wrong. */
  readonly error?: TokenError | undefined;
  /** The setting without which the signature could not be checked. */
  readonly missing?: string | undefined;
  /** What the token belongs to, if the credentials are those of another. */
  readonly mismatch?: 'account' | 'API key';
  /** What the token was signed with by mistake. */
  readonly signer?: string | undefined;
}

interface Input {
  readonly paste: Paste;
  /** What must not be printed. */
  readonly secrets: readonly string[];
  /** Prepares text from outside for a sentence. */
  readonly quote: (text: string) => string;
}

/** Input that is no token, or cannot be opened. */
export interface TextSubject extends Input {
  readonly token: undefined;
  readonly error: TokenError;
}

/** A token that was opened, and what the library says of it. */
export interface TokenSubject extends Input, Check {
  readonly token: OpenToken;
  readonly isAccessToken: boolean;
  /** Empty if the payload is not a JSON object. */
  readonly claims: JsonObject;
  /** Undefined if it cannot be decoded. */
  readonly contents: DecodedToken | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Undefined if the signature is not to be checked. */
  readonly credentials: Credentials | undefined;
}

/** What is diagnosed. */
export type Subject = TextSubject | TokenSubject;
