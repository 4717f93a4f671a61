import {
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';

/** What a browser gets from the gateway. */
export interface Front {
  /** Origin of the page, such as `http://localhost:3000`. The gateway forwards all requests but the WebSocket's. */
  readonly page?: string | undefined;
  /** Files that the gateway serves in place of the page's, by path. */
  readonly files?: Readonly<Record<string, { readonly type: string; readonly content: string | Buffer }>>;
}

/**
 * Forwards requests to the server of the page, as a reverse proxy with TLS does. The page and the WebSocket then
 * have one origin, and a browser asks only once about the certificate.
 */
export function forwardTo(front: () => Front): RequestListener {
  return (request, response) => {
    const { page, files } = front();
    const file = files?.[request.url ?? ''];
    if (file !== undefined) response.writeHead(200, { 'Content-Type': file.type }).end(file.content);
    else if (page === undefined) answerWithoutPage(request, response);
    else forward(request, response, new URL(page));
  };
}

/** A page of the gateway's origin, in which a test can load an SDK. */
const OWN_PAGE =
  '<!doctype html><title>Gateway</title><link rel="icon" href="data:,">' +
  "<p>This is a local mock of Twilio's gateway.";

function answerWithoutPage({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === '/') response.writeHead(200, { 'Content-Type': 'text/html' }).end(OWN_PAGE);
  else answer(response, 404, 'Not found.');
}

function forward(request: IncomingMessage, response: ServerResponse, { hostname, port }: URL): void {
  const { method, url: path, socket } = request;
  const headers = {
    ...request.headers,
    connection: 'close',
    'x-forwarded-for': socket.remoteAddress ?? '',
    'x-forwarded-proto': 'https',
  };
  const forwarded = httpRequest({ hostname, port, method, path, headers, agent: false }, (answered) => {
    delete answered.headers.connection;
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
    answered.on('error', () => response.destroy());
  });
  forwarded.on('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, 'The page cannot be reached.');
  });
  response.on('close', () => forwarded.destroy());
  request.pipe(forwarded);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
}
