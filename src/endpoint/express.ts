/**
 * A token endpoint for Express.
 *
 * @module twilio-capability/express
 */

import type { Request, RequestHandler, Response } from 'express';
import type { Client } from './deadline';
import {
  createEndpoint,
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
 * `method_not_allowed`, 500 `token_unavailable`, 503 `timeout`. An error with a `status` from 400 to 499 answers with
 * that status and `refused`. Responses are never cached.
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
  return (req, res, next) => {
    if (typeof (res as Partial<Response> | undefined)?.setHeader !== 'function') {
      throw new TypeError(
        'This tokenEndpoint takes (req, res) of Express. For a Request, use twilio-capability/web.',
      );
    }
    if (res.headersSent) return;
    // Middleware in front of the endpoint has made the request what `issue` expects.
    handle(req.method, req as unknown as R, clientOf(req, res))
      .then((response) => {
        // The application may already have sent its own response.
        if (response !== undefined && !res.headersSent) send(req, res, response);
      })
      // Only hooks in the response can throw here.
      .catch(next);
  };
}

/** A response also closes after the application has sent its own. The client has not disconnected then. */
function clientOf(req: Request, res: Response): Client {
  return {
    isGone() {
      // A response that waits behind another on its connection is not destroyed with the connection.
      return (res.destroyed && !res.writableFinished) || req.socket.destroyed;
    },
    onGone(listener) {
      const onClose = (): void => {
        if (!res.writableFinished) listener();
      };
      res.on('close', onClose);
      return () => res.off('close', onClose);
    },
  };
}

/** Not by `res.json`: that adds an ETag, and answers a conditional request with 304. */
function send(req: Request, res: Response, { status, headers, body }: EndpointResponse): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (req.method === 'HEAD') res.setHeader('Content-Length', Buffer.byteLength(body)).end();
  else res.end(body);
}
