import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until a condition is true. Playwright's waitForFunction needs `eval`, which the CSP of the voice app forbids.
 */
export async function until(condition: () => unknown, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not true within ${withinMs} ms: ${String(condition)}`);
    await delay(50);
  }
}
