/**
 * The parts of zod that config-rules.ts uses. The build bundles this one module, so that a process which
 * mints a token does not load all of zod: that would take as long as everything else together.
 */
export { unknown } from 'zod/mini';
