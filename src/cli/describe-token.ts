import type { Scope } from '../scopes/scope';
import type { ScopeParamsText } from '../scopes/params';
import type { TokenTimes } from '../tokens/claims';
import type { Row } from './report';

/** The note on contents whose signature was not checked. */
export const NOT_CHECKED = 'Signature not checked: anyone could have written this token.';

/** A decoded token of either kind, with the members of both. */
export interface TokenContents extends Partial<TokenTimes> {
  readonly kind: 'capability' | 'access-token';
  readonly accountSid?: string;
  readonly apiKeySid?: string;
  readonly identity?: string;
  readonly region?: string;
  readonly pushCredentialSid?: string;
  readonly otherGrants?: readonly string[];
  readonly scopes: readonly Scope[];
}

/** The time of a clock, and its source. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly source: "this machine's clock" | '--now';
}

/** Describes a token: its times, the client and what it allows. Empty if the token cannot be decoded. */
export function tokenRows(contents: TokenContents | undefined, clock: Clock): Row[] {
  return contents === undefined ? [] : [...timeRows(contents, clock), ...contentRows(contents)];
}

/** Formats the times of a token and of the clock. */
function timeRows({ issuedAt, notBefore, expiresAt }: Partial<TokenTimes>, clock: Clock): Row[] {
  const { now, source } = clock;
  const hasExpired = expiresAt !== undefined && expiresAt.getTime() <= now;
  return [
    ...(issuedAt === undefined ? [] : [['issued', formatTime(issuedAt)] as const]),
    ...(notBefore === undefined ? [] : [['valid from', formatTime(notBefore)] as const]),
    [hasExpired ? 'expired' : 'expires', expiresAt === undefined ? 'unknown' : formatTime(expiresAt)],
    ['now', `${formatTime(new Date(now))} (${source})`],
  ];
}

/** Describes the client of a token and what it allows. */
function contentRows(contents: TokenContents): Row[] {
  const { accountSid, apiKeySid, identity, region, pushCredentialSid, otherGrants = [], scopes } = contents;
  const optional = (label: string, value: string | undefined): Row[] =>
    value === undefined ? [] : [[label, shown(value)]];
  return [
    ['account', accountSid === undefined ? 'none' : shown(accountSid)],
    ...optional('API key', apiKeySid),
    ...(contents.kind === 'access-token'
      ? [['identity', identity === undefined ? 'none' : shown(identity)] as const]
      : []),
    ...optional('region', region),
    ...scopes.map(scopeRow),
    ...(scopes.length === 0 ? [['allows', 'no calls'] as const] : []),
    ...optional('push', pushCredentialSid),
    ...(otherGrants.length === 0 ? [] : [['other grants', otherGrants.map(shown).join(', ')] as const]),
  ];
}

function scopeRow(scope: Scope): Row {
  switch (scope.kind) {
    case 'incoming':
      return ['incoming', shown(scope.clientName)];
    case 'outgoing': {
      const from =
        scope.clientName === undefined ? 'without a client name' : `from ${shown(scope.clientName)}`;
      return ['outgoing', `${scope.applicationSid} ${from}`, ...paramLines(scope.params)];
    }
    case 'event-stream':
      return [
        'events',
        Object.keys(scope.filters).length === 0 ? 'all' : 'filtered',
        ...paramLines(scope.filters),
      ];
    case 'other':
      return ['other', shown(`${scope.service}:${scope.privilege}`), ...paramLines(scope.params)];
  }
}

/** Formats parameters as lines. */
export function paramLines(params: ScopeParamsText = {}): string[] {
  return Object.entries(params).map(([key, value]) => `${shown(key)} = ${shown(value)}`);
}

/** Formats text from a token: a plain word as it is, other text in quotes. */
export function shown(text: string): string {
  return /^[\w.@/+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Formats contents for JSON: each scope with its properties and its URI. */
export function contentsAsJson({ scopes, ...contents }: TokenContents): object {
  const described = scopes.map((scope) => ({
    ...Object.fromEntries(Object.entries(scope)),
    uri: String(scope),
  }));
  // `outgoing` repeats one of the scopes.
  return { ...contents, outgoing: undefined, scopes: described };
}

/** Formats a time in UTC, so that the text is the same on every machine. */
function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

/** Describes when a token expires, as the end of a sentence. */
export function describeExpiry({ expiresAt }: Partial<TokenTimes>, { now }: Clock): string {
  return expiresAt === undefined ? 'expiry unknown' : `expires ${fromNow(expiresAt, now)}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Formats the distance from now in the two largest units: `in 59 minutes 30 seconds`, `2 days ago`. */
export function fromNow(date: Date, now: number): string {
  const seconds = Math.floor(date.getTime() / 1000) - Math.floor(now / 1000);
  if (seconds === 0) return 'this very second';
  return seconds > 0 ? `in ${formatSeconds(seconds)}` : `${formatSeconds(-seconds)} ago`;
}

function formatSeconds(seconds: number): string {
  let rest = seconds;
  const counts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return [count, `${count} ${unit}${count === 1 ? '' : 's'}`] as const;
  });
  const first = counts.findIndex(([count]) => count > 0);
  return counts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([, text]) => text)
    .join(' ');
}
