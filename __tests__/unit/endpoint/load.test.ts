import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import autocannon from 'autocannon';
import { CapabilityVerifier } from '../../../src';
import { applicationSid, config } from '../../helpers/fixed';
import type { Command, Fate, Report } from './load-app';

jest.setTimeout(60_000);

/** The number of requests for each number of connections. The total is 50,000. */
const REQUESTS = 12_500;

const verifier = new CapabilityVerifier(config);
let child: ChildProcess | undefined;
let url: string;

async function start(env: Record<string, string> = {}): Promise<void> {
  child = fork(`${__dirname}/load-app.ts`, {
    execArgv: ['--expose-gc', '-r', 'ts-node/register/transpile-only'],
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

describe('under load', () => {
  let first: Report | undefined;
  beforeAll(() => start());
  afterAll(stop);

  test.each([1, 10, 50, 200])(
    'each of %d connections gets its own tokens and no error',
    async (connections) => {
      const { issued } = await send('report');
      const problems: string[] = [];
      let serial = 0;
      let verified = 0;
      const result = await autocannon({
        url,
        connections,
        amount: REQUESTS,
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
      expect(verified).toBe(REQUESTS);
      expect(result).toMatchObject({ errors: 0, timeouts: 0, non2xx: 0, '2xx': REQUESTS });
      const report = await reportWhen(atRest);
      expect(report).toMatchObject({ issued: issued + REQUESTS, reported: 0, faults: [] });
      first ??= report;
    },
  );

  test('no memory is kept for a request', async () => {
    const { heap, issued } = await send('report');
    // A leaked timer or promise takes more than 100 bytes.
    expect((heap - first!.heap) / (issued - first!.issued)).toBeLessThan(100);
  });
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
  const TOTAL = 300 * FATES.length;
  // Long enough for the server to see a client leave before time is up.
  await start({ TIMEOUT: '500' });
  const agent = new Agent({ keepAlive: true, maxSockets: 60 });
  const problems: unknown[] = [];
  let serial = 0;
  const work = async (): Promise<void> => {
    while (serial < TOTAL) {
      const user = `user_${serial}`;
      const fate = FATES[serial++ % FATES.length]!;
      const answer = await ask(fate, user, agent, fate === 'leave' ? serial % 20 : undefined);
      const [status, body] = answer ?? [];
      const wrong = status === 200 ? problem(body!, user) : undefined;
      if (status !== STATUS[fate] || wrong !== undefined) problems.push([fate, status, wrong]);
    }
  };
  try {
    await Promise.all(Array.from({ length: 60 }, work));
    agent.destroy();
    expect(problems).toEqual([]);
    const report = await reportWhen(atRest);
    // Thrown, rejected, hung and late requests are reported; 4xx and clients that left are not.
    expect(report).toMatchObject({ reported: 4 * 300, faults: [] });
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
