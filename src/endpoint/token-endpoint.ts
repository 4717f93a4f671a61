import { types } from 'node:util';
import * as z from 'zod/mini';
import { ConfigError } from '../errors';
import { parseOptions } from '../options';
import { functionSchema } from '../schemas';
import type { IssuedToken } from '../tokens/issued-token';

/** A value or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** The second argument of the function that issues tokens, after the request. */
export interface IssueContext {
  /**
   * Aborts when the client disconnects or the timeout passes. Pass it to the calls that the function awaits.
   * Its reason is a `DOMException` named `AbortError` or `TimeoutError`.
   */
  readonly signal: AbortSignal;
}

/** Issues the token for a request. Null or undefined answers 401. */
export type IssueToken<R> = (request: R, context: IssueContext) => Awaitable<IssuedToken | null | undefined>;

/** Options of a token endpoint. */
export interface TokenEndpointOptions<R> {
  /** Milliseconds to wait for a token before answering 503, 1 to 2,147,483,647. Default: 10,000. */
  readonly timeout?: number | undefined;
  /** The methods that issue tokens. Browsers prefetch GET, and other sites can trigger it. Default: `['POST']`. */
  readonly methods?: readonly ('GET' | 'POST')[] | undefined;
  /**
   * Returns the response body, or a promise of it. A string is sent as text, anything else as JSON. Default: `{ token,
   * identity, ttl, expiresAt }`.
   */
  readonly body?: ((issued: IssuedToken, request: R) => unknown) | undefined;
  /**
   * Called with the error when a token cannot be issued. The client never sees it. Not called for refusals, or after
   * the client disconnected. Default: `console.error`.
   */
  readonly onError?: ((error: unknown, request: R) => unknown) | undefined;
}

/** A response before it is sent. */
export interface EndpointResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls `leave` when the client disconnects, at once if it already has. Returns a function that removes the listener. */
export type OnDisconnect = (leave: () => void) => () => void;

/** Handles a request. Resolves to undefined if the client disconnected. Rejects only if `onDisconnect` throws. */
export type EndpointHandler<R> = (
  method: string,
  request: R,
  onDisconnect: OnDisconnect,
) => Promise<EndpointResponse | undefined>;

/** The longest delay of a timer. Node fires timers with a longer delay at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

const METHODS_MESSAGE = 'methods must be an array of "GET", "POST" or both.';
const TIMEOUT_MESSAGE = `timeout must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT}.`;

const optionsSchema = z.object({
  timeout: z.optional(
    z.int(TIMEOUT_MESSAGE).check(z.gte(1, TIMEOUT_MESSAGE), z.lte(MAX_TIMEOUT, TIMEOUT_MESSAGE)),
  ),
  methods: z.optional(
    z
      .array(z.custom<'GET' | 'POST'>(isMethod, METHODS_MESSAGE), METHODS_MESSAGE)
      .check(z.minLength(1, METHODS_MESSAGE)),
  ),
  body: z.optional(
    functionSchema<(issued: never, request: never) => unknown>('body must be a function (issued, request).'),
  ),
  onError: z.optional(
    functionSchema<(error: unknown, request: never) => unknown>(
      'onError must be a function (error, request).',
    ),
  ),
});

function isMethod(value: unknown): boolean {
  return value === 'GET' || value === 'POST';
}

// Tokens must not be cached, and browsers must not guess another content type.
const TEXT = {
  'Cache-Control': 'no-store',
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};
const JSON_HEADERS = { ...TEXT, 'Content-Type': 'application/json; charset=utf-8' };

const UNAUTHORIZED = failure(401, 'unauthorized', 'Sign in to get a token.');
const UNAVAILABLE = failure(500, 'token_unavailable', 'The token could not be created.');
const TIMED_OUT = failure(503, 'timeout', 'Creating the token took too long. Try again.');

/**
 * Creates the handler that the adapters share.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, with the field.
 */
export function createEndpoint<R>(
  issue: IssueToken<R>,
  options: TokenEndpointOptions<R> | undefined,
): EndpointHandler<R> {
  if (typeof issue !== 'function') {
    const message = 'tokenEndpoint needs a function that takes the request and returns signer.issue(…).';
    throw new ConfigError('ERR_OPTIONS_INVALID', message, 'issue');
  }
  const settings = parseOptions(optionsSchema, options) as TokenEndpointOptions<R>;
  const { timeout = 10_000, methods = ['POST'], body = defaultBody, onError = logError } = settings;
  const wrongMethod = failure(405, 'method_not_allowed', `Use ${methods.join(' or ')}.`, {
    Allow: methods.join(', '),
  });

  const respond = async (request: R, signal: AbortSignal): Promise<EndpointResponse> => {
    const issued = await issue(request, { signal });
    if (issued === null || issued === undefined) return UNAUTHORIZED;
    requireIssuedToken(issued);
    return success(await body(issued, request));
  };

  /** Reports an error. The response does not wait for it. */
  const report = async (error: unknown, request: R): Promise<void> => {
    try {
      await onError(error, request);
    } catch (hookError) {
      logError(error);
      logError(hookError);
    }
  };

  return async (method, request, onDisconnect) => {
    if (!(methods as readonly string[]).includes(method)) return wrongMethod;
    const controller = new AbortController();
    const { signal } = controller;
    const abort = (name: string, message: string): void => {
      controller.abort(new DOMException(message, name));
    };
    const removeListener = onDisconnect(() => {
      abort('AbortError', 'The client disconnected.');
    });
    const timer = setTimeout(() => {
      abort('TimeoutError', `The token was not issued within ${timeout} ms.`);
    }, timeout);
    try {
      signal.throwIfAborted();
      return await Promise.race([rejection(signal), respond(request, signal)]);
    } catch (error) {
      const reason = signal.reason as DOMException | undefined;
      if (reason?.name === 'AbortError') return undefined;
      const refusal = refusalOf(error);
      if (refusal !== undefined) return refusal;
      void report(error, request);
      return reason === undefined ? UNAVAILABLE : TIMED_OUT;
    } finally {
      clearTimeout(timer);
      removeListener();
    }
  };
}

/** Rejects with the reason of a signal when it aborts. The signal must not have aborted yet. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as DOMException);
    });
  });
}

function success(body: unknown): EndpointResponse {
  if (typeof body === 'string') return { status: 200, headers: TEXT, body };
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) throw new TypeError('The body option of tokenEndpoint returned no JSON value.');
  return { status: 200, headers: JSON_HEADERS, body: text };
}

function failure(
  status: number,
  error: string,
  message: string | undefined,
  headers?: Readonly<Record<string, string>>,
): EndpointResponse {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify({ error, message }) };
}

function defaultBody({ token, clientName, ttl, expiresAt }: IssuedToken): object {
  return { token, identity: clientName ?? null, ttl, expiresAt: expiresAt.toISOString() };
}

function requireIssuedToken(value: unknown): void {
  const { token, ttl, expiresAt } = value as Partial<Record<keyof IssuedToken, unknown>>;
  if (typeof token === 'string' && typeof ttl === 'number' && types.isDate(expiresAt)) return;
  throw new TypeError('The function passed to tokenEndpoint must return signer.issue(…), null or undefined.');
}

/**
 * Returns the response for an error that is meant for the client: `expose` is true and `status` is 400 to 499, as in
 * errors of `http-errors`. Errors of API clients have a `status` too, but no `expose`. Anything can be thrown, so
 * reading a property can throw.
 */
function refusalOf(error: unknown): EndpointResponse | undefined {
  try {
    const { expose, status, message } = error as { expose: unknown; status: number; message: unknown };
    if (expose !== true || !Number.isInteger(status) || status < 400 || status > 499) return undefined;
    return failure(status, 'refused', typeof message === 'string' ? message : undefined);
  } catch {
    return undefined;
  }
}

/** Logs an error. Printing can throw too, for example in a custom `inspect`. */
export function logError(error: unknown): void {
  const log = (detail: unknown): void => {
    // eslint-disable-next-line no-console -- errors are never silent
    console.error('twilio-capability: no token could be issued.', detail);
  };
  try {
    log(error);
  } catch {
    log('The error cannot be printed.');
  }
}
