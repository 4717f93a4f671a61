import { AccessTokenVerifier, decodeToken, type VerifiedAccessToken } from 'twilio-capability';

export interface ApiKey {
  accountSid: string;
  apiKeySid: string;
  apiKeySecret: string;
}

export function verifyAccessToken(token: string, keys: readonly ApiKey[]): VerifiedAccessToken {
  const decoded = decodeToken(token); // not verified yet: used only to select the key
  const keySid = decoded.kind === 'access-token' ? decoded.apiKeySid : undefined;
  const key = keys.find(({ apiKeySid }) => apiKeySid === keySid);
  if (key === undefined) throw new Error('The token was not signed with a known API key.');
  return new AccessTokenVerifier(key).verify(token);
}
