import { describe, expect, test } from '@jest/globals';
import { createSigner } from 'fast-jwt';
import { errors, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { AccessTokenVerifier, CapabilityVerifier } from '../../../src';
import {
  createAccessTokenFixtures,
  createFixtures,
  testApiKey,
  testCredentials,
  testNow,
  type Fixture,
} from '../../../src/testing';
import { ACCESS_TOKEN_HEADER } from '../../helpers/forge';

/** JWT libraries verify tokens of this library, and the reverse. Equal claims are a property in unit/fuzz. */

const NOW = testNow / 1000;
const now = (): number => testNow;
const { accountSid, authToken } = testCredentials;
const { apiKeySid, apiKeySecret } = testApiKey;

/** Returns rows with the names of valid fixtures, and of those that other libraries accept. */
const rows = (fixtures: object, issuer: string, secret: string, accepted: readonly string[]) =>
  Object.values(fixtures as Record<string, Fixture>).map(
    ({ name, token, outcome }) =>
      [name, issuer, token, secret, outcome === 'valid' || accepted.includes(name)] as const,
  );

// Neither limits the lifetime or reads Twilio's claims. Only jose can require an exp.
const lenient = [
  'lifetimeTooLong',
  'wrongAccount',
  'missingIdentity',
  'missingVoiceGrant',
  'missingContentType',
];

test.each([
  ...rows(createFixtures(), accountSid, authToken, ['lifetimeTooLong']),
  ...rows(createAccessTokenFixtures(), apiKeySid, apiKeySecret, lenient),
])('jsonwebtoken and jose agree on the fixture %s of %s', async (name, issuer, token, secret, accepted) => {
  const byJsonwebtoken = () =>
    jsonwebtoken.verify(token, secret, { algorithms: ['HS256'], issuer, clockTimestamp: NOW });
  if (accepted || name === 'missingExpiry') expect(byJsonwebtoken).not.toThrow();
  else expect(byJsonwebtoken).toThrow(jsonwebtoken.JsonWebTokenError);

  const options = { algorithms: ['HS256'], issuer, currentDate: new Date(testNow), requiredClaims: ['exp'] };
  const byJose = jwtVerify(token, Buffer.from(secret), options);
  if (accepted) await expect(byJose).resolves.toMatchObject({ payload: { iss: issuer } });
  else await expect(byJose).rejects.toBeInstanceOf(errors.JOSEError);
});

type Sign = (claims: object, header: Readonly<Record<'alg' | 'typ', string>>, secret: string) => unknown;
const SIGN: Readonly<Record<string, Sign>> = {
  jose: (claims, header, secret) =>
    new SignJWT({ ...claims }).setProtectedHeader(header).sign(Buffer.from(secret)),
  jsonwebtoken: (claims, header, secret) =>
    jsonwebtoken.sign(claims, secret, { header: { ...header, alg: 'HS256' } }),
  'fast-jwt': (claims, header, key) =>
    createSigner({ key, algorithm: 'HS256', header: { ...header, alg: 'HS256' } })({ ...claims }),
};
const KINDS = [
  {
    kind: 'a capability token',
    header: { alg: 'HS256', typ: 'JWT' },
    claims: { scope: 'scope:client:incoming?clientName=名前😀', iss: accountSid },
    secret: authToken,
    verifier: new CapabilityVerifier({ ...testCredentials, now }),
  },
  {
    kind: 'an Access Token',
    header: ACCESS_TOKEN_HEADER,
    claims: { grants: { identity: '名前😀', voice: {} }, iss: apiKeySid, sub: accountSid },
    secret: apiKeySecret,
    verifier: new AccessTokenVerifier({ ...testApiKey, now }),
  },
];

describe.each(Object.entries(SIGN))('%s', (_, sign) => {
  test.each(KINDS)('signs $kind', async ({ header, claims, secret, verifier }) => {
    const all = { jti: `${apiKeySid}-x`, iat: NOW, exp: NOW + 3600, ...claims };
    expect(verifier.verify(String(await sign(all, header, secret))).claims).toEqual(all);
    const forged = String(await sign(all, header, 'other'));
    expect(() => verifier.verify(forged)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_SIGNATURE' }));
  });
});
