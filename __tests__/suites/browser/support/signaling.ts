import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { WebSocket, type ClientOptions } from 'ws';
import { SIGNAL_PATH } from '../../../../examples/gateway';
import { serve } from './http';

/** A message of the gateway. */
export interface Received {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A client of the gateway without an SDK. */
export interface Client {
  readonly socket: WebSocket;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  send(type: string, payload?: object): void;
  /** Resolves with the next message that is no heartbeat. */
  next(): Promise<Received>;
  /** Sends a token and registers. Resolves with both answers. */
  register(token: string): Promise<string[]>;
}

/** @param host - Host and port of a gateway. */
export async function connectClient(host: string, options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(`wss://${host}${SIGNAL_PATH}`, { rejectUnauthorized: false, ...options });
  const received: Received[] = [];
  const waiting: ((message: Received) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    if (data.toString() === '\n') return;
    const message = JSON.parse(data.toString()) as Received;
    const resolve = waiting.shift();
    if (resolve) resolve(message);
    else received.push(message);
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve);
  });
  await once(socket, 'open');
  socket.on('error', () => undefined);

  const send = (type: string, payload: object = {}): void => {
    socket.send(JSON.stringify({ type, payload }));
  };
  const next = (): Promise<Received> => {
    const message = received.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
  };
  return {
    socket,
    closed,
    send,
    next,
    async register(token) {
      send('listen', { token });
      const listened = await next();
      send('register', { media: { audio: true } });
      return [listened.type, (await next()).type];
    },
  };
}

/** A Voice URL that answers every call with the same TwiML. */
export interface TestVoiceUrl {
  readonly url: string;
  /** The form fields of each request. */
  readonly requests: Record<string, string>[];
  close(): Promise<void>;
}

export async function startVoiceUrl(verbs: string): Promise<TestVoiceUrl> {
  const requests: TestVoiceUrl['requests'] = [];
  const { url, close } = await serve((request, response) => {
    void text(request).then((body) => {
      requests.push(Object.fromEntries(new URLSearchParams(body)));
      response.end(`<?xml version="1.0"?><Response>${verbs}</Response>`);
    });
  });
  return { url: `${url}/voice`, requests, close };
}
