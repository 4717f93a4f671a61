import type { TokenScopes } from '../tokens/claims';
import { checkClientName } from '../scopes/client-name';
import { ScopeError, TokenError } from '../errors';
import { isObject, type JsonObject } from '../tokens/jws';
import { IncomingScope, OutgoingScope, type Scope } from '../scopes/scope';
import { isSid } from '../sid';
import type { VoiceGrant } from './plan-voice-grant';

/** What an Access Token grants, as scopes: each under the identity, which `clientNames` holds if it is called. */
export interface TokenGrants extends TokenScopes {
  /** The name that calls go to and come from. */
  readonly identity: string;
  /** The push credential by which a mobile app is told of incoming calls. */
  readonly pushCredentialSid?: string;
}

/** Where the faults of a scope are to be found in the claims. */
const FIELDS: Readonly<Record<string, string>> = {
  clientName: 'grants.identity',
  applicationSid: 'grants.voice.outgoing.application_sid',
  params: 'grants.voice.outgoing.params',
};

/**
 * Reads the `grants` claim, by the rules that scopes have. Grants of other products, and members of the voice
 * grant that this library does not know, are passed over.
 *
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`; the field says where, such as `grants.voice.outgoing.params`.
 */
export function readGrants(claims: JsonObject): TokenGrants {
  const grants = readObject(claims['grants'], 'grants');
  const { identity } = grants;
  const voice = readObject(grants['voice'], 'grants.voice');
  const { push_credential_sid: pushCredentialSid } = voice as { push_credential_sid?: unknown };
  if (pushCredentialSid !== undefined && !isSid('CR', pushCredentialSid)) {
    throw unreadable('grants.voice.push_credential_sid', 'It is "CR" followed by 1 to 32 letters or digits.');
  }
  try {
    checkClientName(identity, true);
    return {
      identity,
      ...grantScopes(identity, readVoice(voice)),
      ...(pushCredentialSid !== undefined && { pushCredentialSid }),
    };
  } catch (error) {
    if (!(error instanceof ScopeError)) throw error;
    throw unreadable(FIELDS[error.field!]!, error.message);
  }
}

/**
 * Turns a voice grant back into scopes, each with the identity as its client name.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`: what comes from a token may not fit.
 */
export function grantScopes(identity: string, { incoming, outgoing }: VoiceGrant): TokenScopes {
  const scopes: Scope[] = [];
  if (incoming !== undefined) scopes.push(new IncomingScope(identity, { allowAnyName: true }));
  const placed =
    outgoing &&
    new OutgoingScope(outgoing.application_sid, {
      clientName: identity,
      params: outgoing.params,
      allowAnyName: true,
    });
  if (placed !== undefined) scopes.push(placed);
  return {
    scopes: Object.freeze(scopes),
    clientNames: Object.freeze(incoming === undefined ? [] : [identity]),
    ...(placed && { outgoing: placed }),
  };
}

/** The members of a voice grant that are objects as they should be; what is in them is for the scopes to check. */
function readVoice({ incoming, outgoing }: { incoming?: unknown; outgoing?: unknown }): VoiceGrant {
  const allow = incoming === undefined ? false : readObject(incoming, 'grants.voice.incoming')['allow'];
  if (typeof allow !== 'boolean') throw unreadable('grants.voice.incoming.allow', 'It is true or false.');
  if (outgoing !== undefined) readObject(outgoing, 'grants.voice.outgoing');
  return { ...(allow && { incoming: { allow } }), ...(outgoing !== undefined && { outgoing }) } as VoiceGrant;
}

function readObject(value: unknown, field: string): JsonObject {
  if (isObject(value)) return value;
  throw unreadable(field, value === undefined ? 'It is missing.' : 'It is a JSON object.');
}

function unreadable(field: string, rule: string): TokenError {
  return new TokenError('ERR_TOKEN_CLAIMS', `The ${field} of the token cannot be read. ${rule}`, field);
}
