import { ScopeError } from '../errors';
import { MAX_TOKEN_LENGTH } from '../limits';

/*
 * The codec of scope URIs: `scope:service:privilege?query`.
 *
 * It writes one form: percent-encoded UTF-8, a space as `%20`. It reads every form that Twilio's SDKs write: `+` or
 * `%20` for a space, any order, parameters encoded once or twice.
 */

/** A parsed scope URI. */
export interface ScopeUri {
  /** `service:privilege`, such as `client:incoming`. */
  readonly name: string;
  readonly query: ScopeQuery;
}

/** The decoded query, in order. The value of a part without `=` is undefined. */
export type ScopeQuery = ReadonlyMap<string, string | undefined>;

const SCOPE_URI = /^scope:([\w.~-]+:[\w.~-]+)(?:\?(.*))?$/s;

/** Formats an optional part of a scope URI: `&key=value`, or nothing if the value is absent or empty. */
export function formatPart(key: string, value = ''): string {
  return value === '' ? '' : `&${key}=${encodeURIComponent(value)}`;
}

/**
 * Splits a `scope` claim into scope URIs. A word that does not start with `scope:` continues the scope before it:
 * twilio-java and twilio-csharp do not encode incoming client names. A `+` in such a name is read as a space.
 */
export function splitClaim(claim: string): string[] {
  return claim === '' ? [] : claim.split(/ (?=scope:)/);
}

/**
 * Parses a scope URI.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: another form, bad percent-encoding, a repeated key or more than 8,192
 *   characters.
 */
export function parseScopeUri(uri: string): ScopeUri {
  if (uri.length > MAX_TOKEN_LENGTH) throw malformed(`Scope is longer than ${MAX_TOKEN_LENGTH} characters.`);
  const match = SCOPE_URI.exec(uri);
  if (match === null || uri.includes(' scope:') || !uri.isWellFormed()) {
    throw malformed('Scope must have the form scope:service:privilege?key=value&key=value.');
  }
  const [, name, query = ''] = match;
  try {
    return { name: name!, query: parseQuery(query, decode) };
  } catch (error) {
    throw error instanceof URIError ? malformed('Scope has invalid percent-encoding.') : error;
  }
}

/** Returns a part of the query. Empty if it is absent. */
export function queryValue(query: ScopeQuery, name: string): string {
  return query.get(name) ?? '';
}

/**
 * Parses the parameters inside a query value. Values that cannot be decoded a second time are kept: twilio-ruby 5 and
 * newer encodes only once. In its values, a `+` is read as a space, and a percent-encoding is decoded.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: a repeated key or `__proto__`.
 */
export function parseParams(query: ScopeQuery, name: string): Record<string, string> {
  let text = queryValue(query, name);
  // Some releases of twilio-ruby join parameters by a plain "&": each one after the first is a part of the outer query
  // without "=".
  for (const [key, value] of query) {
    if (value === undefined && key !== name) text += `&${key}`;
  }
  const params: Record<string, string> = {};
  // The community Go module encodes the whole once more than the others.
  const parts = parseQuery(text.includes('=') ? text : decodeLeniently(text), decodeLeniently);
  for (const [key, value = ''] of parts) params[key] = value;
  return params;
}

function parseQuery(text: string, decodePart: (text: string) => string): ScopeQuery {
  const query = new Map<string, string | undefined>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = decodePart(equals === -1 ? part : part.slice(0, equals));
    if (key === '__proto__') throw malformed('Scope has a key "__proto__".');
    // With a repeated key, the value is ambiguous.
    if (query.has(key)) throw malformed('Scope has a repeated key.');
    query.set(key, equals === -1 ? undefined : decodePart(part.slice(equals + 1)));
  }
  return query;
}

/** Decodes text, or returns it as it is if its percent-encoding is invalid. */
function decodeLeniently(text: string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** @throws {URIError} The percent-encoding is invalid. */
function decode(text: string): string {
  const isEncoded = text.includes('%') || text.includes('+');
  return isEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

/** Creates the error for text that does not parse. */
export function malformed(message: string, field = 'scope'): ScopeError {
  return new ScopeError('ERR_SCOPE_MALFORMED', message, field);
}
