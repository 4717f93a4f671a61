// One interface for both of Twilio's browser SDKs.
import { displayName } from '../names.js';

/**
 * @typedef {object} PhoneOptions
 * @property {string} token
 * @property {number} refreshMs  how long before its expiry a token is renewed
 * @property {string | null} signalingHost  where the SDK connects, null for Twilio
 * @property {(state: 'connecting' | 'registered' | 'offline') => void} onState
 * @property {(state: 'ringing' | 'open' | 'reconnecting' | 'ended') => void} onCall
 * @property {(incoming: { from: string, accept: () => void, reject: () => void }) => void} onIncoming
 * @property {() => void} onTokenWillExpire
 * @property {(problem: { code: number, message: string }) => void} onProblem
 *
 * @typedef {object} Phone
 * @property {(token: string) => void} updateToken
 * @property {(destination: string) => void} call
 * @property {() => void} hangUp
 * @property {(isMuted: boolean) => void} mute
 * @property {(digit: string) => void} sendDigit
 * @property {(deviceId: string) => Promise<void>} useMicrophone
 * @property {() => void} destroy
 */

/** Reports the state of a call. Both SDKs have the same events. */
export function followCall(call, { onCall, onProblem }) {
  call.on('ringing', () => onCall('ringing'));
  call.on('accept', () => onCall('open'));
  call.on('reconnecting', () => onCall('reconnecting'));
  call.on('reconnected', () => onCall('open'));
  for (const end of ['disconnect', 'cancel', 'reject']) call.on(end, () => onCall('ended'));
  call.on('error', onProblem);
}

/** @returns {{ from: string, accept: () => void, reject: () => void }} */
export function describeIncoming(call) {
  return {
    from: displayName(call.parameters.From),
    accept: () => call.accept(),
    reject: () => call.reject(),
  };
}

/** The SDKs' sounds are on Twilio's servers. With another host, one short tone is used for all of them. */
export function ownSounds(names) {
  return Object.fromEntries(names.map((name) => [name, '/tone.wav']));
}

const scripts = new Map();

/** Loads a script once. The SDKs are classic scripts, which define `window.Twilio`. */
export function loadScript(src) {
  if (!scripts.has(src)) {
    const loading = load(src);
    scripts.set(src, loading);
    // The next attempt loads it again.
    loading.catch(() => scripts.delete(src));
  }
  return scripts.get(src);
}

function load(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} did not load.`));
    document.head.append(script);
  });
}
