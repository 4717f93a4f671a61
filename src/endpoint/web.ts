/**
 * A token endpoint for the Fetch API's `Request` and `Response`.
 *
 * @module twilio-capability/web
 */

import type { Client } from './deadline';
import { createEndpoint, type IssueToken, type TokenEndpointOptions } from './token-endpoint';

export type { Awaitable, IssueContext, IssueToken, TokenEndpointOptions } from './token-endpoint';

/** The status that nginx logs if the client disconnects before the response. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Creates a token endpoint for frameworks that use the Fetch API's `Request` and `Response`: Next.js, Hono, Bun, Deno
 * and Workers. It responds as `tokenEndpoint` of `twilio-capability/express` does.
 *
 * @param issue - Returns the token for a request: `signer.issue(…)`, or null if the client may not have one.
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, with the field.
 * @example
 * export const POST = tokenEndpoint(async (request) => {
 *   const user = await userOf(request);
 *   return user && signer.issue(new IncomingScope(user.name), { ttl: 600 });
 * });
 */
export function tokenEndpoint<R extends Request = Request>(
  issue: IssueToken<R>,
  options?: TokenEndpointOptions<R>,
): (request: R) => Promise<Response> {
  const handle = createEndpoint(issue, options);
  return async (request) => {
    if (typeof (request.headers as Partial<Headers> | undefined)?.get !== 'function') {
      throw new TypeError(
        'This tokenEndpoint takes a Request of the Fetch API. In Hono, pass c.req.raw. For Express, use ' +
          'twilio-capability/express.',
      );
    }
    const response = await handle(request.method, request, clientOf(request));
    if (response === undefined) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const { status, headers, body } = response;
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  };
}

/** Some frameworks pass a request without a signal. */
function clientOf({ signal }: { readonly signal?: AbortSignal | undefined }): Client {
  return {
    isGone() {
      return signal?.aborted === true;
    },
    onGone(listener) {
      signal?.addEventListener('abort', listener);
      return () => signal?.removeEventListener('abort', listener);
    },
  };
}
