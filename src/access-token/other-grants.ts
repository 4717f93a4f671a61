import * as z from 'zod/mini';
import { isPlainObject } from '../plain-object';

/** Grants for other Twilio products, by name, such as `{ chat: { service_sid: 'IS…' } }`. */
export type OtherGrants = Readonly<Record<string, object>>;

const MAX_DEPTH = 100;

/**
 * The schema of grants that stand beside the voice grant.
 *
 * @internal
 */
export const grantsSchema = z.custom<OtherGrants>(
  isOtherGrants,
  'grants must be an object of JSON objects by product, such as { chat: { service_sid } }, without "voice" and ' +
    '"identity". undefined, Dates and class instances are not JSON.',
);

/** Copies grants, so that later changes to the original have no effect. The schema has checked that they are JSON. */
export function copyGrants(grants: OtherGrants): OtherGrants {
  return JSON.parse(JSON.stringify(grants)) as OtherGrants;
}

function isOtherGrants(value: unknown): boolean {
  if (!isPlainObject(value) || Object.hasOwn(value, 'voice') || Object.hasOwn(value, 'identity'))
    return false;
  return Object.values(value).every((grant) => isPlainObject(grant)) && isJson(value);
}

/** Returns whether JSON.stringify writes a value without changing or dropping anything. */
function isJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return true;
  // Also rejects circular references.
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return [...(value as unknown[])].every((each) => isJson(each, depth + 1));
  if (!isPlainObject(value)) return false;
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isJson(each, depth + 1));
}
