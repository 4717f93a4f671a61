/** Marks the scopes of every copy of this package, so that a scope of another copy can be recognized. */
const MARK = Symbol.for('twilio-capability.scope');

/** What all scopes have in common: they are immutable and print as their URI. */
export abstract class BaseScope {
  readonly #uri: string;

  /** @internal */
  protected constructor(uri: string) {
    this.#uri = uri;
  }

  static {
    Object.defineProperty(this.prototype, MARK, { value: true });
  }

  /** Returns the scope URI in its canonical form, whichever SDK wrote the text that was parsed. */
  toString(): string {
    return this.#uri;
  }

  /** Returns the scope URI, as {@link toString} does. */
  toJSON(): string {
    return this.#uri;
  }

  /** @internal */
  static hasUri(value: object): value is BaseScope {
    return #uri in value;
  }
}

/** Returns whether a value is a scope of this or another copy of the package. */
export function isMarkedAsScope(value: unknown): boolean {
  return typeof value === 'object' && value !== null && MARK in value;
}
