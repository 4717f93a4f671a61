import { expect, test } from '@jest/globals';
import * as library from '../src';

const names = Object.keys(library).sort();

test('the package exports these names', () => {
  expect(names).toEqual(
    [
      'AccessTokenSigner',
      'AccessTokenVerifier',
      'CapabilityError',
      'decodeToken',
      'toVoiceGrant',
      'ConfigError',
      'ScopeError',
      'TokenError',
      'IncomingScope',
      'OutgoingScope',
      'EventStreamScope',
      'OtherScope',
      'parseScope',
      'parseScopes',
      'encodeClientName',
      'decodeClientName',
      'configure',
      'CapabilitySigner',
      'CapabilityVerifier',
      'decodeCapability',
      'Capability',
    ].sort(),
  );
});
