import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
      'SignError',
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

test('and the same under import as under require', () => {
  const source = readFileSync(join(__dirname, '../src/index.mts'), 'utf8');
  const [, list = ''] = /export \{([^}]+)\} from '\.\/index\.js';/.exec(source) ?? [];
  const imported = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  expect(imported.sort()).toEqual(names);
  expect(source).toContain("export type * from './index.js';");
});
