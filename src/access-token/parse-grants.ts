import { ScopeError, TokenError } from '../errors';
import { clientNameProblem } from '../scopes/client-name';
import { IncomingScope } from '../scopes/incoming-scope';
import { OutgoingScope } from '../scopes/outgoing-scope';
import type { Scope } from '../scopes/parse-scope';
import { isSid } from '../sid';
import { toTokenScopes, type TokenScopes } from '../tokens/claims';
import { isJsonObject, type JsonObject } from '../tokens/jws';

/** The grants of an Access Token as scopes. Each scope has the identity as its client name. */
export interface TokenGrants extends TokenScopes {
  /** The name that calls go to and come from. */
  readonly identity?: string;
  /** The push credential that notifies a mobile app of incoming calls. */
  readonly pushCredentialSid?: string;
  /** The names of the grants for other products, such as `chat`. */
  readonly otherGrants: readonly string[];
}

/** The claim path of each field of an outgoing scope that can be invalid. The identity was validated before. */
const FIELDS: Readonly<Record<string, string>> = {
  applicationSid: 'grants.voice.outgoing.application_sid',
  params: 'grants.voice.outgoing.params',
};

/**
 * Parses the `grants` claim. Accepts what any Twilio SDK writes, including tokens without an identity or a voice grant.
 *
 * @throws {TokenError} `ERR_TOKEN_CLAIMS`. The field is a path, such as `grants.voice.outgoing.params`.
 */
export function parseGrants(claims: JsonObject): TokenGrants {
  const { identity, voice = {}, ...others } = parseObject(claims['grants'], 'grants');
  const problem = identity === undefined ? undefined : clientNameProblem(identity, true);
  if (problem !== undefined) throw invalid('grants.identity', problem);
  const name = identity as string | undefined;
  const { push_credential_sid: pushCredentialSid, ...calls } = parseObject(voice, 'grants.voice');
  if (pushCredentialSid !== undefined && !isSid('CR', pushCredentialSid)) {
    throw invalid('grants.voice.push_credential_sid', 'must be "CR" followed by 1 to 32 letters or digits.');
  }
  return {
    ...(name !== undefined && { identity: name }),
    ...toTokenScopes(parseVoice(calls, name)),
    ...(pushCredentialSid !== undefined && { pushCredentialSid }),
    otherGrants: Object.freeze(Object.keys(others)),
  };
}

/** Parses a voice grant as scopes. Without an identity, the client has no name to receive calls under. */
export function parseVoice({ incoming, outgoing }: JsonObject, identity: string | undefined): Scope[] {
  const { allow = false } = incoming === undefined ? {} : parseObject(incoming, 'grants.voice.incoming');
  if (typeof allow !== 'boolean') throw invalid('grants.voice.incoming.allow', 'must be true or false.');
  const scopes: Scope[] = [];
  if (allow && identity !== undefined) scopes.push(new IncomingScope(identity, { allowAnyName: true }));
  if (outgoing !== undefined)
    scopes.push(parseOutgoing(parseObject(outgoing, 'grants.voice.outgoing'), identity));
  return scopes;
}

function parseOutgoing(outgoing: JsonObject, clientName: string | undefined): OutgoingScope {
  const { application_sid: applicationSid, params = {} } = outgoing;
  try {
    return new OutgoingScope(applicationSid as string, {
      clientName,
      params: paramsAsText(parseObject(params, 'grants.voice.outgoing.params')),
      allowAnyName: true,
    });
  } catch (error) {
    if (!(error instanceof ScopeError)) throw error;
    throw invalid(FIELDS[error.field!]!, `is invalid. ${error.message}`);
  }
}

/** Parses other values than strings as their JSON, since SDKs sign any value that the application passes. */
function paramsAsText(params: JsonObject): Record<string, string> {
  const text = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(params)) {
    text[key] = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  }
  return text;
}

function parseObject(value: unknown, field: string): JsonObject {
  if (isJsonObject(value)) return value;
  // PHP writes an empty object as an empty array.
  if (Array.isArray(value) && value.length === 0) return {};
  throw invalid(field, value === undefined ? 'is missing.' : 'must be a JSON object.');
}

function invalid(field: string, problem: string): TokenError {
  return new TokenError('ERR_TOKEN_CLAIMS', `Token ${field} ${problem}`, field);
}
