import { inspect } from 'node:util';

/** Prints a value, or an error with its cause, in all the usual ways. */
export function exposure(value: unknown): string {
  const views = [inspect(value, { showHidden: true, depth: Infinity, getters: true }), String(value)];
  if (value instanceof Error) {
    views.push(value.message, value.stack ?? '', inspect(value.cause), JSON.stringify(ownOf(value)));
  }
  if (typeof value === 'object' && value !== null) {
    views.push(JSON.stringify(value), JSON.stringify(ownOf(value)), inspect({ ...value }));
    // An object with methods cannot be cloned, so its clone shows nothing.
    views.push(inspect(cloned(value), { showHidden: true, depth: Infinity }));
  }
  return views.join('\n');
}

function ownOf(value: object): Record<PropertyKey, unknown> {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(value)).map(([key, property]) => [key, property.value]),
  );
}

function cloned(value: object): unknown {
  try {
    return structuredClone(value);
  } catch (error) {
    return error;
  }
}
