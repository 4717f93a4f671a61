/** Codes of a {@link ConfigError}. */
export type ConfigErrorCode =
  'ERR_CONFIG_INVALID' | 'ERR_CONFIG_MISSING' | 'ERR_OPTIONS_INVALID' | 'ERR_TTL_INVALID';

/** Codes of a {@link ScopeError}. */
export type ScopeErrorCode =
  | 'ERR_SCOPE_INVALID'
  | 'ERR_SCOPE_MALFORMED'
  | 'ERR_NO_SCOPES'
  | 'ERR_DUPLICATE_SCOPE'
  | 'ERR_CAPABILITY_SEALED'
  | 'ERR_NOT_MAPPABLE';

/** Codes of a {@link TokenError}. */
export type TokenErrorCode =
  | 'ERR_TOKEN_TOO_LARGE'
  | 'ERR_TOKEN_MALFORMED'
  | 'ERR_TOKEN_ALGORITHM'
  | 'ERR_TOKEN_HEADER'
  | 'ERR_TOKEN_SIGNATURE'
  | 'ERR_TOKEN_ISSUER'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_NOT_YET_VALID'
  | 'ERR_TOKEN_LIFETIME'
  | 'ERR_TOKEN_CLAIMS'
  | 'ERR_TOKEN_SCOPE';

/** Every code that an error of this library can have. Each code belongs to one class. */
export type ErrorCode = ConfigErrorCode | ScopeErrorCode | TokenErrorCode;

/**
 * The base class of every error that this library throws.
 *
 * Errors never contain a token, a secret, or a value that was passed in place of a secret. They are safe to log.
 *
 * @example
 * try {
 *   verifier.verify(token);
 * } catch (error) {
 *   if (error instanceof CapabilityError && error.code === 'ERR_TOKEN_EXPIRED') return fetchNewToken();
 *   throw error;
 * }
 */
export abstract class CapabilityError extends Error {
  /** Identifies the failure. Stable across releases. */
  abstract readonly code: ErrorCode;
  /** The setting, option or claim at fault, such as `authToken`, `ttl` or `exp`. */
  declare readonly field?: string;
  /**
   * The number that Twilio documents for the same failure, for either kind of token: 31202, 31203, 31204,
   * 31205 or 31207. Set on every {@link TokenError}. `@twilio/voice-sdk` shows other numbers, such as 20104 for 31205.
   */
  declare readonly twilioCode?: number;

  /** @internal */
  constructor(message: string, field?: string) {
    super(message);
    if (field !== undefined) this.field = field;
  }
}

/** A setting or an option is missing or invalid. */
export class ConfigError extends CapabilityError {
  static {
    this.prototype.name = 'ConfigError';
  }

  /** Identifies the failure. Stable across releases. */
  readonly code: ConfigErrorCode;

  /** @internal */
  constructor(code: ConfigErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
  }
}

/** A scope, a set of scopes or the text of a scope is invalid. */
export class ScopeError extends CapabilityError {
  static {
    this.prototype.name = 'ScopeError';
  }

  /** Identifies the failure. Stable across releases. */
  readonly code: ScopeErrorCode;

  /** @internal */
  constructor(code: ScopeErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
  }
}

/** A token was rejected. */
export class TokenError extends CapabilityError {
  static {
    this.prototype.name = 'TokenError';
  }

  /** Identifies the failure. Stable across releases. */
  readonly code: TokenErrorCode;
  /** The number that Twilio documents for the same failure: 31202, 31203, 31204, 31205 or 31207. */
  override readonly twilioCode: number;

  /** @internal */
  constructor(code: TokenErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
    this.twilioCode = TWILIO_CODES[code] ?? INVALID_TOKEN;
  }
}

/** The classes as a union: `switch (error.code)` narrows it to one of them. */
export type AnyCapabilityError = ConfigError | ScopeError | TokenError;

/** @see https://www.twilio.com/docs/api/errors/31202 and the pages of the other numbers. */
const TWILIO_CODES: Readonly<Partial<Record<TokenErrorCode, number>>> = {
  ERR_TOKEN_SIGNATURE: 31202,
  ERR_TOKEN_ISSUER: 31203,
  ERR_TOKEN_EXPIRED: 31205,
  ERR_TOKEN_LIFETIME: 31207,
};

/** Twilio's number for every other failure. */
const INVALID_TOKEN = 31204;

/**
 * Returns the type of a value, for a message.
 *
 * @internal
 */
export function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
