/**
 * An app with a token endpoint, to be loaded from another process. What becomes of a request is said by its
 * header `x-fate`; the token is for `x-user`. The parent commands it by messages: see {@link Command}.
 */
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import express from 'express';
import { CapabilitySigner, IncomingScope, OutgoingScope, type Scope } from '../../src';
import { tokenEndpoint } from '../../src/endpoint/express';
import { applicationSid, config, NOW } from '../helpers/fixed';

/** What `authorize` does with a request. */
export type Fate = 'grant' | 'refuse' | 'throw' | 'reject' | 'hang' | 'leave' | 'wait';

/** `step` sets the clock so many seconds off, `decide` grants what waits, `shutDown` ends within so many ms. */
export type Command = ['report'] | ['step', number] | ['decide'] | ['shutDown', number];

/** How the process is, after a garbage collection. */
export interface Report {
  readonly heap: number;
  readonly connections: number;
  /** Timers that would keep the process alive. */
  readonly timers: number;
  readonly minted: number;
  readonly mintedForLeavers: number;
  /** What reached Express's error handler, or nobody. */
  readonly faults: readonly string[];
}

let offset = 0;
let minted = 0;
let mintedForLeavers = 0;
const faults: string[] = [];
const events = new EventEmitter().setMaxListeners(0);
process.on('unhandledRejection', (error) => faults.push(`unhandled rejection: ${String(error)}`));
process.on('uncaughtException', (error) => faults.push(`uncaught: ${String(error)}`));
process.on('warning', (warning) => faults.push(`warning: ${String(warning)}`));

const signer = new CapabilitySigner({ ...config, now: () => (NOW + offset) * 1000 });

async function decide(fate: Fate, user: string, signal: AbortSignal): Promise<Scope[] | null> {
  switch (fate) {
    case 'refuse':
      return null;
    case 'reject':
      throw new Error('rejected');
    case 'hang':
      return new Promise(() => undefined);
    case 'leave':
      await once(signal, 'abort');
      break;
    case 'wait':
      process.send?.('waiting');
      await once(events, 'decide');
      break;
    default:
      // Others have their turn in between.
      await tick();
  }
  return [
    new IncomingScope(user),
    new OutgoingScope(applicationSid, { clientName: user, params: { user_id: user } }),
  ];
}

const app = express();
app.set('env', 'test'); // in which Express logs no error
app.post(
  '/token',
  tokenEndpoint({
    signer: {
      issue: (scopes, options) => {
        const issued = signer.issue(scopes, options);
        minted += 1;
        if (issued.clientName?.startsWith('leaver') === true) mintedForLeavers += 1;
        return issued;
      },
    },
    timeout: Number(process.env['TIMEOUT'] ?? 10_000),
    authorize: (req, { signal }) => {
      const fate = (req.get('x-fate') ?? 'grant') as Fate;
      if (fate === 'throw') throw new Error('thrown');
      return decide(fate, req.get('x-user') ?? 'nobody', signal);
    },
  }),
);
app.use(((error, _req, _res, next) => {
  faults.push(`passed on: ${String(error)}`);
  next(error);
}) satisfies express.ErrorRequestHandler);

const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

/** Ends the process once the last answer is sent, or when the deadline has passed. */
function shutDown(deadline: number): void {
  server.close(() => process.exit(0));
  // A connection is kept for the next request, which nobody is there to take.
  setInterval(() => {
    server.closeIdleConnections();
  }, 100).unref();
  setTimeout(() => {
    server.closeAllConnections();
  }, deadline).unref();
}

async function report(): Promise<Report> {
  // What a collection frees may hold other things until the next turn.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await tick();
  }
  const connections = await new Promise<number>((resolve) => {
    server.getConnections((_error, count) => {
      resolve(count);
    });
  });
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const heap = process.memoryUsage().heapUsed;
  return { heap, connections, timers, minted, mintedForLeavers, faults };
}

process.on('message', ([command, value]: Command) => {
  if (command === 'step') offset = value;
  else if (command === 'decide') events.emit('decide');
  void report().then((found) => {
    if (command === 'shutDown') shutDown(value);
    process.send?.(found);
  });
});
