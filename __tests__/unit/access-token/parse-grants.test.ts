import { describe, expect, test } from '@jest/globals';
import { AccessTokenVerifier, decodeToken } from '../../../src';
import { parseGrants } from '../../../src/access-token/parse-grants';
import { apiKeyConfig, NOW, refusal } from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER, forge } from '../../helpers/forge';

test.each(['__proto__', 'constructor', 'toString'])('takes no grant from a prototype: %s', (key) => {
  const grants = JSON.parse(`{"${key}":{"identity":"alice","voice":{"incoming":{"allow":true}}}}`) as object;
  expect(parseGrants({ grants })).toEqual({ scopes: [], clientNames: [], otherGrants: [key] });
});

/** twilio-java before 7.47.5 writes null for whatever is not set. */
describe('null in grants', () => {
  const { accountSid, apiKeySid, apiKeySecret } = apiKeyConfig;
  const verifier = new AccessTokenVerifier(apiKeyConfig);
  const sign = (grants: object): string => {
    const claims = { jti: `${apiKeySid}-${NOW}`, grants, iss: apiKeySid, sub: accountSid };
    return forge({ ...claims, exp: NOW + 3600, nbf: NOW }, ACCESS_TOKEN_HEADER, { secret: apiKeySecret });
  };
  const unset = { incoming: null, outgoing: null, push_credential_sid: null, endpoint_id: null };
  const incoming = { incoming: { allow: true } };
  const app = { application_sid: 'AP1', params: null };

  test.each<[string, object, string[]]>([
    ['incoming only', { ...unset, ...incoming }, ['scope:client:incoming?clientName=alice']],
    ['outgoing only', { ...unset, outgoing: app }, ['scope:client:outgoing?appSid=AP1&clientName=alice']],
    ['a null allow', { ...unset, incoming: { allow: null } }, []],
    ['nothing', unset, []],
  ])('counts as absent: %s', (_, voice, scopes) => {
    for (const read of [decodeToken, (token: string) => verifier.verify(token)]) {
      const contents = read(sign({ identity: 'alice', voice }));
      expect(contents.scopes.map(String)).toEqual(scopes);
      expect(contents).toMatchObject({ identity: 'alice', pushCredentialSid: undefined, otherGrants: [] });
    }
  });

  test.each<[object, object, string]>([
    [{ identity: null, voice: incoming }, { identity: undefined, scopes: [] }, 'grants.identity'],
    [{ identity: 'alice', voice: null }, { identity: 'alice', scopes: [] }, 'grants.voice'],
    [{ identity: 'alice', video: {} }, { identity: 'alice', otherGrants: ['video'] }, 'grants.voice'],
    [
      { voice: { outgoing: app } },
      { clientNames: [], outgoing: { applicationSid: 'AP1' } },
      'grants.identity',
    ],
    [{}, { scopes: [], clientNames: [], otherGrants: [] }, 'grants.identity'],
  ])('or an absent member is decoded, and rejected by verify: %j', (grants, decoded, field) => {
    expect(decodeToken(sign(grants))).toMatchObject({ kind: 'access-token', ...decoded });
    expect(refusal(() => verifier.verify(sign(grants)))).toBe(`TokenError ERR_TOKEN_CLAIMS ${field}`);
  });

  test('is invalid as the application of an outgoing grant', () => {
    const token = sign({ identity: 'alice', voice: { ...unset, outgoing: { application_sid: null } } });
    expect(refusal(() => decodeToken(token))).toBe(
      'TokenError ERR_TOKEN_CLAIMS grants.voice.outgoing.application_sid',
    );
  });
});
