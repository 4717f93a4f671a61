/**
 * A token endpoint for Express.
 *
 * @module twilio-capability/express
 */

import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from './deadline';
import { tokenAnswerer, type TokenAnswer } from './token-endpoint';
import type { TokenEndpointOptions } from './token-options';

export type { Authorization, AuthorizeContext, TokenEndpointOptions, TokenIssuer } from './token-options';

/**
 * A token endpoint for Express 4 and 5. Put it behind whatever says who is logged in.
 *
 * GET and POST are answered with `{ "token", "identity", "ttl", "expiresAt" }`: `ttl` in seconds, `expiresAt`
 * in ISO 8601, `identity` the client name or null. All else is JSON `{ "error", "message" }`: 401
 * `unauthorized`, 405 `method_not_allowed`, 500 `token_unavailable`, 503 `timeout`. No answer may be cached.
 *
 * @throws {SignError} `ERR_OPTIONS_INVALID`, with the field, or `ERR_TTL_INVALID`.
 * @example
 * app.post(
 *   '/token',
 *   requireLogin,
 *   tokenEndpoint({ signer, authorize: (req: AuthedRequest) => new IncomingScope(req.user.name) }),
 * );
 */
export function tokenEndpoint<R extends Request = Request>(options: TokenEndpointOptions<R>): RequestHandler {
  const answer = tokenAnswerer<R>(options);
  return (req, res, next) => {
    const respond = (found: TokenAnswer | undefined): void => {
      if (found !== undefined) send(req, res, found);
    };
    // What stands in front of the endpoint has made the request what authorize takes it for.
    const found = answer(req.method, req as unknown as R, callerOf(req, res));
    // A middleware that is hooked into the response can throw: at once that is Express's to catch.
    if (found instanceof Promise) found.then(respond).catch(next);
    else respond(found);
  };
}

function callerOf(req: Request, res: Response): Caller {
  return {
    isGone() {
      // A response that waits behind another on its connection is not told that the connection has closed.
      return res.headersSent || res.destroyed || req.socket.destroyed;
    },
    onGone(listener) {
      res.once('close', listener);
      return () => res.off('close', listener);
    },
  };
}

/** Not by `res.json`: that adds an ETag, and answers a conditional request with 304. */
function send(req: Request, res: Response, { status, headers, body }: TokenAnswer): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (req.method === 'HEAD') res.setHeader('Content-Length', Buffer.byteLength(body)).end();
  else res.end(body);
}
