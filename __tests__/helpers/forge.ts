import { createHmac } from 'node:crypto';
import { authToken } from './fixed';

/** Encodes bytes, text or JSON as base64url. */
export const encode = (part: unknown): string =>
  Buffer.from(
    part instanceof Uint8Array || typeof part === 'string' ? (part as string) : JSON.stringify(part),
  ).toString('base64url');

const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

export const ACCESS_TOKEN_HEADER = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' } as const;

/** Creates a token by hand, with any header, any payload (bytes, text or claims) and a matching signature. */
export function forge(
  payload: unknown,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
  { secret = authToken, alg = 'HS256' }: { secret?: string; alg?: keyof typeof DIGESTS } = {},
): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac(DIGESTS[alg], secret).update(signed).digest('base64url')}`;
}
