import * as library from 'twilio-capability';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  decodeClientName,
  decodeToken,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  toVoiceGrant,
  type AccessTokenConfig,
  type AnyCapabilityError,
  type CapabilityConfig,
  type DecodedCapability,
  type ErrorCode,
  type IssuedToken,
  type Scope,
  type ScopeParams,
  type SignOptions,
  type VerifiedCapability,
  type CapabilityVerifierConfig,
  type VoiceGrantPlan,
} from 'twilio-capability';
import { check, type AnyIn, type Same } from './check.js';

check<Same<AnyIn<typeof library>, never>>();
check<Same<AnyIn<CapabilitySigner>, never>>();
check<Same<AnyIn<AccessTokenSigner>, never>>();
check<Same<AnyIn<CapabilityVerifier>, never>>();
check<Same<AnyIn<AccessTokenVerifier>, never>>();
check<Same<AnyIn<Capability>, never>>();
check<Same<AnyIn<OutgoingScope>, never>>();
check<Same<AnyIn<IssuedToken>, never>>();
check<Same<AnyIn<VerifiedCapability>, never>>();
check<Same<AnyIn<DecodedCapability>, never>>();
check<Same<AnyIn<VoiceGrantPlan>, never>>();

check<Same<ReturnType<CapabilitySigner['sign']>, string>>();
check<Same<ReturnType<CapabilitySigner['issue']>, IssuedToken>>();
check<Same<ReturnType<AccessTokenSigner['sign']>, string>>();
check<Same<ReturnType<Capability['generate']>, string>>();
check<Same<ReturnType<CapabilityVerifier['verify']>, VerifiedCapability>>();
check<Same<Extract<ReturnType<typeof decodeToken>, { kind: 'capability' }>, DecodedCapability>>();
check<Same<ReturnType<typeof parseScope>, Scope>>();
check<Same<ReturnType<typeof parseScopes>, Scope[]>>();
check<Same<Parameters<CapabilitySigner['sign']>[0], Scope | Iterable<Scope>>>();
check<Same<Parameters<CapabilitySigner['sign']>[1], SignOptions | undefined>>();
check<Same<VerifiedCapability['claims'], Readonly<Record<string, unknown>>>>();
check<Same<VerifiedCapability['expiresAt'], Date>>();
check<Same<IssuedToken['clientName'], string | undefined>>();

// The type of process.env under exactOptionalPropertyTypes.
declare const variable: string | undefined;
declare const seconds: number | undefined;
const config: CapabilityConfig = { accountSid: variable, authToken: variable, ttl: seconds, now: undefined };
const verifierConfig: CapabilityVerifierConfig = {
  accountSid: variable,
  authToken: variable,
  clockTolerance: seconds,
};
const accessConfig: AccessTokenConfig = { apiKeySid: variable, apiKeySecret: variable, region: variable };
configure(config);
configure({});

interface CallParams {
  user_id: number;
  vip: boolean;
  name: string;
}
const params: CallParams = { user_id: 42, vip: true, name: 'Alice' };
const loose: ScopeParams = { anything: 1 };

// With `declaration`, TypeScript must be able to name the type of each export outside of the package.
export const signer = new CapabilitySigner(config);
export const scopes = [
  new IncomingScope(encodeClientName('ann.veal@x.com')),
  new OutgoingScope('AP123', { clientName: variable, params }),
  new OutgoingScope('AP124', { params: loose }),
  new EventStreamScope({ CallStatus: 'completed' }),
];
export const token = signer.sign(scopes, { ttl: seconds, expiresAt: undefined });
export const issued = signer.issue(new Set<Scope>(scopes));
export const verifier = new CapabilityVerifier({ ...verifierConfig, authToken: ['one', 'two'] });
export const verified = verifier.verify(token);
export const claims = verified.claims;
export const outgoing = verified.outgoing;
export const outgoingParams = outgoing?.params;
export const accessSigner = new AccessTokenSigner(accessConfig);
export const accessToken = accessSigner.sign(scopes, { identity: variable, dropUnmappable: true });
export const accessVerified = new AccessTokenVerifier(accessConfig).verify(accessToken);
export const plan = toVoiceGrant(scopes);
export const chained = new Capability(config)
  .allowClientIncoming('alice')
  .allowClientOutgoing('AP123', params, { clientName: variable })
  .allowEventStream();
export const generated = [chained.generate(), chained.generate(600), chained.generate({ ttl: 600 })];
export const decodedName: string = decodeClientName('alice');

export function describe(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      check<Same<typeof scope, IncomingScope>>();
      return scope.clientName;
    case 'outgoing':
      check<Same<typeof scope.params, Readonly<Record<string, string>>>>();
      return scope.applicationSid;
    case 'event-stream':
      return Object.keys(scope.filters).join();
    case 'other':
      return `${scope.service}:${scope.privilege}`;
  }
}

export function kindOf(text: string): string {
  const decoded = decodeToken(text);
  return decoded.kind === 'capability' ? decoded.clientNames.join() : String(decoded.identity);
}

export function adviceFor(error: unknown): string {
  if (!(error instanceof CapabilityError)) throw error;
  check<Same<typeof error.code, ErrorCode>>();
  const known = error as AnyCapabilityError;
  switch (known.code) {
    case 'ERR_TOKEN_EXPIRED':
      check<Same<typeof known, library.TokenError>>();
      return String(known.twilioCode);
    case 'ERR_CONFIG_MISSING':
      return known.field ?? '';
    default:
      return known.message;
  }
}

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- a string is not a scope
    signer.sign('scope:client:incoming?clientName=alice'),
    // @ts-expect-error -- not an instance of a scope class
    signer.sign({ kind: 'incoming', clientName: 'alice' }),
    // @ts-expect-error -- a mistyped option
    signer.sign(scopes, { tll: 600 }),
    // @ts-expect-error -- the secret cannot be read back
    signer.authToken,
    // @ts-expect-error -- values are strings, numbers or booleans
    new OutgoingScope('AP123', { params: { since: new Date() } }),
    // @ts-expect-error -- null does not mean absent
    new OutgoingScope('AP123', { params: null }),
    // @ts-expect-error -- a mistyped setting
    new CapabilitySigner({ accountSID: 'AC123' }),
    // @ts-expect-error -- an unknown code
    (adviceFor as (code: ErrorCode) => string)('ERR_TOKEN_EXPIRD'),
    // @ts-expect-error -- exported as a type: only parseScope creates it
    new library.OtherScope(),
  ];
}
