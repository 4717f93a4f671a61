import { ScopeError } from '../errors';

/** Marks the scopes of every copy of this package, so that a scope of another copy can be recognized. */
const MARK = Symbol.for('twilio-capability.scope');

/** Passed to the constructors by this library alone, so that nothing else can create a scope from text. */
export const INTERNAL = Symbol('internal');

/** The base class of all scopes: immutable, prints as its URI. */
export abstract class BaseScope {
  readonly #uri: string;

  /** Scopes are created by their classes and by `parseScope`. */
  protected constructor(caller: symbol, uri: string) {
    if (caller !== INTERNAL) {
      throw new ScopeError(
        'ERR_SCOPE_INVALID',
        'Use the scope classes or parseScope() to create scopes.',
        'scope',
      );
    }
    this.#uri = uri;
  }

  static {
    Object.defineProperty(this.prototype, MARK, { value: true });
  }

  /** Returns the scope URI in its canonical form, even if it was parsed from another SDK's form. */
  toString(): string {
    return this.#uri;
  }

  /** Returns the scope URI, as {@link toString} does. */
  toJSON(): string {
    return this.#uri;
  }

  /**
   * Returns the URI to sign, even if a subclass overrides `toString`.
   *
   * @internal
   */
  static uriOf(scope: BaseScope): string {
    return scope.#uri;
  }

  /** @internal */
  static isScope(value: unknown): value is BaseScope {
    return typeof value === 'object' && value !== null && #uri in value;
  }
}

/** Returns whether a value is a scope of this or another copy of the package. */
export function isMarkedAsScope(value: unknown): boolean {
  return typeof value === 'object' && value !== null && MARK in value;
}
