import { setTimeout as delay } from 'node:timers/promises';
import type { Fields } from './fields';
import type { Caller, Device } from './connection';
import type { Verb } from './twiml';

export interface TwimlCall {
  readonly request: Fields;
  readonly caller: Caller;
  /** Finds a registered device with this client name that is not in a call. */
  readonly findDevice: (clientName: string) => Device | undefined;
  /** Aborts when the caller hangs up. */
  readonly hungUp: AbortSignal;
}

/** How a call ended, as Twilio's `CallStatus` has it. */
export type CallStatus = 'completed' | 'no-answer' | 'busy' | 'canceled';

/** There is no sound, so a sentence takes a fixed time. */
const SAY_MS = 1500;
/** A phone number answers after this time. */
const NUMBER_RINGS_MS = 1500;

/** Does what TwiML says, until the call is over. */
export async function runTwiml(verbs: readonly Verb[], call: TwimlCall): Promise<CallStatus> {
  const { caller, hungUp } = call;
  let status: CallStatus = 'completed';
  for (const verb of verbs) {
    if (hungUp.aborted) break;
    switch (verb.name) {
      case 'Say':
        caller.answer();
        await sleep(SAY_MS, hungUp);
        break;
      case 'Dial':
        caller.ring();
        status = await dial(verb, call);
        break;
      case 'Reject':
        return 'busy';
      case 'Hangup':
        return status;
    }
  }
  return status;
}

function dial(verb: Extract<Verb, { name: 'Dial' }>, call: TwimlCall): Promise<CallStatus> {
  const device = verb.clients.map(call.findDevice).find((found) => found !== undefined);
  if (device) return dialDevice(device, verb.timeout, call);
  return verb.numbers.length > 0 ? dialNumber(verb.timeLimit, call) : Promise.resolve('no-answer');
}

function dialDevice(device: Device, timeout: number, call: TwimlCall): Promise<CallStatus> {
  const { request, caller, hungUp } = call;
  return new Promise((resolve) => {
    let isAnswered = false;
    const finish = (status: CallStatus): void => {
      clearTimeout(ringing);
      hungUp.removeEventListener('abort', onHungUp);
      resolve(isAnswered ? 'completed' : status);
    };
    const hangUp = device.ring(request, {
      answer() {
        isAnswered = true;
        clearTimeout(ringing);
        caller.answer();
      },
      end() {
        finish('busy');
      },
    });
    const onHungUp = (): void => {
      hangUp();
      finish('canceled');
    };
    const ringing = setTimeout(() => {
      hangUp();
      finish('no-answer');
    }, timeout * 1000);
    hungUp.addEventListener('abort', onHungUp);
  });
}

async function dialNumber(timeLimit: number, { caller, hungUp }: TwimlCall): Promise<CallStatus> {
  await sleep(NUMBER_RINGS_MS, hungUp);
  if (hungUp.aborted) return 'canceled';
  caller.answer();
  await sleep(timeLimit * 1000, hungUp);
  return 'completed';
}

/** Waits, but no longer than until the caller hangs up. */
async function sleep(ms: number, hungUp: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: hungUp }).catch(() => undefined);
}
