/**
 * A token endpoint for Express.
 *
 * @module twilio-capability/express
 */

import type { Request, RequestHandler, Response } from 'express';
import {
  createEndpoint,
  logError,
  type EndpointResponse,
  type IssueToken,
  type TokenEndpointOptions,
} from './token-endpoint';

export type { Awaitable, IssueContext, IssueToken, TokenEndpointOptions } from './token-endpoint';

/**
 * Creates a token endpoint for Express 4 and 5. Mount it after your authentication middleware.
 *
 * Responds with `{ token, identity, ttl, expiresAt }`: `identity` is the client name or null, `ttl` is in seconds,
 * `expiresAt` is ISO 8601. Failures are `{ error, message }`: 401 `unauthorized` if `issue` returns null, 405
 * `method_not_allowed`, 500 `token_unavailable`, 503 `timeout`. An error with `expose: true` and a `status` from 400 to
 * 499, as `http-errors` creates them, answers with that status, `refused` and its message. Responses are never cached.
 *
 * The handler returns a promise, which resolves after the response is sent and never rejects.
 *
 * @param issue - Returns the token for a request: `signer.issue(…)`, or null if the client may not have one.
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, with the field.
 * @example
 * app.post(
 *   '/token',
 *   requireLogin,
 *   tokenEndpoint((req: AuthedRequest) => signer.issue(new IncomingScope(req.user.name), { ttl: 600 })),
 * );
 */
export function tokenEndpoint<R extends Request = Request>(
  issue: IssueToken<R>,
  options?: TokenEndpointOptions<R>,
): RequestHandler {
  const handle = createEndpoint(issue, options);
  const respond = async (req: Request, res: Response): Promise<void> => {
    if (res.headersSent) return;
    // Middleware in front of the endpoint has made the request what `issue` expects.
    const response = await handle(req.method, req as unknown as R, (leave) => onDisconnect(req, res, leave));
    if (response !== undefined) send(req, res, response);
  };
  return (req, res, next) => {
    if (typeof (res as Partial<Response> | undefined)?.setHeader !== 'function') {
      throw new TypeError(
        'This tokenEndpoint takes (req, res) of Express. For a Request, use twilio-capability/web.',
      );
    }
    // Only hooks in the response can throw in `respond`. Without Express there is no `next`.
    return respond(req, res).catch(next).catch(logError);
  };
}

/** The listeners of the requests on each connection. Pipelined requests share a connection. */
const connections = new WeakMap<Request['socket'], Set<() => void>>();

/** Not by the response's `close` event: it is not emitted for a response that waits behind another one. */
function onDisconnect({ socket }: Request, res: Response, leave: () => void): () => void {
  const onClose = (): void => {
    // A response that the application has sent is complete.
    if (!res.writableFinished) leave();
  };
  if (socket.destroyed) onClose();
  const listeners = connections.get(socket) ?? watch(socket);
  listeners.add(onClose);
  return () => listeners.delete(onClose);
}

/** One listener for each connection, for as long as it is open. */
function watch(socket: Request['socket']): Set<() => void> {
  const listeners = new Set<() => void>();
  connections.set(socket, listeners);
  // The sockets of some AWS Lambda adapters emit no events.
  (socket as Partial<typeof socket>).on?.('close', () => {
    for (const listener of listeners) listener();
  });
  return listeners;
}

/** Not by `res.json`: that adds an ETag, and answers a conditional request with 304. */
function send(req: Request, res: Response, { status, headers, body }: EndpointResponse): void {
  // The application may already have sent its own response.
  if (res.headersSent) return;
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(req.method === 'HEAD' ? undefined : body);
}
