import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';

const REDIS_PATHS = [process.env['REDIS_SERVER'], '/usr/bin/redis-server', '/opt/homebrew/bin/redis-server'];
export const redisServer = REDIS_PATHS.find((path) => path !== undefined && existsSync(path));

/** Starts a Redis on a free port. It keeps everything in memory. */
export async function startRedis(): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn(redisServer!, [...args, '--dir', tmpdir()], { stdio: 'ignore' });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      redis.kill();
      await once(redis, 'exit');
    },
  };
}
