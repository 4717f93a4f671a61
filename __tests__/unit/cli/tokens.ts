import { testApiKey, testApplicationSid, testCredentials, testNow } from '../../../src/testing';
import { ACCESS_TOKEN_HEADER, forge } from '../../helpers/forge';

export const now = testNow / 1000;
export const AC = testCredentials.accountSid;
export const AP = testApplicationSid;
export const SK = testApiKey.apiKeySid;
export const AUTH_TOKEN: string = testCredentials.authToken;
export const KEY_SECRET: string = testApiKey.apiKeySecret;

/** The credentials of the tokens below. */
export const ENV = {
  TWILIO_ACCOUNT_SID: AC,
  TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  TWILIO_API_KEY_SID: SK,
  TWILIO_API_KEY_SECRET: KEY_SECRET,
};

/** Creates a capability token with some claims and headers replaced. */
export function capabilityToken(claims: object = {}, header: object = {}, secret = AUTH_TOKEN): string {
  const all = { scope: 'scope:client:incoming?clientName=alice', iss: AC, exp: now + 3600, ...claims };
  return forge(all, { alg: 'HS256', typ: 'JWT', ...header }, { secret });
}

/** Creates a capability token with a scope. */
export function scopeToken(scope: unknown): string {
  return capabilityToken({ scope });
}

/** Creates a capability token with an incoming scope for a name, which is encoded. */
export function nameToken(name: string): string {
  return scopeToken(`scope:client:incoming?clientName=${encodeURIComponent(name)}`);
}

/** Creates an Access Token with some claims and headers replaced. */
export function accessToken(claims: object = {}, header: object = {}, secret = KEY_SECRET): string {
  const voice = { incoming: { allow: true }, outgoing: { application_sid: AP } };
  const all = {
    jti: `${SK}-1`,
    grants: { identity: 'alice', voice },
    iat: now,
    exp: now + 3600,
    iss: SK,
    sub: AC,
    ...claims,
  };
  return forge(all, { ...ACCESS_TOKEN_HEADER, ...header }, { secret });
}

/** Creates an Access Token with a voice grant. */
export function voiceToken(voice: object, identity: unknown = 'alice'): string {
  return accessToken({ grants: { identity, voice } });
}

export const good = capabilityToken();
export const goodAccessToken = accessToken();
