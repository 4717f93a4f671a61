import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import type { Redis } from './redis';

/** Requests that one IP address can make in a minute. */
export interface Limits {
  readonly tokens: number;
  readonly signIns: number;
}

/** A page requests a token at sign-in and at each renewal. 30 leaves room for reloads and several tabs. */
export const DEFAULT_LIMITS: Limits = { tokens: 30, signIns: 10 };

/** The requests cannot be counted because Redis does not answer. */
export class RateLimitUnavailable extends Error {}

const ONE_MINUTE = 60_000;

/**
 * Returns a middleware that answers 429 after `limit` requests a minute.
 *
 * With Redis, all processes of the app share the count. While Redis does not answer, every request gets a
 * {@link RateLimitUnavailable}: letting requests through uncounted would turn the limit off for anyone who can
 * overload Redis.
 */
export function limitRequests(name: string, limit: number, redis?: Redis): RequestHandler {
  const limiter = rateLimit({
    windowMs: ONE_MINUTE,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: { error: 'too_many_requests', message: 'Too many attempts. Wait a minute, then try again.' },
    ...(redis && { store: createStore(name, redis) }),
  });
  return (req, res, next) => {
    void limiter(req, res, (error?: unknown) => {
      if (error === undefined) next();
      else next(new RateLimitUnavailable(undefined, { cause: error }));
    });
  };
}

function createStore(name: string, redis: Redis): RedisStore {
  const store = new RedisStore({
    prefix: `voice-app:${name}:`,
    sendCommand: (...command: string[]) => redis.send(command),
  });
  // Redis forgets scripts when it restarts.
  redis.onReconnect(() => {
    store.init({ windowMs: ONE_MINUTE } as Parameters<RedisStore['init']>[0]).catch(() => undefined);
  });
  return store;
}
