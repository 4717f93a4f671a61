// One interface over both of Twilio's browser SDKs, so that the page need not know which one it has.

/**
 * @typedef {object} PhoneOptions
 * @property {string} token
 * @property {number} refreshMs  how long before its end to ask for the next token
 * @property {boolean} usesTwilio  Twilio itself, not the local gateway
 * @property {(state: 'connecting' | 'registered' | 'offline') => void} onState
 * @property {(state: 'connecting' | 'ringing' | 'open' | 'ended') => void} onCall
 * @property {(incoming: { from: string, accept: () => void, reject: () => void }) => void} onIncoming
 * @property {() => void} onTokenWillExpire
 * @property {(problem: { code: number, message: string }) => void} onProblem
 *
 * @typedef {object} Phone
 * @property {(token: string, ttl: number) => void} updateToken
 * @property {(destination: string) => void} call
 * @property {() => void} hangUp
 * @property {() => void} destroy
 */

/** Passes on what becomes of a call; both SDKs have the same events for it. */
export function followCall(call, { onCall, onProblem }) {
  call.on('ringing', () => onCall('ringing'));
  call.on('accept', () => onCall('open'));
  for (const end of ['disconnect', 'cancel', 'reject']) call.on(end, () => onCall('ended'));
  call.on('error', onProblem);
}

/** @returns {{ from: string, accept: () => void, reject: () => void }} */
export function describeIncoming(call) {
  return {
    from: call.parameters.From.replace(/^client:/, ''),
    accept: () => call.accept(),
    reject: () => call.reject(),
  };
}

/** The SDKs' own sounds are on Twilio's servers; without an account a short tone does for all of them. */
export function localSounds(names) {
  return Object.fromEntries(names.map((name) => [name, '/tone.wav']));
}

/** Loads a script once; the SDKs are classic scripts, which put themselves under `window.Twilio`. */
export function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} did not load.`));
    document.head.append(script);
  });
}
