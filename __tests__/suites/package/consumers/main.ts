import * as library from 'twilio-capability';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScopes,
  toVoiceGrant,
  type AccessTokenConfig,
  type CapabilityConfig,
  type CapabilityVerifierConfig,
  type DecodedCapability,
  type IssuedToken,
  type Scope,
  type VerifiedCapability,
  type VoiceGrantPlan,
} from 'twilio-capability';
import { check, type NoAny } from './check.js';

check<
  NoAny<[typeof library, CapabilitySigner, AccessTokenSigner, CapabilityVerifier, AccessTokenVerifier]>
>();
check<
  NoAny<[Capability, OutgoingScope, IssuedToken, VerifiedCapability, DecodedCapability, VoiceGrantPlan]>
>();

// The type of process.env under exactOptionalPropertyTypes.
declare const variable: string | undefined;
declare const seconds: number | undefined;
const config: CapabilityConfig = { accountSid: variable, authToken: variable, ttl: seconds, now: undefined };
const verifierConfig: CapabilityVerifierConfig = { accountSid: variable, clockTolerance: seconds };
const accessConfig: AccessTokenConfig = { apiKeySid: variable, apiKeySecret: variable, region: variable };
configure(config);

interface CallParams {
  user_id: number;
  vip: boolean;
  name: string;
}
const params: CallParams = { user_id: 42, vip: true, name: 'Alice' };

// With `declaration`, TypeScript must be able to name the type of each export outside of the package.
export const signer = new CapabilitySigner(config);
export const scopes = [
  new IncomingScope(encodeClientName('ann.veal@x.com')),
  new OutgoingScope('AP123', { clientName: variable, params }),
  new EventStreamScope({ CallStatus: 'completed' }),
  ...parseScopes('scope:client:incoming?clientName=alice'),
];
export const token = signer.sign(scopes, { ttl: seconds, expiresAt: undefined });
export const issued = signer.issue(new Set<Scope>(scopes));
export const verified = new CapabilityVerifier({ ...verifierConfig, authToken: ['one', 'two'] }).verify(
  token,
);
export const outgoingParams = verified.outgoing?.params;
export const accessToken = new AccessTokenSigner(accessConfig).sign(scopes, { identity: variable });
export const accessVerified = new AccessTokenVerifier(accessConfig).verify(accessToken);
export const plan = toVoiceGrant(scopes);
export const chained = new Capability(config)
  .allowClientIncoming('alice')
  .allowClientOutgoing('AP123', params, { clientName: variable })
  .allowEventStream();
export const generated = [chained.generate(), chained.generate(600), chained.generate({ ttl: 600 })];

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- not an instance of a scope class
    signer.sign({ kind: 'incoming', clientName: 'alice' }),
    // @ts-expect-error -- a mistyped option
    signer.sign(scopes, { tll: 600 }),
    // @ts-expect-error -- the secret cannot be read back
    signer.authToken,
    // @ts-expect-error -- values are strings, numbers or booleans
    new OutgoingScope('AP123', { params: { since: new Date() } }),
    // @ts-expect-error -- exported as a type: only parseScope creates it
    new library.OtherScope(),
  ];
}
