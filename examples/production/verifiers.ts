import { CapabilityVerifier } from 'twilio-capability';
import type { AccountSecret } from './signers.js';

export function verifierFor({ accountSid, authToken, previousAuthToken }: AccountSecret): CapabilityVerifier {
  const tokens = previousAuthToken === undefined ? [authToken] : [authToken, previousAuthToken];
  return new CapabilityVerifier({ accountSid, authToken: tokens });
}
