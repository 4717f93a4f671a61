/** Whether two types are identical. Distinguishes `any` and readonly properties. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The keys whose type is `any`, as TypeScript types what it cannot resolve. */
export type AnyIn<M> = { [K in keyof M]-?: 0 extends 1 & M[K] ? K : never }[keyof M];

/** Compiles only if the condition is true. */
export function check<Condition extends true>(): Condition | undefined {
  return undefined;
}

/** Whether none of the types has a property whose type is `any`. */
export type NoAny<Types extends readonly unknown[]> = Same<
  { [I in keyof Types]: AnyIn<Types[I]> }[number],
  never
>;
