/**
 * Matchers for jest. The import registers them.
 *
 * @module twilio-capability/testing/jest
 */

import type { TokenMatchers } from './matcher-types';
import { matchers } from './matchers';

export { matchers } from './matchers';
export type * from './matcher-types';

// `expect` is the package behind `@jest/globals`. A project that uses @types/jest may not have it.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment -- as a docstring it stays in the .d.ts
/** @ts-ignore */
declare module 'expect' {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- an augmentation is one */
  interface Matchers<R> extends TokenMatchers<R> {}
  interface AsymmetricMatchers extends TokenMatchers {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- it is how @types/jest has it
  namespace jest {
    interface Matchers<R> extends TokenMatchers<R> {}
    interface Expect extends TokenMatchers {}
    interface InverseAsymmetricMatchers extends TokenMatchers {}
    /* eslint-enable @typescript-eslint/no-empty-object-type */
  }
}

/** Inside jest `@jest/globals` always resolves, whether or not it is installed. Elsewhere there is nothing to extend. */
function findExpect(): { extend(matchers: object): void } | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import could not be caught
    return (require('@jest/globals') as { expect: { extend(matchers: object): void } }).expect;
  } catch {
    return undefined;
  }
}

findExpect()?.extend(matchers);
