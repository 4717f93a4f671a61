import { fc } from '@fast-check/jest';
import { describe, expect, jest, test } from '@jest/globals';
import { createSigner, createVerifier } from 'fast-jwt';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  IncomingScope,
  OutgoingScope,
  toVoiceGrant,
  type Scope,
} from '../../../src';
import { signAccessToken } from '../../../src/access-token/access-token-signer';
import { createKey } from '../../../src/tokens/jws';
import { accountSid, apiKeyConfig, apiKeySecret, apiKeySid, applicationSid, NOW } from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER as header } from '../../helpers/forge';
import { AccessToken, freezeClock } from '../../helpers/twilio';
import { anyName, params } from './arbitraries';

const secret = Buffer.from(apiKeySecret);

freezeClock();

const alphanumeric = (prefix: string) =>
  fc.stringMatching(/^[A-Za-z0-9]{1,32}$/).map((rest) => `${prefix}${rest}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const input = fc
  .record({
    accountSid: alphanumeric('AC'),
    apiKeySid: alphanumeric('SK'),
    apiKeySecret: fc.stringMatching(/^[!-,.-~]{1,64}$/).filter((key) => !/^(AC|SK|AP|["'])|["']$/.test(key)),
    region: optional(fc.stringMatching(/^[a-z]{2}[0-9]$/)),
    pushCredentialSid: optional(alphanumeric('CR')),
    ttl: fc.integer({ min: 1, max: 86_400 }),
    identity: anyName,
    incoming: fc.boolean(),
    outgoing: optional(fc.record({ applicationSid: alphanumeric('AP'), params: optional(params) })),
  })
  // A token that allows nothing has no scopes.
  .filter(({ incoming, outgoing }) => incoming || outgoing !== undefined);
type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

/** Creates the same token with twilio. */
function official(from: Input): string {
  const { accountSid, apiKeySid, apiKeySecret, region, ttl, identity } = from;
  const token = new AccessToken(accountSid, apiKeySid, apiKeySecret, {
    identity,
    ttl,
    ...(region !== undefined && { region }),
  });
  token.addGrant(
    new AccessToken.VoiceGrant({
      incomingAllow: from.incoming,
      ...(from.outgoing && { outgoingApplicationSid: from.outgoing.applicationSid }),
      // For an empty object, twilio writes an empty object. This library leaves the member out.
      ...(from.outgoing?.params &&
        !isEmpty(from.outgoing.params) && { outgoingApplicationParams: from.outgoing.params }),
      ...(from.pushCredentialSid !== undefined && { pushCredentialSid: from.pushCredentialSid }),
    }),
  );
  return token.toJwt();
}

const isEmpty = (params: object | undefined): boolean => Object.keys(params ?? {}).length === 0;

function scopesOf({ identity, incoming, outgoing }: Input): Scope[] {
  const scopes: Scope[] = [];
  if (incoming) scopes.push(new IncomingScope(identity, { allowAnyName: true }));
  if (outgoing !== undefined) {
    const { applicationSid, params } = outgoing;
    scopes.push(new OutgoingScope(applicationSid, { clientName: identity, params, allowAnyName: true }));
  }
  return scopes;
}

const payloadOf = (token: string): string => Buffer.from(token.split('.')[1]!, 'base64url').toString();
/** Returns the JSON of a payload after its jti. */
const afterJti = (token: string): string => payloadOf(token).replace(/^\{"jti":"[^"]*",/, '{');

describe('twilio 6.2.0', () => {
  jest.setTimeout(60_000);

  test('writes the same header and claims except the jti, byte for byte, for 1,000 inputs', () => {
    const seen = { inputs: 0, region: 0, params: 0, incoming: 0, outgoing: 0, pushCredentialSid: 0 };
    fc.assert(
      fc.property(input, (from) => {
        const { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid, ttl } = from;
        const settings = { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid, ttl };
        const ours = new AccessTokenSigner(settings).sign(scopesOf(from));
        const theirs = official(from);
        expect(ours.split('.')[0]).toBe(theirs.split('.')[0]);
        expect(afterJti(ours)).toBe(afterJti(theirs));
        expect(payloadOf(ours).startsWith(`{"jti":"${apiKeySid}-`)).toBe(true);
        expect(payloadOf(ours)).toMatch(/^\{"jti":"\w+-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}",/);

        seen.inputs++;
        if (from.region !== undefined) seen.region++;
        if (!isEmpty(from.outgoing?.params)) seen.params++;
        if (from.incoming) seen.incoming++;
        if (from.outgoing !== undefined) seen.outgoing++;
        if (from.pushCredentialSid !== undefined) seen.pushCredentialSid++;
      }),
      { numRuns: 1000 },
    );
    // Both cases must occur often enough for each member.
    const { inputs, ...parts } = seen;
    expect(inputs).toBe(1000);
    for (const count of Object.values(parts)) {
      expect(count).toBeGreaterThan(100);
      expect(count).toBeLessThan(950);
    }
  });

  test('writes the same token, including the signature, for the same jti', () => {
    fc.assert(
      fc.property(input, (from) => {
        const { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid, ttl } = from;
        const { identity, voice } = toVoiceGrant(scopesOf(from));
        const ours = signAccessToken(
          {
            jti: `${apiKeySid}-${NOW}`,
            accountSid,
            apiKeySid,
            identity: identity!,
            voice,
            lifetime: { iat: NOW, exp: NOW + ttl },
            pushCredentialSid,
            region,
            grants: undefined,
          },
          createKey(apiKeySecret),
        );
        expect(ours).toBe(official(from));
      }),
      { numRuns: 200 },
    );
  });

  test('writes tokens that verify with the requested contents', () => {
    fc.assert(
      fc.property(input, (from) => {
        const { accountSid, apiKeySid, apiKeySecret, region, pushCredentialSid } = from;
        const verified = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret }).verify(
          official(from),
        );
        expect(verified.scopes.join(' ')).toBe(scopesOf(from).join(' '));
        const { identity } = verified;
        expect({ identity, region: verified.region, pushCredentialSid: verified.pushCredentialSid }).toEqual({
          identity: from.identity,
          region,
          pushCredentialSid,
        });
      }),
      { numRuns: 200 },
    );
  });

  test('repeats the jti within a second; this library does not', () => {
    const from = { accountSid, apiKeySid, apiKeySecret, ttl: 60, identity: 'a', incoming: true } as Input;
    expect(official(from)).toBe(official(from));
    const signer = new AccessTokenSigner(apiKeyConfig);
    expect(signer.sign(scopesOf(from))).not.toBe(signer.sign(scopesOf(from)));
  });
});

describe('other libraries', () => {
  const scopes = [new IncomingScope('alice'), new OutgoingScope(applicationSid, { params: { a: '☎️ &=' } })];
  const ours = new AccessTokenSigner({ ...apiKeyConfig, region: 'ie1' }).sign(scopes);
  const claims = {
    jti: `${apiKeySid}-x`,
    grants: { identity: 'alice', voice: { incoming: { allow: true } } },
    iat: NOW,
    exp: NOW + 60,
    iss: apiKeySid,
    sub: accountSid,
  };
  const expected = {
    grants: {
      identity: 'alice',
      voice: {
        incoming: { allow: true },
        outgoing: { application_sid: applicationSid, params: { a: '☎️ &=' } },
      },
    },
    iss: apiKeySid,
    sub: accountSid,
    exp: NOW + 3600,
  };
  const verifier = new AccessTokenVerifier(apiKeyConfig);
  const asked = { issuer: apiKeySid, subject: accountSid };

  test('jose verifies tokens of this library, and the reverse', async () => {
    const { payload } = await jwtVerify(ours, secret, { ...asked, algorithms: ['HS256'] });
    expect(payload).toMatchObject(expected);
    expect(decodeProtectedHeader(ours)).toStrictEqual({ ...header, twr: 'ie1' });
    const theirs = await new SignJWT(claims).setProtectedHeader(header).sign(secret);
    expect(verifier.verify(theirs)).toMatchObject({ identity: 'alice', claims });
  });

  test('jsonwebtoken verifies tokens of this library, and the reverse', () => {
    expect(jsonwebtoken.verify(ours, secret, { ...asked, algorithms: ['HS256'] })).toMatchObject(expected);
    expect(verifier.verify(jsonwebtoken.sign(claims, secret, { header }))).toMatchObject({ claims });
  });

  test('fast-jwt verifies tokens of this library, and the reverse', () => {
    const read = createVerifier({ key: apiKeySecret, algorithms: ['HS256'], allowedIss: apiKeySid });
    expect(read(ours)).toMatchObject(expected);
    const write = createSigner({ key: apiKeySecret, algorithm: 'HS256', header });
    expect(verifier.verify(write(claims))).toMatchObject({ identity: 'alice', claims });
  });
});
