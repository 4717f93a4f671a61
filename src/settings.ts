import * as z from 'zod/mini';
import { ConfigError, typeName } from './errors';
import { nearestWord } from './nearest-word';
import { isPlainObject, ownProperties } from './plain-object';
import { isFullSid, SID } from './sid';

/**
 * Default lifetime of a token in seconds: one hour, as in `Twilio::Util::Capability`.
 *
 * @internal
 */
export const DEFAULT_TTL = 3600;

/**
 * Longest token in characters. Clients send it in a header or a URL, and servers often reject longer ones. A `scope`
 * claim, which is a part of a token, has the same limit.
 *
 * @internal
 */
export const MAX_TOKEN_LENGTH = 8192;

/**
 * Longest lifetime of a token in seconds. Twilio rejects tokens that live longer: errors 31207 and 20157.
 *
 * @internal
 */
export const MAX_TTL = 86_400;

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
    z.refine((secret) => !isFullSid(secret), `${name} is a SID. Pass the secret that belongs to it.`),
  );
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

const TOLERANCE_MESSAGE = 'clockTolerance must be a whole number of seconds from 0 to 300.';

/**
 * The schema of the accepted clock skew in seconds.
 *
 * @internal
 */
export const toleranceSchema = z._default(
  z.int(TOLERANCE_MESSAGE).check(z.gte(0, TOLERANCE_MESSAGE), z.lte(300, TOLERANCE_MESSAGE)),
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

/** Advice for a key that belongs to the config of the other kind of token. */
const MISPLACED: ReadonlyMap<string, string> = new Map([
  ['authToken', 'authToken is for capability tokens. Access Tokens need apiKeySid and apiKeySecret.'],
  ['apiKeySid', 'apiKeySid is for Access Tokens. Capability tokens and configure() need authToken.'],
  ['apiKeySecret', 'apiKeySecret is for Access Tokens. Capability tokens and configure() need authToken.'],
]);

const INVALID = { config: 'ERR_CONFIG_INVALID', options: 'ERR_OPTIONS_INVALID' } as const;

/** @internal */
export type ObjectSchema = z.ZodMiniType & Pick<z.ZodMiniObject, 'shape'>;

/**
 * Validates the settings of a class.
 *
 * @param settings - A copy. Defaults are added to it.
 * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` or `ERR_TTL_INVALID`, with the field.
 * @internal
 */
export function parseConfig<S extends ObjectSchema>(
  schema: S,
  settings: Record<string, unknown>,
): z.output<S> {
  return parse(schema, settings, 'config');
}

/** @internal */
export const NO_OPTIONS = Object.freeze(ownProperties({}));

/**
 * Validates the options of a call. Only own properties count.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID` or `ERR_TTL_INVALID`, with the field.
 * @internal
 */
export function parseOptions<S extends ObjectSchema>(schema: S, options: unknown): z.output<S> {
  if (options === undefined) return NO_OPTIONS as z.output<S>;
  return parse(schema, copyOptions(Object.keys(schema.shape), options), 'options');
}

/**
 * Copies the own properties of options.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`: not a plain object, or an unknown key.
 * @internal
 */
export function copyOptions(known: readonly string[], options: unknown): Record<string, unknown> {
  if (!isPlainObject(options)) {
    throw new ConfigError(
      'ERR_OPTIONS_INVALID',
      `Options must be a plain object. Known keys: ${known.join(', ')}.`,
      'options',
    );
  }
  const own = ownProperties(options);
  const unknown = Object.keys(own).find((key) => !known.includes(key));
  if (unknown !== undefined) throw unknownKey(unknown, known, 'options');
  return own;
}

function parse<S extends ObjectSchema>(
  schema: S,
  values: Record<string, unknown>,
  what: keyof typeof INVALID,
): z.output<S> {
  const result = schema.safeParse(values);
  // The object that zod returns inherits from Object.prototype. `values` does not.
  if (result.success) return Object.assign(values, result.data);
  const { issues } = result.error;
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) throw unknownKey(unknown.keys[0]!, Object.keys(schema.shape), what);
  const [{ message, path }] = issues as [(typeof issues)[number]];
  const field = String(path[0]);
  if (field === 'ttl' || field === 'expiresAt') throw new ConfigError('ERR_TTL_INVALID', message, field);
  throw new ConfigError(values[field] === undefined ? 'ERR_CONFIG_MISSING' : INVALID[what], message, field);
}

function unknownKey(key: string, known: readonly string[], what: keyof typeof INVALID): ConfigError {
  const field = isPlainWord(key) ? key : what;
  return new ConfigError(INVALID[what], unknownKeyMessage(key, known, what), field);
}

function unknownKeyMessage(key: string, known: readonly string[], what: string): string {
  const advice = what === 'config' ? MISPLACED.get(key) : undefined;
  if (advice !== undefined) return advice;
  const shown = isPlainWord(key) ? ` "${key}"` : '';
  const near = nearestWord(key, known);
  const suggestion = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `Unknown key${shown} in ${what}.${suggestion} Known keys: ${known.join(', ')}.`;
}

/** Returns whether a key can be shown: a secret used as a key by mistake has digits or is longer. */
function isPlainWord(key: string): boolean {
  return /^[A-Za-z_]{1,24}$/.test(key);
}
