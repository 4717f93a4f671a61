import { CapabilitySigner } from 'twilio-capability';

/** A Twilio subaccount, as a secret manager returns it. */
export interface AccountSecret {
  readonly accountSid: string;
  readonly authToken?: string;
  /** Changes with every rotation. */
  readonly version: number;
}

export const LIMIT = 100;
const signers = new Map<string, CapabilitySigner>();

/**
 * A cache with one signer for each account and version of its secret. Drops the least recently used signer.
 */
export function signerFor({ accountSid, authToken, version }: AccountSecret): CapabilitySigner {
  const key = `${accountSid} ${version}`;
  const signer = signers.get(key) ?? new CapabilitySigner({ accountSid, authToken });
  signers.delete(key);
  signers.set(key, signer);
  const [oldest] = signers.keys();
  if (signers.size > LIMIT && oldest !== undefined) signers.delete(oldest);
  return signer;
}
