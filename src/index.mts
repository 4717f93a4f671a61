// What `import` gets: the very classes that `require` gives, so that instanceof holds between the two.
export {
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  ConfigError,
  configure,
  decodeCapability,
  decodeClientName,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OtherScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  ScopeError,
  SignError,
  TokenError,
} from './index.js';
export type * from './index.js';
