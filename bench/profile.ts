import { createSecretKey } from 'node:crypto';
import { Capability, CapabilitySigner, CapabilityVerifier } from 'twilio-capability';
import { checkTimes } from '../src/tokens/claims';
import { readClaims, verifyCompact } from '../src/tokens/jws';
import { compare, contestant, type Effort } from './measure';
import * as peers from './peers';
import { freshToken } from './speed';

const { accountSid, authToken, applicationSid, key, claims, client } = peers;
const verifier = new CapabilityVerifier({ accountSid, authToken });

/** Nanoseconds, step by step: each does what the one before it does, and more. */
export interface Profile {
  readonly capability: Readonly<Record<keyof typeof CAPABILITY, number>>;
  readonly verify: Readonly<Record<keyof typeof VERIFY, number>>;
}

function json(serial: number): string {
  return JSON.stringify(claims(serial));
}

function allowed({ name, userId }: peers.Client): Capability {
  const capability = new Capability({ accountSid, authToken });
  capability.allowClientIncoming(name);
  capability.allowClientOutgoing(applicationSid, { user_id: userId });
  return capability;
}

const CAPABILITY = {
  'a key object from the secret': contestant(
    () => authToken,
    (secret) => createSecretKey(Buffer.from(secret)),
  ),
  'and the settings checked: `new CapabilitySigner`': contestant(
    () => ({ accountSid, authToken }),
    (config) => new CapabilitySigner(config),
  ),
  'and both scopes built and checked': contestant(client, allowed),
  'and their URIs written': contestant(client, (user) => allowed(user).scopes.map(String)),
  'and signed: `generate`': contestant(client, (user) => allowed(user).generate()),
  'for comparison: the first, and a bare `jwt.sign`': contestant(json, (text) =>
    peers.sign.jsonwebtokenJson(text, createSecretKey(Buffer.from(authToken))),
  ),
};

const keys = [key];
function readToken(token: string) {
  return readClaims(token, verifyCompact(token, keys));
}

const VERIFY = {
  'bare `jwt.verify`': contestant(freshToken, peers.verify.jsonwebtoken),
  'and size, shape and header': contestant(freshToken, (token) => verifyCompact(token, keys)),
  'and claims that are a JSON object in UTF-8': contestant(freshToken, readToken),
  'and times': contestant(freshToken, (token) => checkTimes(readToken(token), Date.now(), 0)),
  'and issuer, and scopes parsed: `verifier.verify`': contestant(freshToken, (token) =>
    verifier.verify(token),
  ),
};

export async function measureProfile(effort: Effort): Promise<Profile> {
  return { capability: await compare(CAPABILITY, effort), verify: await compare(VERIFY, effort) };
}
