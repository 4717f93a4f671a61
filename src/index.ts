/**
 * Mint, read and check capability tokens, and the Access Tokens that take their place.
 *
 * @module twilio-capability
 */

export { CapabilityError, ConfigError, ScopeError, SignError, TokenError } from './errors';
export type {
  AnyCapabilityError,
  ConfigErrorCode,
  ErrorCode,
  ScopeErrorCode,
  SignErrorCode,
  TokenErrorCode,
} from './errors';

export {
  IncomingScope,
  OutgoingScope,
  EventStreamScope,
  OtherScope,
  parseScope,
  parseScopes,
} from './scopes/scope';
export { encodeClientName, decodeClientName } from './scopes/scope';
export type {
  Scope,
  ScopeParam,
  ScopeParams,
  ScopeParamsText,
  ParamsOf,
  IncomingScopeOptions,
  OutgoingScopeOptions,
} from './scopes/scope';

export { configure } from './config';
export type { CapabilityConfig } from './config';

export { CapabilitySigner } from './capability/capability-signer';
export type { IssuedToken, SignOptions } from './capability/capability-signer';

export { CapabilityVerifier, decodeCapability } from './capability/capability-verifier';
export type { DecodedCapability, VerifiedCapability, VerifierConfig } from './capability/capability-verifier';

export { toVoiceGrant } from './access-token/plan-voice-grant';
export type { Dropped, VoiceGrant, VoiceGrantPlan } from './access-token/plan-voice-grant';

export { AccessTokenSigner } from './access-token/access-token-signer';
export type { AccessTokenConfig, AccessTokenSignOptions } from './access-token/access-token-signer';

export { AccessTokenVerifier } from './access-token/access-token-verifier';
export type {
  AccessTokenVerifierConfig,
  DecodedAccessToken,
  VerifiedAccessToken,
} from './access-token/access-token-verifier';

export { decodeToken } from './decode-token';
export type { DecodedToken } from './decode-token';
export type { JsonObject } from './tokens/jws';

export { Capability } from './capability/capability';
