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
  /** The client name for incoming and outgoing calls, if there is one. */
  readonly identity: string | undefined;
  /** The push credential that notifies a mobile app of incoming calls, if there is one. */
  readonly pushCredentialSid: string | undefined;
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
  const grants = parseObject(claims['grants'], 'grants');
  if (grants === undefined) throw invalid('grants', 'is missing.');
  const { identity, voice, ...others } = grants;
  const name = parseIdentity(identity);
  const grant = parseObject(voice, 'grants.voice') ?? {};
  return {
    identity: name,
    ...toTokenScopes(parseVoice(grant, name)),
    pushCredentialSid: parsePushCredential(grant['push_credential_sid']),
    otherGrants: Object.freeze(Object.keys(others)),
  };
}

function parseIdentity(identity: unknown): string | undefined {
  if (isAbsent(identity)) return undefined;
  const problem = clientNameProblem(identity, true);
  if (problem !== undefined) throw invalid('grants.identity', problem);
  return identity as string;
}

function parsePushCredential(sid: unknown): string | undefined {
  if (isAbsent(sid)) return undefined;
  if (isSid('CR', sid)) return sid;
  throw invalid('grants.voice.push_credential_sid', 'must be "CR" followed by 1 to 32 letters or digits.');
}

/** Parses a voice grant as scopes. Without an identity, the client has no name to receive calls under. */
export function parseVoice(voice: JsonObject, identity: string | undefined): Scope[] {
  const incoming = parseObject(voice['incoming'], 'grants.voice.incoming');
  const outgoing = parseObject(voice['outgoing'], 'grants.voice.outgoing');
  const allow = incoming?.['allow'] ?? false;
  if (typeof allow !== 'boolean') throw invalid('grants.voice.incoming.allow', 'must be true or false.');
  const scopes: Scope[] = [];
  if (allow && identity !== undefined) scopes.push(new IncomingScope(identity, { allowAnyName: true }));
  if (outgoing !== undefined) scopes.push(parseOutgoing(outgoing, identity));
  return scopes;
}

function parseOutgoing(outgoing: JsonObject, clientName: string | undefined): OutgoingScope {
  const params = parseObject(outgoing['params'], 'grants.voice.outgoing.params') ?? {};
  try {
    return new OutgoingScope(outgoing['application_sid'] as string, {
      clientName,
      params: paramsAsText(params),
      allowAnyName: true,
    });
  } catch (error) {
    if (!(error instanceof ScopeError)) throw error;
    throw invalid(FIELDS[error.field!]!, `is invalid. ${error.message}`);
  }
}

/** Reads other values than strings as their JSON, null as empty, since SDKs sign any value that is passed. */
function paramsAsText(params: JsonObject): Record<string, string> {
  const text = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(params)) {
    text[key] = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  }
  return text;
}

/** Parses an object that may be absent. */
function parseObject(value: unknown, field: string): JsonObject | undefined {
  if (isAbsent(value)) return undefined;
  if (isJsonObject(value)) return value;
  // PHP writes an empty object as an empty array.
  if (Array.isArray(value) && value.length === 0) return {};
  throw invalid(field, 'must be a JSON object.');
}

/** twilio-java before 7.47.5 writes null for whatever is not set. */
function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function invalid(field: string, problem: string): TokenError {
  return new TokenError('ERR_TOKEN_CLAIMS', `Token ${field} ${problem}`, field);
}
