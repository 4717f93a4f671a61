/** What a configuration can be refused for. */
export type ConfigErrorCode = 'ERR_CONFIG_INVALID' | 'ERR_CONFIG_MISSING';

/** What a scope, or the text of one, can be refused for. */
export type ScopeErrorCode = 'ERR_SCOPE_INVALID' | 'ERR_SCOPE_MALFORMED';

/** What a request to sign can be refused for. */
export type SignErrorCode =
  | 'ERR_OPTIONS_INVALID'
  | 'ERR_TTL_INVALID'
  | 'ERR_NO_SCOPES'
  | 'ERR_DUPLICATE_SCOPE'
  | 'ERR_CAPABILITY_SEALED'
  | 'ERR_NOT_MAPPABLE';

/** What a token can be refused for. */
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

/** Every code that an error of this library can carry. Each belongs to one class. */
export type ErrorCode = ConfigErrorCode | ScopeErrorCode | SignErrorCode | TokenErrorCode;

/**
 * The numbers that Twilio's voice SDKs report for the same faults.
 *
 * @see https://www.twilio.com/docs/api/errors/31204 and its neighbours
 */
const TWILIO_CODES: Readonly<Partial<Record<TokenErrorCode, number>>> = {
  ERR_TOKEN_SIGNATURE: 31202,
  ERR_TOKEN_ISSUER: 31203,
  ERR_TOKEN_EXPIRED: 31205,
  ERR_TOKEN_LIFETIME: 31207,
};
const TWILIO_INVALID_TOKEN = 31204;

/**
 * The base of every error this library throws.
 *
 * Nothing in it ever holds a secret, a token, or a value that was given where a secret could have been:
 * it is safe to log whole.
 *
 * @example
 * try {
 *   verifier.verify(token);
 * } catch (error) {
 *   if (error instanceof CapabilityError && error.code === 'ERR_TOKEN_EXPIRED') askForANewToken();
 *   else throw error;
 * }
 */
export abstract class CapabilityError extends Error {
  /** What went wrong, stable across releases: `switch` on it. */
  abstract readonly code: ErrorCode;
  /** The input at fault, such as `authToken`, `ttl` or `exp`. */
  declare readonly field?: string;
  /** The number that Twilio's voice SDKs report for the same fault; on every {@link TokenError}. */
  declare readonly twilioCode?: number;

  /** Errors are made by this library: there is no use for this elsewhere. */
  constructor(message: string, field?: string) {
    super(message);
    if (field !== undefined) this.field = field;
  }
}

/** Credentials or settings are missing or malformed. */
export class ConfigError extends CapabilityError {
  static {
    this.prototype.name = 'ConfigError';
  }

  readonly code: ConfigErrorCode;

  /** Errors are made by this library: there is no use for this elsewhere. */
  constructor(code: ConfigErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
  }
}

/** A scope cannot be built, or its text does not parse. */
export class ScopeError extends CapabilityError {
  static {
    this.prototype.name = 'ScopeError';
  }

  readonly code: ScopeErrorCode;

  /** Errors are made by this library: there is no use for this elsewhere. */
  constructor(code: ScopeErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
  }
}

/** A token cannot be signed as asked: options, lifetime, or the set of scopes. */
export class SignError extends CapabilityError {
  static {
    this.prototype.name = 'SignError';
  }

  readonly code: SignErrorCode;

  /** Errors are made by this library: there is no use for this elsewhere. */
  constructor(code: SignErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
  }
}

/** A token is not good: it was refused, or would be by Twilio. */
export class TokenError extends CapabilityError {
  static {
    this.prototype.name = 'TokenError';
  }

  readonly code: TokenErrorCode;
  override readonly twilioCode: number;

  /** Errors are made by this library: there is no use for this elsewhere. */
  constructor(code: TokenErrorCode, message: string, field?: string) {
    super(message, field);
    this.code = code;
    this.twilioCode = TWILIO_CODES[code] ?? TWILIO_INVALID_TOKEN;
  }
}

/** The four classes as a union, for `switch (error.code)` to narrow to one of them. */
export type AnyCapabilityError = ConfigError | ScopeError | SignError | TokenError;
