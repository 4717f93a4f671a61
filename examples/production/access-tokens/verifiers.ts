import { AccessTokenVerifier } from 'twilio-capability';
import type { AccountSecret } from './signers.js';

export function verifierFor({ accountSid, apiKey, previousApiKey }: AccountSecret): AccessTokenVerifier {
  const apiKeys = previousApiKey === undefined ? [apiKey] : [apiKey, previousApiKey];
  return new AccessTokenVerifier({ accountSid, apiKeys });
}
