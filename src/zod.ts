import * as mini from 'zod/mini';

export type { output as Output, ZodMiniObject, ZodMiniType } from 'zod/mini';

/**
 * The parts of zod that this library uses.
 *
 * The build bundles this module into one file. Loading all of zod would take as long as loading everything else. One
 * object, since `import * as z` would compile to a loop over the names in each file.
 */
export const z = {
  _default: mini._default,
  array: mini.array,
  boolean: mini.boolean,
  custom: mini.custom,
  gte: mini.gte,
  int: mini.int,
  lte: mini.lte,
  minLength: mini.minLength,
  optional: mini.optional,
  pipe: mini.pipe,
  refine: mini.refine,
  regex: mini.regex,
  strictObject: mini.strictObject,
  string: mini.string,
  transform: mini.transform,
  unknown: mini.unknown,
};
