import { Buffer, isUtf8 } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { TokenError, typeName } from '../errors';
import { MAX_TOKEN_LENGTH } from '../settings';

/*
 * The compact JSON Web Signature with HS256 (RFC 7515, RFC 7518 section 3.2). The only file that uses jsonwebtoken.
 */

/** A JSON object, such as a header or claims. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The `cty` in the header of every Access Token. Capability tokens have none. */
export const ACCESS_TOKEN_TYPE = 'twilio-fpa;v=1';

/** Header names that change what a token means or which key verifies it: RFC 7515 section 4.1, RFC 7797. */
const REJECTED_HEADERS = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'];

/**
 * Creates the key for a secret. Without a key object, jsonwebtoken first tries to parse the secret as a PEM private
 * key, which takes far longer than signing.
 *
 * @internal
 */
export function createKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/**
 * The header of a capability token. Access Tokens add to it.
 *
 * @internal
 */
export const HS256_HEADER: jwt.JwtHeader = { alg: 'HS256', typ: 'JWT' };

/**
 * Signs claims.
 *
 * @param header - Default: the header of a capability token.
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`.
 * @internal
 */
export function signClaims(claims: object, key: KeyObject, header = HS256_HEADER): string {
  // Text is signed as it is. From an object, jsonwebtoken would make a copy and add `iat`.
  const token = jwt.sign(JSON.stringify(claims), key, { header });
  if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
  return token;
}

/**
 * The segments of a token before they are validated.
 *
 * @internal
 */
export interface TokenSegments {
  readonly header: JsonObject;
  /** The bytes of the payload, not parsed yet. */
  readonly payload: Buffer;
}

/**
 * Splits a token and decodes its segments. Parses the header, not the payload.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE` or `ERR_TOKEN_MALFORMED`.
 * @internal
 */
export function decodeSegments(token: unknown): TokenSegments {
  if (typeof token !== 'string') throw malformed(`Token must be a string. Received ${typeName(token)}.`);
  if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
  const segments = token.split('.').map(decodeSegment);
  const [first, payload, signature] = segments;
  if (segments.length !== 3 || !first?.length || !payload?.length || signature === undefined) {
    throw malformed(
      'Token must be three segments of base64url joined by dots. Check that it is complete, without quotes, spaces or "Bearer".',
    );
  }
  const header = parseObject(first);
  if (header === undefined) throw malformed('Token header must be a JSON object.');
  return { header, payload };
}

/**
 * Decodes the payload of a token: a JSON object in valid UTF-8.
 *
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, field `payload`.
 * @internal
 */
export function decodeClaims({ payload }: TokenSegments): JsonObject {
  const claims = parseObject(payload);
  if (claims !== undefined) return claims;
  throw new TokenError('ERR_TOKEN_CLAIMS', 'Token payload must be a JSON object in UTF-8.', 'payload');
}

/**
 * Validates the parts of a header that both kinds of token share.
 *
 * @throws {TokenError} `ERR_TOKEN_ALGORITHM` or `ERR_TOKEN_HEADER`.
 */
export function validateHeader(header: JsonObject): void {
  const { alg, typ } = header;
  if (alg !== 'HS256') {
    throw new TokenError(
      'ERR_TOKEN_ALGORITHM',
      'Token must be signed with HS256, as Twilio requires.',
      'alg',
    );
  }
  if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT')) {
    throw new TokenError('ERR_TOKEN_HEADER', 'Token header must have the typ "JWT", or none.', 'typ');
  }
  const rejected = Object.keys(header).find((name) => REJECTED_HEADERS.includes(name));
  if (rejected !== undefined) {
    throw new TokenError(
      'ERR_TOKEN_HEADER',
      `Token header must not have ${rejected}. No Twilio SDK writes it.`,
      rejected,
    );
  }
}

/**
 * Verifies the signature with each key in turn.
 *
 * @throws {TokenError} `ERR_TOKEN_SIGNATURE`.
 * @internal
 */
export function verifySignature(token: string, keys: readonly KeyObject[]): void {
  if (keys.some((key) => hasSignature(token, key))) return;
  throw new TokenError(
    'ERR_TOKEN_SIGNATURE',
    'Signature does not match. The token was changed, or signed with the secret of another account or key.',
    'signature',
  );
}

function hasSignature(token: string, key: KeyObject): boolean {
  try {
    // The claims that jsonwebtoken returns are not used: it accepts invalid UTF-8 and JSON inside a JSON string.
    jwt.verify(token, key, { algorithms: ['HS256'], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

/** Decodes a segment: base64url in canonical form, without padding (RFC 7515 section 2). */
function decodeSegment(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : undefined;
}

function parseObject(bytes: Buffer): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLarge(): TokenError {
  return new TokenError(
    'ERR_TOKEN_TOO_LARGE',
    `Token has more than ${MAX_TOKEN_LENGTH} characters.`,
    'token',
  );
}

function malformed(message: string): TokenError {
  return new TokenError('ERR_TOKEN_MALFORMED', message, 'token');
}
