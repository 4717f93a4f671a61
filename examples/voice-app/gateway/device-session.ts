import { isRecord, type Payload } from './message';
import { refusalFor, refusals, type Refusal } from './refusal';
import type { SilentMedia } from './silent-media';
import type { Grant, TokenCheck } from './token-check';
import { createCallSid, voiceUrlRequest, type VoiceUrlRequest } from './voice-url-request';

export interface DeviceSessionOptions {
  readonly checkToken: TokenCheck;
  readonly media: SilentMedia;
  readonly send: (type: string, payload: Payload) => void;
  /** Connects a call, and gives back how its caller hangs up. */
  readonly connect: (request: VoiceUrlRequest, caller: Caller) => () => void;
}

/** What can happen to a caller: somebody picks up, or it is over. */
export interface Caller {
  readonly answer: () => void;
  readonly end: () => void;
}

/** The gateway's side of one browser's connection. */
export interface DeviceSession {
  receive(type: string, payload: Payload): void;
  /** Whether a call to this client name would ring here. */
  isFreeAs(clientName: string): boolean;
  /** Rings, and gives back how the caller hangs up. */
  ring(request: VoiceUrlRequest, caller: Caller): () => void;
  /** Ends its call and its timer; nothing is sent afterwards. */
  stop(): void;
}

/** How this device picks up, if it is the one called, and hangs up. */
interface Call {
  readonly answer?: () => void;
  readonly hangUp: () => void;
}

export function createDeviceSession(options: DeviceSessionOptions): DeviceSession {
  const { checkToken, media, send, connect } = options;
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
    expiry = setTimeout(refuse, remainingMs, refusals.tokenExpired);
    send('connected', {
      region: 'localhost',
      edge: 'localhost',
      home: 'localhost',
      // Rounded down: a device that is told less refreshes a moment early, one that is told more too late.
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
    send('ringing', { callsid: sid });
    const hangUp = connect(voiceUrlRequest(grant, grant.outgoing, sid, params), {
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

  function ring({ From, To, AccountSid }: VoiceUrlRequest, caller: Caller): () => void {
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
        caller.answer();
      },
      hangUp() {
        caller.end();
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

  function refuse(refusal: Refusal): void {
    stop();
    send('error', { error: refusal });
    // Without it the SDKs connect again and again with the same token.
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
  ]);

  return {
    receive: (type, payload) => handlers.get(type)?.(payload),
    isFreeAs: (name) => isRegistered && call === undefined && grant?.clientNames.includes(name) === true,
    ring,
    stop,
  };
}
