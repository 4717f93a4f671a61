import { fetchSecret } from './secret-manager.js'; // your code: the client of your secret manager
import type { AccountSecret } from './signers.js';

const MAX_AGE = 60_000;
const cache = new Map<string, { secret: Promise<AccountSecret>; expires: number }>();

export function secretOf(tenantId: string): Promise<AccountSecret> {
  const cached = cache.get(tenantId);
  if (cached !== undefined && Date.now() < cached.expires) return cached.secret;
  const entry = { secret: fetchSecret(tenantId), expires: Date.now() + MAX_AGE };
  cache.set(tenantId, entry);
  entry.secret.catch(() => cache.delete(tenantId)); // a failure is not cached
  return entry.secret;
}
