import { fc } from '@fast-check/jest';
import { describe, expect, it, test } from '@jest/globals';
import { TokenError, toVoiceGrant } from '../../src';
import { grantScopes, readGrants } from '../../src/access-token/parse-grants';
import { applicationSid } from '../helpers/fixed';

const outgoing = { application_sid: applicationSid, params: { user_id: '42' } };

describe('grantScopes', () => {
  test.each([
    ['nothing', {}, [], []],
    ['incoming calls', { incoming: { allow: true } }, ['scope:client:incoming?clientName=alice'], ['alice']],
    [
      'outgoing calls',
      { outgoing },
      [`scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=user_id%3D42`],
      [],
    ],
  ] as const)('makes scopes of %s', (_what, voice, uris, clientNames) => {
    const made = grantScopes('alice', voice);
    expect(made.scopes.map(String)).toStrictEqual(uris);
    expect(made.clientNames).toStrictEqual(clientNames);
    expect(made.outgoing).toBe(made.scopes.find(({ kind }) => kind === 'outgoing'));
    expect('outgoing' in made).toBe('outgoing' in voice);
  });

  test('undoes toVoiceGrant', () => {
    const voice = { incoming: { allow: true }, outgoing } as const;
    const plan = toVoiceGrant(grantScopes('front desk', voice).scopes);
    expect(plan).toStrictEqual({ identity: 'front desk', voice, dropped: [], notes: [] });
  });
});

describe('readGrants', () => {
  it('reads what JSON can hold, or says in a TokenError why it cannot', () => {
    const any = fc.jsonValue();
    const voice = fc.record(
      {
        incoming: fc.oneof(fc.record({ allow: fc.oneof(fc.boolean(), any) }), any),
        outgoing: fc.oneof(
          fc.record(
            { application_sid: fc.oneof(fc.constant('AP1'), any), params: any },
            { requiredKeys: [] },
          ),
          any,
        ),
        push_credential_sid: fc.oneof(fc.constant('CR1'), any),
      },
      { requiredKeys: [] },
    );
    const grants = fc.record({ identity: fc.oneof(fc.constant('alice'), any), voice: fc.oneof(voice, any) });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(grants, any), (value) => {
        try {
          const read = readGrants({ grants: value });
          expect(typeof read.identity).toBe('string');
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

  it.each(['__proto__', 'constructor', 'toString'])('takes no grant from a prototype: %s', (key) => {
    const grants = JSON.parse(`{"${key}":{"identity":"alice","voice":{}}}`) as object;
    expect(() => readGrants({ grants })).toThrow(expect.objectContaining({ field: 'grants.voice' }));
  });
});
