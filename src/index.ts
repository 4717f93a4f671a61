/**
 * Create, decode and verify Twilio Client capability tokens, and the Access Tokens that replace them.
 *
 * @module twilio-capability
 */

export { Capability } from './capability/capability';
export { configure } from './config';
export type {
  AccountCredentials,
  ApiKeyCredentials,
  CapabilityConfig,
  ClockOption,
  TtlOption,
  VerifierOptions,
} from './config';

export { IncomingScope } from './scopes/incoming-scope';
export type { IncomingScopeOptions } from './scopes/incoming-scope';
export { OutgoingScope } from './scopes/outgoing-scope';
export type { OutgoingScopeOptions } from './scopes/outgoing-scope';
export { EventStreamScope } from './scopes/event-stream-scope';
export type { OtherScope } from './scopes/other-scope';
export { parseScope, parseScopes } from './scopes/parse-scope';
export type { Scope } from './scopes/parse-scope';
export type { ParamsOf, ScopeParam, ScopeParams, ScopeParamsText } from './scopes/params';
export { encodeClientName, decodeClientName } from './scopes/client-name';

export { CapabilitySigner } from './capability/capability-signer';
export type { IssuedToken, TokenSigner } from './tokens/issued-token';
export type { SignOptions } from './tokens/lifetime';
export { CapabilityVerifier } from './capability/capability-verifier';
export type {
  DecodedCapability,
  VerifiedCapability,
  CapabilityVerifierConfig,
} from './capability/capability-verifier';

export { AccessTokenSigner } from './access-token/access-token-signer';
export type {
  AccessTokenConfig,
  GrantOptions,
  AccessTokenSignOptions,
  IssuedAccessToken,
} from './access-token/access-token-signer';
export type { OtherGrants } from './access-token/other-grants';
export { AccessTokenVerifier } from './access-token/access-token-verifier';
export type {
  AccessTokenVerifierConfig,
  ApiKey,
  DecodedAccessToken,
  VerifiedAccessToken,
} from './access-token/access-token-verifier';
export { toVoiceGrant } from './access-token/plan-voice-grant';
export type { Dropped, VoiceGrant, VoiceGrantPlan } from './access-token/plan-voice-grant';

export { decodeToken } from './decode-token';
export type { DecodedToken } from './decode-token';
export type { DecodedTimes, TokenScopes, TokenTimes } from './tokens/claims';
export type { TokenGrants } from './access-token/parse-grants';
export type { JsonObject } from './tokens/jws';

export { CapabilityError, ConfigError, ScopeError, TokenError } from './errors';
export type {
  AnyCapabilityError,
  ConfigErrorCode,
  ErrorCode,
  ScopeErrorCode,
  TokenErrorCode,
} from './errors';
