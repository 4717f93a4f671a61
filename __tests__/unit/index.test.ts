import { expect, jest, test } from '@jest/globals';
import * as library from '../../src';
import { config, thrown } from '../helpers/fixed';

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
      'parseScope',
      'parseScopes',
      'encodeClientName',
      'decodeClientName',
      'configure',
      'CapabilitySigner',
      'CapabilityVerifier',
      'Capability',
    ].sort(),
  );
});

test('a scope of a second copy of the package is rejected, with the way out', () => {
  let copy: typeof library | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof library>('../../src');
  });
  const scope = new copy!.IncomingScope('alice');
  expect(scope).not.toBeInstanceOf(library.IncomingScope);
  for (const scopes of [scope, [scope]]) {
    expect(thrown(() => new library.CapabilitySigner(config).sign(scopes))).toMatchObject({
      code: 'ERR_SCOPE_INVALID',
      message: expect.stringMatching(/second copy of twilio-capability.*npm ls twilio-capability/) as unknown,
    });
  }
});
