import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { createFixtures, fixedClock, testCredentials } from 'twilio-capability/testing';
import 'twilio-capability/testing/vitest';
import { expect, test } from 'vitest';

const now = fixedClock();

test('the import registers the matchers and their types', () => {
  const scopes = [new IncomingScope('alice'), new OutgoingScope('AP123', { params: { user_id: 42 } })];
  const token: string = new CapabilitySigner({ ...testCredentials, now }).sign(scopes, { ttl: 600 });
  expect(token).toBeCapabilityToken({ now });
  expect(token).toAllowIncoming('alice');
  expect(token).not.toAllowIncoming('bob');
  expect(token).toAllowOutgoing('AP123', { user_id: 42 });
  expect(token).toExpireIn(600, { now });
  expect({ token }).toEqual({ token: expect.toAllowIncoming('alice') });
  // @ts-expect-error -- a name is a string
  expect(() => expect(token).toAllowIncoming(42)).toThrow();
  expect(createFixtures().valid.token).toAllowIncoming('alice');
});

test('the message shows what the token allows', () => {
  expect(() => expect(createFixtures().valid.token).toAllowIncoming('bob')).toThrow(/alice/);
});
