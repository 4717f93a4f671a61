import { Buffer, isUtf8 } from 'node:buffer';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { JsonWebTokenError, sign, verify } from 'jsonwebtoken';
import { TokenError } from '../errors';

/**
 * The compact JSON Web Signature, HS256 only (RFC 7515, RFC 7518 section 3.2): the one file that touches
 * jsonwebtoken.
 */

/** The content type by which the header of an Access Token tells it from a capability token, which has none. */
export const ACCESS_TOKEN_TYPE = 'twilio-fpa;v=1';

/** A client puts its token into a header or a URL, where more is cut off or refused. */
export const MAX_TOKEN_LENGTH = 8192;

/** Header names that change what a token means or which key it is checked with: RFC 7515 section 4.1. */
const REFUSED_HEADERS = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'];

/** Three segments of base64url without padding (RFC 7515 section 2); as far as shape goes the third may be empty. */
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** The characters that can end a segment of so many over a multiple of four: the bits that encode nothing are 0. */
const LAST_CHARACTERS = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048'];

/** The header that this library writes, and most of Twilio's: known without parsing it. */
const USUAL_HEADER = Object.freeze({ alg: 'HS256', typ: 'JWT' });
const USUAL_START = `${Buffer.from(JSON.stringify(USUAL_HEADER)).toString('base64url')}.`;

/** A header, or claims, as JSON has them. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Keys for the auth tokens of an account. jsonwebtoken, given a string instead, would first try to read it
 * as a PEM private key, at up to a hundred times the cost of the signature.
 *
 * @internal
 */
export function hmacKeys(secrets: string | readonly string[]): readonly [KeyObject, ...KeyObject[]] {
  if (typeof secrets === 'string') return [hmacKey(secrets)];
  const [first, ...others] = secrets;
  return [hmacKey(first!), ...others.map(hmacKey)];
}

function hmacKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/**
 * Signs a payload: JSON text, since jsonwebtoken signs that as it is, where it would copy an object and add
 * claims. Throws a {@link TokenError} `ERR_TOKEN_TOO_LARGE`.
 *
 * @internal
 */
export type PayloadSigner = (payload: string, key: KeyObject) => string;

/**
 * Makes what signs payloads under one header.
 *
 * @param more - What the header has beside `alg` and `typ`.
 * @internal
 */
export function payloadSigner(more: { readonly cty?: string; readonly twr?: string } = {}): PayloadSigner {
  const options = withoutPrototype({ header: withoutPrototype({ ...USUAL_HEADER, ...more }) });
  return (payload, key) => {
    const token = sign(payload, key, options);
    if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
    return token;
  };
}

/**
 * jsonwebtoken asks of its options, and of the header in them, whether they are plain objects: for one that has
 * a prototype by the source text of the constructor, which takes a tenth of the time of the whole signature.
 * What has none is plain without more; nor can what is put into `Object.prototype` be an option.
 */
function withoutPrototype<T extends object>(value: T): T {
  // Without a toString the same question would be answered by an error.
  Object.defineProperty(value, 'toString', { value: () => '' });
  return Object.freeze(Object.setPrototypeOf(value, null) as T);
}

/** The error for a token of more than 8,192 characters. */
export function tooLarge(): TokenError {
  return new TokenError(
    'ERR_TOKEN_TOO_LARGE',
    `A token has at most ${MAX_TOKEN_LENGTH} characters: it travels in a header or a URL.`,
    'token',
  );
}

/**
 * Checks a token as far as its signature: size and shape, header, signature.
 *
 * @returns The payload as jsonwebtoken gives it: parsed, or where it is no JSON object or array, as text.
 * @throws {TokenError} At the first fault.
 * @internal
 */
export function verifyCompact(token: unknown, keys: readonly KeyObject[]): unknown {
  checkSize(token);
  // Of a token with the usual header, jsonwebtoken looks at every character itself.
  if (!token.startsWith(USUAL_START)) checkHeader(readHeader(token));
  return verifySignature(token, keys);
}

/**
 * Checks the shape of a token and reads its header.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE` or `ERR_TOKEN_MALFORMED`.
 */
export function readHeader(token: unknown): JsonObject {
  checkSize(token);
  if (!SHAPE.test(token) || !token.split('.').every(isCanonical)) throw misshapen();
  const header = readObject(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url'));
  if (header === undefined) throw malformed('The header of the token is not a JSON object.');
  return header;
}

function checkSize(token: unknown): asserts token is string {
  if (typeof token !== 'string') throw malformed('A token is a string.');
  if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
}

/**
 * Checks that a header asks for nothing but HS256 and a payload of the expected kind.
 *
 * @param cty - The content type of the kind of token; undefined for one that has none.
 * @throws {TokenError} `ERR_TOKEN_ALGORITHM` or `ERR_TOKEN_HEADER`.
 */
export function checkHeader(header: JsonObject, cty?: string): void {
  if (header['alg'] !== 'HS256') {
    throw new TokenError(
      'ERR_TOKEN_ALGORITHM',
      'The token is not signed with HS256, the only way Twilio signs.',
      'alg',
    );
  }
  const refuse = (message: string, field: string): never => {
    throw new TokenError('ERR_TOKEN_HEADER', message, field);
  };
  const typ = header['typ'];
  if (typ !== undefined && !(typeof typ === 'string' && /^jwt$/i.test(typ))) {
    refuse('The header of the token has a typ other than JWT.', 'typ');
  }
  for (const name of REFUSED_HEADERS) {
    if (Object.hasOwn(header, name))
      refuse(`The header of the token has a ${name}, which Twilio never writes.`, name);
  }
  checkKind(header, cty);
}

/**
 * Checks that a token is of the expected kind, by the content type in its header.
 *
 * @param cty - As for {@link checkHeader}.
 * @throws {TokenError} `ERR_TOKEN_HEADER`, field `cty`; the message names the kind it is.
 */
export function checkKind(header: JsonObject, cty?: string): void {
  const found = header['cty'];
  if (found === cty) return;
  const expected = cty === undefined ? 'This is no capability token' : 'This is no Access Token';
  const is =
    found === undefined
      ? 'it is a capability token, if anything: its header has no cty'
      : found === ACCESS_TOKEN_TYPE
        ? 'it is an Access Token, as the cty of its header says'
        : 'its header has a cty that Twilio gives to neither kind of token';
  throw new TokenError('ERR_TOKEN_HEADER', `${expected}: ${is}.`, 'cty');
}

/**
 * Checks the signature against each key in turn, in constant time for each, and gives the payload.
 *
 * @throws {TokenError} `ERR_TOKEN_SIGNATURE`; `ERR_TOKEN_CLAIMS` for a payload that is not JSON at all, which
 *   jsonwebtoken parses before it looks at the signature.
 * @internal
 */
export function verifySignature(token: string, keys: readonly KeyObject[]): unknown {
  for (const key of keys) {
    try {
      return verify(token, key, VERIFY_OPTIONS);
    } catch (error) {
      // What has not the shape of a token has neither payload nor signature to speak of.
      readHeader(token);
      // Anything else is its failing to parse the payload, or to look for claims in it.
      if (!(error instanceof JsonWebTokenError)) throw noClaims();
    }
  }
  throw new TokenError(
    'ERR_TOKEN_SIGNATURE',
    'The signature does not fit: the token was changed, or signed with the secret of another account or key.',
    'signature',
  );
}

/** The time claims are checked by this library, by its own clock and with codes of its own; so any time does here. */
const VERIFY_OPTIONS = {
  algorithms: ['HS256' as const],
  ignoreExpiration: true,
  ignoreNotBefore: true,
  clockTimestamp: 1,
};

/**
 * Reads the claims of a token: a JSON object in valid UTF-8.
 *
 * @param parsed - The payload, where {@link verifySignature} has parsed it already.
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`, field `payload`.
 */
export function readClaims(token: string, parsed?: unknown): JsonObject {
  const start = token.indexOf('.') + 1;
  const payload = token.slice(start, token.indexOf('.', start));
  if (!isCanonical(payload)) throw misshapen();
  // jsonwebtoken replaces what is not UTF-8, and takes JSON in a JSON string for the claims themselves.
  const size = Math.floor((payload.length * 3) / 4);
  const isWhole = isObject(parsed) && accountsFor(parsed, size);
  const claims = isWhole ? parsed : readObject(Buffer.from(payload, 'base64url'));
  if (claims !== undefined) return claims;
  throw noClaims();
}

/** What a decoder puts in the place of bytes that are not UTF-8; rarely it is text like other text. */
const REPLACEMENT = '\ufffd';

/**
 * Whether claims of text and numbers are, written out, as many characters as a payload has bytes. Then it is
 * they that it holds, in ASCII, with nothing replaced in them or dropped: no need to decode it again.
 */
function accountsFor(claims: JsonObject, bytes: number): boolean {
  let length = '{}'.length - ','.length;
  for (const name in claims) {
    const value = claims[name];
    if (typeof value === 'string' && !value.includes(REPLACEMENT)) length += value.length + '""'.length;
    else if (typeof value === 'number') length += String(value).length;
    else return false;
    if (name.includes(REPLACEMENT)) return false;
    length += name.length + '"":,'.length;
  }
  return length === bytes;
}

function noClaims(): TokenError {
  return new TokenError(
    'ERR_TOKEN_CLAIMS',
    'The payload of the token is not a JSON object in UTF-8.',
    'payload',
  );
}

/** Whether a segment is written in the one way that its bytes have. */
function isCanonical(segment: string): boolean {
  return LAST_CHARACTERS[segment.length % 4]?.includes(segment.charAt(segment.length - 1)) !== false;
}

function readObject(bytes: Buffer): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function misshapen(): TokenError {
  return malformed(
    'A token is three segments of unpadded base64url joined by dots. This is not, or not all of it.',
  );
}

function malformed(message: string): TokenError {
  return new TokenError('ERR_TOKEN_MALFORMED', message, 'token');
}
