/** The one thing that is asked of a test framework. */
export interface Expect {
  extend(matchers: object): void;
}

/**
 * The `expect` of jest, with or without `injectGlobals`, or one that another framework has made a global.
 *
 * @param jestGlobals - Loads `@jest/globals`, which throws outside of jest.
 */
export function findExpect(jestGlobals: () => { expect: Expect }, globals: object): Expect | undefined {
  try {
    return jestGlobals().expect;
  } catch {
    const { expect } = globals as { expect?: Partial<Expect> };
    return typeof expect?.extend === 'function' ? (expect as Expect) : undefined;
  }
}
