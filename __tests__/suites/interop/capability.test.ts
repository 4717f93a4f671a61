import { fc } from '@fast-check/jest';
import { describe, expect, jest, test } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import {
  CapabilitySigner,
  CapabilityVerifier,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from '../../../src';
import { accountSid, applicationSid, authToken, config, NOW, now } from '../../helpers/fixed';
import { ClientCapability, freezeClock, signWithTwilio } from '../../helpers/twilio';
import { anyName as clientName, someParams as params } from './arbitraries';

const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const secret = Buffer.from(authToken);

freezeClock();

/** Returns the claims of a token without the iat that twilio adds. */
const claimsOf = (token: string): unknown => ({ ...(jsonwebtoken.decode(token) as object), iat: undefined });
const reads = (token: string): string => verifier.verify(token).scopes.join(' ');

describe('twilio 6.2.0', () => {
  jest.setTimeout(60_000);

  test('writes the same scope claim, byte for byte, for 1,000 random grants', () => {
    let count = 0;
    const grant = fc.record({ clientName, params }, { requiredKeys: [] });
    fc.assert(
      fc.property(clientName, grant, (incomingName, outgoing) => {
        const ours = signer.sign([
          new IncomingScope(incomingName, { allowAnyName: true }),
          new OutgoingScope(applicationSid, { ...outgoing, allowAnyName: true }),
        ]);
        const theirs = signWithTwilio([
          new ClientCapability.IncomingClientScope(incomingName),
          new ClientCapability.OutgoingClientScope({ applicationSid, ...outgoing }),
        ]);
        expect(claimsOf(ours)).toEqual(claimsOf(theirs));
        expect(reads(theirs)).toBe(reads(ours));
        count++;
      }),
      { numRuns: 1000 },
    );
    expect(count).toBe(1000);
  });

  test('writes event stream filters under another name, which this library also parses', () => {
    fc.assert(
      fc.property(params, (filters) => {
        const theirs = signWithTwilio([new ClientCapability.EventStreamScope(filters)]);
        expect(reads(theirs)).toBe(String(new EventStreamScope(filters)));
      }),
    );
  });
});

const scopes: Scope[] = [
  new IncomingScope('名前 😀', { allowAnyName: true }),
  new OutgoingScope(applicationSid, { clientName: 'alice', params: { user_id: 42, name: 'Alice Smith' } }),
  new EventStreamScope({ a: '&=+%' }),
];
const claims = { scope: scopes.join(' '), iss: accountSid, exp: NOW + 3600 };

describe('a token of this library', () => {
  const token = signer.sign(scopes);

  test('verifies with jsonwebtoken', () => {
    const options = { algorithms: ['HS256' as const], issuer: accountSid };
    expect(jsonwebtoken.verify(token, authToken, options)).toEqual(claims);
    expect(() => jsonwebtoken.verify(token, 'other', options)).toThrow(jsonwebtoken.JsonWebTokenError);
  });

  test('verifies with jose', async () => {
    const options = { algorithms: ['HS256'], issuer: accountSid, typ: 'JWT' };
    const verified = await jwtVerify(token, secret, options);
    expect(verified.payload).toEqual(claims);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
    await expect(jwtVerify(token, Buffer.from('other'), options)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
  });
});

describe('the verifier', () => {
  test('accepts a token that jsonwebtoken signed', () =>
    expect(verifier.verify(jsonwebtoken.sign(claims, authToken)).scopes).toEqual(scopes));

  test('accepts a token that jose signed', async () => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt(NOW)
      .sign(secret);
    expect(verifier.verify(token)).toMatchObject({ scopes, issuedAt: new Date(now()) });
  });
});
