import { CapabilitySigner } from 'twilio-capability';

export interface AccountSecret {
  accountSid: string;
  applicationSid: string; // the TwiML app of this account
  authToken: string;
  previousAuthToken?: string | undefined; // during rotation
  version: string; // changes with every rotation
}

const LIMIT = 1000;
const signers = new Map<string, CapabilitySigner>();

export function signerFor({ accountSid, authToken, version }: AccountSecret): CapabilitySigner {
  const key = `${accountSid} ${version}`;
  const signer = signers.get(key) ?? new CapabilitySigner({ accountSid, authToken });
  signers.delete(key);
  signers.set(key, signer); // a Map keeps insertion order, so the first entry is the least recently used
  const [oldest] = signers.keys();
  if (signers.size > LIMIT && oldest !== undefined) signers.delete(oldest);
  return signer;
}
