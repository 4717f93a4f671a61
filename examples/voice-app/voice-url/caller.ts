import { userOfClientName, type User } from '../user';
import type { Fields } from './fields';

/** Who makes a call: a signed-in user, or somebody who calls your Twilio number. */
export type Caller = { readonly kind: 'user'; readonly user: User } | { readonly kind: 'outside' };

/**
 * Returns who makes a call, or null for a user that cannot be trusted.
 *
 * `From` and `user_id` both come from the token, where the server wrote them. A page can add form fields of
 * its own, so a `user_id` that does not belong to the name in `From` is refused.
 */
export function readCaller(fields: Fields): Caller | null {
  const from = fields['From'] ?? '';
  if (!from.startsWith('client:')) return { kind: 'outside' };
  const user = userOfClientName(from.slice('client:'.length));
  return user !== null && user.id === fields['user_id'] ? { kind: 'user', user } : null;
}
