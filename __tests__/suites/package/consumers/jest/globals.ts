import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
} from 'twilio-capability';
import { createFixtures, fixedClock, testApiKey, testCredentials } from 'twilio-capability/testing';
import 'twilio-capability/testing/jest';

const now = fixedClock();
const capabilityTokens = new CapabilityVerifier({ ...testCredentials, now });
const accessTokens = new AccessTokenVerifier({ ...testApiKey, now });

test('with the globals of @types/jest', () => {
  const scopes = [new IncomingScope('alice'), new OutgoingScope('AP123', { params: { user_id: 42 } })];
  const token: string = new CapabilitySigner({ ...testCredentials, now }).sign(scopes, { ttl: 600 });
  expect(token).toBeCapabilityToken({ now });
  expect(token).toBeCapabilityToken(capabilityTokens);
  expect(new AccessTokenSigner({ ...testApiKey, now }).sign(scopes)).toBeAccessToken(accessTokens);
  expect(token).toAllowIncoming('alice');
  expect(token).not.toAllowIncoming('bob');
  expect(token).toAllowOutgoing('AP123', { user_id: 42 });
  expect(token).toExpireIn(600, { now });
  expect({ token }).toEqual({ token: expect.toAllowIncoming('alice') });
  // @ts-expect-error -- a name is a string
  const wrongName = () => expect(token).toAllowIncoming(42);
  // @ts-expect-error -- an unknown matcher
  const noMatcher = () => expect(token).toAllowIncomming('alice');
  // @ts-expect-error -- a verifier of the other kind
  const accessTokenVerifier = () => expect(token).toBeCapabilityToken(accessTokens);
  // @ts-expect-error -- a verifier of the other kind
  const capabilityVerifier = () => expect(token).toBeAccessToken(capabilityTokens);
  expect(accessTokenVerifier).toThrow(/toBeAccessToken/);
  expect(capabilityVerifier).toThrow(/toBeCapabilityToken/);
  expect(wrongName).toThrow();
  expect(noMatcher).toThrow(TypeError);
  expect(createFixtures().valid.token).toAllowIncoming('alice');
});
