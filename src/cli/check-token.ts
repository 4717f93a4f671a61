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
import { ConfigError, TokenError } from '../errors';
import { isSid } from '../sid';
import { verifySignature, type OpenToken } from '../tokens/jws';
import { kindOf } from '../tokens/token-kind';
import { mistakenSecrets, type Credentials } from './credentials';
import { SIGNATURE_LENGTH, signatureOf } from './faults';

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

/** The clock that a token is compared with. */
interface Clock {
  readonly now: () => number;
  readonly clockTolerance: number;
}

/** Validates everything but the signature, for any account. */
export function checkUnverified(token: OpenToken, clock: Clock): Check {
  const isAccessToken = kindOf(token) === 'access-token';
  const expected = { accountSid: undefined, ...clock };
  const error = errorOf(() => {
    const claims = isAccessToken ? validateAccessTokenForm(token) : validateCapabilityForm(token);
    // No key makes a signature of another length.
    if (signatureOf(token.text)?.length !== SIGNATURE_LENGTH) verifySignature(token, []);
    if (isAccessToken) validateAccessTokenClaims(token, expected);
    else validateCapabilityClaims(claims, expected);
  });
  return { error };
}

/**
 * Verifies a token.
 *
 * @throws {ConfigError} `ERR_CONFIG_INVALID`: a credential has the wrong form.
 */
export function checkVerified(token: OpenToken, clock: Clock, credentials: Credentials): Check {
  const { accountSid, authToken, apiKeySid, apiKeySecret } = credentials;
  const isAccessToken = kindOf(token) === 'access-token';
  const verify = isAccessToken
    ? () => {
        const config = parseAccessTokenVerifierConfig({ accountSid, apiKeySid, apiKeySecret, ...clock });
        return () => verifyAccessToken(token, config);
      }
    : () => {
        const config = parseCapabilityVerifierConfig({ accountSid, authToken, ...clock });
        return () => verifyCapability(token, config);
      };
  const signer = (): string | undefined =>
    mistakenSecrets(credentials, isAccessToken).find(({ secret }) => hasSigned(token, secret))?.name;

  let error: TokenError | undefined;
  try {
    error = errorOf(verify());
  } catch (invalid) {
    if (!(invalid instanceof ConfigError && invalid.code === 'ERR_CONFIG_MISSING')) throw invalid;
    return { ...checkUnverified(token, clock), missing: invalid.field, signer: signer() };
  }
  if (error?.code !== 'ERR_TOKEN_SIGNATURE') return { error };
  // The secret of another account or API key never fits, so its signature says nothing.
  const issuer = token.claims?.['iss'];
  if (isAccessToken && isSid('SK', issuer) && issuer !== apiKeySid) {
    return { ...checkUnverified(token, clock), mismatch: 'API key', signer: signer() };
  }
  if (!isAccessToken && isSid('AC', issuer) && issuer !== accountSid) {
    return { ...checkUnverified(token, clock), mismatch: 'account', signer: signer() };
  }
  return { error, signer: signer() };
}

function hasSigned(token: OpenToken, secret: string | Buffer): boolean {
  const key = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret);
  return (
    errorOf(() => {
      verifySignature(token, [key]);
    }) === undefined
  );
}

/** Returns the error that the library throws for a token, if any. */
export function errorOf(act: () => unknown): TokenError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
}
