import { toVoiceGrant, type VoiceGrantPlan } from '../access-token/plan-voice-grant';
import type { DecodedToken } from '../decode-token';
import type { Scope } from '../scopes/parse-scope';
import type { ScopeParamsText } from '../scopes/params';
import { readTimes } from '../tokens/claims';
import type { TokenSubject } from './diagnosis';
import type { Row } from './report';

/**
 * Describes a token in tables: times beside the clock, SIDs beside those of the credentials, what it allows, and what
 * it becomes as an Access Token. The one that decides comes first.
 *
 * @param clock - Where the current time comes from.
 */
export function tokenTables(subject: TokenSubject, clock: string): Row[][] {
  const { error, mismatch, contents } = subject;
  const isAboutSids =
    mismatch !== undefined || error?.code === 'ERR_TOKEN_ISSUER' || error?.code === 'ERR_TOKEN_SIGNATURE';
  const times = timeRows(subject, clock);
  const sids = sidRows(subject);
  return [
    ...(isAboutSids ? [sids, times] : [times, sids]),
    contents === undefined ? [] : grantRows(contents),
    contents?.kind === 'capability' ? [planRow(toVoiceGrant(contents.scopes))] : [],
  ];
}

function timeRows({ claims, now }: TokenSubject, clock: string): Row[] {
  const { issuedAt, notBefore, expiresAt } = readTimes(claims);
  const rows: Row[] = [];
  if (issuedAt !== undefined) rows.push(['issued', formatTime(issuedAt)]);
  if (notBefore !== undefined) rows.push(['valid from', formatTime(notBefore)]);
  if (expiresAt !== undefined)
    rows.push([expiresAt.getTime() <= now ? 'expired' : 'expires', formatTime(expiresAt)]);
  else rows.push(['expires', claims['exp'] === undefined ? 'never' : 'unknown']);
  return [...rows, ['now', `${formatTime(new Date(now))} (${clock})`]];
}

function sidRows({ isAccessToken, claims, credentials, missing }: TokenSubject): Row[] {
  const account: Row = ['account', asText(isAccessToken ? claims['sub'] : claims['iss'])];
  const rows: Row[] = isAccessToken ? [account, ['API key', asText(claims['iss'])]] : [account];
  if (credentials === undefined) return rows;
  const { keyVariables, accountSid, apiKeySid, source } = credentials;
  const [, keySecret] = keyVariables;
  if (isAccessToken && apiKeySid !== undefined) rows.push(['your API key', apiKeySid]);
  if (accountSid !== undefined) rows.splice(1, 0, ['your account', accountSid]);
  const secret = isAccessToken ? keySecret : 'TWILIO_AUTH_TOKEN';
  return missing === undefined ? [...rows, ['checked with', secret, `(${source})`]] : rows;
}

function grantRows(contents: DecodedToken): Row[] {
  const rows = contents.scopes.map(scopeRow);
  if (contents.kind === 'capability') return rows;
  const { identity, region, pushCredentialSid, otherGrants } = contents;
  if (identity !== undefined) rows.unshift(['identity', identity]);
  if (region !== undefined) rows.push(['region', region]);
  if (pushCredentialSid !== undefined) rows.push(['push', pushCredentialSid]);
  if (otherGrants.length > 0) rows.push(['other grants', ...otherGrants]);
  return rows;
}

function scopeRow(scope: Scope): Row {
  switch (scope.kind) {
    case 'incoming':
      return ['incoming', scope.clientName];
    case 'outgoing': {
      const from = scope.clientName === undefined ? 'without a client name' : `from ${scope.clientName}`;
      return ['outgoing', scope.applicationSid, from, ...paramLines(scope.params)];
    }
    case 'event-stream':
      return [
        'events',
        Object.keys(scope.filters).length === 0 ? 'all' : 'filtered',
        ...paramLines(scope.filters),
      ];
    case 'other':
      return ['other', `${scope.service}:${scope.privilege}`, ...paramLines(scope.params)];
  }
}

function paramLines(params: ScopeParamsText): string[] {
  return Object.entries(params).map(([key, value]) => `${key} = ${value}`);
}

function planRow({ identity, voice, dropped }: VoiceGrantPlan): Row {
  return [
    'as Access Token',
    identity === null ? 'no identity: pass one when you sign' : `identity ${identity}`,
    ...(voice.incoming === undefined ? [] : ['incoming calls']),
    ...(voice.outgoing === undefined ? [] : ['outgoing calls']),
    ...dropped.map(({ scope, part }) =>
      part === 'scope' ? `lost: ${String(scope)}` : `lost: name in ${String(scope)}`,
    ),
  ];
}

/** Describes a token without a problem: its kind and when it expires. */
export function describeGood({ isAccessToken, claims, now }: TokenSubject): string {
  const { expiresAt } = readTimes(claims);
  const expiry = fromNow(expiresAt, now);
  return (
    `${isAccessToken ? 'Access Token' : 'capability token'}, ` +
    (expiresAt!.getTime() > now ? `expires ${expiry}` : `expired ${expiry}, within the clock tolerance`)
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value);
}

/** Formats a time in UTC, so that the text is the same on every machine. */
function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Formats the distance from now in the two largest units: `in 59 minutes 30 seconds`, `2 days ago`. */
export function fromNow(date: Date | undefined, now: number): string {
  // An exp after the last Date is never a time to show.
  if (date === undefined) return 'in the far future';
  const seconds = Math.floor(date.getTime() / 1000) - Math.floor(now / 1000);
  if (seconds === 0) return 'this very second';
  return seconds > 0 ? `in ${formatSeconds(seconds)}` : `${formatSeconds(-seconds)} ago`;
}

/** Formats a duration in its two largest units, from 100 days in days. */
export function formatSeconds(seconds: number): string {
  let rest = seconds;
  const counts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return [count, `${count} ${unit}${count === 1 ? '' : 's'}`] as const;
  });
  const first = counts.findIndex(([count]) => count > 0);
  return counts
    .slice(first, first + (seconds < 100 * 86_400 ? 2 : 1))
    .filter(([count]) => count > 0)
    .map(([, text]) => text)
    .join(' ');
}
