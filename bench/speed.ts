import {
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
} from 'twilio-capability';
import { compare, contestant, type Effort } from './measure';
import * as peers from './peers';

const { accountSid, authToken, applicationSid, claims, client } = peers;
const signer = new CapabilitySigner({ accountSid, authToken });
const verifier = new CapabilityVerifier({ accountSid, authToken });

function scopesFor({ name, userId }: peers.Client): [IncomingScope, OutgoingScope] {
  return [
    new IncomingScope(name),
    new OutgoingScope(applicationSid, { clientName: name, params: { user_id: userId } }),
  ];
}

/** Scopes as they are after their first use. */
function readyScopes(serial: number): [IncomingScope, OutgoingScope] {
  const scopes = scopesFor(client(serial));
  scopes.forEach(String);
  return scopes;
}

/** A token as it comes in from the network: one flat string. */
export function freshToken(serial: number): string {
  return Buffer.from(peers.floor(claims(serial))).toString('latin1');
}

const SIGNING = {
  floor: contestant(claims, peers.floor),
  'jsonwebtoken, JSON text and key': contestant(
    (n) => JSON.stringify(claims(n)),
    (json) => peers.sign.jsonwebtokenJson(json),
  ),
  'jsonwebtoken, key': contestant(claims, peers.sign.jsonwebtokenKey),
  'jsonwebtoken, string secret': contestant(claims, peers.sign.jsonwebtokenText),
  'fast-jwt': contestant(claims, peers.sign.fastJwt),
  jose: contestant(claims, peers.sign.jose),
  'twilio ClientCapability': contestant(client, peers.twilio),
  'signer.sign, ready scopes': contestant(readyScopes, (scopes) => signer.sign(scopes)),
  'signer.sign, scopes anew': contestant(client, (user) => signer.sign(scopesFor(user))),
  Capability: contestant(client, ({ name, userId }) => {
    const capability = new Capability({ accountSid, authToken });
    capability.allowClientIncoming(name);
    capability.allowClientOutgoing(applicationSid, { user_id: userId });
    return capability.generate();
  }),
};

const VERIFYING = {
  'jsonwebtoken, key': contestant(freshToken, peers.verify.jsonwebtoken),
  'fast-jwt': contestant(freshToken, peers.verify.fastJwt),
  jose: contestant(freshToken, peers.verify.jose),
  'verifier.verify': contestant(freshToken, (token) => verifier.verify(token)),
};

const HUGE = 'x'.repeat(10_000_000);
const REFUSING = {
  'a string of 10 MB': contestant(
    () => HUGE,
    (token) => {
      try {
        return verifier.verify(token);
      } catch (error) {
        return error;
      }
    },
  ),
};

/** Nanoseconds a call, by the way of doing it. */
export interface Speed {
  readonly signing: Readonly<Record<keyof typeof SIGNING, number>>;
  readonly verifying: Readonly<Record<keyof typeof VERIFYING, number>>;
  readonly refusing: Readonly<Record<keyof typeof REFUSING, number>>;
}

export async function measureSpeed(effort: Effort): Promise<Speed> {
  return {
    signing: await compare(SIGNING, effort),
    verifying: await compare(VERIFYING, effort),
    refusing: await compare(REFUSING, effort),
  };
}
