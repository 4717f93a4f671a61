import { spawn, type ChildProcess } from 'node:child_process';
import http, { type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testCredentials } from 'twilio-capability/testing';
import { send, signInFor, type Answer } from './support/http';
import { end, freePort, redisServer, startRedis } from './support/redis';

const ROOT = path.join(__dirname, '..', '..', '..');
const JSON_TYPE = { 'Content-Type': 'application/json' };
const ENV = {
  PATH: process.env['PATH'],
  PORT: '0',
  VOICE_PORT: '0',
  TWILIO_ACCOUNT_SID: testCredentials.accountSid,
  TWILIO_AUTH_TOKEN: testCredentials.authToken,
  TWILIO_APPLICATION_SID: 'AP1',
  SESSION_SECRET: 'a-secret-that-all-processes-share',
  TRUST_PROXY: '1',
};

interface AppProcess {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

/** Starts the app as a separate process and waits for its address. */
async function startProcess(env: NodeJS.ProcessEnv): Promise<AppProcess> {
  const args = ['-r', 'ts-node/register/transpile-only', 'examples/voice-app/server.ts'];
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...ENV, ...env } });
  let output = '';
  const read = (text: Buffer): void => {
    output += text.toString();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const exited = once(child, 'exit');
  while (!/Voice app: http:\/\/localhost:\d+/.test(output) && child.exitCode === null) {
    await Promise.race([once(child.stdout, 'data'), exited]);
  }
  const port = Number(/Voice app: http:\/\/localhost:(\d+)/.exec(output)?.[1]);
  return { child, port, output: () => output };
}

/** Passes requests to the ports in turn, as a load balancer does. */
async function startBalancer(ports: readonly number[]): Promise<Server> {
  let count = 0;
  const server = http.createServer((req, res) => {
    const port = ports[count++ % ports.length];
    const headers = { ...req.headers, 'x-forwarded-for': '192.0.2.1', connection: 'close' };
    const forwarded = http.request({ port, host: '127.0.0.1', method: req.method, path: req.url, headers });
    forwarded.on('response', (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    req.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

(redisServer === undefined ? describe.skip : describe)('two processes with one Redis', () => {
  jest.setTimeout(60_000);
  let redisPort: number;
  let redis: ChildProcess;
  let apps: AppProcess[];
  let balancer: Server;
  let url: string;

  beforeAll(async () => {
    redisPort = await freePort();
    redis = await startRedis(redisPort);
    const env = { REDIS_URL: `redis://127.0.0.1:${redisPort}` };
    apps = await Promise.all([startProcess(env), startProcess(env)]);
    balancer = await startBalancer(apps.map(({ port }) => port));
    url = `http://localhost:${(balancer.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    balancer.close();
    await Promise.all([...apps.map(({ child }) => end(child)), end(redis, 'SIGKILL')]);
  });

  const signIn = (): Promise<Answer> => send('POST', `${url}/session`, JSON_TYPE, '{"name":"alice"}');

  it('share a session and the limit of 30 tokens a minute', async () => {
    const cookie = await signInFor(url, 'alice');
    const statuses: number[] = [];
    for (let count = 0; count < 34; count += 1) {
      statuses.push((await send('POST', `${url}/token`, { Cookie: cookie })).status);
    }
    expect(statuses).toEqual([...Array<number>(30).fill(200), ...Array<number>(4).fill(429)]);
  });

  const UNAVAILABLE = {
    error: 'unavailable',
    message: 'The service is unavailable. Try again in a few seconds.',
  };

  it('refuse requests within two seconds while Redis hangs', async () => {
    redis.kill('SIGSTOP');
    const answers = await Promise.all([signIn(), signIn()]);
    redis.kill('SIGCONT');
    for (const { status, headers, body } of answers) {
      expect({ status, after: headers['retry-after'], body: JSON.parse(body) as unknown }).toEqual({
        status: 503,
        after: '5',
        body: UNAVAILABLE,
      });
    }
  });

  it('refuse requests and report it once while Redis is down, and continue with an empty Redis', async () => {
    await end(redis, 'SIGKILL');
    const down = await Promise.all(Array.from({ length: 6 }, signIn));
    expect(down.map(({ status }) => status)).toEqual(Array(6).fill(503));
    // The page itself needs no Redis.
    expect((await send('GET', `${url}/session`)).status).toBe(200);

    redis = await startRedis(redisPort);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (apps.every(({ output }) => output().includes('Redis is back.'))) break;
      await delay(100);
    }
    await delay(200);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await signIn()).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);

    for (const { output } of apps) {
      expect(
        output().match(/Redis cannot be reached \([^\n]+\)\. Sign-in and tokens are refused/g),
      ).toHaveLength(1);
    }
  });

  it('do not start without Redis', async () => {
    const port = await freePort();
    const { child, output } = await startProcess({ REDIS_URL: `redis://:password@127.0.0.1:${port}` });
    expect(child.exitCode).toBe(1);
    expect(output()).toBe(`REDIS_URL: Redis cannot be reached (connect ECONNREFUSED 127.0.0.1:${port}).\n`);
  });
});
