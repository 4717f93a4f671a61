/**
 * Matchers for vitest 3 to 5. Pass them to `expect.extend` in a setup file.
 *
 * @example
 * // vitest.setup.ts
 * import { expect } from 'vitest';
 * import { matchers } from 'twilio-capability/testing/vitest';
 *
 * expect.extend(matchers);
 * @module twilio-capability/testing/vitest
 */

import type { TokenMatchers } from './matcher-types';

export { matchers } from './matchers';
export type * from './matcher-types';

// Only projects that use this module have vitest. The export adds its types to the program: an augmentation alone does not.
/* eslint-disable @typescript-eslint/ban-ts-comment, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- it is how vitest has it, and as a docstring `@ts-ignore` stays in the .d.ts */
/** @ts-ignore */
export type {} from 'vitest';
/** @ts-ignore */
declare module 'vitest' {
  interface Matchers<T = any> extends TokenMatchers {}
}
/* eslint-enable @typescript-eslint/ban-ts-comment, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars */
