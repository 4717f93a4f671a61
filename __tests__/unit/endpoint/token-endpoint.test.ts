import { once } from 'node:events';
import { format, inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from '../../../src';
import { ADAPTERS, type Adapter, type Endpoint, type Issue, type Options } from '../../helpers/adapters';
import { apiKeyConfig, applicationSid, config, refusal } from '../../helpers/fixed';

/** Texts that no response or log may contain. */
const CANARY = 'canary0authtoken0000000000000000';
const signer = new CapabilitySigner({ ...config, authToken: CANARY });
const accessTokens = new AccessTokenSigner({ ...apiKeyConfig, apiKeySecret: CANARY });
const alice = signer.issue(new IncomingScope('alice'));
const noName = signer.issue(new OutgoingScope(applicationSid));
const broken = new Error(`Not to be shown: ${CANARY}`);
/** An error as `http-errors` creates them. */
const httpError = (status: unknown, expose: unknown = true): Error =>
  Object.assign(new Error('No calling plan.'), { status, expose });

const body = { token: alice.token, identity: 'alice', ttl: 3600, expiresAt: '2023-11-14T23:13:20.000Z' };
const ok = (more?: object) => ({ status: 200, body: { ...body, ...more } });
const json = (content: unknown) => ({ status: 200, body: content });
const text = (content: string) => ({ status: 200, text: content });
const failure = (status: number, error: string, message?: string) => ({
  status,
  body: { error, ...(message !== undefined && { message }) },
});
const refused = (status: number) => failure(status, 'refused', 'No calling plan.');
const UNAUTHORIZED = failure(401, 'unauthorized', 'Sign in to get a token.');
const UNAVAILABLE = failure(500, 'token_unavailable', 'The token could not be created.');
const TIMED_OUT = failure(503, 'timeout', 'Creating the token took too long. Try again.');

const never = new Promise<never>(() => undefined);
const raise = (error: unknown) => (): never => {
  throw error;
};
const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};
const afterTimeout =
  (act: (reason: unknown) => typeof alice): Issue =>
  (_, { signal }) =>
    aborted(signal).then(() => act(signal.reason));
const soon: Options = { timeout: 10 };
const timeout = expect.objectContaining({
  name: 'TimeoutError',
  message: 'The token was not issued within 10 ms.',
});
const typeError = expect.any(TypeError);
const slow = new DOMException('The database is slow.', 'TimeoutError');
const fromAlice = { jwt: alice.token, scopes: [String(new IncomingScope('alice'))] };

/** An error for the client with a getter that throws. */
const throwing = (name: string) => (): object =>
  Object.defineProperty(httpError(403), name, { get: raise(broken) });
const UNREADABLE: readonly (readonly [string, () => object])[] = [
  ...['status', 'expose', 'message'].map((name) => [name, throwing(name)] as const),
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
];

/** The contract of the endpoint. `reported` is the error that `onError` gets, if any. */
type Row = readonly [what: string, issue: Issue, response: object, options?: Options, ...reported: unknown[]];
const withBody = (what: string, body: Options['body'], response: object, ...reported: unknown[]): Row => [
  `${what} as body`,
  () => alice,
  response,
  { body },
  ...reported,
];
const unavailable = (what: string, issue: () => unknown, error: unknown): Row => [
  what,
  issue as Issue,
  UNAVAILABLE,
  {},
  error,
];
const BEHAVIOUR: readonly Row[] = [
  ['an issued token', () => alice, ok()],
  ['a promise of an issued token', () => Promise.resolve(alice), ok()],
  ['a thenable', () => ({ then: (resolve) => Promise.resolve(alice).then(resolve) }), ok()],
  ['a token without a client name', () => noName, ok({ token: noName.token, identity: null })],
  ['an Access Token', () => accessTokens.issue(alice.scopes), ok({ token: expect.stringMatching(/^eyJ/) })],
  ['a copy of an issued token', () => ({ ...alice, ttl: 60 }), ok({ ttl: 60 })],
  withBody('an object', ({ token, scopes }) => ({ jwt: token, scopes }), json(fromAlice)),
  withBody('a promise', () => Promise.resolve(['x']), json(['x'])),
  withBody('a string', ({ token }) => token, text(alice.token)),
  withBody('an empty string', () => '', text('')),
  withBody('a promise of a string', () => Promise.resolve('"é"'), text('"é"')),
  withBody('null', () => null, json(null)),
  ['null', () => null, UNAUTHORIZED],
  ['undefined', () => undefined, UNAUTHORIZED],
  ['a promise of null', () => Promise.resolve(null), UNAUTHORIZED],

  ['a refusal', raise(httpError(403)), refused(403)],
  ['a refusal with status 499', raise(httpError(499)), refused(499)],
  [
    'a refusal whose message is not text',
    raise({ status: 403, expose: true, message: {} }),
    failure(403, 'refused'),
  ],
  ['a refusal that the function rejects with', () => Promise.reject(httpError(429)), refused(429)],
  withBody('a refusal', raise(httpError(400)), refused(400)),
  // These have a status, or are meant for the client, but not both.
  ...[
    Object.assign(new Error('Authenticate'), { status: 401, code: 20003 }),
    ...[httpError(409, false), httpError(403, 'true'), httpError(399), httpError(500), httpError('403')],
    httpError(undefined),
  ].map((error, index) => unavailable(`an error that is no refusal, case ${index}`, raise(error), error)),

  unavailable('an error', raise(broken), broken),
  unavailable('a rejection', () => Promise.reject(broken), broken),
  unavailable('undefined, thrown', raise(undefined), undefined),
  unavailable('null, thrown', raise(null), null),
  unavailable('text, thrown', raise('no database'), 'no database'),
  unavailable('a thenable that throws', () => ({ then: raise(broken) }), broken),
  unavailable("the application's own TimeoutError", raise(slow), slow),
  withBody('undefined', () => undefined, UNAVAILABLE, typeError),
  withBody('an error', raise(broken), UNAVAILABLE, broken),
  withBody('a rejection', () => Promise.reject(broken), UNAVAILABLE, broken),
  ...[alice.token, true, 0, {}, [alice], { ...alice, expiresAt: '2023' }, new IncomingScope('alice')].map(
    (value, index) => unavailable(`no issued token, case ${index}`, () => value, typeError),
  ),

  ['a promise that never settles', () => never, TIMED_OUT, soon, timeout],
  ['a body that never settles', () => alice, TIMED_OUT, { body: () => never, ...soon }, timeout],
  ['a token after the timeout', afterTimeout(() => alice), TIMED_OUT, soon, timeout],
  ['the reason of the signal, rejected', afterTimeout((reason) => raise(reason)()), TIMED_OUT, soon, timeout],
];

/** As errors of API clients have it whose `inspect` reads a response that was never received. */
const unprintable = { [inspect.custom]: raise(new Error('inspect')) };
const UNPRINTABLE = 'The error cannot be printed.';

const output: string[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
const endpoints: Endpoint[] = [];

beforeEach(() => {
  process.on('unhandledRejection', onUnhandled);
  jest.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void output.push(format(...args)));
});

afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
  await new Promise(setImmediate);
  process.off('unhandledRejection', onUnhandled);
  jest.restoreAllMocks();
  expect({ output: output.splice(0), unhandled: unhandled.splice(0) }).toEqual({ output: [], unhandled: [] });
});

describe.each(ADAPTERS)('in %s', (_, adapter: Adapter) => {
  async function mount(issue: Issue, options?: Options): Promise<Endpoint> {
    const endpoint = await adapter(issue, options);
    endpoints.push(endpoint);
    return endpoint;
  }

  /** Reads the status and the body. Checks what all responses have in common. */
  async function read(response: Response): Promise<{ status: number; body?: unknown; text?: string }> {
    const { status, headers } = response;
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      'no-store',
      'nosniff',
    ]);
    expect(headers.has('etag')).toBe(false);
    const content = await response.text();
    expect(JSON.stringify([...headers]) + content).not.toContain(CANARY);
    if (headers.get('content-type') === 'text/plain; charset=utf-8') return { status, text: content };
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    return { status, body: JSON.parse(content) as unknown };
  }

  // A row as one argument: jest would pass a callback for each that is missing.
  test.each(BEHAVIOUR.map((row) => [row[0], row] as const))('answers %s', async (__, row) => {
    const [, issue, response, options, ...reported] = row;
    const onError = jest.fn();
    const { ask } = await mount(issue, { ...options, onError });
    expect(await read(await ask())).toEqual(response);
    expect(onError.mock.calls).toEqual(reported.map((error) => [error, expect.anything()]));
  });

  test.each([
    ['by default', undefined, 'POST'],
    ['for GET and POST', ['GET', 'POST'], 'GET, POST'],
    ['for GET', ['GET'], 'GET'],
  ] as const)('answers other methods with 405: %s', async (__, methods, allow) => {
    const issue = jest.fn(() => alice);
    const given = methods && [...methods];
    const { ask } = await mount(issue, { methods: given });
    given?.splice(0); // The array is not read again.
    for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'QUERY']) {
      const response = await ask(method);
      if (allow.split(', ').includes(method)) {
        expect(await response.text()).toBe(JSON.stringify(body));
        continue;
      }
      expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
      const message = `Use ${allow.replace(', ', ' or ')}.`;
      const error = JSON.stringify({ error: 'method_not_allowed', message });
      expect(await response.text()).toBe(method === 'HEAD' ? '' : error);
    }
    expect(issue).toHaveBeenCalledTimes(allow.split(', ').length);
  });

  test.each(UNREADABLE)('reports an error once that cannot be read: %s', async (__, create) => {
    const error = create();
    const reported: unknown[] = [];
    const { ask } = await mount(raise(error), { onError: (each) => reported.push(each) });
    expect(await read(await ask())).toEqual(UNAVAILABLE);
    expect([reported.length, reported[0] === error]).toEqual([1, true]);
  });

  test('reads each property of an error once', async () => {
    const reads: PropertyKey[] = [];
    const error = new Proxy(httpError(403), {
      get(target, name, receiver) {
        reads.push(name);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const { ask } = await mount(raise(error));
    expect(await read(await ask())).toEqual(refused(403));
    expect(reads.toSorted()).toEqual(['expose', 'message', 'status']);
  });

  test('sends the whole response to a conditional request', async () => {
    const { ask } = await mount(() => alice, { methods: ['GET'] });
    const headers = { 'If-None-Match': '*', 'If-Modified-Since': new Date().toUTCString() };
    expect(await read(await ask('GET', { headers }))).toEqual(ok());
  });

  test.each<[string, RequestInit & { query?: string }]>([
    ['query', { query: '?identity=eve&clientName=eve&ttl=86400&scope=scope:client:incoming' }],
    [
      'JSON',
      { headers: { 'Content-Type': 'application/json' }, body: '{"identity":"eve","__proto__":{"ttl":1}}' },
    ],
    ['form', { body: new URLSearchParams({ identity: 'eve', ttl: '86400' }) }],
    ['headers', { headers: { 'X-Identity': 'eve', 'X-HTTP-Method-Override': 'DELETE' } }],
  ])('reads nothing from the %s of the request', async (__, init) => {
    expect(await read(await (await mount(() => alice)).ask('POST', init))).toEqual(ok());
  });

  const inOnError = new Error('onError');
  const database = new Error('database');
  test.each<[string, Options['onError'], unknown, string[]]>([
    ['is not passed', undefined, database, ['Error: database']],
    ['throws', raise(inOnError), database, ['Error: database', 'Error: onError']],
    ['rejects', () => Promise.reject(inOnError), database, ['Error: database', 'Error: onError']],
    ['never settles', () => never, database, []],
    ['is not passed, an error that cannot be printed', undefined, unprintable, [UNPRINTABLE]],
    ['throws an error that cannot be printed', raise(unprintable), 'database', ['database', UNPRINTABLE]],
    ['cannot print the error', (error) => format(error), unprintable, [UNPRINTABLE, 'Error: inspect']],
  ])('logs by console.error if onError %s', async (__, onError, error, logged) => {
    const { ask } = await mount(raise(error), { onError });
    expect(await read(await ask())).toEqual(UNAVAILABLE);
    await new Promise(setImmediate);
    expect(output.splice(0).map((line) => line.split('\n')[0])).toEqual(
      logged.map((message) => `twilio-capability: no token could be issued. ${message}`),
    );
  });

  test.each<[string, (signal: AbortSignal) => ReturnType<Issue>]>([
    ['a token', (signal) => aborted(signal).then(() => alice)],
    ['null', (signal) => aborted(signal).then(() => null)],
    ['an error', (signal) => aborted(signal).then(raise(broken))],
    ['nothing', () => never],
  ])('sends nothing to a client that left: %s', async (__, decide) => {
    const onError = jest.fn();
    const client = new AbortController();
    let signal!: AbortSignal;
    const issue: Issue = (___, context) => {
      ({ signal } = context);
      setImmediate(() => client.abort());
      return decide(signal);
    };
    const { ask } = await mount(issue, { onError });
    const response = await ask('POST', { signal: client.signal }).catch(() => undefined);
    expect((await response?.text()) ?? '').toBe('');
    await aborted(signal);
    await new Promise(setImmediate);
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'The client disconnected.' });
    expect(onError).not.toHaveBeenCalled();
  });

  test('does not abort the signal after a response', async () => {
    let signal!: AbortSignal;
    const issue: Issue = (__, context) => {
      ({ signal } = context);
      return alice;
    };
    const { ask } = await mount(issue, { timeout: 1 });
    expect(await read(await ask())).toEqual(ok());
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(signal.aborted).toBe(false);
  });
});

describe('options', () => {
  const [, adapter] = ADAPTERS[0]!;
  const wrong = (options: object): [string, unknown, unknown, string] => [
    JSON.stringify(options),
    () => null,
    options,
    Object.keys(options)[0]!,
  ];
  test.each<[string, unknown, unknown, string]>([
    ['no function', { signer }, undefined, 'issue'],
    ['an unknown option', () => null, { timeOut: 5 }, 'timeOut'],
    ['no options', () => null, null, 'options'],
    ...[0, 1.5, -1, 2 ** 31, Infinity, '10', null].map((timeout) => wrong({ timeout })),
    ...[[], 'GET', ['get'], ['HEAD'], ['POST', 'HEAD'], [null]].map((methods) => wrong({ methods })),
    ['a body that is an object', () => null, { body: {} }, 'body'],
    ['a string as onError', () => null, { onError: 'log' }, 'onError'],
  ])('rejects %s', async (_, issue, options, field) => {
    const error: unknown = await adapter(issue as Issue, options as Options).catch(
      (reason: unknown) => reason,
    );
    expect(refusal(raise(error))).toBe(`ConfigError ERR_OPTIONS_INVALID ${field}`);
  });
});
