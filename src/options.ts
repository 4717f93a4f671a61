import type { output as Output, ZodMiniObject, ZodMiniType } from 'zod/mini';
import { ConfigError } from './errors';
import { nearestWord } from './nearest-word';
import { isPlainObject, ownProperties } from './plain-object';

/*
 * Reads settings: the config of a class and the options of a call. Only own properties count.
 */

/**
 * Settings before validation.
 *
 * @internal
 */
export type Settings = Record<string, unknown>;

/** @internal */
export type ObjectSchema = ZodMiniType & Pick<ZodMiniObject, 'shape'>;

type Kind = 'config' | 'options';

const INVALID = { config: 'ERR_CONFIG_INVALID', options: 'ERR_OPTIONS_INVALID' } as const;

/** Advice for an unknown key whose counterpart is known: `[key, counterpart, advice]`. */
const MISPLACED: readonly (readonly [string, string, string])[] = [
  [
    'authToken',
    'apiKeySecret',
    'authToken is for capability tokens. Access Tokens need apiKeySid and apiKeySecret.',
  ],
  [
    'apiKeySid',
    'authToken',
    'apiKeySid is for Access Tokens. Capability tokens and configure() need authToken.',
  ],
  [
    'apiKeySecret',
    'authToken',
    'apiKeySecret is for Access Tokens. Capability tokens and configure() need authToken.',
  ],
  ['apiKeySid', 'apiKeys', 'Pass either apiKeys, or apiKeySid and apiKeySecret.'],
  ['apiKeySecret', 'apiKeys', 'Pass either apiKeys, or apiKeySid and apiKeySecret.'],
  [
    'allowAnyName',
    'allowAnyIdentity',
    'allowAnyName is an option of scopes. For identity, use allowAnyIdentity.',
  ],
];

const NO_OPTIONS = Object.freeze(ownProperties({}));

/**
 * Validates the options of a call.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID` or `ERR_TTL_INVALID`, with the field.
 * @internal
 */
export function parseOptions<S extends ObjectSchema>(schema: S, options: unknown): Output<S> {
  if (options === undefined) return NO_OPTIONS as Output<S>;
  return parseSettings(schema, readOptions(Object.keys(schema.shape), options), 'options');
}

/**
 * Copies the options of a call.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`: not a plain object, or an unknown key.
 * @internal
 */
export function readOptions(known: readonly string[], options: unknown): Settings {
  if (options === undefined) return NO_OPTIONS;
  if (isPlainObject(options)) return copySettings(known, options, 'options');
  const message = `Options must be a plain object. Known keys: ${known.join(', ')}.`;
  throw new ConfigError('ERR_OPTIONS_INVALID', message, 'options');
}

/**
 * Copies settings.
 *
 * @throws {ConfigError} An unknown key, or a known one that is inherited or not enumerable: the copy would lose it.
 * @internal
 */
export function copySettings(known: readonly string[], given: object, kind: Kind): Settings {
  const own: Settings = ownProperties(given as Settings);
  const unknown = Object.keys(own).find((key) => !known.includes(key));
  if (unknown !== undefined) throw unknownKey(unknown, known, kind);
  const lost = known.find((name) => !(name in own) && isHidden(given, name));
  if (lost === undefined) return own;
  throw new ConfigError(INVALID[kind], `${lost} must be an own, enumerable property of the ${kind}.`, lost);
}

/** What a polluted `Object.prototype` supplies does not count. */
function isHidden(given: object, name: string): boolean {
  return Object.hasOwn(given, name) || (name in given && !(name in Object.prototype));
}

/**
 * Validates settings and adds defaults to them.
 *
 * @param settings - A copy.
 * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID`, `ERR_OPTIONS_INVALID` or `ERR_TTL_INVALID`, with
 *   the field.
 * @internal
 */
export function parseSettings<S extends ObjectSchema>(schema: S, settings: Settings, kind: Kind): Output<S> {
  const result = schema.safeParse(settings);
  // The object that zod returns inherits from Object.prototype. `settings` does not.
  if (result.success) return Object.assign(settings, result.data);
  const [{ message, path }] = result.error.issues as [(typeof result.error.issues)[number]];
  const field = String(path[0]);
  if (field === 'ttl' || field === 'expiresAt') throw new ConfigError('ERR_TTL_INVALID', message, field);
  throw new ConfigError(settings[field] === undefined ? 'ERR_CONFIG_MISSING' : INVALID[kind], message, field);
}

function unknownKey(key: string, known: readonly string[], kind: Kind): ConfigError {
  const field = isShowable(key, 'setting') ? key : kind;
  return new ConfigError(INVALID[kind], unknownKeyMessage(key, known, kind), field);
}

function unknownKeyMessage(key: string, known: readonly string[], kind: Kind): string {
  const misplaced = MISPLACED.find(([name, counterpart]) => name === key && known.includes(counterpart));
  if (misplaced !== undefined) return misplaced[2];
  const shown = isShowable(key, 'setting') ? ` "${key}"` : '';
  const near = nearestWord(key, known);
  const suggestion = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `Unknown key${shown} in ${kind}.${suggestion} Known keys: ${known.join(', ')}.`;
}

/** Keys that a message can show. A secret that is used as a key by mistake has digits or is longer. */
const SHOWABLE = {
  setting: /^[A-Za-z_]{1,24}$/,
  // The keys of the application's own params often have digits. Twilio's secrets have 32 characters.
  param: /^[\w.-]{1,31}$/,
} as const;

/**
 * Returns whether a message can show a key.
 *
 * @internal
 */
export function isShowable(key: string, of: keyof typeof SHOWABLE): boolean {
  return SHOWABLE[of].test(key);
}
