/**
 * The parts of zod that this library uses.
 *
 * The build bundles this module into one file. Loading all of zod would take as long as loading everything else.
 */
export {
  _default,
  array,
  boolean,
  custom,
  gte,
  int,
  lte,
  minLength,
  optional,
  pipe,
  refine,
  regex,
  strictObject,
  string,
  transform,
  unknown,
} from 'zod/mini';
export type { input, output, ZodMiniObject, ZodMiniType } from 'zod/mini';
