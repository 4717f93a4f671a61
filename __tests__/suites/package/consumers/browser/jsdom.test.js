/* global expect, jest, test */
const { fetchToken, startDevice, TokenFetchError } = require('twilio-capability/browser');

function mockFetch(status, body) {
  const response = { status, ok: status < 300, headers: { get: () => null }, json: async () => body };
  globalThis.fetch = jest.fn().mockResolvedValue(response);
}

test('registers a device with a fetched token, and destroys it', async () => {
  mockFetch(200, { token: 'a token', ttl: 60 });
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

test('throws a TokenFetchError', async () => {
  mockFetch(403, {});
  await expect(fetchToken('/token')).rejects.toBeInstanceOf(TokenFetchError);
});
