/* global expect, jest, test */
const { fetchToken, startDevice } = require('twilio-capability/browser');

test('registers a device with a fetched token, and destroys it', async () => {
  const json = async () => ({ token: 'a token', ttl: 60 });
  globalThis.fetch = jest.fn().mockResolvedValue({ status: 200, ok: true, headers: new Map(), json });
  const device = { state: 'unregistered', calls: [], on: jest.fn(), register: jest.fn(), destroy: jest.fn() };
  device.register.mockResolvedValue(undefined);
  const createDevice = jest.fn().mockReturnValue(device);
  let phone;
  await new Promise((resolve) => {
    phone = startDevice({ fetchToken: () => fetchToken('/token'), createDevice, onDevice: resolve });
  });
  phone.stop();
  expect(createDevice).toHaveBeenCalledWith('a token');
  expect([device.register, device.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});
