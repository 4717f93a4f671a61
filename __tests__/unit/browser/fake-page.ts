import { jest } from '@jest/globals';
import {
  startDevice,
  TokenFetchError,
  type FetchedToken,
  type Phone,
  type StartDeviceOptions,
} from '../../../src/browser';

export const TTL = 600;

/** How an endpoint answers. */
export type Answer = () => Promise<FetchedToken>;

export const sends =
  (token: string, ttl = TTL): Answer =>
  () =>
    Promise.resolve({ token, ttl });
export const sendsLater =
  (seconds: number, token: string): Answer =>
  () =>
    new Promise((resolve) => setTimeout(resolve, seconds * 1000, { token, ttl: TTL }));
export const hangs: Answer = () => new Promise(() => undefined);
export const noNetwork: Answer = () => Promise.reject(new TokenFetchError('no network'));
export const status =
  (code: number, retryAfter?: number): Answer =>
  () =>
    Promise.reject(Object.assign(new TokenFetchError('no token'), { status: code, retryAfter }));

/** Behaves as `Device` of the Voice SDK: throws for a wrong state, and `destroy` ends its calls. */
export class FakeDevice {
  state = 'unregistered';
  isBusy = false;
  calls: unknown[] = [];
  readonly listeners: ((error: unknown, call?: unknown) => void)[] = [];

  constructor(
    token: string,
    private readonly log: (event: string) => void = () => undefined,
  ) {
    log(`new(${token})`);
  }

  on(_event: 'error', listener: (error: unknown, call?: unknown) => void): void {
    this.listeners.push(listener);
  }

  register(): Promise<void> {
    this.state = 'registered';
    return Promise.resolve();
  }

  updateToken(token: string): void {
    if (this.state === 'destroyed') throw new Error('InvalidStateError');
    this.log(`update(${token})`);
  }

  destroy(): void {
    this.log('destroy');
    this.state = 'destroyed';
    this.isBusy = false;
    this.calls = [];
  }

  /** Reports an error of the connection, or of a call. */
  fail(code: number | undefined, call?: unknown): void {
    for (const listener of this.listeners) listener(Object.assign(new Error('of the SDK'), { code }), call);
  }
}

/** Installs the globals that the module uses. Returns the events that have a listener. */
export function installPage(): Set<string> {
  const listened = new Set<string>();
  class Target extends EventTarget {
    override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
      listened.add(args[0]);
      super.addEventListener(...args);
    }
    override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
      listened.delete(args[0]);
      super.removeEventListener(...args);
    }
  }
  Object.assign(globalThis, { window: new Target(), document: new Target() });
  return listened;
}

type PageEvent = 'online' | 'pageshow' | 'visibilitychange';

/**
 * A step of a test: seconds that pass, an event, or what changes in the device and the endpoint. `fails` is the number
 * of an error that the device reports, and `sleeps` moves the time of day.
 */
export type Step =
  | number
  | PageEvent
  | (Partial<Pick<FakeDevice, 'state' | 'isBusy' | 'calls'>> & {
      readonly answer?: Answer;
      readonly fails?: number | undefined;
      readonly sleeps?: number;
    });

/** A page with a phone. Its endpoint sends the tokens t1, t2 … of 600 seconds. */
export class FakePage {
  readonly phone: Phone<FakeDevice>;
  /** The newest device. */
  device!: FakeDevice;
  /** Seconds since the start at which a token was requested. */
  readonly fetches: number[] = [];
  /** The signals of these requests. */
  readonly signals: AbortSignal[] = [];
  /** What `onError` got: the error's code, status or message, and the seconds until the next attempt. */
  readonly errors: [unknown, number | undefined][] = [];
  answer: Answer = () => sends(`t${this.fetches.length}`)();
  readonly #start = performance.now();
  readonly #log: (string | number)[] = [];

  constructor({ answer, ...options }: Partial<StartDeviceOptions<FakeDevice>> & { answer?: Answer }) {
    if (answer) this.answer = answer;
    this.phone = startDevice<FakeDevice>({
      fetchToken: (signal) => {
        this.fetches.push(this.#record('fetch'));
        this.signals.push(signal);
        return this.answer();
      },
      createDevice: (token) => (this.device = new FakeDevice(token, (event) => this.#record(event))),
      onError: (error, { retryInMs }) => {
        const { code, status, message } = Object(error) as Record<'code' | 'status' | 'message', unknown>;
        const reason = error instanceof DOMException ? message : (code ?? status ?? message);
        this.errors.push([reason, retryInMs === undefined ? undefined : retryInMs / 1000]);
      },
      ...options,
    });
  }

  /** Writes an event down. Returns the seconds since the start. */
  #record(event: string): number {
    const time = (performance.now() - this.#start) / 1000;
    if (this.#log.findLast((entry) => typeof entry === 'number') !== time) this.#log.push(time);
    this.#log.push(event);
    return time;
  }

  /** What happened, after the second in which it did: `0 fetch new(t1) 540 fetch update(t2) 600 destroy`. */
  get log(): string {
    return this.#log.join(' ');
  }

  advance(seconds: number): Promise<void> {
    return jest.advanceTimersByTimeAsync(seconds * 1000);
  }

  /** Takes the steps of a test, one after another. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (typeof step === 'number') await this.advance(step);
      else if (typeof step === 'string') this.event(step);
      else {
        const { answer = this.answer, sleeps = 0, fails, ...device } = step;
        this.answer = answer;
        this.sleep(sleeps);
        Object.assign(this.device, device);
        if ('fails' in step) this.device.fail(fails);
      }
    }
  }

  /** Moves the time of day, as when the computer sleeps. */
  sleep(seconds: number): void {
    jest.setSystemTime(Date.now() + seconds * 1000);
  }

  /** Dispatches an event of the window or the document. */
  event(type: PageEvent, visibilityState = 'visible'): void {
    Object.assign(document, { visibilityState });
    (type === 'visibilitychange' ? document : window).dispatchEvent(new Event(type));
  }
}
