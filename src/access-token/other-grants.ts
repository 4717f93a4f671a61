import * as z from 'zod/mini';
import { isPlainObject } from '../plain-object';

/** Grants for other Twilio products, by name, such as `{ chat: { service_sid: 'IS…' } }`. */
export type OtherGrants = Readonly<Record<string, object>>;

const MAX_DEPTH = 100;

/**
 * The schema of grants that stand beside the voice grant. It returns a copy, so that later changes to the original have
 * no effect.
 *
 * @internal
 */
export const grantsSchema = z.pipe(
  z.transform((grants: OtherGrants) => copyJson(grants)),
  z.custom<OtherGrants>(
    isOtherGrants,
    'grants must be an object of JSON objects by product, such as { chat: { service_sid } }, without "voice" and ' +
      '"identity". undefined, Dates and class instances are not JSON.',
  ),
);

function isOtherGrants(value: unknown): boolean {
  if (!isPlainObject(value) || Object.hasOwn(value, 'voice') || Object.hasOwn(value, 'identity'))
    return false;
  return Object.values(value).every((grant) => isPlainObject(grant));
}

/** Copies a JSON value. Returns undefined if JSON.stringify would change or drop anything. */
function copyJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : undefined;
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value;
  // Also rejects circular references.
  if (depth > MAX_DEPTH) return undefined;
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return undefined;
  const entries: [string, unknown][] = [];
  // Ends at the first problem: a circular reference has one on every path.
  for (const [key, each] of isArray ? value.entries() : Object.entries(value)) {
    const copy = copyJson(each, depth + 1);
    if (copy === undefined || !String(key).isWellFormed()) return undefined;
    entries.push([String(key), copy]);
  }
  return isArray ? entries.map(([, copy]) => copy) : Object.fromEntries(entries);
}
