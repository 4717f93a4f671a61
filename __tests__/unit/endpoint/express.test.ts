import { EventEmitter, once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { expectTypeOf } from 'expect-type';
import { CapabilitySigner, IncomingScope, type IssuedToken } from '../../../src';
import { tokenEndpoint } from '../../../src/endpoint/express';
import { express4 } from '../../helpers/adapters';
import { config } from '../../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = signer.issue(new IncomingScope('alice'));
const both = { methods: ['GET', 'POST'] } as const;

const broken = new Error('late');
const raise = (): never => {
  throw broken;
};
type Answer = IssuedToken | null;

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
  test.each<[string, (app: express.Application, endpoint: RequestHandler) => unknown]>([
    ['get', (app, endpoint) => app.get('/token', endpoint)],
    ['all', (app, endpoint) => app.all('/token', endpoint)],
    ['use', (app, endpoint) => app.use('/token', endpoint)],
    ['a router', (app, endpoint) => app.use(create.Router().get('/token', endpoint))],
  ])('issues no token for HEAD if mounted by %s', async (__, mount) => {
    const issue = jest.fn(() => alice);
    const app = create();
    mount(app, tokenEndpoint(issue, both));
    const port = await listen(app);
    const answer = await fetch(`http://127.0.0.1:${port}/token`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(issue).not.toHaveBeenCalled();
    expect((await fetch(`http://127.0.0.1:${port}/token`)).status).toBe(200);
  });

  test('passes on the request, including properties from middleware', async () => {
    interface AuthedRequest extends Request {
      user: { name: string };
    }
    const app = create();
    app.post(
      '/token',
      (req, __, next) => {
        (req as AuthedRequest).user = { name: 'bob' };
        next();
      },
      tokenEndpoint((req: AuthedRequest) => signer.issue(new IncomingScope(req.user.name))),
    );
    const answer = await fetch(`http://127.0.0.1:${await listen(app)}/token`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ identity: 'bob' });
  });

  test('keeps the connection open after HEAD and errors', async () => {
    const app = create();
    app.use(tokenEndpoint(() => null, both));
    const port = await listen(app);
    const socket = connect(port, '127.0.0.1');
    for (const method of ['HEAD', 'PUT', 'POST', 'GET']) {
      socket.write(`${method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toContain('\r\nConnection: keep-alive\r\n');
      expect(data.toString()).toMatch(/\r\nContent-Length: \d+\r\n/);
    }
    socket.destroy();
  });

  test('does not call issue if the client left during earlier middleware', async () => {
    const issue = jest.fn(() => alice);
    const events = new EventEmitter();
    const left = once(events, 'left');
    const app = create();
    app.use((req, res, next) => {
      res.once('close', () => {
        next();
        events.emit('left');
      });
      socket.destroy();
    });
    app.use(tokenEndpoint(issue));
    const socket = pipeline(await listen(app), 1);
    await left;
    await tick();
    expect(issue).not.toHaveBeenCalled();
  });

  test('aborts and sends nothing for pipelined requests whose client left', async () => {
    const COUNT = 12; // More than the listeners that Node allows without a warning.
    const issued: (() => void)[] = [];
    const events = new EventEmitter();
    const allAsked = once(events, 'all');
    const closed: Promise<unknown>[] = [];
    const reasons: unknown[] = [];
    const listeners = new Set<number>();
    const app = create();
    const ended = jest.fn();
    app.use((__, res, next) => {
      res.end = ended as unknown as typeof res.end;
      next();
    });
    app.use(
      tokenEndpoint((req, { signal }) => {
        listeners.add(req.socket.listenerCount('close'));
        if (issued.length === 0) closed.push(once(req.socket, 'close'));
        return new Promise((resolve) => {
          const count = issued.push(() => {
            reasons.push((signal.reason as Error | undefined)?.message);
            resolve(alice);
          });
          if (count === COUNT) events.emit('all');
        });
      }),
    );
    const socket = pipeline(await listen(app), COUNT);
    await allAsked;
    socket.destroy();
    await closed[0];
    for (const settle of issued) settle();
    await tick();
    expect(ended).not.toHaveBeenCalled();
    expect(reasons).toEqual(Array.from({ length: COUNT }, () => 'The client disconnected.'));
    // The test adds one listener after the first request.
    expect(Math.max(...listeners) - Math.min(...listeners)).toBe(1);
  });

  test('keeps one listener on a connection, however many requests it carries', async () => {
    const counts: number[] = [];
    const app = create();
    app.use((req, __, next) => {
      counts.push(req.socket.listenerCount('close'));
      next();
    });
    app.use(tokenEndpoint(() => Promise.resolve(alice)));
    const socket = connect(await listen(app), '127.0.0.1');
    for (let sent = 0; sent < 3; sent++) {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
      await once(socket, 'data');
    }
    socket.destroy();
    expect(counts).toEqual([counts[0], counts[0]! + 1, counts[0]! + 1]);
  });

  test('does not call the function if earlier middleware has sent a response', async () => {
    const issue = jest.fn(() => alice);
    const app = create();
    app.use((__, res, next) => {
      res.status(503).send('Too slow.');
      next();
    });
    app.use(tokenEndpoint(issue));
    expect((await fetch(`http://127.0.0.1:${await listen(app)}/`, { method: 'POST' })).status).toBe(503);
    expect(issue).not.toHaveBeenCalled();
  });

  test.each<[string, () => Answer | Promise<Answer>, unknown[]]>([
    ['returns a token', () => alice, []],
    ['returns a token later', () => tick(alice), []],
    ['throws', raise, [broken]],
    ['rejects later', () => tick().then(tick).then(raise), [broken]],
    ['hangs', () => new Promise(() => undefined), [expect.objectContaining({ name: 'TimeoutError' })]],
  ])('sends no second response if the function sends one and %s', async (__, answer, errors) => {
    const onError = jest.fn();
    const next = jest.fn();
    const endpoint = tokenEndpoint(
      (req) => {
        req.res!.status(202).send('Later.');
        return answer();
      },
      { onError, timeout: 50 },
    );
    const app = create();
    app.use((req, res) => {
      endpoint(req, res, next);
    });
    const response = await fetch(`http://127.0.0.1:${await listen(app)}/`, { method: 'POST' });
    expect([response.status, await response.text()]).toEqual([202, 'Later.']);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(next).not.toHaveBeenCalled();
    expect(onError.mock.calls).toEqual(errors.map((error) => [error, expect.anything()]));
  });

  test('reports an error after a response of the function, even if the connection has closed', async () => {
    const reported = new EventEmitter();
    const onError = once(reported, 'error event');
    const app = create();
    app.use(
      tokenEndpoint(
        async (req) => {
          const closed = once(req.socket, 'close');
          req.res!.status(202).set('Connection', 'close').send('Later.');
          await closed;
          await tick();
          throw broken;
        },
        { onError: (error) => reported.emit('error event', error) },
      ),
    );
    await fetch(`http://127.0.0.1:${await listen(app)}/`, { method: 'POST' });
    expect(await onError).toEqual([broken]);
  });

  test('answers HEAD if a hooked setHeader returns nothing', async () => {
    const app = create();
    app.use((__, res, next) => {
      const setHeader = res.setHeader.bind(res);
      res.setHeader = ((name: string, value: string) => {
        setHeader(name, value);
      }) as unknown as typeof res.setHeader;
      next();
    });
    app.use(tokenEndpoint(() => alice));
    const answer = await fetch(`http://127.0.0.1:${await listen(app)}/`, { method: 'HEAD' });
    // Express sends HTML, with the same status, if the endpoint fails.
    const { status, headers } = answer;
    expect([status, headers.get('content-type')]).toEqual([405, 'application/json; charset=utf-8']);
  });

  test('leaves no listener on the response', async () => {
    const counts: number[] = [];
    const app = create();
    app.use((__, res, next) => {
      counts.push(res.listenerCount('close'));
      res.once('finish', () => counts.push(res.listenerCount('close')));
      next();
    });
    app.use(tokenEndpoint(() => Promise.resolve(alice), both));
    await (await fetch(`http://127.0.0.1:${await listen(app)}/`)).text();
    await tick();
    expect(counts).toEqual([0, 0]);
  });

  test('passes errors of hooked responses to Express', async () => {
    const app = create();
    app.set('env', 'test'); // Express logs no errors in this environment.
    app.use((__, res, next) => {
      const setHeader = res.setHeader.bind(res);
      res.setHeader = (name, value) => {
        if (name === 'Cache-Control') throw new Error('hook');
        return setHeader(name, value);
      };
      next();
    });
    app.use(tokenEndpoint(() => alice, both));
    const answer = await fetch(`http://127.0.0.1:${await listen(app)}/`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('Error: hook');
  });
});

test('tokenEndpoint works with node:http alone', async () => {
  const endpoint = tokenEndpoint(() => alice, both);
  const answer = await fetch(`http://127.0.0.1:${await listen(endpoint)}/`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { identity: 'alice' }]);
});

/** Calls a handler outside a server, as AWS Lambda adapters do. Their sockets emit no events. */
async function call(
  endpoint: RequestHandler,
  next?: NextFunction,
  hook?: Partial<Response>,
): Promise<Response> {
  const socket = Object.create(null) as Socket;
  const req = Object.assign(new IncomingMessage(socket), { method: 'POST' });
  const res = Object.assign(new ServerResponse(req), hook) as Response;
  expect(await endpoint(req as Request, res, next!)).toBeUndefined();
  return res;
}

test('the promise of the handler resolves after the response is sent', async () => {
  const res = await call(tokenEndpoint(() => tick(alice)));
  expect([res.statusCode, res.writableEnded]).toEqual([200, true]);
});

test.each<[string, NextFunction | undefined, string[]]>([
  ['Express handles it', () => undefined, []],
  ['there is no Express', undefined, ['hook']],
  ['Express throws', raise, ['late']],
])('the promise of the handler does not reject for an error of a hook if %s', async (_, next, logged) => {
  const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const end = (): never => {
    throw new Error('hook');
  };
  await call(
    tokenEndpoint(() => alice),
    next,
    { end },
  );
  expect(log.mock.calls.map(([, error]) => (error as Error).message)).toEqual(logged);
});

test('tokenEndpoint rejects what is not a response of Express', () => {
  const endpoint = tokenEndpoint(() => alice) as unknown as (request: object, next?: () => void) => void;
  const message = 'This tokenEndpoint takes (req, res) of Express. For a Request, use twilio-capability/web.';
  // As in a route of Next.js, and as a handler in Hono.
  expect(() => {
    endpoint(new globalThis.Request('https://example.com'));
  }).toThrow(new TypeError(message));
  expect(() => {
    endpoint({}, () => undefined);
  }).toThrow(new TypeError(message));
});

test('tokenEndpoint has the types of a request handler', () => {
  interface AuthedRequest extends Request {
    user: { name: string };
  }
  expectTypeOf(tokenEndpoint(() => alice)).toEqualTypeOf<RequestHandler>();
  expectTypeOf(
    tokenEndpoint(async (req: AuthedRequest) =>
      Promise.resolve(signer.issue(new IncomingScope(req.user.name))),
    ),
  ).toEqualTypeOf<RequestHandler>();
  tokenEndpoint(
    (req, { signal }) => {
      expectTypeOf(req).toEqualTypeOf<Request>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return null;
    },
    {
      body: (issued, req) => {
        expectTypeOf(issued).toEqualTypeOf<IssuedToken>();
        expectTypeOf(req).toEqualTypeOf<Request>();
      },
      onError: (error, req) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(req).toEqualTypeOf<Request>();
      },
    },
  );
  express().post(
    '/rooms/:room/token',
    tokenEndpoint((req: Request<{ room: string }>) => signer.issue(new IncomingScope(req.params.room))),
  );
  // @ts-expect-error -- a string is not a request
  tokenEndpoint((req: string) => signer.issue(new IncomingScope(req)));
  // @ts-expect-error -- sign returns text; use issue
  tokenEndpoint(() => signer.sign(new IncomingScope('alice')));
  expect(() =>
    // @ts-expect-error -- the option is called timeout
    tokenEndpoint(() => null, { timeOut: 5 }),
  ).toThrow();
});
