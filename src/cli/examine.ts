import { createSecretKey } from 'node:crypto';
import {
  parseAccessTokenVerifierConfig,
  validateAccessTokenClaims,
  validateAccessTokenForm,
  verifyAccessToken,
} from '../access-token/access-token-verifier';
import {
  parseCapabilityVerifierConfig,
  validateCapabilityClaims,
  validateCapabilityForm,
  verifyCapability,
} from '../capability/capability-verifier';
import { decodeOpenToken, type DecodedToken } from '../decode-token';
import { TokenError, type TokenErrorCode } from '../errors';
import { isSid } from '../sid';
import { readTimes } from '../tokens/claims';
import { openToken, verifySignature, type JsonObject, type OpenToken } from '../tokens/jws';
import { kindOf, type TokenKind } from '../tokens/token-kind';
import { describeInvalid, describeMissing, mistakenSecrets, type Credentials } from './credentials';
import { namesOf, scopesOf, SIGNATURE_LENGTH, signatureLength, toText, type LenientScope } from './faults';
import type { Paste } from './find-token';
import { quote } from './report';
import { fromNow } from './token-tables';

/** What a token is checked against. */
export interface Settings {
  readonly now: () => number;
  readonly clockTolerance: number;
  /** Undefined if the signature is not to be checked. */
  readonly credentials: Credentials | undefined;
}

/** What the library says of a token. */
interface Check {
  /** Undefined if nothing is wrong. */
  readonly error: TokenError | undefined;
  /** The variable of the secret that decided. Undefined if the signature could not be checked. */
  readonly checkedWith?: string;
  /** What is said of the credentials if they are not all set, or of one that the library rejects. */
  readonly missing?: string | undefined;
  readonly invalid?: string | undefined;
  /** What the token belongs to, if the credentials are those of another. */
  readonly mismatch?: 'account' | 'API key';
  /** What the token was signed with by mistake. */
  readonly signer?: string | undefined;
}

/** What is diagnosed: the text, the token in it, and what the library says of both. */
export interface Subject extends Paste, Check {
  readonly outcome: TokenErrorCode | 'not checked' | 'ok';
  /** What must not be printed. */
  readonly secrets: readonly string[];
  /** Prepares text from outside for a sentence. */
  readonly quote: (text: string) => string;
  /** Undefined if the text is no token, or cannot be opened. */
  readonly token: OpenToken | undefined;
  readonly kind: TokenKind | undefined;
  readonly isAccessToken: boolean;
  /** Header and claims. Empty if they are not JSON objects. */
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** The scope claim. Empty if it is not text. */
  readonly scope: string;
  readonly scopes: readonly LenientScope[];
  /** The client names, or the identity of an Access Token. */
  readonly names: readonly string[];
  /** Undefined if the token cannot be decoded. */
  readonly contents: DecodedToken | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When it starts and expires, such as "in 5 minutes". */
  readonly start: string;
  readonly expiry: string;
  readonly credentials: Credentials | undefined;
}

/**
 * Opens the token once, and asks the library about it.
 *
 * @param secrets - What must not be printed.
 */
export function examine(paste: Paste, settings: Settings, secrets: readonly string[]): Subject {
  const opened = attempt(() => open(paste));
  const token = opened instanceof TokenError ? undefined : opened;
  const { header = {}, claims = {} } = token ?? {};
  const scope = toText(claims['scope']);
  const scopes = scopesOf(scope);
  const kind = token && kindOf(token);
  const isAccessToken = kind?.startsWith('access-token') ?? false;
  const contents = token && attempt(() => decodeOpenToken(token));
  const now = settings.now();
  const { expiresAt, issuedAt, notBefore } = readTimes(claims);
  const { credentials } = settings;
  const check =
    opened instanceof TokenError ? { error: opened } : checkToken(opened, { ...settings, now: () => now });
  const isUndecided = (check.missing ?? check.invalid ?? check.mismatch) !== undefined;
  return {
    ...paste,
    ...check,
    outcome: check.error?.code ?? (isUndecided ? 'not checked' : 'ok'),
    secrets,
    quote: (text: string) => quote(text, secrets),
    token,
    kind,
    isAccessToken,
    header,
    claims,
    scope,
    scopes,
    names: namesOf(isAccessToken, claims, scopes),
    contents: contents instanceof TokenError ? undefined : contents,
    now,
    start: fromNow(new Date(Math.max(Number(issuedAt ?? 0), Number(notBefore ?? 0))), now),
    expiry: fromNow(expiresAt, now),
    credentials,
  };
}

/** Text with several tokens is not opened: any of them could be meant. */
function open({ text, count }: Paste): OpenToken {
  if (count > 1) throw new TokenError('ERR_TOKEN_MALFORMED', 'The input has several tokens.', 'token');
  return openToken(text);
}

/** Validates everything but the signature, for any account. */
function validate(token: OpenToken, { now, clockTolerance }: Settings): Check {
  const isAccessToken = kindOf(token) === 'access-token';
  const expected = { accountSid: undefined, now, clockTolerance };
  const error = errorOf(() => {
    const claims = isAccessToken ? validateAccessTokenForm(token) : validateCapabilityForm(token);
    // No key makes a signature of another length.
    if (signatureLength(token.text) !== SIGNATURE_LENGTH) verifySignature(token, []);
    if (isAccessToken) validateAccessTokenClaims(token, expected);
    else validateCapabilityClaims(claims, expected);
  });
  return { error };
}

/** Checks a token. Without the secret of its account or API key, everything but the signature. */
function checkToken(token: OpenToken, settings: Settings): Check {
  const { credentials } = settings;
  if (credentials === undefined) return validate(token, settings);
  const { verify, owner, prefix, sid, secretVariable } = verifierFor(token, settings, credentials);
  const findSigner = (): string | undefined =>
    mistakenSecrets(credentials, owner === 'API key').find(([, secret]) => hasSigned(token, secret))?.[0];
  const missing = describeMissing(credentials, owner === 'API key');
  if (missing !== undefined) return { ...validate(token, settings), missing, signer: findSigner() };
  let error: TokenError | undefined;
  try {
    error = errorOf(verify);
  } catch (rejected) {
    const invalid = describeInvalid(rejected, credentials);
    if (invalid === undefined) throw rejected;
    return { ...validate(token, settings), invalid };
  }
  if (error?.code !== 'ERR_TOKEN_SIGNATURE') return { error, checkedWith: secretVariable };
  // The secret of another account or API key never fits, so its signature says nothing.
  const issuer = token.claims?.['iss'];
  if (isSid(prefix, issuer) && issuer !== sid) {
    return { ...validate(token, settings), mismatch: owner, signer: findSigner() };
  }
  return { error, checkedWith: secretVariable, signer: findSigner() };
}

/** Returns what verifies a token of its kind, and the variables that it takes. */
function verifierFor(token: OpenToken, { now, clockTolerance }: Settings, credentials: Credentials) {
  const { accountSid, authToken, apiKeySid, apiKeySecret, keyVariables } = credentials;
  if (kindOf(token) !== 'access-token') {
    const config = { accountSid, authToken, now, clockTolerance };
    return {
      verify: () => verifyCapability(token, parseCapabilityVerifierConfig(config)),
      owner: 'account',
      prefix: 'AC',
      sid: accountSid,
      secretVariable: 'TWILIO_AUTH_TOKEN',
    } as const;
  }
  const config = { accountSid, apiKeySid, apiKeySecret, now, clockTolerance };
  return {
    verify: () => verifyAccessToken(token, parseAccessTokenVerifierConfig(config)),
    owner: 'API key',
    prefix: 'SK',
    sid: apiKeySid,
    secretVariable: keyVariables[1],
  } as const;
}

function hasSigned(token: OpenToken, secret: string | Buffer): boolean {
  const key = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret);
  const verify = (): void => {
    verifySignature(token, [key]);
  };
  return errorOf(verify) === undefined;
}

/** Returns the error that the library throws for a token, if any. */
function errorOf(act: () => unknown): TokenError | undefined {
  const result = attempt(act);
  return result instanceof TokenError ? result : undefined;
}

/** Returns the result, or the error that the library throws for a token. */
function attempt<T>(act: () => T): T | TokenError {
  try {
    return act();
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
}
