import * as entry from 'twilio-capability/browser';
import {
  fetchToken,
  startDevice,
  TokenFetchError,
  type FetchedToken,
  type VoiceDevice,
} from 'twilio-capability/browser';
import { check, type AnyIn, type Same } from './check.js';

check<Same<AnyIn<typeof entry>, never>>();
check<Same<ReturnType<typeof fetchToken>, Promise<FetchedToken>>>();

class Device implements VoiceDevice {
  state = 'unregistered';
  isBusy = false;
  calls = [];
  audio = 'of its own';
  constructor(readonly token: string) {}
  on(): this {
    return this;
  }
  async register(): Promise<void> {
    await Promise.resolve();
  }
  updateToken(): void {}
  destroy(): void {}
}

export const phone = startDevice({
  fetchToken: (signal) => fetchToken('/token', { signal }),
  createDevice: (token) => new Device(token),
  onDevice: (device) => {
    check<Same<typeof device, Device>>();
  },
  onError: (error, { retryInMs }) => {
    if (error instanceof TokenFetchError) check<Same<typeof error.status, number | undefined>>();
    check<Same<typeof retryInMs, number | undefined>>();
  },
});
check<Same<typeof phone.device, Device | undefined>>();

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- createDevice is missing
    startDevice({ fetchToken: () => fetchToken('/token') }),
    // @ts-expect-error -- not a device
    startDevice({ fetchToken: () => fetchToken('/token'), createDevice: (token) => ({ token }) }),
  ];
}
