import { AccessTokenSigner, CapabilitySigner } from 'twilio-capability';
import type { Account } from './account';

/** Returns a signer for Access Tokens if the account has an API key, else for capability tokens. */
export function createSigner(account: Account, ttl: number): AccessTokenSigner | CapabilitySigner {
  const { sid: accountSid, authToken, apiKey } = account;
  return apiKey
    ? new AccessTokenSigner({ accountSid, apiKeySid: apiKey.sid, apiKeySecret: apiKey.secret, ttl })
    : new CapabilitySigner({ accountSid, authToken, ttl });
}
