import { types } from 'node:util';
import * as z from 'zod/mini';
import { ConfigError } from '../errors';
import { functionSchema, parseOptions } from '../settings';
import type { IssuedToken } from '../tokens/issued-token';
import { Deadline, type Client } from './deadline';

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
  /** Returns the response body, sent as JSON. Default: `{ token, identity, ttl, expiresAt }`. */
  readonly body?: ((issued: IssuedToken, request: R) => unknown) | undefined;
  /**
   * Called with the error when a token cannot be issued. The client never sees it. Not called for errors with a status
   * from 400 to 499, or after the client disconnected. Default: `console.error`.
   */
  readonly onError?: ((error: unknown, request: R) => unknown) | undefined;
}

/** A response before it is sent. */
export interface EndpointResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Handles a request. Resolves to undefined if the client disconnected. Never rejects. */
export type EndpointHandler<R> = (
  method: string,
  request: R,
  client: Client,
) => Promise<EndpointResponse | undefined>;

/** The longest delay of a timer. Node fires timers with a longer delay at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

const TIMEOUT_MESSAGE = `timeout must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT}.`;

const optionsSchema = z.strictObject({
  timeout: z.optional(
    z.int(TIMEOUT_MESSAGE).check(z.gte(1, TIMEOUT_MESSAGE), z.lte(MAX_TIMEOUT, TIMEOUT_MESSAGE)),
  ),
  methods: z.optional(
    z.custom<readonly ('GET' | 'POST')[]>(isMethods, 'methods must be an array of "GET", "POST" or both.'),
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

function isMethods(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => each === 'GET' || each === 'POST');
}

// Tokens must not be cached, and browsers must not guess another content type.
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Type': 'application/json; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

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
  const wrongMethod = failure(405, 'method_not_allowed', `Use ${methods.join(' or ')}.`, methods.join(', '));

  const respond = async (request: R, context: IssueContext): Promise<EndpointResponse> => {
    const issued = await issue(request, context);
    if (issued === null || issued === undefined) return UNAUTHORIZED;
    requireIssuedToken(issued);
    return { status: 200, headers: HEADERS, body: stringify(await body(issued, request)) };
  };

  return async (method, request, client) => {
    if (!(methods as readonly string[]).includes(method)) return wrongMethod;
    if (client.isGone()) return undefined;
    const deadline = new Deadline(timeout, client);
    try {
      const response = await deadline.wait(respond(request, deadline));
      return client.isGone() ? undefined : response;
    } catch (error) {
      if (client.isGone()) return undefined;
      const refusal = refusalOf(error);
      if (refusal !== undefined) return refusal;
      void report(error, request, onError);
      return deadline.reason === undefined ? UNAVAILABLE : TIMED_OUT;
    } finally {
      deadline.clear();
    }
  };
}

function failure(status: number, error: string, message?: string, allow?: string): EndpointResponse {
  const headers = allow === undefined ? HEADERS : { ...HEADERS, Allow: allow };
  return { status, headers, body: JSON.stringify({ error, message }) };
}

function defaultBody({ token, clientName, ttl, expiresAt }: IssuedToken): object {
  return { token, identity: clientName ?? null, ttl, expiresAt: expiresAt.toISOString() };
}

function requireIssuedToken(value: unknown): void {
  const { token, ttl, expiresAt } = value as Partial<Record<keyof IssuedToken, unknown>>;
  if (typeof token === 'string' && typeof ttl === 'number' && types.isDate(expiresAt)) return;
  throw new TypeError('The function passed to tokenEndpoint must return signer.issue(…), null or undefined.');
}

function stringify(body: unknown): string {
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) throw new TypeError('The body option of tokenEndpoint returned no JSON value.');
  return text;
}

/** The response for an error with a status from 400 to 499, as `http-errors` creates them. */
function refusalOf(error: unknown): EndpointResponse | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, expose, message } = error as { status?: unknown; expose?: unknown; message?: unknown };
  if (!Number.isInteger(status) || (status as number) < 400 || (status as number) > 499) return undefined;
  return failure(
    status as number,
    'refused',
    expose === true && typeof message === 'string' ? message : undefined,
  );
}

/** Reports an error. The response does not wait for it. */
async function report<R>(
  error: unknown,
  request: R,
  onError: (error: unknown, request: R) => unknown,
): Promise<void> {
  try {
    await onError(error, request);
  } catch (hookError) {
    logError(error);
    logError(hookError);
  }
}

function logError(error: unknown): void {
  // eslint-disable-next-line no-console -- errors are never silent
  console.error('twilio-capability: no token could be issued.', error);
}
