import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { createFixtures, fixedClock, testCredentials } from 'twilio-capability/testing';
import { matchers, type CapabilityMatchers } from 'twilio-capability/testing/jest';
import { expect, test } from 'vitest';

// expect(token).toAllowIncoming has its type already; this is for expect.toAllowIncoming.
declare module 'vitest' {
  interface AsymmetricMatchersContaining extends CapabilityMatchers {}
}

expect.extend(matchers);

const now = fixedClock();

test('with the matchers added by hand', () => {
  const scopes = [new IncomingScope('alice'), new OutgoingScope('AP123', { params: { user_id: 42 } })];
  const token: string = new CapabilitySigner({ ...testCredentials, now }).sign(scopes, { ttl: 600 });
  expect(token).toBeCapabilityToken();
  expect(token).toAllowIncoming('alice');
  expect(token).not.toAllowIncoming('bob');
  expect(token).toAllowOutgoing('AP123', { user_id: 42 });
  expect(token).toExpireIn(600, { now });
  expect({ token }).toEqual({ token: expect.toAllowIncoming('alice') });
  // @ts-expect-error -- a name is a string
  expect(() => expect(token).toAllowIncoming(42)).toThrow();
  expect(createFixtures().valid.token).toAllowIncoming('alice');
});

test('a message that tells what the token does allow', () => {
  expect(() => expect(createFixtures().valid.token).toAllowIncoming('bob')).toThrow(/alice/);
});
