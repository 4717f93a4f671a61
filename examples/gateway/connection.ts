import { randomBytes } from 'node:crypto';
import type { Behavior } from './behavior';
import type { Fields } from './fields';
import { isRecord, type Payload } from './message';
import { refusalFor, refusals, type Refusal } from './refusal';
import type { SilentMedia } from './silent-media';
import type { Grant, TokenCheck } from './token-check';
import { createCallSid, voiceUrlRequest } from './voice-url-request';

export interface ConnectionOptions {
  readonly checkToken: TokenCheck;
  /** Returns the current behavior. */
  readonly behavior: () => Behavior;
  readonly media: SilentMedia;
  readonly send: (type: string, payload: Payload) => void;
  readonly closeSocket: () => void;
  readonly connect: (request: Fields, caller: Caller) => OutgoingCall;
  /** The calls of all connections by their reconnect token. */
  readonly calls: Map<string, Call>;
}

/** What a caller can do in a call. */
export interface OutgoingCall {
  readonly hangUp: () => void;
  readonly pressKeys: (digits: string) => void;
}

/** The device that called another device. */
export interface Callee {
  readonly answer: () => void;
  readonly end: () => void;
}

/** What can happen to a caller: it rings, somebody answers, or the call ends. */
export interface Caller extends Callee {
  readonly ring: () => void;
}

/** A device that can be called. */
export interface Device {
  /** Rings. Returns a function for the caller to hang up. */
  ring(request: Fields, callee: Callee): () => void;
}

/** What the gateway holds for one connection. */
export interface ConnectionState {
  /** The latest token that the gateway accepted on this connection, or null. It may have expired since. */
  readonly token: string | null;
  /** Whether the gateway would accept the token now. */
  readonly isTokenValid: boolean;
  readonly clientNames: readonly string[];
  /** Whether calls to the client names ring on this connection. */
  readonly isRegistered: boolean;
  readonly isInCall: boolean;
}

/** The gateway's side of one browser's connection. */
export interface Connection extends Device {
  receive(type: string, payload: Payload): void;
  state(): ConnectionState;
  /** Ends the session when the socket has closed. A call that the device can reconnect to goes on. */
  disconnect(): void;
}

/** A call of one device. */
export interface Call {
  readonly sid: string;
  /** Proves that a device on a new connection is the one that had the call. */
  readonly reconnectToken: string;
  isAnswered: boolean;
  readonly answer?: () => void;
  readonly hangUp: () => void;
  readonly pressKeys?: (digits: string) => void;
  /** The connection that the call is on now. */
  line: Line;
}

interface Line {
  readonly send: ConnectionOptions['send'];
  /** The call has ended, or is on another line. */
  readonly release: () => void;
}

/** How long a token that follows a refusal on the same connection waits for its validation. Assumed. */
const LATE_VALIDATION_MS = 200;
/** The SDKs ask for at most 30 seconds (`MAX_RECONNECT_TIMEOUT_ALLOWED` in their `pstream`). */
const MAX_RECONNECT_MS = 30_000;

export function createConnection(options: ConnectionOptions): Connection {
  const { checkToken, behavior, media, send, closeSocket, connect, calls } = options;
  let latestToken: string | null = null;
  let grant: Grant | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let validation: NodeJS.Timeout | undefined;
  let wasRefused = false;
  let isRegistered = false;
  let call: Call | undefined;
  /** How long a call waits for the device to reconnect. */
  let reconnectMs = 0;
  const line: Line = {
    send,
    release() {
      call = undefined;
    },
  };

  function listen(payload: Payload): void {
    clearTimeout(validation);
    if (wasRefused) validation = setTimeout(validate, LATE_VALIDATION_MS, payload);
    else validate(payload);
  }

  function validate({ token, reconnectTimeout }: Payload): void {
    const text = typeof token === 'string' ? token : '';
    const { refuseConnections } = behavior();
    if (refuseConnections !== null) {
      refuse(refuseConnections);
      return;
    }
    try {
      grant = checkToken(text);
    } catch (error) {
      refuse(refusalFor(error));
      return;
    }

    latestToken = text;
    wasRefused = false;
    const reconnectSeconds = typeof reconnectTimeout === 'number' ? reconnectTimeout : 0;
    reconnectMs = Math.min(reconnectSeconds * 1000, MAX_RECONNECT_MS);
    clearTimeout(expiry);
    const remainingMs = grant.expiresAt.getTime() - Date.now();
    expiry = setTimeout(expire, remainingMs);
    send('connected', {
      region: 'localhost',
      edge: 'localhost',
      home: 'localhost',
      // Rounded down, so that the device renews the token early rather than late.
      token: { identity: grant.clientNames[0] ?? null, ttl: Math.floor(remainingMs / 1000) },
    });
  }

  function register({ media: wanted }: Payload): void {
    if (grant === undefined) {
      // A token that waits for its validation still gets it.
      if (wasRefused) send('error', { error: refusals.tokenInvalid });
      else refuse(refusals.tokenInvalid);
      return;
    }
    isRegistered = grant.clientNames.length > 0 && isRecord(wanted) && wanted['audio'] === true;
    send(isRegistered ? 'ready' : 'offline', {});
  }

  function invite({ callsid, sdp, twilio, reconnect: reconnectToken }: Payload): void {
    if (typeof reconnectToken === 'string') {
      reconnect(callsid, reconnectToken);
      return;
    }
    const { refuseCalls } = behavior();
    if (refuseCalls !== null) {
      send('hangup', { callsid, error: refuseCalls });
      return;
    }
    if (grant?.outgoing === undefined || call !== undefined || typeof sdp !== 'string') {
      send('hangup', { callsid, error: refusals.callDeclined });
      return;
    }

    const sid = createCallSid();
    const params = isRecord(twilio) && typeof twilio['params'] === 'string' ? twilio['params'] : '';
    const outgoing = connect(voiceUrlRequest(grant, grant.outgoing, sid, params), {
      ring() {
        placed.line.send('ringing', { callsid: sid });
      },
      answer() {
        placed.isAnswered = true;
        const reconnect = placed.reconnectToken;
        placed.line.send('answer', { callsid: sid, sdp: media.answer(sdp), reconnect });
      },
      end() {
        forget(placed);
        placed.line.send('hangup', { callsid: sid });
      },
    });
    const placed: Call = {
      sid,
      reconnectToken: createReconnectToken(),
      isAnswered: false,
      ...outgoing,
      line,
    };
    begin(placed);
  }

  function ring({ From, To, AccountSid }: Fields, callee: Callee): () => void {
    const sid = createCallSid();
    const received: Call = {
      sid,
      reconnectToken: createReconnectToken(),
      isAnswered: false,
      answer() {
        received.isAnswered = true;
        callee.answer();
      },
      hangUp: callee.end,
      line,
    };
    begin(received);
    send('invite', {
      callsid: sid,
      sdp: media.offer(),
      parameters: { CallSid: sid, From, To, AccountSid },
      reconnect: received.reconnectToken,
    });
    return () => {
      forget(received);
      received.line.send(received.isAnswered ? 'hangup' : 'cancel', { callsid: sid });
    };
  }

  /** Moves a call to this line. The old one may look open, since a broken connection is noticed late. */
  function reconnect(callsid: unknown, token: string): void {
    const found = calls.get(token);
    if (grant === undefined || found === undefined || found.sid !== callsid) {
      send('hangup', { callsid });
      return;
    }
    found.line.release();
    found.line = line;
    call = found;
    send('answer', { callsid, reconnect: token });
  }

  function begin(next: Call): void {
    call = next;
    calls.set(next.reconnectToken, next);
  }

  function forget(ended: Call): void {
    calls.delete(ended.reconnectToken);
    ended.line.release();
  }

  function hangUp(): void {
    if (call === undefined) return;
    const ended = call;
    forget(ended);
    ended.hangUp();
  }

  /** A call under way outlives the token that it was made with. Assumed. */
  function expire(): void {
    if (call === undefined) {
      refuse(refusals.tokenExpired);
      return;
    }
    grant = undefined;
    isRegistered = false;
    send('error', { error: refusals.tokenExpired });
  }

  function refuse(refusal: Refusal): void {
    stop();
    send('error', { error: refusal });
    switch (behavior().afterRefusal) {
      case 'send-close':
        send('close', {});
        break;
      case 'keep-socket':
        wasRefused = true;
        break;
      case 'close-socket':
        closeSocket();
        break;
    }
  }

  function stop(): void {
    hangUp();
    clearTimeout(expiry);
    clearTimeout(validation);
    grant = undefined;
    isRegistered = false;
  }

  function disconnect(): void {
    if (call?.isAnswered && reconnectMs > 0) waitForReconnect(call);
    stop();
  }

  function waitForReconnect(lost: Call): void {
    const none: Line = { send: () => undefined, release: () => undefined };
    lost.line.release();
    lost.line = none;
    setTimeout(() => {
      if (lost.line === none && calls.delete(lost.reconnectToken)) lost.hangUp();
    }, reconnectMs).unref();
  }

  function isTokenValid(): boolean {
    if (latestToken === null) return false;
    try {
      checkToken(latestToken);
      return true;
    } catch {
      return false;
    }
  }

  const handlers = new Map<string, (payload: Payload) => void>([
    ['listen', listen],
    ['register', register],
    ['invite', invite],
    ['answer', () => call?.answer?.()],
    [
      'reject',
      ({ callsid }) => {
        if (callsid === call?.sid) hangUp();
      },
    ],
    ['hangup', hangUp],
    [
      'dtmf',
      ({ dtmf }) => {
        if (typeof dtmf === 'string') call?.pressKeys?.(dtmf);
      },
    ],
  ]);

  return {
    receive: (type, payload) => handlers.get(type)?.(payload),
    ring,
    state: () => ({
      token: latestToken,
      isTokenValid: isTokenValid(),
      clientNames: grant?.clientNames ?? [],
      isRegistered,
      isInCall: call !== undefined,
    }),
    disconnect,
  };
}

function createReconnectToken(): string {
  return randomBytes(16).toString('hex');
}
