import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Account } from '../voice-app/account';
import type { Fields } from '../voice-app/voice-url/fields';
import { postSigned } from '../voice-app/voice-url/post-signed';
import {
  createDeviceSession,
  type Call,
  type Caller,
  type DeviceSession,
  type OutgoingCall,
} from './device-session';
import { parseMessage } from './message';
import { runTwiml, type CallStatus } from './run-twiml';
import { createSilentMedia } from './silent-media';
import type { TokenCheck } from './token-check';
import { parseTwiml, type Verb } from './twiml';
import { outsideRequest } from './voice-url-request';

export interface GatewayOptions {
  readonly account: Account;
  readonly checkToken: TokenCheck;
  /** SHA-256 fingerprint of the certificate that calls are announced with. */
  readonly fingerprint: string;
  /** The URL that Twilio asks what to do with each call. */
  readonly voiceUrl: string;
  /** The URL that receives how each call ended. */
  readonly statusUrl: string;
}

/** A call as the application sees it. */
export interface CallRecord {
  /** The form fields that the Voice URL got. */
  readonly request: Fields;
  /** The TwiML that it answered. */
  twiml?: string;
  status?: CallStatus;
  /** The keys that were pressed. */
  digits: string;
}

export interface Gateway {
  /** The latest calls, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Calls the account's number from a phone. Returns a function to hang up. */
  callFromOutside(from: string, to: string): () => void;
  /** Cuts all connections, as a network failure does. */
  dropConnections(): void;
  close(): void;
}

/** Twilio's browser SDKs connect to this path on any host they are given. */
export const SIGNAL_PATH = '/signal';

// The SDKs reconnect after 15 s without a message.
const HEARTBEAT_MS = 10_000;
const HEARTBEAT = '\n';
// The largest message is the WebRTC offer of a call, about 5 kB.
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_CALLS = 100;
const GOING_AWAY = 1001;
/** Twilio's message if a Voice URL fails. */
const APPLICATION_ERROR: Verb[] = [{ name: 'Say', text: 'An application error has occurred.' }];

/**
 * A local mock of Twilio's signaling gateway. It verifies tokens, registers devices and connects their calls as
 * the Voice URL says. It carries no sound.
 */
export function attachGateway(server: Server, options: GatewayOptions): Gateway {
  const { account, checkToken, fingerprint, voiceUrl, statusUrl } = options;
  const calls: CallRecord[] = [];
  const sessions = new Set<DeviceSession>();
  const deviceCalls = new Map<string, Call>();
  let isClosed = false;
  const media = createSilentMedia(fingerprint);
  const sockets = new WebSocketServer({ server, path: SIGNAL_PATH, maxPayload: MAX_MESSAGE_BYTES });

  const findDevice = (name: string): DeviceSession | undefined =>
    [...sessions].find((session) => session.isFreeAs(name));

  function connect(request: Fields, caller: Caller): OutgoingCall {
    const hangUp = new AbortController();
    const record: CallRecord = { request, digits: '' };
    calls.push(record);
    if (calls.length > MAX_CALLS) calls.shift();
    void runCall(record, caller, hangUp.signal);
    return {
      hangUp() {
        hangUp.abort();
      },
      pressKeys(digits) {
        record.digits += digits;
      },
    };
  }

  async function runCall(record: CallRecord, caller: Caller, hungUp: AbortSignal): Promise<void> {
    const { request } = record;
    let answeredAt: number | undefined;
    const timed: Caller = {
      ...caller,
      answer() {
        if (answeredAt !== undefined || hungUp.aborted) return;
        answeredAt = Date.now();
        caller.answer();
      },
    };
    const verbs = await askVoiceUrl(record);
    record.status = await runTwiml(verbs, { request, caller: timed, findDevice, hungUp });
    if (!hungUp.aborted) caller.end();

    const seconds = answeredAt === undefined ? 0 : Math.round((Date.now() - answeredAt) / 1000);
    const ended = { ...request, CallStatus: record.status, CallDuration: String(seconds) };
    if (!isClosed) await postSigned(statusUrl, account.authToken, ended).catch(logFailure);
  }

  async function askVoiceUrl(record: CallRecord): Promise<readonly Verb[]> {
    try {
      record.twiml = await postSigned(voiceUrl, account.authToken, record.request);
      return parseTwiml(record.twiml);
    } catch (error) {
      logFailure(error);
      return APPLICATION_ERROR;
    }
  }

  // The WebSocket server repeats the errors of the server, whose own listeners handle them.
  sockets.on('error', () => undefined);
  sockets.on('connection', (socket) => {
    const send = (type: string, payload: unknown): void => {
      socket.send(JSON.stringify({ type, payload }));
    };
    const session = createDeviceSession({ checkToken, media, send, connect, calls: deviceCalls });
    sessions.add(session);
    const heartbeat = setInterval(() => {
      socket.send(HEARTBEAT);
    }, HEARTBEAT_MS);

    socket.on('message', (data: Buffer) => {
      const message = parseMessage(data.toString());
      if (message) session.receive(message.type, message.payload);
    });
    // A broken socket closes too. Without this listener, the error would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(heartbeat);
      sessions.delete(session);
      session.disconnect();
    });
  });

  return {
    calls,
    callFromOutside(from, to) {
      const ignore = (): undefined => undefined;
      return connect(outsideRequest(account.sid, from, to), { ring: ignore, answer: ignore, end: ignore })
        .hangUp;
    },
    dropConnections() {
      for (const socket of sockets.clients) socket.terminate();
    },
    close() {
      isClosed = true;
      for (const socket of sockets.clients) closeSocket(socket);
      sockets.close();
    },
  };
}

function logFailure(error: unknown): void {
  console.error('Local gateway:', error instanceof Error ? error.message : error);
}

function closeSocket(socket: WebSocket): void {
  socket.close(GOING_AWAY);
  setTimeout(() => {
    socket.terminate();
  }, 1000).unref();
}
