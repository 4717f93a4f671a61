/** One way of doing a job. Its inputs are made before the clock starts, and no two are the same. */
export interface Contestant<T> {
  readonly prepare: (serial: number) => T;
  readonly run: (input: T) => unknown;
}

/** Ties the input of a contestant to what takes it. */
export function contestant<T>(prepare: (serial: number) => T, run: (input: T) => unknown): Contestant<never> {
  return { prepare, run } as unknown as Contestant<never>;
}

/** How long to measure: rounds of a number of calls, each contestant once a round. */
export interface Effort {
  readonly rounds: number;
  readonly calls: number;
}

/** Calls before the first round that counts: enough for the optimizing compiler. */
const WARM_UP_CALLS = 3000;
/** A round of a contestant is made of fewer calls where they would take longer than this. */
const MAX_ROUND_MS = 10;

let serial = 0;

/**
 * Times ways of doing one job side by side: in short rounds, one after the other in an order drawn anew each
 * time, so that whatever else the machine is doing falls on all of them alike.
 *
 * @returns For each the median over the rounds, in nanoseconds a call.
 */
export async function compare<K extends string>(
  contestants: Readonly<Record<K, Contestant<never>>>,
  effort: Effort,
): Promise<Record<K, number>> {
  const names = Object.keys(contestants) as K[];
  const rounds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  const calls = {} as Record<K, number>;
  for (const name of names) {
    const ms = (await time(contestants[name], 20)) / 1e6;
    const warmUp = Math.min(WARM_UP_CALLS, Math.max(20, 1000 / ms));
    await time(contestants[name], Math.ceil(Math.min(warmUp, effort.calls * effort.rounds)));
    calls[name] = Math.ceil(
      Math.min(effort.calls, MAX_ROUND_MS / ((await time(contestants[name], 20)) / 1e6)),
    );
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const name of shuffled(names)) rounds[name].push(await time(contestants[name], calls[name]));
  }
  return Object.fromEntries(names.map((name) => [name, median(rounds[name])])) as Record<K, number>;
}

/** Nanoseconds a call, over so many calls. */
async function time<T>({ prepare, run }: Contestant<T>, calls: number): Promise<number> {
  const inputs = Array.from({ length: calls }, () => prepare(++serial));
  const results: unknown[] = [];
  const start = process.hrtime.bigint();
  for (const input of inputs) {
    const result = run(input);
    // Only what is asynchronous pays for waiting.
    results.push(result instanceof Promise ? await result : result);
  }
  const taken = Number(process.hrtime.bigint() - start);
  if (results.length !== calls || results.includes(undefined)) throw new Error('A call gave nothing.');
  return taken / calls;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
