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
} from './scopes';
export { encodeClientName, decodeClientName } from './scopes';
export type {
  Scope,
  ScopeParam,
  ScopeParams,
  ScopeParamsText,
  ParamsOf,
  IncomingScopeOptions,
  OutgoingScopeOptions,
} from './scopes';

export { configure } from './config';
export type { CapabilityConfig } from './config';

export { CapabilitySigner } from './signer';
export type { IssuedToken, SignOptions } from './signer';

export { CapabilityVerifier, decodeCapability } from './verifier';
export type { DecodedCapability, VerifiedCapability, VerifierConfig } from './verifier';

export { toVoiceGrant } from './voice-grant';
export type { Dropped, VoiceGrant, VoiceGrantPlan } from './voice-grant';

export { AccessTokenSigner } from './access-token';
export type { AccessTokenConfig, AccessTokenSignOptions } from './access-token';

export { AccessTokenVerifier } from './access-token-verifier';
export type {
  AccessTokenVerifierConfig,
  DecodedAccessToken,
  VerifiedAccessToken,
} from './access-token-verifier';

export { decodeToken } from './decode';
export type { DecodedToken } from './decode';
export type { JsonObject } from './jws';

export { Capability } from './capability';
