import { Buffer, isUtf8 } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { TokenError, typeName } from '../errors';
import { MAX_TOKEN_LENGTH } from '../limits';

/*
 * The compact JSON Web Signature with HS256 (RFC 7515, RFC 7518 section 3.2). The only file that uses jsonwebtoken.
 */

/** A JSON object, such as a header or claims. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A token that was split and decoded. Nothing in it has been validated.
 *
 * @internal
 */
export interface OpenToken {
  /** The token as it was passed. */
  readonly text: string;
  readonly header: JsonObject;
  /** Undefined if the payload is not a JSON object in valid UTF-8. */
  readonly claims: JsonObject | undefined;
}

/** Header names that change what a token means or which key verifies it: RFC 7515 section 4.1, RFC 7797. */
const REJECTED_HEADERS = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'];

const HEADER: jwt.JwtHeader = { alg: 'HS256', typ: 'JWT' };

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
 * Signs claims.
 *
 * @param header - Members to add to the header. Those that are undefined are left out.
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`.
 * @internal
 */
export function signClaims(claims: object, key: KeyObject, header?: object): string {
  // Text is signed as it is. From an object, jsonwebtoken would make a copy and add `iat`.
  const token = jwt.sign(JSON.stringify(claims), key, { header: { ...HEADER, ...header } });
  if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
  return token;
}

/**
 * Splits a token and decodes its segments.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE` or `ERR_TOKEN_MALFORMED`.
 * @internal
 */
export function openToken(text: unknown): OpenToken {
  if (typeof text !== 'string') throw malformed(`Token must be a string. Received ${typeName(text)}.`);
  if (text.length > MAX_TOKEN_LENGTH) throw tooLarge();
  const segments = text.split('.').map(decodeSegment);
  const [first, payload, signature] = segments;
  if (segments.length !== 3 || !first?.length || !payload?.length || signature === undefined) {
    throw malformed(
      'Token must be three segments of base64url joined by dots. Check that it is complete, without quotes, spaces or "Bearer".',
    );
  }
  const header = parseObject(first);
  if (header === undefined) throw malformed('Token header must be a JSON object.');
  return { text, header, claims: parseObject(payload) };
}

/**
 * Validates a header.
 *
 * @throws {TokenError} `ERR_TOKEN_ALGORITHM` or `ERR_TOKEN_HEADER`.
 * @internal
 */
export function validateHeader(header: JsonObject): void {
  const { alg, typ } = header;
  if (alg !== 'HS256') {
    throw new TokenError('ERR_TOKEN_ALGORITHM', 'Token must be signed with HS256.', 'alg');
  }
  if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT')) {
    throw new TokenError('ERR_TOKEN_HEADER', 'Token header must have the typ "JWT", or none.', 'typ');
  }
  const rejected = Object.keys(header).find((name) => REJECTED_HEADERS.includes(name));
  if (rejected === undefined) return;
  throw new TokenError('ERR_TOKEN_HEADER', `Token header must not have ${rejected}.`, rejected);
}

/**
 * Returns the claims of a token.
 *
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, field `payload`: the payload is not a JSON object in valid UTF-8.
 * @internal
 */
export function requireClaims({ claims }: OpenToken): JsonObject {
  if (claims !== undefined) return claims;
  throw new TokenError('ERR_TOKEN_CLAIMS', 'Token payload must be a JSON object in UTF-8.', 'payload');
}

/**
 * Verifies the signature with each key in turn.
 *
 * @throws {TokenError} `ERR_TOKEN_SIGNATURE`.
 * @internal
 */
export function verifySignature({ text }: OpenToken, keys: readonly KeyObject[]): void {
  if (keys.some((key) => hasSignature(text, key))) return;
  throw new TokenError(
    'ERR_TOKEN_SIGNATURE',
    'Signature does not match. The token was changed, or signed with the secret of another account or key.',
    'signature',
  );
}

function hasSignature(text: string, key: KeyObject): boolean {
  try {
    // The claims that jsonwebtoken returns are not used: it accepts invalid UTF-8 and JSON inside a JSON string.
    jwt.verify(text, key, { algorithms: ['HS256'], ignoreExpiration: true, ignoreNotBefore: true });
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

/**
 * Returns whether a parsed JSON value is an object.
 *
 * @internal
 */
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
