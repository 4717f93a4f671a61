import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
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
