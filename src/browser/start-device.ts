import { isFetchedToken, type FetchedToken, type TokenFetchError } from './fetch-token';

/** The members of a device that {@link startDevice} uses. `Device` of `@twilio/voice-sdk` has all of them. */
export interface VoiceDevice {
  /** `unregistered`, `registering`, `registered` or `destroyed`. */
  readonly state: string;
  /** Whether a call is in progress. */
  readonly isBusy: boolean;
  /** Incoming calls that are not answered yet. */
  readonly calls: readonly unknown[];
  /** Adds a listener for errors. Errors of a call come with the call. */
  on(event: 'error', listener: (error: unknown, call?: unknown) => void): unknown;
  /** Registers the device for incoming calls. */
  register(): Promise<unknown>;
  /** Replaces the token of the device. */
  updateToken(token: string): void;
  /** Ends the registration and the connection. */
  destroy(): void;
}

/** Options of {@link startDevice}. */
export interface StartDeviceOptions<D extends VoiceDevice> {
  /** Fetches a token. Pass the signal on: it aborts after 15 seconds and on {@link Phone.stop}. */
  readonly fetchToken: (signal: AbortSignal) => Promise<FetchedToken>;
  /** Creates a device and adds its listeners. Do not register the device or destroy it. */
  readonly createDevice: (token: string) => D;
  /** Called with the first device and with each device that replaces it. */
  readonly onDevice?: ((device: D) => void) | undefined;
  /**
   * Called when a token cannot be fetched, a device cannot be created or Twilio refuses a token. `retryInMs` is the
   * time until the next attempt. It is absent after a status of 401 or 403: call {@link Phone.renew} when the user is
   * signed in again. Default: `console.error`.
   */
  readonly onError?: ((error: unknown, info: { retryInMs?: number }) => void) | undefined;
}

/** A device that {@link startDevice} keeps registered. */
export interface Phone<D extends VoiceDevice> {
  /** The current device. Undefined until the first token arrives, and while the device is replaced. */
  readonly device: D | undefined;
  /** Fetches a token now. Resolves when the attempt is over, even if it failed. Never rejects. */
  renew(): Promise<void>;
  /** Destroys the device and ends its renewal. */
  stop(): void;
}

/** A token and its times by {@link createClock}, in milliseconds. */
interface HeldToken {
  readonly text: string;
  readonly fetchedAt: number;
  renewAt: number;
  expiresAt: number;
}

/** Numbers under which the Voice SDK reports that Twilio refused a token. 53000 is also a general failure. */
const REFUSALS = [20101, 20104, 20151, 31202, 31203, 31204, 31205, 31207, 53000];
const GENERAL_FAILURE = 53000;
const TOO_MANY_REQUESTS = 31206;

const CHECK_MS = 500;
const FETCH_TIMEOUT_MS = 15_000;
const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A token that is refused sooner than this counts as a failed attempt. */
const FRESH_MS = 30_000;
/** The SDK reconnects by itself, but in rare cases does not register again. */
const UNREGISTERED_MS = 30_000;
const UNREGISTERED_AFTER_WAKE_MS = 2000;
/** The SDK reports a call as ringing for ever if the connection ends meanwhile. */
const RINGING_MS = 30_000;

/**
 * Creates and registers a device, and keeps it registered: renews its token, and replaces the device when the token
 * has expired or was refused. It never ends a call.
 *
 * @example
 * const phone = startDevice({
 *   fetchToken: (signal) => fetchToken('/token', { signal }),
 *   createDevice: (token) => {
 *     const device = new Device(token);
 *     device.on('incoming', ring);
 *     return device;
 *   },
 * });
 */
export function startDevice<D extends VoiceDevice>(options: StartDeviceOptions<D>): Phone<D> {
  const { fetchToken, createDevice, onDevice, onError = console.error } = options;
  const now = createClock();

  let device: D | undefined;
  let token: HeldToken = { text: '', fetchedAt: 0, renewAt: 0, expiresAt: 0 };
  /** The token of the device: usually the same object. */
  let deviceToken = token;
  /** When a device that stays unregistered is replaced. */
  let replaceAt = Infinity;

  let attempt: Promise<void> | undefined;
  let controller: AbortController | undefined;
  let triedAt = 0;
  let tryAt = 0;
  /** Unlike `tryAt`, this wait is Twilio's or the server's, and lasts when the page wakes up. */
  let notBefore = 0;
  let failures = 0;
  /** When the earlier failures no longer count. */
  let calmAt = Infinity;
  let isSignedOut = false;
  let isStopped = false;

  /** The one rule: a valid token is renewed, and a device without a valid token is replaced. */
  function check(): void {
    const time = now();
    if (time >= triedAt + FETCH_TIMEOUT_MS) {
      controller?.abort(new DOMException('The token did not arrive within 15 seconds.', 'TimeoutError'));
    }
    if (device) {
      const { state, isBusy, calls } = device;
      if (state !== 'unregistered') replaceAt = time + UNREGISTERED_MS;
      const endsAt = state === 'destroyed' ? 0 : Math.min(deviceToken.expiresAt, replaceAt);
      const isInCall = isBusy || (calls.length > 0 && time < endsAt + RINGING_MS);
      if (time < endsAt) {
        // A renewal can cost a second of sound, so a call delays it.
        const { renewAt, expiresAt } = deviceToken;
        if (time < (isInCall ? (renewAt + expiresAt) / 2 : renewAt)) return;
      } else {
        if (isInCall && state !== 'destroyed') return;
        destroyDevice();
      }
    }
    if (!isSignedOut && time >= tryAt && time >= notBefore) void run();
  }

  /** Skips the wait when the network or the page is back, and gives the SDK little time to register. */
  function wake({ type }: Event): void {
    if (type !== 'online' && document.visibilityState === 'hidden') return;
    tryAt = Math.min(tryAt, triedAt + SHORTEST_WAIT_MS);
    replaceAt = now() + UNREGISTERED_AFTER_WAKE_MS;
    check();
  }

  function run(): Promise<void> {
    attempt ??= tryOnce()
      .catch(onFailure)
      .finally(() => {
        attempt = undefined;
      });
    return attempt;
  }

  async function tryOnce(): Promise<void> {
    triedAt = now();
    tryAt = triedAt + SHORTEST_WAIT_MS;
    if (triedAt >= token.renewAt) {
      const next = await fetchNext();
      if (isStopped) return;
      token = next;
      calmAt = Math.min(calmAt, now() + FRESH_MS);
    }
    if (!device) {
      openDevice();
    } else if (now() < deviceToken.expiresAt) {
      device.updateToken(token.text);
      deviceToken = token;
    }
  }

  async function fetchNext(): Promise<HeldToken> {
    const fetchedAt = triedAt;
    controller = new AbortController();
    const { signal } = controller;
    // Also ends the wait for a function that ignores the signal.
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as DOMException);
      });
    });
    try {
      const fetched = await Promise.race([fetchToken(signal), aborted]);
      if (!isFetchedToken(fetched)) throw new TypeError('fetchToken must resolve to { token, ttl }.');
      const expiresAt = fetchedAt + fetched.ttl * 1000;
      const renewAt = expiresAt - Math.min(60, fetched.ttl / 3) * 1000;
      return { text: fetched.token, fetchedAt, renewAt, expiresAt };
    } finally {
      controller = undefined;
    }
  }

  function openDevice(): void {
    const opened = createDevice(token.text);
    device = opened;
    deviceToken = token;
    replaceAt = now() + UNREGISTERED_MS;
    if (isStopped) {
      destroyDevice();
      return;
    }
    opened.on('error', (error, call) => {
      if (opened === device && call === undefined) onRefusal(error);
    });
    // The error event and the state report a failure too.
    opened.register().catch(() => undefined);
    callSafely(() => onDevice?.(opened));
  }

  function destroyDevice(): void {
    const destroyed = device;
    device = undefined;
    callSafely(() => destroyed?.destroy());
  }

  function onFailure(error: unknown): void {
    if (isStopped) return;
    const { status, retryAfter } = Object(error) as Partial<TokenFetchError>;
    isSignedOut = status === 401 || status === 403;
    if (isSignedOut) {
      callSafely(() => {
        onError(error, {});
      });
      return;
    }
    if (retryAfter !== undefined && retryAfter > 0) notBefore = now() + retryAfter * 1000;
    backOff(1);
    report(error);
  }

  function onRefusal(error: unknown): void {
    const { code = 0 } = Object(error) as { code?: number };
    const time = now();
    if (code === TOO_MANY_REQUESTS) {
      // The token is not at fault. A device that is not registered would reconnect at once.
      notBefore = time + LONGEST_WAIT_MS * (1 + Math.random());
      if (device?.state !== 'registered') deviceToken = { ...deviceToken, expiresAt: 0 };
      report(error);
    } else if (REFUSALS.includes(code) && time < deviceToken.expiresAt) {
      // Otherwise an outage or a wrong secret would cost a request for each connection.
      if (code === GENERAL_FAILURE) backOff(2);
      else if (time < deviceToken.fetchedAt + FRESH_MS) backOff(1);
      deviceToken.renewAt = 0;
      deviceToken.expiresAt = time;
      report(error);
    }
    check();
  }

  /** Waits 1 to 2 s, 2 to 4 s … 30 s. */
  function backOff(factor: number): void {
    const time = now();
    if (time >= calmAt) failures = 0;
    calmAt = Infinity;
    const waitMs = SHORTEST_WAIT_MS * 2 ** failures * (1 + Math.random());
    failures += 1;
    tryAt = time + Math.min(waitMs, LONGEST_WAIT_MS) * factor;
  }

  function report(error: unknown): void {
    const retryInMs = Math.max(0, Math.max(tryAt, notBefore) - now());
    callSafely(() => {
      onError(error, { retryInMs });
    });
  }

  const timer = setInterval(check, CHECK_MS);
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', wake);
  document.addEventListener('visibilitychange', wake);
  void run();

  return {
    get device() {
      return device;
    },
    renew() {
      if (isStopped) return Promise.resolve();
      isSignedOut = false;
      token.renewAt = 0;
      return run();
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      window.removeEventListener('online', wake);
      window.removeEventListener('pageshow', wake);
      document.removeEventListener('visibilitychange', wake);
      controller?.abort();
      destroyDevice();
    },
  };
}

/**
 * Counts milliseconds. `performance.now()` stops while a computer sleeps, and somebody can set the clock that
 * `Date.now()` reads. The one that moved more since the last call counts.
 */
function createClock(): () => number {
  let total = 0;
  let [date, monotonic] = [Date.now(), performance.now()];
  return () => {
    const [nextDate, nextMonotonic] = [Date.now(), performance.now()];
    total += Math.max(nextDate - date, nextMonotonic - monotonic);
    [date, monotonic] = [nextDate, nextMonotonic];
    return total;
  };
}

/** An error in the application's own function must not end the renewal. */
function callSafely(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    console.error(error);
  }
}
