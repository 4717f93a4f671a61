import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { createDeviceSession, type Caller, type DeviceSession } from './device-session';
import { parseMessage } from './message';
import { createSilentMedia } from './silent-media';
import type { TokenCheck } from './token-check';
import type { VoiceUrlRequest } from './voice-url-request';

export interface GatewayOptions {
  readonly checkToken: TokenCheck;
  /** SHA-256 fingerprint of the certificate that calls are announced with. */
  readonly fingerprint: string;
}

export interface Gateway {
  /** Every call so far, oldest first, as the application's VoiceUrl would have been told of it. */
  readonly calls: readonly VoiceUrlRequest[];
  close(): void;
}

/** Where Twilio's browser SDKs look for signalling, on any host they are given. */
export const SIGNAL_PATH = '/signal';

// The SDKs reconnect after 15 s without a word from the other side.
const HEARTBEAT_MS = 10_000;
const HEARTBEAT = '\n';
// The largest message is a call's WebRTC offer, of some 5 kB.
const MAX_MESSAGE_BYTES = 64 * 1024;
const RINGING_MS = 1500;
const GOING_AWAY = 1001;

/**
 * Stands in for Twilio's signalling gateway on this machine: checks tokens, registers devices and connects
 * their calls. It carries no sound.
 */
export function attachGateway(server: Server, { checkToken, fingerprint }: GatewayOptions): Gateway {
  const calls: VoiceUrlRequest[] = [];
  const sessions = new Set<DeviceSession>();
  const media = createSilentMedia(fingerprint);
  const sockets = new WebSocketServer({ server, path: SIGNAL_PATH, maxPayload: MAX_MESSAGE_BYTES });

  // Twilio would ask the application's VoiceUrl what to do with the call. Here there is none to ask, so a
  // client that is registered rings, and any other number is answered after a moment.
  function connect(request: VoiceUrlRequest, caller: Caller): () => void {
    calls.push(request);
    const name = request['To']?.replace(/^client:/, '') ?? '';
    const callee = [...sessions].find((session) => session.isFreeAs(name));
    if (callee) return callee.ring(request, caller);

    const answering = setTimeout(caller.answer, RINGING_MS);
    return () => {
      clearTimeout(answering);
    };
  }

  // It repeats the errors of the server, whose own listeners deal with them; unheard, one ends the process.
  sockets.on('error', () => undefined);
  sockets.on('connection', (socket) => {
    const send = (type: string, payload: unknown): void => {
      socket.send(JSON.stringify({ type, payload }));
    };
    const session = createDeviceSession({ checkToken, media, send, connect });
    sessions.add(session);
    const heartbeat = setInterval(() => {
      socket.send(HEARTBEAT);
    }, HEARTBEAT_MS);

    socket.on('message', (data: Buffer) => {
      const message = parseMessage(data.toString());
      if (message) session.receive(message.type, message.payload);
    });
    // A socket that breaks closes too; without a listener the error would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(heartbeat);
      sessions.delete(session);
      session.stop();
    });
  });

  return {
    calls,
    close() {
      for (const socket of sockets.clients) closeSocket(socket);
      sockets.close();
    },
  };
}

function closeSocket(socket: WebSocket): void {
  socket.close(GOING_AWAY);
  setTimeout(() => {
    socket.terminate();
  }, 1000).unref();
}
