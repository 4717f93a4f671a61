/**
 * Returns whether a value is a plain object: a literal, an object without a prototype, or one of another realm.
 *
 * @internal
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** An object without `Object.prototype` in its chain. V8 reads it faster than one made by `Object.create(null)`. */
class OwnProperties {
  [name: string]: unknown;

  static {
    Object.setPrototypeOf(this.prototype, null);
  }
}

/**
 * Copies the own enumerable properties, so that nothing in a polluted `Object.prototype` becomes a setting.
 *
 * @internal
 */
export function ownProperties<T extends object>(values: T): T {
  return Object.assign(new OwnProperties(), values);
}
