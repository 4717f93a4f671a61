import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  AccessTokenSigner,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from '../../src';
import type { Authorization, TokenEndpointOptions } from '../../src/endpoint/express';
import { ADAPTERS, type Adapter, type Endpoint } from '../helpers/adapters';
import { accountSid, applicationSid, config } from '../helpers/fixed';

/** What no answer and no log may hold. */
const CANARY = 'canary0authtoken0000000000000000';
const signer = new CapabilitySigner({ ...config, authToken: CANARY });
const verifier = new CapabilityVerifier({ ...config, authToken: CANARY });

const alice = new IncomingScope('alice');
const granted = {
  token: signer.sign(alice),
  identity: 'alice',
  ttl: 3600,
  expiresAt: '2023-11-14T23:13:20.000Z',
};

type Authorize = TokenEndpointOptions<unknown>['authorize'];

/** Not what `authorize` may return, as far as the compiler can tell. */
const untyped = (value: unknown): Authorize => (() => value) as Authorize;

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
const output: string[] = [];

beforeEach(() => {
  issue = jest.spyOn(CapabilitySigner.prototype, 'issue');
  process.on('unhandledRejection', onUnhandled);
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      output.push(String(text));
      return true;
    });
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    jest.spyOn(console, name).mockImplementation((...args: unknown[]) => void output.push(args.join(' ')));
  }
});

const endpoints: Endpoint[] = [];
let issue: jest.Spied<CapabilitySigner['issue']>;

afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
  await new Promise(setImmediate);
  process.off('unhandledRejection', onUnhandled);
  jest.restoreAllMocks();
  expect({ output: output.splice(0), unhandled: unhandled.splice(0) }).toEqual({ output: [], unhandled: [] });
});

describe.each(ADAPTERS)('in %s', (_, adapter: Adapter) => {
  async function mount(options: Partial<TokenEndpointOptions<unknown>>): Promise<Endpoint> {
    const endpoint = await adapter({ signer, authorize: () => alice, ...options });
    endpoints.push(endpoint);
    return endpoint;
  }

  /** Status and body; and what is the same of every answer, checked. */
  async function read(response: Response): Promise<{ status: number; body: unknown }> {
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(response.headers.has('etag')).toBe(false);
    expect(response.headers.has('last-modified')).toBe(false);
    const text = await response.text();
    expect([...response.headers].join() + text).not.toContain(CANARY);
    return { status: response.status, body: JSON.parse(text) as unknown };
  }

  async function answerTo(options: Partial<TokenEndpointOptions<unknown>>): Promise<unknown> {
    return read(await (await mount(options)).ask());
  }

  const failure = (status: number, error: string, message: string): unknown => ({
    status,
    body: { error, message },
  });
  const unauthorized = failure(401, 'unauthorized', 'There is no token for this client. Sign in first.');
  const unavailable = failure(500, 'token_unavailable', 'There is no token to be had now.');
  const timedOut = failure(
    503,
    'timeout',
    'It took too long to find out what this client may do. Try again.',
  );

  describe('a token', () => {
    test.each(['GET', 'POST'])('is the answer to %s', async (method) => {
      const { ask } = await mount({});
      const response = await ask(method);
      const { status, body } = await read(response);
      expect({ status, body }).toEqual({ status: 200, body: granted });
      expect(verifier.verify((body as typeof granted).token).clientNames).toEqual(['alice']);
      expect(issue).toHaveBeenCalledTimes(1);
    });

    test('comes with its members in their order', async () => {
      const response = await (await mount({})).ask();
      expect(await response.text()).toBe(JSON.stringify(granted));
    });

    test.each<[string, () => ReturnType<Authorize>]>([
      ['a list', () => [alice]],
      ['a set', () => new Set([alice])],
      [
        'a generator',
        function* () {
          yield alice;
        },
      ],
      ['a promise of one', () => Promise.resolve(alice)],
      ['a promise of a list', () => Promise.resolve([alice])],
      ['a promise that takes its time', () => new Promise((resolve) => setTimeout(resolve, 5, alice))],
      ['a thenable', () => ({ then: (resolve) => Promise.resolve(alice).then(resolve) })],
    ])('is for %s of scopes as for one', async (__, authorize) => {
      expect(await answerTo({ authorize })).toEqual({ status: 200, body: granted });
    });

    test.each<[string | null, Scope]>([
      [null, new OutgoingScope(applicationSid)],
      ['bob', new OutgoingScope(applicationSid, { clientName: 'bob' })],
      ['Zoë & 李', new IncomingScope('Zoë & 李', { allowAnyName: true })],
    ])('has the identity %j', async (identity, scope) => {
      expect(await answerTo({ authorize: () => scope })).toEqual({
        status: 200,
        body: { ...granted, token: signer.sign(scope), identity },
      });
    });

    test('lives as long as the endpoint says', async () => {
      expect(await answerTo({ ttl: 60 })).toEqual({
        status: 200,
        body: {
          token: signer.sign(alice, { ttl: 60 }),
          identity: 'alice',
          ttl: 60,
          expiresAt: '2023-11-14T22:14:20.000Z',
        },
      });
    });

    test('lives as long as the signer says where the endpoint does not', async () => {
      const short = new CapabilitySigner({ ...config, ttl: 15 });
      expect(await answerTo({ signer: short })).toEqual({
        status: 200,
        body: {
          token: short.sign(alice),
          identity: 'alice',
          ttl: 15,
          expiresAt: '2023-11-14T22:13:35.000Z',
        },
      });
    });

    test('can be an Access Token', async () => {
      const accessTokens = new AccessTokenSigner({
        accountSid,
        apiKeySid: 'SK0123456789abcdef0123456789abcdef',
        apiKeySecret: CANARY,
        now: config.now,
      });
      expect(await answerTo({ signer: accessTokens })).toEqual({
        status: 200,
        body: { ...granted, token: expect.stringMatching(/^eyJ/) },
      });
    });

    test('is not what a conditional request can have less of', async () => {
      const { ask } = await mount({});
      const headers = { 'If-None-Match': '*', 'If-Modified-Since': new Date().toUTCString() };
      expect(await read(await ask('GET', { headers }))).toEqual({ status: 200, body: granted });
    });

    test.each<[string, RequestInit & { query?: string }]>([
      ['the query', { query: '?identity=eve&clientName=eve&ttl=86400&scope=scope:client:incoming' }],
      [
        'a JSON body',
        {
          headers: { 'Content-Type': 'application/json' },
          body: '{"identity":"eve","clientName":"eve","ttl":86400,"__proto__":{"ttl":1}}',
        },
      ],
      ['a form', { body: new URLSearchParams({ identity: 'eve', ttl: '86400' }) }],
      ['a header', { headers: { 'X-Identity': 'eve', 'X-HTTP-Method-Override': 'DELETE' } }],
    ])('is nothing that %s could change', async (__, init) => {
      const { ask } = await mount({});
      expect(await read(await ask('POST', init))).toEqual({ status: 200, body: granted });
    });
  });

  describe('405', () => {
    test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])('is the answer to %s', async (method) => {
      const authorize = jest.fn(() => alice);
      const { ask } = await mount({ authorize });
      const response = await ask(method);
      expect(response.headers.get('allow')).toBe('GET, POST');
      expect(await read(response)).toEqual(
        failure(405, 'method_not_allowed', 'Ask for a token by GET or POST.'),
      );
      expect(authorize).not.toHaveBeenCalled();
    });

    test('is the answer to HEAD, without a body', async () => {
      const authorize = jest.fn(() => alice);
      const { ask } = await mount({ authorize });
      const response = await ask('HEAD');
      expect(response.status).toBe(405);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        allow: 'GET, POST',
        'cache-control': 'no-store',
      });
      expect(await response.text()).toBe('');
      expect(authorize).not.toHaveBeenCalled();
    });
  });

  describe('401', () => {
    test.each<[string, Authorize]>([
      ['null', () => null],
      ['undefined', () => undefined],
      ['a promise of null', () => Promise.resolve(null)],
      ['a promise of undefined', () => Promise.resolve(undefined)],
    ])('is the answer to %s', async (__, authorize) => {
      const onError = jest.fn();
      expect(await answerTo({ authorize, onError })).toEqual(unauthorized);
      expect(issue).not.toHaveBeenCalled();
      expect(onError).not.toHaveBeenCalled();
    });
  });

  describe('500', () => {
    const ERRORS: [string, unknown][] = [
      [
        'an error that holds the secret',
        Object.assign(new Error(CANARY), { authToken: CANARY, status: 418 }),
      ],
      ['a string', CANARY],
      ['undefined', undefined],
      ['null', null],
      ['a TimeoutError of its own', new DOMException('The database is slow.', 'TimeoutError')],
    ];

    test.each(ERRORS)('is the answer where authorize throws %s', async (__, error) => {
      const onError = jest.fn();
      const authorize = (): never => {
        throw error;
      };
      expect(await answerTo({ authorize, onError })).toEqual(unavailable);
      expect(onError.mock.calls).toEqual([[error, expect.anything()]]);
      expect(onError.mock.calls[0]![0]).toBe(error);
    });

    test.each(ERRORS)('is the answer where authorize rejects with %s', async (__, error) => {
      const onError = jest.fn();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
      expect(await answerTo({ authorize: () => Promise.reject(error), onError })).toEqual(unavailable);
      expect(onError.mock.calls).toEqual([[error, expect.anything()]]);
      expect(onError.mock.calls[0]![0]).toBe(error);
    });

    test.each<[string, unknown, string]>([
      ['the text of a scope', String(alice), 'ERR_SCOPE_INVALID'],
      ['true', true, 'ERR_SCOPE_INVALID'],
      ['false', false, 'ERR_SCOPE_INVALID'],
      ['a number', 0, 'ERR_SCOPE_INVALID'],
      ['an object', {}, 'ERR_SCOPE_INVALID'],
      ['a function', () => alice, 'ERR_SCOPE_INVALID'],
      ['a look-alike', [{ kind: 'incoming', clientName: 'eve' }], 'ERR_SCOPE_INVALID'],
      ['a list with null', [null], 'ERR_SCOPE_INVALID'],
      ['a list of promises', [Promise.resolve(alice)], 'ERR_SCOPE_INVALID'],
      ['an empty list', [], 'ERR_NO_SCOPES'],
      ['the same scope twice', [alice, alice], 'ERR_DUPLICATE_SCOPE'],
    ])('is the answer where authorize returns %s', async (__, value, code) => {
      const onError = jest.fn();
      expect(await answerTo({ authorize: untyped(value), onError })).toEqual(unavailable);
      expect(await (await mount({ authorize: untyped(Promise.resolve(value)) })).ask()).toHaveProperty(
        'status',
        500,
      );
      expect(onError.mock.calls).toEqual([[expect.objectContaining({ code }), expect.anything()]]);
    });

    test.each<[string, object]>([
      ['whose then cannot be read', Object.defineProperty({}, 'then', { get: () => raise() })],
      ['whose then throws', { then: () => raise() }],
      [
        'that rejects twice',
        {
          then: (_: unknown, reject: (error: Error) => void) => {
            reject(broken);
            reject(new Error(CANARY));
          },
        },
      ],
    ])('is the answer to a thenable %s', async (__, thenable) => {
      const onError = jest.fn();
      expect(await answerTo({ authorize: untyped(thenable), onError })).toEqual(unavailable);
      expect(onError.mock.calls).toEqual([[broken, expect.anything()]]);
    });

    test('is the answer where the signer fails', async () => {
      const onError = jest.fn();
      expect(await answerTo({ signer: { issue: raise }, onError })).toEqual(unavailable);
      expect(onError.mock.calls).toEqual([[broken, expect.anything()]]);
    });

    test.each<[string, (() => unknown) | undefined]>([
      ['is not given', undefined],
      ['throws', () => raise()],
      ['rejects', () => Promise.reject(broken)],
      ['returns what cannot be waited for', () => Object.defineProperty({}, 'then', { get: () => raise() })],
      ['never settles', () => new Promise(() => undefined)],
    ])('is the answer where onError %s', async (__, onError) => {
      expect(await answerTo({ authorize: () => raise(), onError })).toEqual(unavailable);
    });
  });

  describe('503', () => {
    test('is the answer where authorize never settles', async () => {
      const onError = jest.fn();
      const signals: AbortSignal[] = [];
      const answer = await answerTo({
        authorize: (__, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
        timeout: 10,
        onError,
      });
      expect(answer).toEqual(timedOut);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect(signals[0]!.reason).toMatchObject({
        name: 'TimeoutError',
        message: 'It took longer than 10 ms.',
      });
      expect(onError.mock.calls).toEqual([[signals[0]!.reason, expect.anything()]]);
    });

    test.each<[string, (signal: AbortSignal) => Promise<Authorization>]>([
      ['rejects', (signal) => settledBy(signal, () => Promise.reject(new Error(CANARY)))],
      [
        'rejects with the reason',
        (signal) => settledBy(signal, () => Promise.reject(signal.reason as Error)),
      ],
      ['resolves', (signal) => settledBy(signal, () => alice)],
    ])('is the answer where authorize %s too late', async (__, decide) => {
      const onError = jest.fn();
      const authorize: Authorize = (___, { signal }) => decide(signal);
      expect(await answerTo({ authorize, timeout: 10, onError })).toEqual(timedOut);
      await new Promise(setImmediate);
      expect(issue).not.toHaveBeenCalled();
      expect(onError).toHaveBeenCalledTimes(1);
    });
  });

  describe('a client that leaves', () => {
    test.each<[string, (signal: AbortSignal) => Promise<Authorization>]>([
      ['and a decision that comes all the same', (signal) => settledBy(signal, () => alice)],
      ['and a refusal', (signal) => settledBy(signal, () => null)],
      ['and an error', (signal) => settledBy(signal, () => Promise.reject(new Error(CANARY)))],
      ['and nothing more', () => new Promise(() => undefined)],
    ])('gets no token: %s', async (__, decide) => {
      const onError = jest.fn();
      const client = new AbortController();
      const signals: AbortSignal[] = [];
      const { ask } = await mount({
        onError,
        authorize: (___, { signal }) => {
          signals.push(signal);
          setImmediate(() => {
            client.abort();
          });
          return decide(signal);
        },
      });
      const answer = await ask('POST', { signal: client.signal }).catch(() => undefined);
      // Either there is no answer, or one that says nothing.
      expect((await answer?.text()) ?? '').toBe('');
      await untilAborted(signals[0]!);
      await new Promise(setImmediate);
      expect(signals[0]!.reason).toMatchObject({ name: 'AbortError', message: 'The client has gone.' });
      expect(issue).not.toHaveBeenCalled();
      expect(onError).not.toHaveBeenCalled();
    });
  });

  describe('the signal', () => {
    test('stays quiet where all goes well', async () => {
      const signals: AbortSignal[] = [];
      const { ask } = await mount({
        timeout: 30,
        authorize: (__, { signal }) => {
          signals.push(signal);
          return Promise.resolve(alice);
        },
      });
      expect(await read(await ask())).toEqual({ status: 200, body: granted });
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    });

    test('has aborted already where it is first looked at too late', async () => {
      let authorized: Promise<AbortSignal> | undefined;
      await answerTo({
        timeout: 10,
        authorize: (__, context) => {
          authorized = new Promise((resolve) => setTimeout(resolve, 30)).then(() => context.signal);
          return authorized.then(() => null);
        },
      });
      const signal = (await authorized)!;
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
    });
  });
});

const broken = new Error(`Not to be shown: ${CANARY}`);

function raise(): never {
  throw broken;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
}

async function settledBy<T>(signal: AbortSignal, decide: () => T | Promise<T>): Promise<T> {
  await untilAborted(signal);
  return decide();
}
