import { EventEmitter, once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { CapabilitySigner, CapabilityVerifier, IncomingScope, type IssuedToken } from '../../../src';
import { tokenEndpoint, type IssueContext } from '../../../src/endpoint/express';
import { express4 } from '../../helpers/adapters';
import { config } from '../../helpers/fixed';

const signer = new CapabilitySigner(config);
const issueFor = (name: string): IssuedToken => signer.issue(new IncomingScope(name));
const alice = issueFor('alice');
const both = { methods: ['GET', 'POST'] } as const;

interface AuthedRequest extends Request {
  user: { name: string };
}

const broken = new Error('late');
const raise = (): never => {
  throw broken;
};

const servers: Server[] = [];

async function listen(app: express.Application | RequestHandler): Promise<number> {
  const server = createServer(app as express.Application).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Sends pipelined requests over one connection. */
function pipeline(port: number, count: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'.repeat(count));
  return socket;
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('tokenEndpoint in %s', (_, create) => {
  /** Starts an app with these handlers, and returns its port. */
  function serve(...handlers: RequestHandler[]): Promise<number> {
    const app = create();
    app.set('env', 'test'); // Express logs no errors in this environment.
    app.use(...handlers);
    return listen(app);
  }

  /** Starts an app with these handlers, and sends a request. */
  const answer = async (method: string, ...handlers: RequestHandler[]): Promise<globalThis.Response> =>
    fetch(`http://127.0.0.1:${await serve(...handlers)}/token`, { method });

  test.each<[string, (app: express.Application, endpoint: RequestHandler) => unknown]>([
    ['get', (app, endpoint) => app.get('/token', endpoint)],
    ['all', (app, endpoint) => app.all('/token', endpoint)],
    ['use', (app, endpoint) => app.use('/token', endpoint)],
    ['a router', (app, endpoint) => app.use(create.Router().get('/token', endpoint))],
  ])('issues no token for HEAD if mounted by %s', async (__, mount) => {
    const issue = jest.fn(() => alice);
    const app = create();
    mount(app, tokenEndpoint(issue, both));
    const url = `http://127.0.0.1:${await listen(app)}/token`;
    const { status, headers } = await fetch(url, { method: 'HEAD' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(issue).not.toHaveBeenCalled();
    expect((await fetch(url)).status).toBe(200);
  });

  test('passes on the request, including properties from middleware', async () => {
    const login: RequestHandler = (req, __, next) => {
      (req as AuthedRequest).user = { name: 'bob' };
      next();
    };
    const endpoint = tokenEndpoint((req: AuthedRequest) => issueFor(req.user.name));
    expect(await (await answer('POST', login, endpoint)).json()).toMatchObject({ identity: 'bob' });
  });

  test('gives concurrent requests their own tokens, also those that wait during a shutdown', async () => {
    const users = Array.from({ length: 100 }, (__, index) => `user_${index}`);
    const waiting: (() => void)[] = [];
    const events = new EventEmitter();
    const all = once(events, 'all');
    const port = await serve(
      tokenEndpoint(async (req) => {
        await new Promise<void>((resolve) => {
          if (waiting.push(resolve) === users.length) events.emit('all');
        });
        return issueFor(req.get('x-user')!);
      }),
    );
    const answers = users.map(async (user) => {
      const headers = { 'x-user': user, connection: 'close' };
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers });
      return (await response.json()) as { token: string; identity: string };
    });
    await all;
    const closed = once(servers[0]!.close(), 'close');
    for (const decide of waiting.toReversed()) decide();
    const verifier = new CapabilityVerifier(config);
    const found = (await Promise.all(answers)).map(({ token, identity }) => [
      identity,
      ...verifier.verify(token).clientNames,
    ]);
    expect(found).toEqual(users.map((user) => [user, user]));
    await closed;
  });

  test('does not call the function if the client left during earlier middleware', async () => {
    const issue = jest.fn(() => alice);
    const left = new EventEmitter();
    const port = await serve((__, res, next) => {
      res.once('close', () => {
        next();
        left.emit('left');
      });
      socket.destroy();
    }, tokenEndpoint(issue));
    const socket = pipeline(port, 1);
    await once(left, 'left');
    await tick();
    expect(issue).not.toHaveBeenCalled();
  });

  test('does not call the function if earlier middleware has sent a response', async () => {
    const issue = jest.fn(() => alice);
    const tooSlow: RequestHandler = (__, res, next) => {
      res.status(503).send('Too slow.');
      next();
    };
    expect((await answer('POST', tooSlow, tokenEndpoint(issue))).status).toBe(503);
    expect(issue).not.toHaveBeenCalled();
  });

  test('aborts and sends nothing for pipelined requests whose client left', async () => {
    const issued: (() => void)[] = [];
    const events = new EventEmitter();
    const bothAsked = once(events, 'both');
    const reasons: unknown[] = [];
    const ended = jest.fn();
    const hook: RequestHandler = (req, res, next) => {
      res.end = ended as unknown as typeof res.end;
      req.socket.once('close', () => events.emit('closed'));
      next();
    };
    const issue = (_req: Request, { signal }: IssueContext): Promise<IssuedToken> =>
      new Promise((resolve) => {
        const settle = (): void => {
          reasons.push((signal.reason as Error | undefined)?.message);
          resolve(alice);
        };
        if (issued.push(settle) === 2) events.emit('both');
      });
    const socket = pipeline(await serve(hook, tokenEndpoint(issue)), 2);
    await bothAsked;
    socket.destroy();
    await once(events, 'closed');
    for (const settle of issued) settle();
    await tick();
    expect(ended).not.toHaveBeenCalled();
    expect(reasons).toEqual(['The client disconnected.', 'The client disconnected.']);
  });

  test('keeps one listener on a connection and none on a response, however many requests there are', async () => {
    const counts: number[][] = [];
    const port = await serve(
      (req, res, next) => {
        const onSocket = req.socket.listenerCount('close');
        const before = res.listenerCount('close');
        res.once('finish', () => counts.push([onSocket, res.listenerCount('close') - before]));
        next();
      },
      tokenEndpoint(() => Promise.resolve(alice)),
    );
    const socket = connect(port, '127.0.0.1');
    for (let sent = 0; sent < 3; sent++) {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
      await once(socket, 'data');
    }
    socket.destroy();
    const [[first] = []] = counts;
    expect(counts).toEqual([
      [first, 0],
      [first! + 1, 0],
      [first! + 1, 0],
    ]);
  });

  test.each<[string, () => IssuedToken | Promise<IssuedToken>, unknown[]]>([
    ['returns a token', () => alice, []],
    ['returns a token later', () => tick(alice), []],
    ['throws', raise, [broken]],
    ['rejects later', () => tick().then(tick).then(raise), [broken]],
    ['hangs', () => new Promise(() => undefined), [expect.objectContaining({ name: 'TimeoutError' })]],
  ])('sends no second response if the function sends one and %s', async (what, decide, errors) => {
    const onError = jest.fn();
    const next = jest.fn();
    const issue = (req: Request): ReturnType<typeof decide> => {
      req.res!.status(202).send('Later.');
      return decide();
    };
    const endpoint = tokenEndpoint(issue, { onError, timeout: what === 'hangs' ? 20 : undefined });
    let handled: unknown;
    const response = await answer('POST', (req, res) => {
      handled = endpoint(req, res, next);
    });
    expect([response.status, await response.text()]).toEqual([202, 'Later.']);
    await handled;
    expect(next).not.toHaveBeenCalled();
    expect(onError.mock.calls).toEqual(errors.map((error) => [error, expect.anything()]));
  });

  test('reports an error after a response of the function, even if the connection has closed', async () => {
    const reported = new EventEmitter();
    const onError = once(reported, 'error event');
    const issue = async (req: Request): Promise<never> => {
      const closed = once(req.socket, 'close');
      req.res!.status(202).set('Connection', 'close').send('Later.');
      await closed;
      await tick();
      throw broken;
    };
    await answer('POST', tokenEndpoint(issue, { onError: (error) => reported.emit('error event', error) }));
    expect(await onError).toEqual([broken]);
  });
});

test('tokenEndpoint works with node:http alone', async () => {
  const response = await fetch(`http://127.0.0.1:${await listen(tokenEndpoint(() => alice, both))}/`);
  expect([response.status, await response.json()]).toMatchObject([200, { identity: 'alice' }]);
});

/** Calls a handler outside a server, as AWS Lambda adapters do. Their sockets emit no events. */
async function call(endpoint: RequestHandler, next?: NextFunction, hook?: object, method = 'POST') {
  const req = Object.assign(new IncomingMessage(Object.create(null) as Socket), { method });
  const res = Object.assign(new ServerResponse(req), hook) as Response;
  expect(await endpoint(req as Request, res, next!)).toBeUndefined();
  return res;
}

test('the promise of the handler resolves after the response is sent', async () => {
  const res = await call(tokenEndpoint(() => tick(alice)));
  expect([res.statusCode, res.writableEnded]).toEqual([200, true]);
});

test.each<[string, jest.Mock<(error?: unknown) => void> | undefined, string[]]>([
  ['Express gets it', jest.fn(), []],
  ['there is no Express', undefined, ['hook']],
  ['Express throws', jest.fn(raise), ['late']],
])('the promise of the handler does not reject for an error of a hook if %s', async (_, next, logged) => {
  const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const hook = new Error('hook');
  const end = (): never => {
    throw hook;
  };
  await call(
    tokenEndpoint(() => alice),
    next,
    { end },
  );
  if (next) expect(next.mock.calls).toEqual([[hook]]);
  expect(log.mock.calls.map(([, error]) => (error as Error).message)).toEqual(logged);
});

test('answers HEAD if a hooked setHeader returns nothing', async () => {
  const setHeader = jest.fn();
  const res = await call(
    tokenEndpoint(() => alice),
    raise,
    { setHeader },
    'HEAD',
  );
  expect([res.statusCode, res.writableEnded]).toEqual([405, true]);
  expect(setHeader).toHaveBeenCalledWith('Allow', 'POST');
});

test('tokenEndpoint rejects what is not a response of Express', () => {
  const endpoint = tokenEndpoint(() => alice) as unknown as (...args: object[]) => void;
  const message = 'This tokenEndpoint takes (req, res) of Express. For a Request, use twilio-capability/web.';
  // As in a route of Next.js, and as a handler in Hono.
  for (const args of [[new globalThis.Request('https://example.com')], [{}, () => undefined]]) {
    expect(() => {
      endpoint(...args);
    }).toThrow(new TypeError(message));
  }
});
