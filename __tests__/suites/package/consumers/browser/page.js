import { fetchToken, startDevice } from 'twilio-capability/browser';

/** Starts a device that records what happens to it. Writes the record to the title once the device is registered. */
const record = [];
const phone = startDevice({
  fetchToken: (signal) => fetchToken('/token', { signal }),
  createDevice: (token) => ({
    state: 'unregistered',
    isBusy: false,
    calls: [],
    on: (event) => record.push(`on ${event}`),
    register: async () => record.push(`register ${token}`),
    updateToken() {},
    destroy: () => record.push('destroy'),
  }),
  onDevice() {
    phone.stop();
    document.title = record.join(', ');
  },
});
