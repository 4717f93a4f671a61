import { ScopeError } from '../errors';
import { countProblem, nameProblem, NO_PARAMS, type ScopeParamsText } from './params';

/**
 * The codec of scope URIs: `scope:service:privilege?query` to its parts and back.
 *
 * Writing has one form: percent-encoded UTF-8, a space as `%20`. Reading takes every form that Twilio's own
 * SDKs have written: `+` or `%20`, any order, parameters encoded once or twice.
 */
export interface ScopeUri {
  /** Service and privilege, as `client:incoming`. */
  readonly name: string;
  readonly query: readonly QueryPart[];
}

/** One `key=value` of the query, both decoded; `value` is undefined where the part has no `=`. */
export interface QueryPart {
  readonly key: string;
  readonly value: string | undefined;
}

const SCHEME = 'scope:';
/** Characters that stand for themselves: RFC 3986 section 2.3. */
const UNRESERVED = /^[\w.~-]*$/;
const SCOPE_NAME = /^scope:[\w.~-]+:[\w.~-]+$/;

/** Ten times what a scope can be built with. Without a limit, the keys of a long text would take seconds to compare. */
const MAX_PARTS = 1000;

/** Writes a query: its mark and `key=value` joined by `&`, or nothing where there is none. */
export function formatQuery(query: ScopeParamsText): string {
  let text = '';
  for (const key of Object.keys(query)) {
    text += `${text === '' ? '?' : '&'}${encode(key)}=${encode(query[key]!)}`;
  }
  return text;
}

/** Writes parameters as a query string that is a value of the scope's own query: all of it encoded once more. */
export function formatParams(params: ScopeParamsText): string {
  let text = '';
  for (const key of Object.keys(params)) {
    text += `${text === '' ? '' : '%26'}${encodeTwice(key)}%3D${encodeTwice(params[key]!)}`;
  }
  return text;
}

/** A further part of a query, from a value that is already encoded; nothing where that is empty. */
export function optionalPart(key: string, encoded: string): string {
  return encoded === '' ? '' : `&${key}=${encoded}`;
}

/** Percent-encodes what needs it: most text does not, and is told by a look. */
export function encode(text: string): string {
  return UNRESERVED.test(text) ? text : encodeURIComponent(text);
}

function encodeTwice(text: string): string {
  return UNRESERVED.test(text) ? text : encodeURIComponent(encodeURIComponent(text));
}

/** The scope URIs of a claim. A word that does not start with `scope:` belongs to the scope before it. */
export function splitClaim(claim: string): string[] {
  const uris: string[] = [];
  let start = 0;
  for (let end = claim.indexOf(' scope:'); end !== -1; end = claim.indexOf(' scope:', start)) {
    uris.push(claim.slice(start, end));
    start = end + 1;
  }
  uris.push(claim.slice(start));
  return uris;
}

/**
 * Takes a scope URI apart.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: not of that form, ill-formed text or bad percent-encoding.
 */
export function parseScopeUri(uri: string): ScopeUri {
  const mark = uri.indexOf('?');
  const [start, query] = mark === -1 ? [uri, ''] : [uri.slice(0, mark), uri.slice(mark + 1)];
  if (!SCOPE_NAME.test(start) || query.includes(' scope:') || !query.isWellFormed()) {
    throw malformed('A scope has the form scope:service:privilege?key=value&key=value.', 'scope');
  }
  return { name: start.slice(SCHEME.length), query: splitQuery(query, decodeOuter) };
}

/**
 * Reads parameters out of a decoded query value. Their own escapes are decoded once more; a value that
 * cannot be, was written by an SDK that encodes only once (twilio-ruby 5 and newer) and is kept as it is.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: a name or a number of entries that no scope can be built with, or
 *   one name twice: whoever trusts a parameter must not be handed one of two values.
 */
export function parseParams(text: string, field: 'params' | 'filters'): ScopeParamsText {
  const parts = splitQuery(text, decodeInner);
  if (parts.length === 0) return NO_PARAMS;
  const tooMany = countProblem(parts.length, field);
  if (tooMany !== undefined) throw malformed(tooMany, field);
  const params: Record<string, string> = {};
  for (const { key, value = '' } of parts) {
    const problem = nameProblem(key, field);
    if (problem !== undefined) throw malformed(problem, field);
    if (Object.hasOwn(params, key)) throw malformed(`The ${field} of a scope name one key twice.`, field);
    params[key] = value;
  }
  return Object.freeze(params);
}

/**
 * Walks a query from mark to mark. `String.prototype.split` and its likes would take twice the time, and look
 * through the whole of a text before its parts are counted.
 */
function splitQuery(query: string, decode: (text: string) => string): QueryPart[] {
  const parts: QueryPart[] = [];
  let equals = query.indexOf('=');
  for (let start = 0, count = 1; start < query.length; count++) {
    if (count > MAX_PARTS) throw malformed(`A scope has more than ${MAX_PARTS} query parts.`, 'scope');
    const mark = query.indexOf('&', start);
    const end = mark === -1 ? query.length : mark;
    if (equals !== -1 && equals < start) equals = query.indexOf('=', start);
    if (equals !== -1 && equals < end) {
      parts.push({ key: decode(query.slice(start, equals)), value: decode(query.slice(equals + 1, end)) });
    } else if (end > start) {
      parts.push({ key: decode(query.slice(start, end)), value: undefined });
    }
    start = end + 1;
  }
  return parts;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

/**
 * Decodes a part of a scope's own query.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: bad percent-encoding.
 */
export function decodeOuter(text: string): string {
  try {
    return decode(text);
  } catch {
    throw malformed('A scope has bad percent-encoding.', 'scope');
  }
}

/** Decodes where it can, and keeps the text as it is where it cannot. */
export function decodeInner(text: string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** A {@link ScopeError} for text that does not parse. */
export function malformed(message: string, field: string): ScopeError {
  return new ScopeError('ERR_SCOPE_MALFORMED', message, field);
}
