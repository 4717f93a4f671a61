import { jest } from '@jest/globals';
import { startDevice, type FetchedToken, type Phone, type StartDeviceOptions } from '../../../src/browser';

/** Behaves as `Device` of the Voice SDK: throws for a wrong state, and has no listeners after `destroy`. */
export class FakeDevice {
  state = 'unregistered';
  isBusy = false;
  calls: unknown[] = [];
  readonly tokens: string[];
  readonly listeners: ((error: unknown, call?: unknown) => void)[] = [];
  destroyed = 0;

  constructor(token: string) {
    this.tokens = [token];
  }

  on(_event: 'error', listener: (error: unknown, call?: unknown) => void): this {
    this.listeners.push(listener);
    return this;
  }

  register(): Promise<void> {
    this.state = 'registered';
    return Promise.resolve();
  }

  updateToken(token: string): void {
    if (this.state === 'destroyed') throw new Error('InvalidStateError');
    this.tokens.push(token);
  }

  destroy(): void {
    this.destroyed += 1;
    this.state = 'destroyed';
    this.isBusy = false;
    this.calls = [];
  }

  /** Reports an error of the connection, or of a call. */
  fail(code: number, call?: unknown): void {
    for (const listener of this.listeners) {
      listener(Object.assign(new Error(`error ${code}`), { code }), call);
    }
  }
}

export const TTL = 600;

export interface FakePage {
  readonly phone: Phone<FakeDevice>;
  /** All devices, in the order of their creation. */
  readonly devices: FakeDevice[];
  /** The device that the phone uses. */
  readonly device: FakeDevice;
  /** Seconds since the start at which a token was requested. */
  readonly fetches: number[];
  /** The signals of these requests. */
  readonly signals: AbortSignal[];
  /** What `onError` got: the error's code, status or message, and the seconds until the next attempt. */
  readonly errors: [unknown, number | undefined][];
  /** How the endpoint answers. Default: with the tokens t1, t2 … of 600 seconds. */
  answer: () => Promise<FetchedToken>;
  ttl: number;
  advance(seconds: number): Promise<void>;
  /** Moves the time of day, as when the computer sleeps. */
  sleep(seconds: number): void;
  /** Dispatches an event of the window or the document. */
  event(type: 'online' | 'pageshow' | 'visibilitychange', visibility?: 'visible' | 'hidden'): void;
}

/** The globals that the module uses. */
export function installPage(): { visibilityState: string; listeners: () => number } {
  const added = new Set<string>();
  class Target extends EventTarget {
    visibilityState = 'visible';
    override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
      added.add(args[0]);
      super.addEventListener(...args);
    }
    override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
      added.delete(args[0]);
      super.removeEventListener(...args);
    }
  }
  const document = new Target();
  Object.assign(globalThis, { window: new Target(), document });
  return {
    get visibilityState() {
      return document.visibilityState;
    },
    set visibilityState(state) {
      document.visibilityState = state;
    },
    listeners: () => added.size,
  };
}

/** Starts a device with the shortest waits, or with the longest if `random` is close to 1. */
export async function startPage(
  options: Partial<StartDeviceOptions<FakeDevice>> & { answer?: FakePage['answer'] } = {},
): Promise<FakePage> {
  const start = performance.now();
  const { answer, ...others } = options;
  let issued = 0;
  const page: Omit<FakePage, 'phone'> & { phone?: Phone<FakeDevice> } = {
    devices: [],
    get device() {
      return page.devices.at(-1)!;
    },
    fetches: [],
    signals: [],
    errors: [],
    ttl: TTL,
    answer: answer ?? (() => Promise.resolve({ token: `t${++issued}`, ttl: page.ttl })),
    advance: (seconds) => jest.advanceTimersByTimeAsync(seconds * 1000),
    sleep: (seconds) => {
      jest.setSystemTime(Date.now() + seconds * 1000);
    },
    event: (type, visibility = 'visible') => {
      (document as unknown as { visibilityState: string }).visibilityState = visibility;
      (type === 'visibilitychange' ? document : window).dispatchEvent(new Event(type));
    },
  };
  page.phone = startDevice<FakeDevice>({
    fetchToken: (signal) => {
      page.fetches.push((performance.now() - start) / 1000);
      page.signals.push(signal);
      return page.answer();
    },
    createDevice: (token) => {
      const device = new FakeDevice(token);
      page.devices.push(device);
      return device;
    },
    onError: (error, { retryInMs }) => {
      const { code, status, message } = Object(error) as Partial<{
        code: number;
        status: number;
        message: string;
      }>;
      const isTimeout = error instanceof DOMException;
      page.errors.push([
        isTimeout ? message : (code ?? status ?? message),
        retryInMs === undefined ? undefined : retryInMs / 1000,
      ]);
    },
    ...others,
  });
  await page.advance(0);
  return page as FakePage;
}
