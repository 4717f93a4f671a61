import { createClient } from '@redis/client';
import { SettingsError } from './settings-error';

/** The part of a Redis client that the rate limits need. */
export interface Redis {
  /** Fails within a second if Redis does not answer. */
  send(command: readonly string[]): Promise<RedisReply>;
  /** Calls back each time the connection is restored. */
  onReconnect(listener: () => void): void;
  close(): void;
}

export type RedisReply = string | number | boolean | (string | number | boolean)[];

const ANSWER_MS = 1000;
const LONGEST_RETRY_MS = 2000;

/** Connects to Redis. Logs when the connection is lost and when it is restored. */
export async function connectRedis(url: string): Promise<Redis> {
  let isConnected = false;
  const client = createClient({
    url,
    // A command fails at once while there is no connection, instead of waiting for one.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: ANSWER_MS,
      reconnectStrategy: (retries) =>
        isConnected || retries > 0 ? Math.min(100 * 2 ** retries, LONGEST_RETRY_MS) : false,
    },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw new SettingsError(`REDIS_URL: Redis cannot be reached (${reason(error)}).`);
  }
  isConnected = true;

  client.on('error', (error: unknown) => {
    if (!isConnected) return;
    isConnected = false;
    console.error(
      `Redis cannot be reached (${reason(error)}). Sign-in and tokens are refused until it is back.`,
    );
  });
  client.on('ready', () => {
    isConnected = true;
    console.error('Redis is back.');
  });

  return {
    send: (command) => withDeadline(client.sendCommand<RedisReply>(command)),
    onReconnect(listener) {
      client.on('ready', listener);
    },
    close() {
      client.destroy();
    },
  };
}

async function withDeadline<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Redis did not answer within ${ANSWER_MS} ms.`));
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([reply, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return reason(error.errors[0]);
  return error instanceof Error ? error.message : 'unknown reason';
}
