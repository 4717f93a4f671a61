import { AccessTokenSigner } from 'twilio-capability';

export interface ApiKey {
  apiKeySid: string;
  apiKeySecret: string;
}

export interface AccountSecret {
  accountSid: string;
  applicationSid: string; // the TwiML app of this account
  apiKey: ApiKey;
  previousApiKey?: ApiKey | undefined; // during rotation
  authToken: string; // for webhooks.ts
  previousAuthToken?: string | undefined;
}

const LIMIT = 1000;
const signers = new Map<string, AccessTokenSigner>();

export function signerFor({ accountSid, apiKey }: AccountSecret): AccessTokenSigner {
  const { apiKeySid, apiKeySecret } = apiKey; // by name: a key that is absent is read from the environment
  const key = `${accountSid} ${apiKeySid}`;
  const signer = signers.get(key) ?? new AccessTokenSigner({ accountSid, apiKeySid, apiKeySecret });
  signers.delete(key);
  signers.set(key, signer);
  const [oldest] = signers.keys();
  if (signers.size > LIMIT && oldest !== undefined) signers.delete(oldest);
  return signer;
}
