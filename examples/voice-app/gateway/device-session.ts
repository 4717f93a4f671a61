import type { Fields } from '../voice-url/fields';
import { isRecord, type Payload } from './message';
import { refusalFor, refusals, type Refusal } from './refusal';
import type { SilentMedia } from './silent-media';
import type { Grant, TokenCheck } from './token-check';
import { createCallSid, voiceUrlRequest } from './voice-url-request';

export interface DeviceSessionOptions {
  readonly checkToken: TokenCheck;
  readonly media: SilentMedia;
  readonly send: (type: string, payload: Payload) => void;
  /** Connects a call. Returns a function for the caller to hang up. */
  readonly connect: (request: Fields, caller: Caller) => () => void;
  /** Receives the keys that are pressed during a call. */
  readonly onDigits: (digits: string) => void;
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
  /** Ends the call and the timer. Nothing is sent afterwards. */
  stop(): void;
}

/** How this device answers, if it is the one called, and hangs up. */
interface Call {
  readonly answer?: () => void;
  readonly hangUp: () => void;
}

export function createDeviceSession(options: DeviceSessionOptions): DeviceSession {
  const { checkToken, media, send, connect, onDigits } = options;
  let grant: Grant | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let isRegistered = false;
  let call: Call | undefined;

  function listen({ token }: Payload): void {
    try {
      grant = checkToken(typeof token === 'string' ? token : '');
    } catch (error) {
      refuse(refusalFor(error));
      return;
    }

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

  function invite({ callsid, sdp, twilio }: Payload): void {
    if (grant?.outgoing === undefined || call !== undefined || typeof sdp !== 'string') {
      send('hangup', { callsid, error: refusals.callDeclined });
      return;
    }

    const sid = createCallSid();
    const params = isRecord(twilio) && typeof twilio['params'] === 'string' ? twilio['params'] : '';
    const hangUp = connect(voiceUrlRequest(grant, grant.outgoing, sid, params), {
      ring() {
        send('ringing', { callsid: sid });
      },
      answer() {
        send('answer', { callsid: sid, sdp: media.answer(sdp) });
      },
      end() {
        call = undefined;
        send('hangup', { callsid: sid });
      },
    });
    call = { hangUp };
  }

  function ring({ From, To, AccountSid }: Fields, callee: Callee): () => void {
    const sid = createCallSid();
    let isAnswered = false;
    send('invite', {
      callsid: sid,
      sdp: media.offer(),
      parameters: { CallSid: sid, From, To, AccountSid },
    });
    call = {
      answer() {
        isAnswered = true;
        callee.answer();
      },
      hangUp() {
        callee.end();
      },
    };
    return () => {
      call = undefined;
      send(isAnswered ? 'hangup' : 'cancel', { callsid: sid });
    };
  }

  function hangUp(): void {
    const ended = call;
    call = undefined;
    ended?.hangUp();
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
        if (call !== undefined && typeof dtmf === 'string') onDigits(dtmf);
      },
    ],
  ]);

  return {
    receive: (type, payload) => handlers.get(type)?.(payload),
    isFreeAs: (name) => isRegistered && call === undefined && grant?.clientNames.includes(name) === true,
    ring,
    stop,
  };
}
