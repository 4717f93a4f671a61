import { createClient } from '@redis/client';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';

const redis = createClient({ url: 'redis://localhost:6379' });
redis.on('error', console.error); // the client reconnects
redis.connect().catch(console.error); // commands wait until it is connected

export const limitTokens = rateLimit({
  windowMs: 60_000,
  limit: 30,
  store: new RedisStore({ sendCommand: (...command: string[]) => redis.sendCommand(command) }),
});
