import { ScopeError } from './errors';
import type { ScopeParamsText } from './params';

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

/** What a query is written from: text, or parameters that make up a query string of their own. */
export type Query = Readonly<Record<string, string | ScopeParamsText | undefined>>;

const SCHEME = 'scope:';
const SCOPE_NAME = /^scope:[\w.~-]+:[\w.~-]+$/;

/** Ten times what a scope can be built with. Without a limit, the keys of a long text would take seconds to compare. */
const MAX_PARTS = 1000;

/** Writes a scope URI. What is undefined, or parameters without an entry, is left out. */
export function formatScopeUri(service: string, privilege: string, query: Query): string {
  let uri = `scope:${service}:${privilege}`;
  let separator = '?';
  for (const key of Object.keys(query)) {
    const value = query[key];
    const text = typeof value === 'object' ? formatParams(value) : value;
    if (text === undefined || (text === '' && value !== '')) continue;
    uri += `${separator}${encodeURIComponent(key)}=${encodeURIComponent(text)}`;
    separator = '&';
  }
  return uri;
}

/** Writes parameters as a query string, to be encoded once more as a value of the scope's own query. */
function formatParams(params: ScopeParamsText): string {
  let text = '';
  for (const key of Object.keys(params)) {
    text += `${text === '' ? '' : '&'}${encodeURIComponent(key)}=${encodeURIComponent(params[key]!)}`;
  }
  return text;
}

/** The scope URIs of a claim. A word that does not start with `scope:` belongs to the scope before it. */
export function splitClaim(claim: string): string[] {
  return split(claim, ' scope:', 1);
}

/**
 * Takes a scope URI apart.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: not of that form, ill-formed text or bad percent-encoding.
 */
export function parseScopeUri(uri: string): ScopeUri {
  const { before, after = '' } = cut(uri, '?');
  if (!SCOPE_NAME.test(before) || after.includes(' scope:') || !after.isWellFormed()) {
    throw malformed('A scope has the form scope:service:privilege?key=value&key=value.', 'scope');
  }
  return { name: before.slice(SCHEME.length), query: splitQuery(after, decodeOuter) };
}

/**
 * Reads parameters out of a decoded query value. Their own escapes are decoded once more; a value that
 * cannot be, was written by an SDK that encodes only once (twilio-ruby 5 and newer) and is kept as it is.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: one name twice. Whoever trusts a parameter must not be handed
 *   one of two values.
 */
export function parseParams(text: string, field: 'params' | 'filters'): Record<string, string> {
  const params: Record<string, string> = {};
  for (const { key, value = '' } of splitQuery(text, decodeInner)) {
    if (key === '__proto__') throw malformed(`The ${field} of a scope have a key "__proto__".`, field);
    if (Object.hasOwn(params, key)) throw malformed(`The ${field} of a scope name one key twice.`, field);
    params[key] = value;
  }
  return params;
}

function splitQuery(query: string, decode: (text: string) => string): QueryPart[] {
  const parts: QueryPart[] = [];
  const written = split(query, '&');
  if (written.length > MAX_PARTS) throw malformed(`A scope has more than ${MAX_PARTS} query parts.`, 'scope');
  for (const part of written) {
    if (part === '') continue;
    const { before, after } = cut(part, '=');
    parts.push({ key: decode(before), value: after === undefined ? undefined : decode(after) });
  }
  return parts;
}

/**
 * The parts of a text between marks, as `String.prototype.split` gives them, for short texts in half the time.
 * It stops past the {@link MAX_PARTS}.
 *
 * @param skip - How much of the mark to leave out.
 */
function split(text: string, mark: string, skip = mark.length): string[] {
  const parts: string[] = [];
  let start = 0;
  for (
    let end = text.indexOf(mark);
    end !== -1 && parts.length <= MAX_PARTS;
    end = text.indexOf(mark, start)
  ) {
    parts.push(text.slice(start, end));
    start = end + skip;
  }
  parts.push(text.slice(start));
  return parts;
}

/** A text before and after the first mark in it; without one there is nothing after. */
function cut(text: string, mark: string): { before: string; after?: string } {
  const index = text.indexOf(mark);
  return index === -1 ? { before: text } : { before: text.slice(0, index), after: text.slice(index + 1) };
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

function decodeOuter(text: string): string {
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
