/**
 * A token endpoint in terms of the web's `Request` and `Response`.
 *
 * @module twilio-capability/web
 */

import type { Caller } from './deadline';
import { tokenAnswerer } from './token-endpoint';
import type { TokenEndpointOptions } from './token-options';

export type { Authorization, AuthorizeContext, TokenEndpointOptions, TokenIssuer } from './token-options';

/** What nginx logs for a request whose client left before it was answered. Nobody gets to see it. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * A token endpoint for whatever speaks the web's `Request` and `Response`: Next.js, Hono, Bun, Deno, Workers.
 * It answers as `tokenEndpoint` of `twilio-capability/express` does.
 *
 * @throws {SignError} `ERR_OPTIONS_INVALID`, with the field, or `ERR_TTL_INVALID`.
 * @example
 * export const POST = tokenHandler({
 *   signer,
 *   authorize: async (request) => {
 *     const user = await userOf(request);
 *     return user && new IncomingScope(user.name);
 *   },
 * });
 */
export function tokenHandler<R extends Request = Request>(
  options: TokenEndpointOptions<R>,
): (request: R) => Promise<Response> {
  const answer = tokenAnswerer<R>(options);
  return async (request) => {
    const found = await answer(request.method, request, callerOf(request.signal));
    if (found === undefined) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const { status, headers, body } = found;
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  };
}

function callerOf(signal: AbortSignal): Caller {
  return {
    isGone() {
      return signal.aborted;
    },
    onGone(listener) {
      signal.addEventListener('abort', listener);
      return () => {
        signal.removeEventListener('abort', listener);
      };
    },
  };
}
