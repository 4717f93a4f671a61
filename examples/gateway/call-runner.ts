import type { Caller, Device, OutgoingCall } from './connection';
import type { Fields } from './fields';
import { postSigned } from './post-signed';
import { runTwiml, type CallStatus } from './run-twiml';
import { parseTwiml, type Verb } from './twiml';

/** A call as the application sees it. */
export interface CallRecord {
  /** The form fields that the Voice URL got. */
  readonly request: Fields;
  /** The TwiML that it answered. */
  twiml?: string;
  /** When the call was answered, in milliseconds since the epoch. */
  answeredAt?: number;
  /** How the call ended. */
  status?: CallStatus;
  /** The keys that were pressed. */
  digits: string;
}

export interface CallRunnerOptions {
  /** Signs the requests. */
  readonly authToken: () => string;
  readonly urls: () => VoiceUrls;
  readonly findDevice: (clientName: string) => Device | undefined;
}

export interface VoiceUrls {
  /** The URL that gets each call and answers with TwiML. */
  readonly voiceUrl?: string | undefined;
  /** The URL that gets how each call ended. */
  readonly statusUrl?: string | undefined;
}

export interface CallRunner {
  /** The latest calls, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Starts a call. */
  connect(request: Fields, caller: Caller): OutgoingCall;
  /** Stops reporting how calls end. */
  close(): void;
}

const MAX_CALLS = 100;
const MAX_DIGITS = 1000;
/** What Twilio says if a Voice URL fails: https://www.twilio.com/docs/api/errors/11200 */
const APPLICATION_ERROR: Verb[] = [{ name: 'Say', text: 'An application error has occurred.' }];

/** Runs the calls of all devices as the Voice URL says. */
export function createCallRunner({ authToken, urls, findDevice }: CallRunnerOptions): CallRunner {
  const calls: CallRecord[] = [];
  let isClosed = false;

  async function run(record: CallRecord, caller: Caller, hungUp: AbortSignal): Promise<void> {
    const { request } = record;
    const timed: Caller = {
      ...caller,
      answer() {
        if (record.answeredAt !== undefined || hungUp.aborted) return;
        record.answeredAt = Date.now();
        caller.answer();
      },
    };
    const verbs = await askVoiceUrl(record);
    record.status = await runTwiml(verbs, { request, caller: timed, findDevice, hungUp });
    if (!hungUp.aborted) caller.end();

    const { answeredAt = Date.now() } = record;
    const seconds = Math.round((Date.now() - answeredAt) / 1000);
    const { statusUrl } = urls();
    if (isClosed || statusUrl === undefined) return;
    const ended = { ...request, CallStatus: record.status, CallDuration: String(seconds) };
    await postSigned(statusUrl, authToken(), ended);
  }

  async function askVoiceUrl(record: CallRecord): Promise<readonly Verb[]> {
    try {
      const { voiceUrl } = urls();
      if (voiceUrl === undefined) throw new Error('No Voice URL is attached.');
      record.twiml = await postSigned(voiceUrl, authToken(), record.request);
      return parseTwiml(record.twiml);
    } catch (error) {
      logFailure(error);
      return APPLICATION_ERROR;
    }
  }

  return {
    calls,
    connect(request, caller) {
      const hangUp = new AbortController();
      const record: CallRecord = { request, digits: '' };
      calls.push(record);
      if (calls.length > MAX_CALLS) calls.shift();
      run(record, caller, hangUp.signal).catch(logFailure);
      return {
        hangUp() {
          hangUp.abort();
        },
        pressKeys(digits) {
          record.digits = (record.digits + digits).slice(0, MAX_DIGITS);
        },
      };
    },
    close() {
      isClosed = true;
    },
  };
}

function logFailure(error: unknown): void {
  console.error('Gateway:', error instanceof Error ? error.message : error);
}
