import { createHmac } from 'node:crypto';

/**
 * Writes a token by hand, where the library rightly cannot: with another algorithm than HS256, or none.
 *
 * @param algorithm - The `alg` of the header; `none` leaves the signature empty (RFC 7519 section 6.1).
 */
export function forge(algorithm: 'none' | 'HS512', claims: object, secret: string): string {
  const input = [{ alg: algorithm, typ: 'JWT' }, claims].map(encodeSegment).join('.');
  const signature =
    algorithm === 'none' ? '' : createHmac('sha512', secret).update(input).digest('base64url');
  return `${input}.${signature}`;
}

/** A token with other claims under the signature it had. */
export function withClaims(token: string, claims: object): string {
  const [header, , signature] = token.split('.') as [string, string, string];
  return [header, encodeSegment(claims), signature].join('.');
}

/** A token as a clipboard or a log that cuts lines leaves it: it ends amid the payload. */
export function cutInPayload(token: string): string {
  const start = token.indexOf('.') + 1;
  return token.slice(0, Math.floor((start + token.indexOf('.', start)) / 2));
}

/** What the payload of a token says; null where there is none to read. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

function encodeSegment(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
