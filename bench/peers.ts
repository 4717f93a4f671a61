import { createHmac, createSecretKey } from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import { jwtVerify, SignJWT } from 'jose';
import jwt from 'jsonwebtoken';
import ClientCapability from 'twilio/lib/jwt/ClientCapability';

/** The other ways to the same token: each takes its claims as it likes them best, and its key made beforehand. */
export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const authToken = 'fedcba9876543210fedcba9876543210';
export const applicationSid = 'APabe7650f654fc34655fc81ae71caa3ff';
export const key = createSecretKey(authToken, 'utf8');

export interface Client {
  readonly name: string;
  readonly userId: string;
}

/** A client that was not there before. */
export function client(serial: number): Client {
  return { name: `user_${serial}`, userId: String(serial) };
}

export function claims(serial: number): { scope: string; iss: string; exp: number } {
  const { name, userId } = client(serial);
  const incoming = `scope:client:incoming?clientName=${name}`;
  const outgoing = `scope:client:outgoing?appSid=${applicationSid}&clientName=${name}&appParams=user_id%3D${userId}`;
  return { scope: `${incoming} ${outgoing}`, iss: accountSid, exp: Math.floor(Date.now() / 1000) + 3600 };
}

type Claims = ReturnType<typeof claims>;

const HEADER = { alg: 'HS256', typ: 'JWT' } as const;
const ENCODED_HEADER = Buffer.from(JSON.stringify(HEADER)).toString('base64url');

/** What no library can do without: JSON, base64url and HMAC by node:crypto alone. */
export function floor(payload: Claims): string {
  const signed = `${ENCODED_HEADER}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** As twilio's documentation has it: one object for each token. */
export function twilio({ name, userId }: Client): string {
  const capability = new ClientCapability({ accountSid, authToken });
  capability.addScope(new ClientCapability.IncomingClientScope(name));
  capability.addScope(
    new ClientCapability.OutgoingClientScope({
      applicationSid,
      clientName: name,
      params: { user_id: userId },
    }),
  );
  return capability.toJwt();
}

const fastSigner = createSigner({ key: authToken, algorithm: 'HS256', noTimestamp: true });
const fastVerifier = createVerifier({ key: authToken, algorithms: ['HS256'], cache: false });

export const sign = {
  jsonwebtokenText: (payload: Claims) => jwt.sign(payload, authToken, { noTimestamp: true }),
  jsonwebtokenKey: (payload: Claims) => jwt.sign(payload, key, { noTimestamp: true }),
  jsonwebtokenJson: (json: string, by = key) => jwt.sign(json, by, { header: HEADER }),
  fastJwt: (payload: Claims) => fastSigner(payload),
  jose: (payload: Claims) => new SignJWT(payload).setProtectedHeader(HEADER).sign(key),
};

export const verify = {
  jsonwebtoken: (token: string) => jwt.verify(token, key, { algorithms: ['HS256'] }),
  fastJwt: (token: string) => fastVerifier(token) as unknown,
  jose: (token: string) => jwtVerify(token, key, { algorithms: ['HS256'] }),
};
