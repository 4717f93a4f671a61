import { fc } from '@fast-check/jest';
import { expect, test } from '@jest/globals';
import { TokenError } from '../../../src';
import { parseGrants } from '../../../src/access-token/parse-grants';

test('parses any JSON, or throws a TokenError that names the field', () => {
  const any = fc.jsonValue();
  const part = (required: fc.Arbitrary<unknown>) => fc.oneof(required, any);
  const outgoing = fc.record(
    { application_sid: part(fc.constant('AP1')), params: any },
    { requiredKeys: [] },
  );
  const voice = fc.record(
    {
      incoming: part(fc.record({ allow: part(fc.boolean()) })),
      outgoing: part(outgoing),
      push_credential_sid: part(fc.constant('CR1')),
    },
    { requiredKeys: [] },
  );
  const grants = fc.record(
    { identity: part(fc.constant('alice')), voice: part(voice) },
    { requiredKeys: [] },
  );
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(part(grants), (value) => {
      try {
        parseGrants({ grants: value });
        outcomes.add('read');
      } catch (error) {
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: 'ERR_TOKEN_CLAIMS' });
        outcomes.add((error as TokenError).field!);
      }
    }),
    { numRuns: 5000, seed: 1 },
  );
  expect([...outcomes].sort()).toStrictEqual([
    'grants',
    'grants.identity',
    'grants.voice',
    'grants.voice.incoming',
    'grants.voice.incoming.allow',
    'grants.voice.outgoing',
    'grants.voice.outgoing.application_sid',
    'grants.voice.outgoing.params',
    'grants.voice.push_credential_sid',
    'read',
  ]);
});

test.each(['__proto__', 'constructor', 'toString'])('takes no grant from a prototype: %s', (key) => {
  const grants = JSON.parse(`{"${key}":{"identity":"alice","voice":{"incoming":{"allow":true}}}}`) as object;
  expect(parseGrants({ grants })).toEqual({ scopes: [], clientNames: [], otherGrants: [key] });
});
