/**
 * A token endpoint for the Fetch API's `Request` and `Response`.
 *
 * @module twilio-capability/web
 */

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
  const respond = async (request: R): Promise<Response> => {
    const response = await handle(request.method, request, (leave) => onDisconnect(request, leave));
    if (response === undefined) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const { status, headers, body } = response;
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  };
  return (request) => {
    if (typeof (request.headers as Partial<Headers> | undefined)?.get !== 'function') {
      throw new TypeError(
        'This tokenEndpoint takes a Request of the Fetch API. In Hono, pass c.req.raw. For Express, use ' +
          'twilio-capability/express.',
      );
    }
    return respond(request);
  };
}

/** Some frameworks pass a request without a signal. */
function onDisconnect(
  { signal }: { readonly signal?: AbortSignal | undefined },
  leave: () => void,
): () => void {
  if (signal?.aborted === true) leave();
  signal?.addEventListener('abort', leave);
  return () => signal?.removeEventListener('abort', leave);
}
