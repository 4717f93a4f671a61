import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CapabilityVerifier } from '../../../src';
import { applicationSid, config } from '../../helpers/fixed';
import type { Command, Fate, Report } from './load-app';

jest.setTimeout(60_000);

const verifier = new CapabilityVerifier(config);
let child: ChildProcess | undefined;
let url: string;

async function start(env: Record<string, string> = {}): Promise<void> {
  child = fork(`${__dirname}/load-app.ts`, {
    execArgv: ['-r', 'ts-node/register/transpile-only'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  const [port] = (await once(child, 'message')) as [number];
  url = `http://127.0.0.1:${port}/token`;
}

function stop(): void {
  child?.kill('SIGKILL');
  child = undefined;
}

async function send(command: Command): Promise<Report> {
  const answered = once(child!, 'message') as Promise<[Report]>;
  child!.send(command);
  return (await answered)[0];
}

/** Returns the first report that meets a condition. The timeout of the test is the limit. */
async function reportWhen(condition: (report: Report) => boolean): Promise<Report> {
  for (;;) {
    const report = await send('report');
    if (condition(report)) return report;
    await sleep(20);
  }
}

const atRest = ({ connections, timers }: Report): boolean => connections === 0 && timers === 0;

/** Returns the problem with a response body for a user, or undefined. */
function problem(body: string, user: string): string | undefined {
  const { token, identity } = JSON.parse(body) as { token: string; identity: string };
  const { clientNames, outgoing } = verifier.verify(token);
  const found = JSON.stringify([identity, clientNames, String(outgoing)]);
  const scope = `scope:client:outgoing?appSid=${applicationSid}&clientName=${user}&appParams=user_id%3D${user}`;
  const expected = JSON.stringify([user, [user], scope]);
  return found === expected ? undefined : `${found} is not ${expected}`;
}

/** Sends a request. Resolves to the status and body, or to undefined if the request is destroyed. */
async function ask(
  fate: Fate,
  user: string,
  agent?: Agent,
  patience?: number,
): Promise<[number, string] | undefined> {
  const sent = request(url, { method: 'POST', agent, headers: { 'x-fate': fate, 'x-user': user } }).end();
  if (patience !== undefined) setTimeout(() => sent.destroy(), patience);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
    return [response.statusCode!, body];
  } catch (error) {
    if (patience !== undefined) return undefined;
    throw error;
  }
}

/** Sends requests over so many connections at a time, until there are no more users. */
async function askForEach(
  users: readonly string[],
  connections: number,
  handle: (user: string, index: number, agent: Agent) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const queue = users.entries();
  const work = async (): Promise<void> => {
    for (const [index, user] of queue) await handle(user, index, agent);
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
}

test('concurrent requests get their own tokens and no error', async () => {
  await start();
  const users = Array.from({ length: 2000 }, (_, index) => `user_${index}`);
  const problems: unknown[] = [];
  try {
    await askForEach(users, 50, async (user, _index, agent) => {
      const [status, body] = (await ask('grant', user, agent))!;
      const wrong = status === 200 ? problem(body, user) : body;
      if (wrong !== undefined) problems.push([status, wrong]);
    });
    expect(problems).toEqual([]);
    const report = await reportWhen(atRest);
    expect(report).toMatchObject({ issued: users.length, reported: 0, faults: [] });
  } finally {
    stop();
  }
});

test('faults of the application and of clients cause no wrong token, second response or leak', async () => {
  const STATUS: Partial<Record<Fate, number>> = {
    grant: 200,
    refuse: 401,
    forbid: 403,
    throw: 500,
    reject: 500,
    hang: 503,
    late: 503,
    twice: 202,
  };
  const FATES = [...(Object.keys(STATUS) as Fate[]), 'leave'] as const;
  const ROUNDS = 100;
  const users = Array.from({ length: ROUNDS * FATES.length }, (_, index) => `user_${index}`);
  const problems: unknown[] = [];
  // Long enough for the server to see a client leave before time is up.
  await start({ TIMEOUT: '500' });
  try {
    await askForEach(users, 60, async (user, index, agent) => {
      const fate = FATES[index % FATES.length]!;
      const answer = await ask(fate, user, agent, fate === 'leave' ? index % 20 : undefined);
      const [status, body] = answer ?? [];
      const wrong = status === 200 ? problem(body!, user) : undefined;
      if (status !== STATUS[fate] || wrong !== undefined) problems.push([fate, status, wrong]);
    });
    expect(problems).toEqual([]);
    const report = await reportWhen(atRest);
    // Thrown, rejected, hung and late requests are reported; 4xx and clients that left are not.
    expect(report).toMatchObject({ reported: 4 * ROUNDS, faults: [] });
  } finally {
    stop();
  }
});

describe('at shutdown', () => {
  afterEach(stop);

  test('pending requests are answered, new ones are rejected, and the process ends', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    const users = Array.from({ length: 50 }, (_, index) => `user_${index}`);
    const answers = users.map((user) => ask('wait', user, agent));
    await reportWhen(({ waiting }) => waiting === users.length);
    await send({ shutDown: 30_000 });
    await expect(ask('grant', 'bob')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const ended = once(child!, 'exit');
    child!.send('decide' satisfies Command);
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect([answer![0], problem(answer![1], users[index]!)]).toEqual([200, undefined]);
    }
    expect(await ended).toEqual([0, null]);
    agent.destroy();
  });

  test('the process ends at the deadline, even if a request is in progress', async () => {
    await start();
    const refused = expect(ask('wait', 'alice')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await reportWhen(({ waiting }) => waiting === 1);
    const ended = once(child!, 'exit');
    expect(await send({ shutDown: 100 })).toMatchObject({ connections: 1, issued: 0 });
    await refused;
    expect(await ended).toEqual([0, null]);
  });
});
