import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
} from 'twilio-capability';
import { createFixtures, fixedClock, testApiKey, testCredentials } from 'twilio-capability/testing';

const now = fixedClock();
const capabilityTokens = new CapabilityVerifier({ ...testCredentials, now });
const accessTokens = new AccessTokenVerifier({ ...testApiKey, now });

test('the matchers and their types', () => {
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
  expect(() => expect(createFixtures().valid.token).toAllowIncoming('bob')).toThrow(/alice/);
  // @ts-expect-error -- a name is a string
  expect(() => expect(token).toAllowIncoming(42)).toThrow();
  // @ts-expect-error -- an unknown matcher
  expect(() => expect(token).toAllowIncomming('alice')).toThrow();
  // @ts-expect-error -- a verifier of the other kind
  expect(() => expect(token).toBeCapabilityToken(accessTokens)).toThrow(/toBeAccessToken/);
  // @ts-expect-error -- a verifier of the other kind
  expect(() => expect(token).toBeAccessToken(capabilityTokens)).toThrow(/toBeCapabilityToken/);
});
