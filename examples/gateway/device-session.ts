import { randomBytes } from 'node:crypto';
import type { Fields } from '../voice-app/voice-url/fields';
import { isRecord, type Payload } from './message';
import { refusalFor, refusals, type Refusal } from './refusal';
import type { SilentMedia } from './silent-media';
import type { Grant, TokenCheck } from './token-check';
import { createCallSid, voiceUrlRequest } from './voice-url-request';

export interface DeviceSessionOptions {
  readonly checkToken: TokenCheck;
  readonly media: SilentMedia;
  readonly send: (type: string, payload: Payload) => void;
  readonly connect: (request: Fields, caller: Caller) => OutgoingCall;
  /** The calls of all devices by their reconnect token. */
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
  /** Whether a call to this client name rings here. */
  isFreeAs(clientName: string): boolean;
  /** Rings. Returns a function for the caller to hang up. */
  ring(request: Fields, callee: Callee): () => void;
}

/** The gateway's side of one browser's connection. */
export interface DeviceSession extends Device {
  receive(type: string, payload: Payload): void;
  /** Ends the session when its connection is lost. A call that the device can reconnect to goes on. */
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
  readonly send: DeviceSessionOptions['send'];
  /** The call has ended, or is on another line. */
  readonly release: () => void;
}

export function createDeviceSession(options: DeviceSessionOptions): DeviceSession {
  const { checkToken, media, send, connect, calls } = options;
  let grant: Grant | undefined;
  let expiry: NodeJS.Timeout | undefined;
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

  function listen({ token, reconnectTimeout }: Payload): void {
    try {
      grant = checkToken(typeof token === 'string' ? token : '');
    } catch (error) {
      refuse(refusalFor(error));
      return;
    }

    reconnectMs = typeof reconnectTimeout === 'number' ? reconnectTimeout * 1000 : 0;
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
      refuse(refusals.tokenInvalid);
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

  /** As with Twilio, a call under way outlives the token that it was made with. */
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
    // Otherwise the SDKs reconnect again and again with the same token.
    send('close', {});
  }

  function stop(): void {
    hangUp();
    clearTimeout(expiry);
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

  const handlers = new Map<string, (payload: Payload) => void>([
    ['listen', listen],
    ['register', register],
    ['invite', invite],
    ['answer', () => call?.answer?.()],
    ['reject', hangUp],
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
    isFreeAs: (name) => isRegistered && call === undefined && grant?.clientNames.includes(name) === true,
    ring,
    disconnect,
  };
}

function createReconnectToken(): string {
  return randomBytes(16).toString('hex');
}
