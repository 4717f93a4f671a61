/**
 * Runs an app with a token endpoint in its own process. In a request, the header `x-fate` selects what the
 * issuing function does, and `x-user` is the user. The parent sends {@link Command}s and receives reports.
 */
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import express from 'express';
import { CapabilitySigner, IncomingScope, OutgoingScope, type IssuedToken } from '../../../src';
import { tokenEndpoint } from '../../../src/endpoint/express';
import { applicationSid, config } from '../../helpers/fixed';

/** What the issuing function does with a request. */
export type Fate =
  'grant' | 'refuse' | 'forbid' | 'throw' | 'reject' | 'hang' | 'twice' | 'late' | 'leave' | 'wait';

/** `decide` answers the waiting requests. `shutDown` ends the process within the given milliseconds. */
export type Command = 'report' | 'decide' | { readonly shutDown: number };

/** The state of the process. */
export interface Report {
  readonly connections: number;
  readonly timers: number;
  readonly issued: number;
  readonly waiting: number;
  readonly reported: number;
  /**
   * Problems that must not occur: unhandled rejections, warnings, errors passed to Express, leaked listeners.
   */
  readonly faults: readonly string[];
}

let issued = 0;
let waiting = 0;
let reported = 0;
const faults: string[] = [];
const events = new EventEmitter().setMaxListeners(0);
for (const name of ['unhandledRejection', 'uncaughtException', 'warning']) {
  process.on(name, (fault) => faults.push(`${name}: ${String(fault)}`));
}

const signer = new CapabilitySigner(config);

function issueFor(user: string): IssuedToken {
  issued += 1;
  return signer.issue([
    new IncomingScope(user),
    new OutgoingScope(applicationSid, { clientName: user, params: { user_id: user } }),
  ]);
}

async function issueLater(fate: Fate, user: string, signal: AbortSignal): Promise<IssuedToken | null> {
  if (fate === 'refuse') return null;
  if (fate === 'reject') throw new Error('rejected');
  if (fate === 'hang') return new Promise(() => undefined);
  if (fate === 'leave' || fate === 'late') await once(signal, 'abort');
  if (fate === 'late') throw new Error('too late');
  if (fate === 'wait') {
    waiting += 1;
    await once(events, 'decide');
  }
  await tick(); // Other requests run in between.
  return issueFor(user);
}

const app = express();
app.set('env', 'test'); // Express logs no error in this environment.
app.use((req, res, next) => {
  // This response finishes before the issuing function does.
  if (req.get('x-fate') === 'twice') {
    next();
    return;
  }
  const before = res.listenerCount('close');
  res.once('finish', () => {
    const after = res.listenerCount('close');
    if (after !== before) faults.push(`${after - before} listeners left`);
  });
  next();
});
app.post(
  '/token',
  tokenEndpoint(
    (req, { signal }) => {
      const fate = (req.get('x-fate') ?? 'grant') as Fate;
      if (fate === 'throw') throw new Error('thrown');
      if (fate === 'forbid') throw Object.assign(new Error('No calls.'), { status: 403, expose: true });
      if (fate === 'twice') req.res!.status(202).end('{}');
      return issueLater(fate, req.get('x-user') ?? 'nobody', signal);
    },
    { timeout: Number(process.env['TIMEOUT'] ?? 10_000), onError: () => (reported += 1) },
  ),
);
app.use(((error, _req, _res, next) => {
  faults.push(`passed to Express: ${String(error)}`);
  next(error);
}) satisfies express.ErrorRequestHandler);

const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

/** Ends the process after the last response, or at the deadline. */
function shutDown(deadline: number): void {
  server.close(() => process.exit(0));
  setInterval(() => {
    server.closeIdleConnections();
  }, 20).unref();
  setTimeout(() => {
    server.closeAllConnections();
  }, deadline).unref();
}

async function report(): Promise<Report> {
  const connections = await new Promise<number>((resolve) => {
    server.getConnections((_error, count) => {
      resolve(count);
    });
  });
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  return { connections, timers, issued, waiting, reported, faults };
}

process.on('message', (command: Command) => {
  if (command === 'decide') events.emit('decide');
  void report().then((found) => {
    if (typeof command === 'object') shutDown(command.shutDown);
    process.send?.(found);
  });
});
