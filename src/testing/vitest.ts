/**
 * Matchers for vitest 3 and newer. The import registers them.
 *
 * @module twilio-capability/testing/vitest
 */

import type { CapabilityMatchers } from './matcher-types';
import { matchers } from './matchers';

export { matchers } from './matchers';
export type * from './matcher-types';

// Only projects that use this module have vitest. This package is CommonJS, so under NodeNext "vitest" means the types for
// `require`, which re-export those of a test. "@vitest/expect" declares them, but strict package managers hide it. In the
// other order, TypeScript misses what vitest itself adds to "@vitest/expect".
/* eslint-disable @typescript-eslint/ban-ts-comment, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- it is how vitest has it, and as a docstring `@ts-ignore` stays in the .d.ts */
/** @ts-ignore */
declare module 'vitest' {
  interface Matchers<T = any> extends CapabilityMatchers {}
}
/** @ts-ignore */
declare module '@vitest/expect' {
  interface Matchers<T = any> extends CapabilityMatchers {}
}
/* eslint-enable @typescript-eslint/ban-ts-comment, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars */

/** vitest cannot be loaded by `require`, but keeps its `expect` under this symbol, `GLOBAL_EXPECT` in @vitest/expect. */
const EXPECT = Symbol.for('expect-global');

const globals = globalThis as { [EXPECT]?: { extend(matchers: object): void } };
globals[EXPECT]?.extend(matchers);
