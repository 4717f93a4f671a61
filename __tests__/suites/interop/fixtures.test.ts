import { expect, test } from '@jest/globals';
import { errors, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import {
  createAccessTokenFixtures,
  createFixtures,
  testApiKey,
  testCredentials,
  testNow,
  type Fixture,
} from '../../../src/testing';

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
const { accountSid, authToken } = testCredentials;
const { apiKeySid, apiKeySecret } = testApiKey;

test.each([
  ...rows(createFixtures(), accountSid, authToken, ['lifetimeTooLong']),
  ...rows(createAccessTokenFixtures(), apiKeySid, apiKeySecret, lenient),
])('jsonwebtoken and jose agree on the fixture %s of %s', async (name, issuer, token, secret, accepted) => {
  const byJsonwebtoken = () =>
    jsonwebtoken.verify(token, secret, { algorithms: ['HS256'], issuer, clockTimestamp: testNow / 1000 });
  if (accepted || name === 'missingExpiry') expect(byJsonwebtoken).not.toThrow();
  else expect(byJsonwebtoken).toThrow(jsonwebtoken.JsonWebTokenError);

  const options = { algorithms: ['HS256'], issuer, currentDate: new Date(testNow), requiredClaims: ['exp'] };
  const byJose = jwtVerify(token, Buffer.from(secret), options);
  if (accepted) await expect(byJose).resolves.toMatchObject({ payload: { iss: issuer } });
  else await expect(byJose).rejects.toBeInstanceOf(errors.JOSEError);
});
