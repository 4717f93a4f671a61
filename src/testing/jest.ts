/**
 * Matchers for jest and vitest. Importing this registers them with jest.
 *
 * @module twilio-capability/testing/jest
 */

import { findExpect, type Expect } from './find-expect';
import type { CapabilityMatchers } from './matcher-types';
import { matchers } from './matchers';

export { matchers } from './matchers';
export type {
  Asymmetric,
  CapabilityMatchers,
  ExpectedParams,
  MatcherResult,
  ToExpireInOptions,
} from './matcher-types';

// Types for whichever is there. `expect` is the package behind `@jest/globals`; where it is not installed
// there is nothing to add to, and that is no fault.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment -- as a docstring it stays in the .d.ts
/** @ts-ignore */
declare module 'expect' {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- an augmentation is one */
  interface Matchers<R> extends CapabilityMatchers<R> {}
  interface AsymmetricMatchers extends CapabilityMatchers {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- it is how @types/jest has it
  namespace jest {
    interface Matchers<R> extends CapabilityMatchers<R> {}
    interface Expect extends CapabilityMatchers {}
    interface InverseAsymmetricMatchers extends CapabilityMatchers {}
    /* eslint-enable @typescript-eslint/no-empty-object-type */
  }
}

// Inside of jest this require gives the globals of the test at hand, whether or not the package is installed.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import could not fail
findExpect(() => require('@jest/globals') as { expect: Expect }, globalThis)?.extend(matchers);
