import type { DecodedAccessToken } from '../access-token/access-token-verifier';
import type { DecodedToken } from '../decode-token';
import type { Scope } from '../scopes/parse-scope';
import type { ScopeParamsText } from '../scopes/params';
import type { Lines, Row } from './report';

/** The note on contents whose signature was not checked. */
export const NOT_CHECKED = 'Signature not checked: anyone could have written this token.';

/** A decoded token of either kind, with the members of both. */
export type TokenContents = Partial<Omit<DecodedAccessToken, 'kind'>> & Pick<DecodedToken, 'kind' | 'scopes'>;

/** The time of a clock, and its source. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly source: "this machine's clock" | '--now';
}

/** Describes a token: its times, the client and what it allows. Empty if the token cannot be decoded. */
export function tokenRows(contents: TokenContents | undefined, { now, source }: Clock): Lines<Row> {
  if (contents === undefined) return [];
  const { kind, issuedAt, notBefore, expiresAt } = contents;
  const { accountSid = 'none', apiKeySid, identity = 'none', region, pushCredentialSid } = contents;
  const { scopes, otherGrants = [] } = contents;
  const hasExpired = expiresAt !== undefined && expiresAt.getTime() <= now;
  return [
    issuedAt && ['issued', formatTime(issuedAt)],
    notBefore && ['valid from', formatTime(notBefore)],
    [hasExpired ? 'expired' : 'expires', expiresAt === undefined ? 'unknown' : formatTime(expiresAt)],
    ['now', `${formatTime(new Date(now))} (${source})`],
    ['account', shown(accountSid)],
    apiKeySid !== undefined && ['API key', shown(apiKeySid)],
    kind === 'access-token' && ['identity', shown(identity)],
    region !== undefined && ['region', shown(region)],
    ...scopes.map(scopeRow),
    scopes.length === 0 && ['allows', 'no calls'],
    pushCredentialSid !== undefined && ['push', shown(pushCredentialSid)],
    otherGrants.length > 0 && ['other grants', otherGrants.map(shown).join(', ')],
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
  const described = scopes.map((scope) => Object.assign({}, scope, { uri: String(scope) }));
  // `outgoing` repeats one of the scopes.
  return { ...contents, outgoing: undefined, scopes: described };
}

/** Formats a time in UTC, so that the text is the same on every machine. */
function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

/** Describes a token without a problem: its kind and when it expires. */
export function describeGood({ kind, expiresAt }: TokenContents, { now }: Clock): string {
  const expiry = fromNow(expiresAt!, now);
  return (
    `${kind === 'capability' ? 'capability token' : 'Access Token'}, ` +
    (expiresAt!.getTime() > now ? `expires ${expiry}` : `expired ${expiry}, within the clock tolerance`)
  );
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
