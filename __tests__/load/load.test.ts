import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import autocannon from 'autocannon';
import { CapabilityVerifier } from '../../src';
import { applicationSid, config, NOW } from '../helpers/fixed';
import type { Command, Fate, Report } from './load-app';

jest.setTimeout(180_000);

/** How many requests the heap must stay flat over; fewer can be asked for where time is short. */
const REQUESTS = Number(process.env['LOAD_REQUESTS'] ?? 100_000);
/** Says which requests fail, and how: the same seed, the same run. */
const SEED = Number(process.env['LOAD_SEED'] ?? 20_260_101);
const TTL = 3600;
const HOUR = 3600;

let child: ChildProcess | undefined;
let url: string;

async function start(env: Record<string, string> = {}): Promise<void> {
  child = fork(`${__dirname}/load-app.ts`, {
    execArgv: ['--expose-gc', '-r', 'ts-node/register/transpile-only'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort(new Error('The server ended before it listened.'));
  });
  const [port] = (await once(child, 'message', { signal: ended.signal })) as [number];
  url = `http://127.0.0.1:${port}/token`;
}

async function command(...message: Command): Promise<Report> {
  const answered = once(child!, 'message') as Promise<[Report]>;
  child!.send(message);
  return (await answered)[0];
}

/** The report of a server that has had the time to notice that its clients are gone. */
async function reportAtRest(): Promise<Report> {
  for (;;) {
    const report = await command('report');
    if (report.connections === 0 && report.timers === 0) return report;
    await sleep(20);
  }
}

function stop(): void {
  child?.kill('SIGKILL');
  child = undefined;
}

/** What is wrong with an answer, for this user and by one of these clocks; nothing where all is right. */
function problem(body: string, user: string, offsets: readonly number[] = [0]): string | undefined {
  const { token, identity, ttl, expiresAt } = JSON.parse(body) as Record<string, unknown>;
  const offset = Date.parse(String(expiresAt)) / 1000 - TTL - NOW;
  const verifier = new CapabilityVerifier({ ...config, now: () => (NOW + offset) * 1000 });
  const { clientNames, outgoing, claims } = verifier.verify(String(token));
  const found = {
    identity,
    ttl,
    offset: offsets.includes(offset),
    clientNames,
    sid: outgoing?.applicationSid,
    name: outgoing?.clientName,
    params: outgoing?.params,
    exp: claims['exp'],
  };
  const expected = {
    identity: user,
    ttl: TTL,
    offset: true,
    clientNames: [user],
    sid: applicationSid,
    name: user,
    params: { user_id: user },
    exp: NOW + offset + TTL,
  };
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  return a === b ? undefined : `${a} is not ${b}`;
}

describe('under load', () => {
  beforeAll(() => start());
  afterAll(stop);

  test.each([1, 10, 50, 200])(
    'each of %d connections gets its own tokens, and no failure',
    async (connections) => {
      const { minted } = await command('report');
      const problems: string[] = [];
      let serial = 0;
      let verified = 0;
      const result = await autocannon({
        url,
        connections,
        amount: 2000,
        requests: [
          {
            method: 'POST',
            setupRequest: (req, context) => {
              const user = `user_${serial++}`;
              Object.assign(context, { user });
              return { ...req, headers: { 'x-user': user } };
            },
            onResponse: (status, body, context) => {
              const wrong =
                status === 200 ? problem(body, (context as { user: string }).user) : String(status);
              if (wrong === undefined) verified += 1;
              else problems.push(wrong);
            },
          },
        ],
      });
      expect(problems).toEqual([]);
      expect(verified).toBe(2000);
      expect(result).toMatchObject({ errors: 0, timeouts: 0, non2xx: 0, '2xx': 2000, mismatches: 0 });
      expect(await reportAtRest()).toMatchObject({ minted: minted + 2000, faults: [] });
    },
  );

  test(`the heap stays flat over ${REQUESTS} requests`, async () => {
    const send = (amount: number): Promise<autocannon.Result> =>
      autocannon({
        url,
        method: 'POST',
        connections: 50,
        amount,
        headers: { 'x-user': 'alice' },
      });
    await send(10_000);
    const before = await reportAtRest();
    const result = await send(REQUESTS);
    const after = await reportAtRest();
    expect(result).toMatchObject({ errors: 0, timeouts: 0, non2xx: 0, '2xx': REQUESTS });
    expect(after).toMatchObject({ minted: before.minted + REQUESTS, faults: [] });
    // An object that is kept for each request has at least 16 bytes.
    expect((after.heap - before.heap) / REQUESTS).toBeLessThan(10);
  });
});

describe('with faults', () => {
  afterEach(stop);

  test('no wrong token, no double answer, no unhandled rejection, no leak', async () => {
    await start({ TIMEOUT: '100' });
    const random = generator(SEED);
    const agent = new Agent({ keepAlive: true, maxSockets: 60 });
    const problems: string[] = [];
    const counts: Record<string, number> = {};
    const FATES = ['grant', 'grant', 'refuse', 'throw', 'reject', 'hang', 'leave', 'slow'] as const;
    const STATUS: Record<string, number> = {
      grant: 200,
      slow: 200,
      refuse: 401,
      throw: 500,
      reject: 500,
      hang: 503,
    };

    async function one(serial: number): Promise<void> {
      const fate = FATES[Math.floor(random() * FATES.length)]!;
      counts[fate] = (counts[fate] ?? 0) + 1;
      const patience = Math.floor(random() * 20);
      if (fate === 'leave') {
        const answer = await leave(`leaver_${serial}`, patience, agent);
        if (answer !== undefined && answer.status !== 503) problems.push(`leave: ${answer.status}`);
        return;
      }
      const user = `user_${serial}`;
      const { status, body } = await (fate === 'slow' ? slowly(user) : ask(fate, user, agent));
      const wrong = status !== STATUS[fate] ? `${fate}: ${status}` : undefined;
      problems.push(
        ...[wrong ?? (status === 200 ? problem(body, user, [-HOUR, 0, HOUR]) : undefined)].filter(
          (text) => text !== undefined,
        ),
      );
    }

    const TOTAL = 2400;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < TOTAL) {
        const serial = next++;
        // An hour forward, an hour back, and where it was.
        if (serial % 100 === 50) child!.send(['step', [HOUR, -HOUR, 0][Math.floor(serial / 100) % 3]]);
        await one(serial);
      }
    };
    await Promise.all(Array.from({ length: 60 }, worker));
    agent.destroy();

    expect({ seed: SEED, problems }).toEqual({ seed: SEED, problems: [] });
    expect(Object.keys(counts).toSorted()).toEqual([...new Set(FATES)].toSorted());
    const report = await reportAtRest();
    expect(report).toMatchObject({ connections: 0, timers: 0, mintedForLeavers: 0, faults: [] });
    expect(report.minted).toBe(counts['grant']! + counts['slow']!);
  });
});

describe('at shutdown', () => {
  afterEach(stop);

  test('what is under way is finished, what is new is refused, and the process ends', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    const answer = ask('wait', 'alice', agent);
    await once(child!, 'message');
    await command('shutDown', 60_000);
    await expect(ask('grant', 'bob')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const ended = once(child!, 'exit');
    child!.send(['decide'] satisfies Command);
    const { status, body } = await answer;
    expect([status, problem(body, 'alice')]).toEqual([200, undefined]);
    expect(await ended).toEqual([0, null]);
    agent.destroy();
  });

  test('the process ends at the deadline, whatever is still under way', async () => {
    await start();
    const answer = ask('wait', 'alice');
    answer.catch(() => undefined);
    await once(child!, 'message');
    const report = command('shutDown', 100);
    const ended = once(child!, 'exit');
    expect(await report).toMatchObject({ connections: 1, minted: 0 });
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await ended).toEqual([0, null]);
  });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(fate: Fate, user: string, agent?: Agent): Promise<Answer> {
  const sent = request(url, { method: 'POST', agent, headers: { 'x-fate': fate, 'x-user': user } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return read(response);
}

async function read(response: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode!, body };
}

/** Asks, and goes away after so many milliseconds, or when the answer is there after all. */
async function leave(user: string, patience: number, agent: Agent): Promise<Answer | undefined> {
  const sent = request(url, { method: 'POST', agent, headers: { 'x-fate': 'leave', 'x-user': user } }).end();
  setTimeout(() => sent.destroy(), patience);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return await read(response);
  } catch {
    return undefined;
  }
}

/** Asks over a connection that carries a few bytes at a time. */
async function slowly(user: string): Promise<Answer> {
  const { port } = new URL(url);
  const text = `POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-User: ${user}\r\nContent-Length: 0\r\n\r\n`;
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  for (let at = 0; at < text.length; at += 40) {
    socket.write(text.slice(at, at + 40));
    await sleep(2);
  }
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    await sleep(1);
  }
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body };
}

/** Numbers from 0 to 1 that look random and follow from the seed: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
