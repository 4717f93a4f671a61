import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Request, type RequestHandler } from 'express';
import { expectTypeOf } from 'expect-type';
import { CapabilitySigner, IncomingScope } from '../../src';
import { tokenEndpoint } from '../../src/endpoint/express';
import { express4 } from '../helpers/adapters';
import { config } from '../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');

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

/** Sends requests down one connection, without waiting for answers. */
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
  ])('mints nothing for HEAD where it is mounted by %s', async (__, mount) => {
    const authorize = jest.fn(() => alice);
    const app = create();
    mount(app, tokenEndpoint({ signer, authorize }));
    const port = await listen(app);
    const answer = await fetch(`http://127.0.0.1:${port}/token`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(authorize).not.toHaveBeenCalled();
    expect((await fetch(`http://127.0.0.1:${port}/token`)).status).toBe(200);
  });

  test('hands authorize the request, with what stands in front of it', async () => {
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
      tokenEndpoint({ signer, authorize: (req: AuthedRequest) => new IncomingScope(req.user.name) }),
    );
    const answer = await fetch(`http://127.0.0.1:${await listen(app)}/token`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ identity: 'bob' });
  });

  test('keeps the connection, also after HEAD and refusals', async () => {
    const app = create();
    app.use(tokenEndpoint({ signer, authorize: () => null }));
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

  test('asks nobody about a client that left while something in front of it took its time', async () => {
    const authorize = jest.fn(() => alice);
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
    app.use(tokenEndpoint({ signer, authorize }));
    const socket = pipeline(await listen(app), 1);
    await left;
    await tick();
    expect(authorize).not.toHaveBeenCalled();
  });

  test('mints nothing for a request that waits behind another when the client leaves', async () => {
    const issue = jest.spyOn(CapabilitySigner.prototype, 'issue');
    const decisions: ((scope: IncomingScope) => void)[] = [];
    const events = new EventEmitter();
    const bothAsked = once(events, 'both');
    const closed: Promise<unknown>[] = [];
    const app = create();
    app.use(
      tokenEndpoint({
        signer,
        authorize: (req) => {
          closed.push(once(req.socket, 'close'));
          return new Promise((resolve) => {
            if (decisions.push(resolve) === 2) events.emit('both');
          });
        },
      }),
    );
    const socket = pipeline(await listen(app), 2);
    await bothAsked;
    socket.destroy();
    await closed[0];
    for (const decide of decisions) decide(alice);
    await tick();
    expect(issue).not.toHaveBeenCalled();
  });

  test('says nothing where something else has answered', async () => {
    const issue = jest.spyOn(CapabilitySigner.prototype, 'issue');
    const onError = jest.fn();
    const next = jest.fn();
    const app = create();
    const endpoint = tokenEndpoint({
      signer,
      onError,
      authorize: (req) => {
        req.res!.status(503).send('Too slow.');
        if (req.path === '/throw') throw new Error('late');
        return alice;
      },
    });
    app.use((req, res) => endpoint(req, res, next));
    const port = await listen(app);
    for (const path of ['/', '/throw']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      expect([answer.status, await answer.text()]).toEqual([503, 'Too slow.']);
    }
    await tick();
    expect(issue).not.toHaveBeenCalled();
    expect(next).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test('leaves no listener on the response', async () => {
    const counts: number[] = [];
    const app = create();
    app.use((__, res, next) => {
      counts.push(res.listenerCount('close'));
      res.once('finish', () => counts.push(res.listenerCount('close')));
      next();
    });
    app.use(tokenEndpoint({ signer, authorize: () => Promise.resolve(alice) }));
    await (await fetch(`http://127.0.0.1:${await listen(app)}/`)).text();
    await tick();
    expect(counts).toEqual([0, 0]);
  });

  test('passes on what a hook into the response throws, to be answered by Express', async () => {
    const app = create();
    app.set('env', 'test'); // in which Express logs no error
    app.use((__, res, next) => {
      const setHeader = res.setHeader.bind(res);
      res.setHeader = (name, value) => {
        if (name === 'Cache-Control') throw new Error('hook');
        return setHeader(name, value);
      };
      next();
    });
    app.use(tokenEndpoint({ signer, authorize: () => alice }));
    const answer = await fetch(`http://127.0.0.1:${await listen(app)}/`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('Error: hook');
  });
});

test('tokenEndpoint needs nothing of Express: node:http is enough', async () => {
  const endpoint = tokenEndpoint({ signer, authorize: () => alice });
  const answer = await fetch(`http://127.0.0.1:${await listen(endpoint)}/`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { identity: 'alice' }]);
});

test('tokenEndpoint has the types of a request handler', () => {
  interface AuthedRequest extends Request {
    user: { name: string };
  }
  expectTypeOf(tokenEndpoint({ signer, authorize: () => alice })).toEqualTypeOf<RequestHandler>();
  expectTypeOf(
    tokenEndpoint({ signer, authorize: (req: AuthedRequest) => new IncomingScope(req.user.name) }),
  ).toEqualTypeOf<RequestHandler>();
  tokenEndpoint({
    signer,
    authorize: (req, { signal }) => {
      expectTypeOf(req).toEqualTypeOf<Request>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return null;
    },
    onError: (error, req) => {
      expectTypeOf(error).toEqualTypeOf<unknown>();
      expectTypeOf(req).toEqualTypeOf<Request>();
    },
  });
  express().post(
    '/rooms/:room/token',
    tokenEndpoint({
      signer,
      authorize: (req: Request<{ room: string }>) => new IncomingScope(req.params.room),
    }),
  );
  // @ts-expect-error -- a string is not what authorize takes
  tokenEndpoint({ signer, authorize: (req: string) => new IncomingScope(req) });
  // @ts-expect-error -- text is no scope
  tokenEndpoint({ signer, authorize: () => 'scope:client:incoming?clientName=alice' });
  expect(() =>
    // @ts-expect-error -- the option is called timeout
    tokenEndpoint({ signer, authorize: () => null, timeOut: 5 }),
  ).toThrow();
});
