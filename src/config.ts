import * as z from 'zod/mini';
import { ConfigError } from './errors';
import { DEFAULT_TTL } from './limits';
import { copySettings, parseSettings, type ObjectSchema, type Settings } from './options';
import { isPlainObject, ownProperties } from './plain-object';
import { accountShape, nowSchema, ttlSchema } from './schemas';
import { isSid } from './sid';

/** An account and its auth token. Credentials are a pair: they come from one place. */
export interface AccountCredentials {
  /**
   * The account SID. Pass it together with `authToken`. Default: the pair of {@link configure}, else
   * `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`. If either property is present, even as undefined, the defaults are
   * not used.
   */
  readonly accountSid?: string | undefined;
  /** The auth token of that account. */
  readonly authToken?: string | undefined;
}

/** An account and one of its API keys. */
export interface ApiKeyCredentials {
  /**
   * The account SID. Default: that of {@link configure}, else `TWILIO_ACCOUNT_SID`. If the property is present, even as
   * undefined, the default is not used.
   */
  readonly accountSid?: string | undefined;
  /**
   * The API key SID. An API key is a pair: pass `apiKeySid` and `apiKeySecret` together. Default: `TWILIO_API_KEY_SID`
   * and `TWILIO_API_KEY_SECRET`, else `TWILIO_API_KEY` and `TWILIO_API_SECRET`. If either property is present, even as
   * undefined, the defaults are not used.
   */
  readonly apiKeySid?: string | undefined;
  /** The secret of that API key, which must be a Main or Standard key. */
  readonly apiKeySecret?: string | undefined;
}

/** The clock of a signer or a verifier. */
export interface ClockOption {
  /**
   * Returns the time in milliseconds since the epoch. Called for each token. Default: that of {@link configure}, else
   * `Date.now`.
   */
  readonly now?: (() => number) | undefined;
}

/** The lifetime of a signer's tokens. */
export interface TtlOption {
  /** Lifetime of tokens in seconds, 1 to 86,400. Default: that of {@link configure}, else 3600. */
  readonly ttl?: number | undefined;
}

/** The settings of every verifier. */
export interface VerifierOptions extends ClockOption {
  /**
   * Accepted clock skew in seconds, 0 to 300. Default: 0. Access Tokens have an `iat`: with 0, those of a machine whose
   * clock is ahead are rejected until then.
   */
  readonly clockTolerance?: number | undefined;
}

/** Settings of a `CapabilitySigner` and a `Capability`, and the process-wide defaults of {@link configure}. */
export interface CapabilityConfig extends AccountCredentials, TtlOption, ClockOption {}

/** The credentials among the settings, for a message. */
const CREDENTIALS = ['accountSid', 'authToken', 'apiKeySid', 'apiKeySecret'];

const defaultsSchema = z.object({
  accountSid: z.optional(accountShape.accountSid),
  authToken: z.optional(accountShape.authToken),
  ttl: z.optional(ttlSchema),
  now: z.optional(nowSchema),
});

let defaults: CapabilityConfig = ownProperties({});

/**
 * The schema of a signer's lifetime. Default: that of {@link configure}, else one hour.
 *
 * @internal
 */
export const defaultTtlSchema = z._default(ttlSchema, () => defaults.ttl ?? DEFAULT_TTL);

/**
 * The schema of a signer's or verifier's clock. Default: that of {@link configure}, else `Date.now`, in a wrapper so
 * that fake timers can replace it later.
 *
 * @internal
 */
export const defaultNowSchema = z._default(nowSchema, () => defaults.now ?? (() => Date.now()));

/**
 * Sets process-wide defaults for signers and verifiers that are created later. Replaces earlier defaults;
 * `configure({})` clears them.
 *
 * @throws {ConfigError} `ERR_CONFIG_INVALID`, `ERR_CONFIG_MISSING` (one credential without the other) or
 *   `ERR_TTL_INVALID`. The earlier defaults then stay in effect.
 * @example
 * configure({ accountSid: 'ACXXXXXXXXXXXXXXXXX', authToken: 'YYYYYYYYYYYYYYYYYY' });
 * const capability = new Capability();
 */
export function configure(config: CapabilityConfig): void {
  const settings = readConfig(defaultsSchema, config);
  rejectSwapped(settings, 'accountSid', 'authToken');
  const parsed = parseSettings(defaultsSchema, settings, 'config');
  const { accountSid, authToken } = parsed;
  if ((accountSid === undefined) !== (authToken === undefined)) {
    const missing = accountSid === undefined ? 'accountSid' : 'authToken';
    throw new ConfigError(
      'ERR_CONFIG_MISSING',
      `${missing} is missing. Pass accountSid and authToken to configure() together.`,
      missing,
    );
  }
  defaults = parsed;
}

/**
 * Completes and validates the config of a class that uses an auth token. The credentials come as one pair from one
 * place: the constructor, else {@link configure}, else the environment.
 *
 * @param config - What the caller passed to the constructor.
 * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` (also if the SID and the secret are swapped or
 *   equal) or `ERR_TTL_INVALID`, with the field.
 * @internal
 */
export function parseAccountConfig<S extends ObjectSchema>(schema: S, config: unknown = {}): z.output<S> {
  const settings = readConfig(schema, config);
  if (!('accountSid' in settings) && !('authToken' in settings)) {
    const { accountSid, authToken } = defaults.accountSid === undefined ? accountFromEnvironment() : defaults;
    Object.assign(settings, { accountSid, authToken });
  }
  rejectSwapped(settings, 'accountSid', 'authToken');
  return parseSettings(schema, settings, 'config');
}

/**
 * Completes and validates the config of a class that uses an API key. The API key comes as one pair from the
 * constructor or the environment; the account SID from the constructor, else {@link configure}, else the environment.
 *
 * @throws {ConfigError} As {@link parseAccountConfig}.
 * @internal
 */
export function parseApiKeyConfig<S extends ObjectSchema>(schema: S, config: unknown = {}): z.output<S> {
  const settings = readConfig(schema, config);
  if (!('accountSid' in settings)) {
    settings['accountSid'] = defaults.accountSid ?? accountFromEnvironment().accountSid;
  }
  if (!['apiKeySid', 'apiKeySecret', 'apiKeys'].some((name) => name in settings)) {
    Object.assign(settings, apiKeyFromEnvironment());
  }
  rejectSwapped(settings, 'apiKeySid', 'apiKeySecret');
  return parseSettings(schema, settings, 'config');
}

/** Copies the settings out of a literal or an instance of the application's own class. */
function readConfig(schema: ObjectSchema, config: unknown): Settings {
  const known = Object.keys(schema.shape);
  // An instance whose settings are getters, a Map or a Promise would count as a config without settings.
  if (isPlainObject(config) || isNonEmptyObject(config)) return copySettings(known, config, 'config');
  const credentials = CREDENTIALS.filter((name) => known.includes(name));
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    `Config must be an object with own properties, such as { ${credentials.join(', ')} }.`,
    'config',
  );
}

function isNonEmptyObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function accountFromEnvironment() {
  return { accountSid: variable('TWILIO_ACCOUNT_SID'), authToken: variable('TWILIO_AUTH_TOKEN') };
}

/** Reads both variables in the same spelling: the secret of one key must not sign for another. */
function apiKeyFromEnvironment() {
  const apiKeySid = variable('TWILIO_API_KEY_SID');
  const apiKeySecret = variable('TWILIO_API_KEY_SECRET');
  if (apiKeySid !== undefined || apiKeySecret !== undefined) return { apiKeySid, apiKeySecret };
  return { apiKeySid: variable('TWILIO_API_KEY'), apiKeySecret: variable('TWILIO_API_SECRET') };
}

/** Reads an environment variable. An empty one counts as unset, as in `${VARIABLE:-default}` of a shell. */
function variable(name: string): string | undefined {
  return process.env[name] === '' ? undefined : process.env[name];
}

/**
 * Rejects a SID and a secret that are swapped or equal. The schema alone would only say that the SID is invalid.
 *
 * @throws {ConfigError} `ERR_CONFIG_INVALID`.
 * @internal
 */
export function rejectSwapped(
  settings: Settings,
  sidName: 'accountSid' | 'apiKeySid',
  secretName: 'authToken' | 'apiKeySecret',
): void {
  const { [sidName]: sid, [secretName]: given } = settings;
  const prefix = sidName === 'accountSid' ? 'AC' : 'SK';
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (sid !== undefined && !isSid(prefix, sid) && secrets.some((secret) => isSid(prefix, secret))) {
    throw new ConfigError('ERR_CONFIG_INVALID', `${sidName} and ${secretName} are swapped.`, sidName);
  }
  const same = (['accountSid', sidName] as const).find(
    (name) => settings[name] !== undefined && secrets.includes(settings[name]),
  );
  if (same === undefined) return;
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    `${secretName} is the same as ${same}. Pass the secret that belongs to it.`,
    secretName,
  );
}
