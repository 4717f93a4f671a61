/* global expect, jest, test */
const { CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } = require('twilio-capability');
const {
  createFixtures,
  fixedClock,
  testApplicationSid,
  testCredentials,
} = require('twilio-capability/testing');
require('twilio-capability/testing/jest');

const { valid, expired, tampered, unsigned, ...rest } = createFixtures();
const verifier = new CapabilityVerifier({ ...testCredentials, now: fixedClock() });

test('the application issues the expected token', () => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  const signer = new CapabilitySigner(testCredentials);
  const token = signer.sign([
    new IncomingScope('alice'),
    new OutgoingScope('AP123', { params: { user_id: 42 } }),
  ]);
  expect(token).toBeCapabilityToken();
  expect(token).toBeCapabilityToken(verifier);
  expect(token).toAllowIncoming('alice');
  expect(token).not.toAllowIncoming('bob');
  expect(token).toAllowOutgoing('AP123', { user_id: 42 });
  expect(token).not.toAllowOutgoing('AP123', { user_id: 43 });
  expect(token).toExpireIn(3600);
  expect({ token }).toEqual({ token: expect.toAllowIncoming('alice') });
  jest.useRealTimers();
});

test('the fixtures', () => {
  expect(valid.token).toBeCapabilityToken(verifier);
  expect(valid.token).toAllowOutgoing(testApplicationSid);
  for (const { token, outcome } of [expired, tampered, unsigned]) {
    expect(() => verifier.verify(token)).toThrow(expect.objectContaining({ code: outcome }));
    expect(token).not.toBe(valid.token);
  }
  expect(Object.keys(rest).length).toBeGreaterThan(10);
});

test('the message shows what the token allows', () => {
  expect(() => expect(valid.token).toAllowIncoming('bob')).toThrow(/alice/);
});
