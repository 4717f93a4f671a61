import { expect, jest, test } from '@jest/globals';
import * as library from '../../src';
import { config, thrown } from '../helpers/fixed';

test('the package exports these names', () => {
  const names = [
    ...['AccessTokenSigner', 'AccessTokenVerifier', 'Capability', 'CapabilitySigner', 'CapabilityVerifier'],
    ...['CapabilityError', 'ConfigError', 'ScopeError', 'TokenError', 'configure', 'decodeToken'],
    ...['EventStreamScope', 'IncomingScope', 'OutgoingScope', 'parseScope', 'parseScopes', 'toVoiceGrant'],
    ...['decodeClientName', 'encodeClientName'],
  ];
  expect(Object.keys(library).sort()).toEqual(names.sort());
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
