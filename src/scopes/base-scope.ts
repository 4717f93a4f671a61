/** The base class of all scopes: immutable, prints as its URI. */
export abstract class BaseScope {
  readonly #uri: string;

  protected constructor(uri: string) {
    this.#uri = uri;
  }

  /** Returns the scope URI in its canonical form, even if it was parsed from another SDK's form. */
  toString(): string {
    return this.#uri;
  }

  /** Returns the scope URI, as {@link toString} does. */
  toJSON(): string {
    return this.#uri;
  }

  /** @internal */
  static isScope(value: unknown): value is BaseScope {
    return typeof value === 'object' && value !== null && #uri in value;
  }
}
