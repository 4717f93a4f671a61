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
  if (Array.isArray(value)) {
    const copy = Array.from(value as unknown[], (each) => copyJson(each, depth + 1));
    return copy.includes(undefined) ? undefined : copy;
  }
  if (!isPlainObject(value)) return undefined;
  const entries = Object.entries(value).map(([key, each]) => [key, copyJson(each, depth + 1)] as const);
  if (entries.some(([key, copy]) => !key.isWellFormed() || copy === undefined)) return undefined;
  return Object.fromEntries(entries);
}
