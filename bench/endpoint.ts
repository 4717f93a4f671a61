/**
 * How many requests a second the Express endpoint answers, against the same app with a constant answer and
 * with twilio's own ClientCapability. This process is the load; the app is in a child process of its own.
 *
 *   node -r ts-node/register/transpile-only bench/endpoint.ts
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import { median } from './measure';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 50;
const ROUTES = ['/token', '/constant', '/twilio'] as const;

type Route = (typeof ROUTES)[number];

async function main(): Promise<void> {
  const { child, url } = await startApp();
  try {
    for (const route of ROUTES) await requestsPerSecond(url + route, 2);
    const rates: Record<Route, number[]> = { '/token': [], '/constant': [], '/twilio': [] };
    for (let round = 0; round < ROUNDS; round++) {
      // Turned by one each round: what else the machine does falls on all of them alike.
      for (let index = 0; index < ROUTES.length; index++) {
        const route = ROUTES[(index + round) % ROUTES.length]!;
        rates[route].push(await requestsPerSecond(url + route, SECONDS));
      }
    }
    print(rates);
  } finally {
    child.kill();
  }
}

async function startApp(): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(`${__dirname}/endpoint-app.ts`);
  const [port] = (await once(child, 'message')) as [number];
  return { child, url: `http://127.0.0.1:${port}` };
}

async function requestsPerSecond(url: string, duration: number): Promise<number> {
  const result = await autocannon({ url, method: 'POST', duration, connections: CONNECTIONS });
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`${url} failed`);
  return result.requests.total / result.duration;
}

function print(rates: Record<Route, number[]>): void {
  const ratios = (other: Route): number[] =>
    rates['/token'].map((rate, round) => rate / rates[other][round]!);
  console.log(`Node ${process.version}, Express, ${CONNECTIONS} connections, median of ${ROUNDS} rounds`);
  for (const route of ROUTES) {
    console.log(`${route.padEnd(12)}${median(rates[route]).toFixed(0).padStart(8)} requests/s`);
  }
  console.log(`to a constant answer      ${median(ratios('/constant')).toFixed(2)}`);
  console.log(`to twilio's               ${median(ratios('/twilio')).toFixed(2)}`);
}

void main();
