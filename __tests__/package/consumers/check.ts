/** Exactly the same type: `any` is the same as nothing but `any`, and a readonly property unlike a plain one. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The names of what a module or object has as `any`, which is what TypeScript makes of a type it cannot find. */
export type AnyIn<M> = { [K in keyof M]-?: 0 extends 1 & M[K] ? K : never }[keyof M];

/** Compiles where the condition holds. */
export function check<Condition extends true>(): Condition | undefined {
  return undefined;
}
