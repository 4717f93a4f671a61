import { describe, expect, test } from '@jest/globals';
import { AccessTokenVerifier, decodeToken } from '../../../src';
import {
  accountSid,
  apiKeyConfig,
  apiKeySecret,
  apiKeySid,
  applicationSid,
  NOW,
  refusal,
} from '../../helpers/fixed';
import { ACCESS_TOKEN_HEADER, forge } from '../../helpers/forge';

const verifier = new AccessTokenVerifier(apiKeyConfig);

/** Signs grants as twilio-java before 7.47.5 does, which writes null for whatever is not set. */
function sign(grants: object): string {
  const claims = {
    jti: `${apiKeySid}-${NOW}`,
    grants,
    iss: apiKeySid,
    sub: accountSid,
    exp: NOW + 3600,
    nbf: NOW,
  };
  return forge(claims, ACCESS_TOKEN_HEADER, { secret: apiKeySecret });
}

const unset = { incoming: null, outgoing: null, push_credential_sid: null, endpoint_id: null };

describe('null in grants counts as absent', () => {
  test.each<[string, object, string[]]>([
    ['incoming only', { ...unset, incoming: { allow: true } }, ['scope:client:incoming?clientName=alice']],
    [
      'outgoing only, without params',
      { ...unset, outgoing: { application_sid: applicationSid, params: null } },
      [`scope:client:outgoing?appSid=${applicationSid}&clientName=alice`],
    ],
    ['a null allow', { ...unset, incoming: { allow: null } }, []],
    ['nothing', unset, []],
  ])('%s', (_, voice, scopes) => {
    const token = sign({ identity: 'alice', voice });
    const verified = verifier.verify(token);
    expect(verified.scopes.map(String)).toEqual(scopes);
    expect(verified).toMatchObject({ identity: 'alice', pushCredentialSid: undefined, otherGrants: [] });
    const decoded = decodeToken(token);
    expect(decoded.kind).toBe('access-token');
    expect(decoded.scopes.map(String)).toEqual(scopes);
  });

  test('for the identity and the voice grant, which verify then misses', () => {
    const withoutIdentity = sign({ identity: null, voice: { ...unset, incoming: { allow: true } } });
    expect(decodeToken(withoutIdentity)).toMatchObject({ identity: undefined, scopes: [] });
    expect(refusal(() => verifier.verify(withoutIdentity))).toBe(
      'TokenError ERR_TOKEN_CLAIMS grants.identity',
    );
    const withoutVoice = sign({ identity: 'alice', voice: null });
    expect(decodeToken(withoutVoice)).toMatchObject({ identity: 'alice', scopes: [] });
    expect(refusal(() => verifier.verify(withoutVoice))).toBe('TokenError ERR_TOKEN_CLAIMS grants.voice');
  });

  test('not for the application of an outgoing grant', () => {
    const token = sign({ identity: 'alice', voice: { ...unset, outgoing: { application_sid: null } } });
    expect(refusal(() => decodeToken(token))).toBe(
      'TokenError ERR_TOKEN_CLAIMS grants.voice.outgoing.application_sid',
    );
  });
});
