import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { createFixtures, fixedClock, testCredentials } from 'twilio-capability/testing';
import 'twilio-capability/testing/jest';

const now = fixedClock();

test('with the globals of @types/jest', () => {
  const scopes = [new IncomingScope('alice'), new OutgoingScope('AP123', { params: { user_id: 42 } })];
  const token: string = new CapabilitySigner({ ...testCredentials, now }).sign(scopes, { ttl: 600 });
  expect(token).toBeCapabilityToken({ now });
  expect(token).toAllowIncoming('alice');
  expect(token).not.toAllowIncoming('bob');
  expect(token).toAllowOutgoing('AP123', { user_id: 42 });
  expect(token).toExpireIn(600, { now });
  expect({ token }).toEqual({ token: expect.toAllowIncoming('alice') });
  // @ts-expect-error -- a name is a string
  const wrongName = () => expect(token).toAllowIncoming(42);
  // @ts-expect-error -- an unknown matcher
  const noMatcher = () => expect(token).toAllowIncomming('alice');
  expect(wrongName).toThrow();
  expect(noMatcher).toThrow(TypeError);
  expect(createFixtures().valid.token).toAllowIncoming('alice');
});
