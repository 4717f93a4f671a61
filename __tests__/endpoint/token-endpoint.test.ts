import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from '../../src';
import { ADAPTERS, type Adapter, type Endpoint, type Issue, type Options } from '../helpers/adapters';
import { accountSid, applicationSid, config, refusal } from '../helpers/fixed';

/** Texts that no response or log may contain. */
const CANARY = 'canary0authtoken0000000000000000';
const signer = new CapabilitySigner({ ...config, authToken: CANARY });
const accessTokens = new AccessTokenSigner({
  accountSid,
  apiKeySid: 'SK1',
  apiKeySecret: CANARY,
  now: config.now,
});
const alice = signer.issue(new IncomingScope('alice'));
const noName = signer.issue(new OutgoingScope(applicationSid));
const broken = new Error(`Not to be shown: ${CANARY}`);
const httpError = (status: unknown, expose?: boolean): Error =>
  Object.assign(new Error('No calling plan.'), { status, ...(expose !== undefined && { expose }) });

const OK = {
  status: 200,
  body: { token: alice.token, identity: 'alice', ttl: 3600, expiresAt: '2023-11-14T23:13:20.000Z' },
};
const failure = (status: number, error: string, message?: string): object => ({
  status,
  body: { error, ...(message !== undefined && { message }) },
});
const UNAUTHORIZED = failure(401, 'unauthorized', 'Sign in to get a token.');
const UNAVAILABLE = failure(500, 'token_unavailable', 'The token could not be created.');
const TIMED_OUT = failure(503, 'timeout', 'Creating the token took too long. Try again.');

const never = new Promise<never>(() => undefined);
const raise = (error: unknown) => (): never => {
  throw error;
};
/** Return values that the types of `issue` do not allow. */
const untyped = (value: unknown): Issue => (() => value) as Issue;

interface Row {
  readonly issue: Issue;
  readonly options?: Options;
  readonly response: object;
  /** The arguments of `onError`. */
  readonly reported?: unknown;
}

/** The contract of the endpoint, one case each. */
const BEHAVIOUR: Readonly<Record<string, Row>> = {
  'an issued token': { issue: () => alice, response: OK },
  'a promise of an issued token': { issue: () => Promise.resolve(alice), response: OK },
  'a thenable of an issued token': {
    issue: () => ({ then: (resolve) => Promise.resolve(alice).then(resolve) }),
    response: OK,
  },
  'a token without a client name': {
    issue: () => noName,
    response: { status: 200, body: { ...OK.body, token: noName.token, identity: null } },
  },
  'an Access Token': {
    issue: () => accessTokens.issue(new IncomingScope('alice')),
    response: { status: 200, body: { ...OK.body, token: expect.stringMatching(/^eyJ/) } },
  },
  'a copy of an issued token': {
    issue: () => ({ ...alice, ttl: 60 }),
    response: { status: 200, body: { ...OK.body, ttl: 60 } },
  },
  'a custom body': {
    issue: () => alice,
    options: { body: ({ token, scopes }) => ({ jwt: token, scopes }) },
    response: { status: 200, body: { jwt: alice.token, scopes: ['scope:client:incoming?clientName=alice'] } },
  },
  'a promise of a body': {
    issue: () => alice,
    options: { body: () => Promise.resolve(['x']) },
    response: { status: 200, body: ['x'] },
  },
  null: { issue: () => null, response: UNAUTHORIZED },
  undefined: { issue: () => undefined, response: UNAUTHORIZED },
  'a promise of null': { issue: () => Promise.resolve(null), response: UNAUTHORIZED },

  'an error with status 403': { issue: raise(httpError(403)), response: failure(403, 'refused') },
  'an error that hides its message': {
    issue: raise(httpError(409, false)),
    response: failure(409, 'refused'),
  },
  'a rejection with status 429 and a message for the client': {
    issue: () => Promise.reject(httpError(429, true)),
    response: failure(429, 'refused', 'No calling plan.'),
  },
  'an error with status 500': {
    issue: raise(httpError(500, true)),
    response: UNAVAILABLE,
    reported: expect.objectContaining({ status: 500 }),
  },
  'an error with a string as status': {
    issue: raise(httpError('403')),
    response: UNAVAILABLE,
    reported: expect.objectContaining({ status: '403' }),
  },

  'an error': { issue: raise(broken), response: UNAVAILABLE, reported: broken },
  'a rejection': { issue: () => Promise.reject(broken), response: UNAVAILABLE, reported: broken },
  'undefined, thrown': { issue: raise(undefined), response: UNAVAILABLE, reported: undefined },
  'a thenable that throws': {
    issue: untyped({ then: raise(broken) }),
    response: UNAVAILABLE,
    reported: broken,
  },
  "the application's own TimeoutError": {
    issue: raise(new DOMException('The database is slow.', 'TimeoutError')),
    response: UNAVAILABLE,
    reported: expect.objectContaining({ message: 'The database is slow.' }),
  },
  'a body that is undefined': {
    issue: () => alice,
    options: { body: () => undefined },
    response: UNAVAILABLE,
    reported: expect.any(TypeError),
  },
  'a body that throws': {
    issue: () => alice,
    options: { body: raise(broken) },
    response: UNAVAILABLE,
    reported: broken,
  },
  'a body that rejects': {
    issue: () => alice,
    options: { body: () => Promise.reject(broken) },
    response: UNAVAILABLE,
    reported: broken,
  },
  ...Object.fromEntries(
    [alice.token, true, 0, {}, [alice], { ...alice, expiresAt: '2023' }, new IncomingScope('alice')].map(
      (value) => [
        `no issued token but ${typeof value} ${value === alice.token ? 'of a token' : JSON.stringify(Object.keys(value))}`,
        { issue: untyped(value), response: UNAVAILABLE, reported: expect.any(TypeError) },
      ],
    ),
  ),

  'a promise that never settles': {
    issue: () => never,
    options: { timeout: 10 },
    response: TIMED_OUT,
    reported: expect.objectContaining({
      name: 'TimeoutError',
      message: 'The token was not issued within 10 ms.',
    }),
  },
  'a body that never settles': {
    issue: () => alice,
    options: { body: () => never, timeout: 10 },
    response: TIMED_OUT,
    reported: expect.objectContaining({ name: 'TimeoutError' }),
  },
  'a token after the timeout': {
    issue: async (_, { signal }) => {
      await aborted(signal);
      return alice;
    },
    options: { timeout: 10 },
    response: TIMED_OUT,
    reported: expect.objectContaining({ name: 'TimeoutError' }),
  },
  'the reason of the signal, rejected': {
    issue: async (_, { signal }) => {
      await aborted(signal);
      throw signal.reason;
    },
    options: { timeout: 10 },
    response: TIMED_OUT,
    reported: expect.objectContaining({ name: 'TimeoutError' }),
  },
};

const output: string[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
const endpoints: Endpoint[] = [];

beforeEach(() => {
  process.on('unhandledRejection', onUnhandled);
  jest.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void output.push(args.join(' ')));
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
  async function read(response: Response): Promise<{ status: number; body: unknown }> {
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('etag');
    const text = await response.text();
    expect(JSON.stringify(headers) + text).not.toContain(CANARY);
    return { status: response.status, body: JSON.parse(text) as unknown };
  }

  test.each(Object.entries(BEHAVIOUR))('answers %s', async (__, row) => {
    const onError = jest.fn();
    const { ask } = await mount(row.issue, { ...row.options, onError });
    expect(await read(await ask())).toEqual(row.response);
    const reported = 'reported' in row ? [[row.reported, expect.anything()]] : [];
    expect(onError.mock.calls).toEqual(reported);
  });

  test('writes the members of the body in order', async () => {
    const response = await (await mount(() => alice)).ask();
    expect(await response.text()).toBe(JSON.stringify(OK.body));
  });

  test.each([
    ['by default', undefined, 'POST'],
    ['for GET and POST', ['GET', 'POST'], 'GET, POST'],
    ['for GET', ['GET'], 'GET'],
  ] as const)('answers other methods with 405: %s', async (__, methods, allow) => {
    const issue = jest.fn(() => alice);
    const { ask } = await mount(issue, { methods });
    for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'QUERY']) {
      const response = await ask(method);
      if (allow.split(', ').includes(method)) {
        expect(await read(response)).toEqual(OK);
        continue;
      }
      expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
      const message = `Use ${allow.replace(', ', ' or ')}.`;
      const body = method === 'HEAD' ? '' : JSON.stringify({ error: 'method_not_allowed', message });
      expect(await response.text()).toBe(body);
    }
    expect(issue).toHaveBeenCalledTimes(allow.split(', ').length);
  });

  test('sends the whole response to a conditional request', async () => {
    const { ask } = await mount(() => alice, { methods: ['GET'] });
    const headers = { 'If-None-Match': '*', 'If-Modified-Since': new Date().toUTCString() };
    expect(await read(await ask('GET', { headers }))).toEqual(OK);
  });

  test.each<[string, RequestInit & { query?: string }]>([
    ['query', { query: '?identity=eve&clientName=eve&ttl=86400&scope=scope:client:incoming' }],
    [
      'JSON body',
      {
        headers: { 'Content-Type': 'application/json' },
        body: '{"identity":"eve","ttl":86400,"__proto__":{"ttl":1}}',
      },
    ],
    ['form', { body: new URLSearchParams({ identity: 'eve', ttl: '86400' }) }],
    ['headers', { headers: { 'X-Identity': 'eve', 'X-HTTP-Method-Override': 'DELETE' } }],
  ])('reads nothing from the %s of the request', async (__, init) => {
    expect(await read(await (await mount(() => alice)).ask('POST', init))).toEqual(OK);
  });

  test.each<[string, Options['onError'], number]>([
    ['is not passed', undefined, 1],
    ['throws', raise(new Error('onError')), 1],
    ['rejects', () => Promise.reject(new Error('onError')), 1],
    ['never settles', () => never, 0],
  ])('logs by console.error if onError %s', async (__, onError, count) => {
    const { ask } = await mount(raise(new Error('database')), { onError });
    expect(await read(await ask())).toEqual(UNAVAILABLE);
    await new Promise(setImmediate);
    const logged = `twilio-capability: no token could be issued. Error: ${onError ? 'onError' : 'database'}`;
    expect(output.splice(0)).toEqual(Array(count).fill(logged));
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
    const { ask } = await mount(
      (___, context) => {
        ({ signal } = context);
        setImmediate(() => {
          client.abort();
        });
        return decide(signal);
      },
      { onError },
    );
    const response = await ask('POST', { signal: client.signal }).catch(() => undefined);
    expect((await response?.text()) ?? '').toBe('');
    await aborted(signal);
    await new Promise(setImmediate);
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'The client disconnected.' });
    expect(onError).not.toHaveBeenCalled();
  });

  test('does not abort the signal after a response', async () => {
    let signal!: AbortSignal;
    const { ask } = await mount(
      (__, context) => {
        ({ signal } = context);
        return alice;
      },
      { timeout: 20 },
    );
    expect(await read(await ask())).toEqual(OK);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(signal.aborted).toBe(false);
  });
});

describe('options', () => {
  const [, adapter] = ADAPTERS[0]!;
  test.each<[string, unknown, unknown, string]>([
    ['no function', { signer }, undefined, 'issue'],
    ['an unknown option', () => null, { timeOut: 5 }, 'timeOut'],
    ['no options', () => null, null, 'options'],
    ...[0, 1.5, -1, 2 ** 31, Infinity, '10', null].map(
      (timeout) =>
        [`timeout ${timeout}`, () => null, { timeout }, 'timeout'] as [string, Issue, object, string],
    ),
    ...[[], 'GET', ['get'], ['HEAD'], [null]].map(
      (methods) =>
        [`methods ${JSON.stringify(methods)}`, () => null, { methods }, 'methods'] as [
          string,
          Issue,
          object,
          string,
        ],
    ),
    ['a body that is an object', () => null, { body: {} }, 'body'],
    ['a string as onError', () => null, { onError: 'log' }, 'onError'],
  ])('rejects %s', async (_, issue, options, field) => {
    const error: unknown = await adapter(issue as Issue, options as Options).catch(
      (reason: unknown) => reason,
    );
    expect(refusal(raise(error))).toBe(`ConfigError ERR_OPTIONS_INVALID ${field}`);
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}
