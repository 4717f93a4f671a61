import { once } from 'node:events';
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with any headers, and accepts the app's own certificate. */
export async function send(
  method: string,
  url: string,
  headers: OutgoingHttpHeaders = {},
  body = '',
): Promise<Answer> {
  const options = { method, headers, agent: false } as const;
  const request = url.startsWith('https')
    ? https.request(url, { ...options, rejectUnauthorized: false })
    : http.request(url, options);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** Signs in and returns the cookie. */
export async function signInFor(url: string, name: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const { headers: answered } = await send('POST', `${url}/session`, headers, JSON.stringify({ name }));
  return (answered['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1).join()).join('; ');
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves requests on a free port. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
