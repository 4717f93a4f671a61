import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSigner, createVerifier } from 'fast-jwt';
import { jwtVerify, SignJWT } from 'jose';
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
import { apiKeyConfig, apiKeySid, accountSid, applicationSid, config, NOW } from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER } from '../../helpers/forge';
import { freezeClock } from '../../helpers/twilio';

/** JWT libraries verify tokens of this library, and the reverse. */

freezeClock();

type Header = Readonly<Record<'alg' | 'typ', string>>;
interface Library {
  readonly verify: (token: string, secret: string, issuer: string) => unknown;
  readonly sign: (claims: object, header: Header, secret: string) => string | Promise<string>;
}

const keyOf = (secret: string) => createSecretKey(secret, 'utf8');
const LIBRARIES: Readonly<Record<string, Library>> = {
  jose: {
    verify: async (token, secret, issuer) =>
      (await jwtVerify(token, keyOf(secret), { issuer, typ: 'JWT', algorithms: ['HS256'] })).payload,
    sign: (claims, header, secret) =>
      new SignJWT({ ...claims }).setProtectedHeader(header).sign(keyOf(secret)),
  },
  jsonwebtoken: {
    verify: (token, secret, issuer) => jsonwebtoken.verify(token, secret, { issuer, algorithms: ['HS256'] }),
    sign: (claims, header, secret) =>
      jsonwebtoken.sign(claims, secret, { header: { ...header, alg: 'HS256' } }),
  },
  'fast-jwt': {
    verify: (token, key, allowedIss) =>
      createVerifier({ key, algorithms: ['HS256'], allowedIss })(token) as object,
    sign: (claims, header, key) =>
      createSigner({ key, algorithm: 'HS256', header: { ...header, alg: 'HS256' } })({
        ...claims,
      }),
  },
};

const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42, a: '☎️ &=+%' } });
const scopes = [
  new IncomingScope('名前 😀', { allowAnyName: true }),
  outgoing,
  new EventStreamScope({ a: '&=+%' }),
];
const grants = {
  identity: 'alice',
  voice: {
    incoming: { allow: true },
    outgoing: { application_sid: applicationSid, params: { user_id: '42', a: '☎️ &=+%' } },
  },
};
const KINDS = [
  {
    kind: 'a capability token',
    token: new CapabilitySigner(config).sign(scopes),
    header: { alg: 'HS256', typ: 'JWT' },
    claims: { scope: scopes.join(' '), iss: accountSid, exp: NOW + 3600 },
    secret: config.authToken,
    verifier: new CapabilityVerifier(config),
  },
  {
    kind: 'an Access Token',
    token: new AccessTokenSigner({ ...apiKeyConfig, region: 'ie1' }).sign([
      new IncomingScope('alice'),
      outgoing,
    ]),
    header: ACCESS_TOKEN_HEADER,
    claims: { grants, iat: NOW, exp: NOW + 3600, iss: apiKeySid, sub: accountSid },
    secret: apiKeyConfig.apiKeySecret,
    verifier: new AccessTokenVerifier(apiKeyConfig),
  },
];

describe.each(Object.entries(LIBRARIES))('%s', (_, { sign, verify }) => {
  test.each(KINDS)('verifies $kind', async ({ token, claims, secret }) => {
    expect(await verify(token, secret, claims.iss)).toMatchObject(claims);
    const refused = Promise.resolve().then(() => verify(token, 'other', claims.iss));
    await expect(refused).rejects.toThrow(/signature/i);
  });

  test.each(KINDS)('signs $kind', async ({ header, claims, secret, verifier }) => {
    const signed = { jti: `${apiKeySid}-x`, ...claims };
    expect(verifier.verify(await sign(signed, header, secret)).claims).toMatchObject(signed);
    const forged = await sign(signed, header, 'other');
    expect(() => verifier.verify(forged)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_SIGNATURE' }));
  });
});
