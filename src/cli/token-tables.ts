import { toVoiceGrant, type VoiceGrantPlan } from '../access-token/plan-voice-grant';
import type { DecodedToken } from '../decode-token';
import type { Scope } from '../scopes/parse-scope';
import type { ScopeParamsText } from '../scopes/params';
import { readTimes } from '../tokens/claims';
import type { Subject } from './examine';
import type { Row } from './report';

/**
 * Describes a token in tables: times beside the clock, SIDs beside those of the credentials, what it allows, and what
 * it becomes as an Access Token. The one that decides comes first.
 *
 * @param clock - Where the current time comes from.
 */
export function tokenTables(subject: Subject, clock: string): Row[][] {
  const { outcome, contents, token } = subject;
  if (token === undefined) return [];
  const isAboutSids = ['not checked', 'ERR_TOKEN_ISSUER', 'ERR_TOKEN_SIGNATURE'].includes(outcome);
  const [times, sids] = [timeRows(subject, clock), sidRows(subject)];
  return [
    ...(isAboutSids ? [sids, times] : [times, sids]),
    contents === undefined ? [] : grantRows(contents),
    contents?.kind === 'capability' ? [planRow(toVoiceGrant(contents.scopes))] : [],
  ];
}

function timeRows({ claims, now }: Subject, clock: string): Row[] {
  const { issuedAt, notBefore, expiresAt } = readTimes(claims);
  const rows: Row[] = [];
  if (issuedAt !== undefined) rows.push(['issued', formatTime(issuedAt)]);
  if (notBefore !== undefined) rows.push(['valid from', formatTime(notBefore)]);
  if (expiresAt !== undefined)
    rows.push([expiresAt.getTime() <= now ? 'expired' : 'expires', formatTime(expiresAt)]);
  else rows.push(['expires', claims['exp'] === undefined ? 'never' : 'unknown']);
  return [...rows, ['now', `${formatTime(new Date(now))} (${clock})`]];
}

function sidRows({ isAccessToken, claims, credentials, checkedWith }: Subject): Row[] {
  const rows: Row[] = [['account', asText(isAccessToken ? claims['sub'] : claims['iss'])]];
  if (credentials?.accountSid !== undefined) rows.push(['your account', credentials.accountSid]);
  if (isAccessToken) {
    rows.push(['API key', asText(claims['iss'])]);
    if (credentials?.apiKeySid !== undefined) rows.push(['your API key', credentials.apiKeySid]);
  }
  if (checkedWith !== undefined)
    rows.push([
      'checked with',
      checkedWith,
      `(${credentials?.file === undefined ? 'environment' : '--dotenv file'})`,
    ]);
  return rows;
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
export function describeGood({ isAccessToken, expiry }: Subject): string {
  const kind = isAccessToken ? 'Access Token' : 'capability token';
  return expiry.startsWith('in ')
    ? `${kind}, expires ${expiry}`
    : `${kind}, expired ${expiry}, within the clock tolerance`;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value);
}

/** Formats a time in UTC, so that the text is the same on every machine. */
function formatTime(date: Date): string {
  if (date.getUTCFullYear() > 9999) return 'after the year 9999';
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
export function formatSeconds(seconds: number, units = 2): string {
  const [unit, size] = UNITS.find((each) => seconds >= each[1])!;
  const count = Math.floor(seconds / size);
  const text = `${count} ${unit}${count === 1 ? '' : 's'}`;
  const rest = seconds % size;
  return units === 1 || count >= 100 || rest === 0 ? text : `${text} ${formatSeconds(rest, 1)}`;
}
