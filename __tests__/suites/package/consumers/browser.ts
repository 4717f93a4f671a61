import * as entry from 'twilio-capability/browser';
import { fetchToken, startDevice, TokenFetchError, type VoiceDevice } from 'twilio-capability/browser';
import { check, type NoAny, type Same } from './check.js';

check<NoAny<[typeof entry]>>();

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

// @ts-expect-error -- not a device
export const refused = (): unknown => startDevice({ fetchToken, createDevice: (token) => ({ token }) });
