import type { KeyObject } from 'node:crypto';
import { ACCESS_TOKEN_TYPE, HS256_HEADER, signClaims } from '../tokens/jws';
import type { Lifetime } from '../tokens/lifetime';
import type { OtherGrants } from './other-grants';
import type { VoiceGrant } from './plan-voice-grant';

/** The contents of an Access Token. */
interface AccessTokenParts {
  readonly jti: string;
  readonly accountSid: string;
  readonly apiKeySid: string;
  readonly identity: string;
  readonly voice: VoiceGrant;
  readonly lifetime: Lifetime;
  readonly grants?: OtherGrants | undefined;
  readonly region?: string | undefined;
  readonly pushCredentialSid?: string | undefined;
}

/**
 * Signs an Access Token. The claims are in the order of twilio-node.
 *
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`.
 * @internal
 */
export function signAccessToken(parts: AccessTokenParts, key: KeyObject): string {
  const { jti, accountSid, apiKeySid, identity, voice, lifetime, grants, region, pushCredentialSid } = parts;
  const claims = {
    jti,
    grants: { identity, voice: { ...voice, push_credential_sid: pushCredentialSid }, ...grants },
    iat: lifetime.iat,
    exp: lifetime.exp,
    iss: apiKeySid,
    sub: accountSid,
  };
  const header = { ...HS256_HEADER, cty: ACCESS_TOKEN_TYPE, twr: region };
  return signClaims(claims, key, header);
}
