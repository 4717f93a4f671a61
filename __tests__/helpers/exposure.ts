import { inspect } from 'node:util';

/** Prints a value, or an error with its cause, in all the usual ways. */
export function exposure(value: unknown): string {
  const views = [inspect(value, { showHidden: true, depth: Infinity, getters: true }), String(value)];
  if (value instanceof Error) views.push(value.message, value.stack ?? '', inspect(value.cause));
  if (typeof value === 'object' && value !== null) views.push(JSON.stringify(value));
  return views.join('\n');
}
