import * as z from 'zod/mini';
import { typeName } from './errors';
import { MAX_CLOCK_TOLERANCE, MAX_KEYS, MAX_TTL } from './limits';
import { isFullSid, SID } from './sid';

/*
 * The zod schemas that several classes share. Each message is the whole sentence of an error.
 */

const ACCOUNT_MISSING =
  'is missing. Pass accountSid and authToken together, call configure() with both, or set TWILIO_ACCOUNT_SID and ' +
  'TWILIO_AUTH_TOKEN.';
const ACCOUNT_SID_MISSING = 'is missing. Pass it, call configure(), or set TWILIO_ACCOUNT_SID.';
const API_KEY_MISSING =
  'is missing. Pass apiKeySid and apiKeySecret together, or set TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET.';

/**
 * The schemas of an account and its auth token.
 *
 * @internal
 */
export const accountShape = {
  accountSid: sidSchema('AC', 'accountSid', ACCOUNT_MISSING),
  authToken: secretSchema('authToken', ACCOUNT_MISSING),
};

/**
 * The schemas of an account and one of its API keys.
 *
 * @internal
 */
export const apiKeyShape = {
  accountSid: sidSchema('AC', 'accountSid', ACCOUNT_SID_MISSING),
  apiKeySid: sidSchema('SK', 'apiKeySid', API_KEY_MISSING),
  apiKeySecret: secretSchema('apiKeySecret', API_KEY_MISSING),
};

/**
 * The schemas of one of several API keys.
 *
 * @internal
 */
export const listedKeyShape = {
  apiKeySid: sidSchema('SK', 'apiKeySid', 'is missing from one of apiKeys.'),
  apiKeySecret: secretSchema('apiKeySecret', 'is missing from one of apiKeys.'),
};

/**
 * Returns the schema of a SID.
 *
 * @internal
 */
export function sidSchema(prefix: keyof typeof SID, name: string, missing = '') {
  const message = `${name} must be "${prefix}" followed by 1 to 32 letters or digits, without spaces or quotes.`;
  return z
    .string({ error: ({ input }) => (input === undefined ? `${name} ${missing}` : message) })
    .check(z.regex(SID[prefix], message));
}

/** Returns the schema of a secret. */
function secretSchema(name: string, missing: string) {
  const message = `${name} must be a non-empty string without white space or control characters.`;
  return z.string({ error: ({ input }) => (input === undefined ? `${name} ${missing}` : message) }).check(
    z.refine((secret) => !secret.startsWith('-----BEGIN'), `${name} must not be a PEM key.`),
    z.regex(/^[^\s\p{Cc}\p{Cs}]+$/u, message),
    // Some secret stores keep the quotes of a .env file.
    z.refine(
      (secret) => !/^["']|["']$/.test(secret),
      `${name} has quotes around it. Remove them: they are not part of the secret.`,
    ),
    z.refine(
      (secret) => secret !== 'undefined' && secret !== 'null',
      `${name} is the word undefined or null. An unset variable became text.`,
    ),
    z.refine((secret) => !isFullSid(secret), `${name} is a SID. Pass the secret that belongs to it.`),
  );
}

/**
 * Returns the schema of a list with 1 to 100 elements. zod would validate every element of a longer one first.
 *
 * @internal
 */
export function listSchema<S extends z.ZodMiniType>(element: S, message: string) {
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.length >= 1 && value.length <= MAX_KEYS;
  return z.pipe(z.custom<z.input<S>[]>(isList, message), z.array(element));
}

/**
 * The schema of a lifetime in seconds.
 *
 * @internal
 */
export const ttlSchema = z
  .int({ error: ttlMessage })
  .check(z.gte(1, { error: ttlMessage }), z.lte(MAX_TTL, { error: ttlMessage }));

function ttlMessage({ input: ttl }: { readonly input?: unknown }): string {
  const rule = `ttl must be a whole number of seconds from 1 to ${MAX_TTL} (24 hours).`;
  if (typeof ttl !== 'number') return `${rule} Received ${typeName(ttl)}.`;
  const looksLikeMilliseconds = ttl > MAX_TTL && ttl % 1000 === 0;
  return looksLikeMilliseconds ? `${rule} This value looks like milliseconds. Divide it by 1000.` : rule;
}

const TOLERANCE_MESSAGE = `clockTolerance must be a whole number of seconds from 0 to ${MAX_CLOCK_TOLERANCE}.`;

/**
 * The schema of the accepted clock skew in seconds. Default: 0.
 *
 * @internal
 */
export const toleranceSchema = z._default(
  z.int(TOLERANCE_MESSAGE).check(z.gte(0, TOLERANCE_MESSAGE), z.lte(MAX_CLOCK_TOLERANCE, TOLERANCE_MESSAGE)),
  0,
);

/**
 * The schema of a clock.
 *
 * @internal
 */
export const nowSchema = functionSchema<() => number>(
  'now must be a function that returns milliseconds since the epoch.',
);

/**
 * Returns the schema of a function, whose parameters cannot be checked.
 *
 * @internal
 */
export function functionSchema<F>(message: string) {
  return z.custom<F>((value) => typeof value === 'function', message);
}

/**
 * Returns the schema of an option that is on or off. Text such as "false" is rejected: it would count as on.
 *
 * @internal
 */
export function flagSchema(name: string) {
  return z.optional(z.boolean(`${name} must be true or false.`));
}
