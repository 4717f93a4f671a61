import { fc } from '@fast-check/jest';
import { expect, jest, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  CapabilitySigner,
  CapabilityVerifier,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
} from '../../../src';
import { applicationSid, config } from '../../helpers/fixed';
import { AccessToken, ClientCapability, freezeClock, signWithTwilio } from '../../helpers/twilio';
import { unicodeText } from '../../helpers/unicode-text';

/** The same tokens as twilio 6.2.0, byte for byte, for random inputs of each kind. */

jest.setTimeout(60_000);
freezeClock();

// eslint-disable-next-line no-control-regex -- what no client name may have
const anyName = unicodeText.filter((name) => name !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(name));
const keys = unicodeText.filter((key) => key !== '' && key !== '__proto__');
/** For an empty object, twilio writes an empty text or object. This library leaves the parameters out. */
const params = fc.dictionary(keys, unicodeText, { minKeys: 1, maxKeys: 5 });
const sid = (prefix: string) => fc.stringMatching(/^[A-Za-z0-9]{1,32}$/).map((rest) => prefix + rest);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const verifier = new CapabilityVerifier(config);
const read = (token: string): string => verifier.verify(token).scopes.join(' ');
/** Returns the claims of a token without the iat that twilio adds. */
const claimsOf = (token: string): unknown => ({ ...(jsonwebtoken.decode(token) as object), iat: undefined });

test('capability tokens', () => {
  const signer = new CapabilitySigner(config);
  const options = fc.record({ clientName: anyName, params }, { requiredKeys: [] });
  fc.assert(
    fc.property(anyName, options, params, (incomingName, outgoing, filters) => {
      const ours = signer.sign([
        new IncomingScope(incomingName, { allowAnyName: true }),
        new OutgoingScope(applicationSid, { ...outgoing, allowAnyName: true }),
      ]);
      const theirs = signWithTwilio([
        new ClientCapability.IncomingClientScope(incomingName),
        new ClientCapability.OutgoingClientScope({ applicationSid, ...outgoing }),
      ]);
      expect(claimsOf(ours)).toEqual(claimsOf(theirs));
      expect(read(theirs)).toBe(read(ours));

      // Event stream filters have another name in twilio, which this library parses.
      const eventStream = signWithTwilio([new ClientCapability.EventStreamScope(filters)]);
      expect(read(eventStream)).toBe(String(new EventStreamScope(filters)));
    }),
    { numRuns: 1000 },
  );
});

const accessToken = fc
  .record({
    accountSid: sid('AC'),
    apiKeySid: sid('SK'),
    apiKeySecret: fc.stringMatching(/^[!-,.-~]{1,64}$/).filter((key) => !/^(AC|SK|AP|["'])|["']$/.test(key)),
    region: optional(fc.stringMatching(/^[a-z]{2}[0-9]$/)),
    pushCredentialSid: optional(sid('CR')),
    ttl: fc.integer({ min: 1, max: 86_400 }),
    identity: anyName,
    incoming: fc.boolean(),
    outgoing: optional(fc.record({ applicationSid: sid('AP'), params: optional(params) })),
  })
  // A token that allows nothing has no scopes.
  .filter(({ incoming, outgoing }) => incoming || outgoing !== undefined);

const segment = (token: string, index: 0 | 1): string =>
  Buffer.from(token.split('.')[index]!, 'base64url').toString();

test('Access Tokens, except for the jti', () => {
  fc.assert(
    fc.property(accessToken, ({ identity, incoming, outgoing, ...settings }) => {
      const { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid, ttl } = settings;
      const official = new AccessToken(accountSid, apiKeySid, apiKeySecret, {
        identity,
        ttl,
        ...(region !== undefined && { region }),
      });
      official.addGrant(
        new AccessToken.VoiceGrant({
          incomingAllow: incoming,
          ...(outgoing && { outgoingApplicationSid: outgoing.applicationSid }),
          ...(outgoing?.params && { outgoingApplicationParams: outgoing.params }),
          ...(pushCredentialSid !== undefined && { pushCredentialSid }),
        }),
      );
      const theirs = official.toJwt();

      const names = { clientName: identity, allowAnyName: true };
      const scopes = [
        ...(incoming ? [new IncomingScope(identity, { allowAnyName: true })] : []),
        ...(outgoing
          ? [new OutgoingScope(outgoing.applicationSid, { params: outgoing.params, ...names })]
          : []),
      ];
      const ours = new AccessTokenSigner(settings).sign(scopes);

      expect(segment(ours, 0)).toBe(segment(theirs, 0));
      const [, jti, rest] = /^\{"jti":"(.*?)",([^]*)$/.exec(segment(ours, 1))!;
      expect(segment(theirs, 1).replace(/^\{"jti":".*?",/, '')).toBe(rest);
      expect(jti!.slice(apiKeySid.length)).toMatch(/^-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
      const verified = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret }).verify(theirs);
      expect(verified).toMatchObject({ identity, region, pushCredentialSid });
      expect(verified.scopes.join(' ')).toBe(scopes.join(' '));
    }),
    { numRuns: 400 },
  );
});
