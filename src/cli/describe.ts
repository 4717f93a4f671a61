import type { TokenTimes } from '../tokens/claims';
import type { TokenError } from '../errors';
import type { ScopeParamsText } from '../scopes/params';
import type { Scope } from '../scopes/scope';
import { ADVICE } from './advice';
import { shown, type Row, type Style } from './output';
import { fromNow, utc } from './time';

/** What there is to say about a token, verified or not. */
export interface Described extends Partial<TokenTimes> {
  readonly accountSid?: string;
  readonly apiKeySid?: string;
  readonly identity?: string;
  readonly region?: string;
  readonly scopes: readonly Scope[];
}

/** Who, what and until when, as rows. */
export function describeToken(token: Described, now: number, style: Style): Row[] {
  const { accountSid, apiKeySid, identity, region, scopes, issuedAt, notBefore, expiresAt } = token;
  const rows: Row[] = [
    ['account', accountSid === undefined ? style.bad('none') : style.bold(shown(accountSid))],
  ];
  if (apiKeySid !== undefined) rows.push(['API key', shown(apiKeySid)]);
  if (identity !== undefined) rows.push(['identity', style.bold(shown(identity))]);
  if (region !== undefined) rows.push(['region', region]);
  rows.push(...scopes.map((scope) => describeScope(scope, style)));
  if (scopes.length === 0) rows.push(['allows', style.warn('nothing')]);
  const time = (date: Date): string => `${utc(date)}, ${fromNow(date, now)}`;
  if (issuedAt !== undefined) rows.push(['made', time(issuedAt)]);
  if (notBefore !== undefined) rows.push(['counts from', time(notBefore)]);
  if (expiresAt === undefined) return [...rows, ['expires', style.bad('never, or nobody can tell')]];
  const ended = expiresAt.getTime() <= now;
  return [...rows, [ended ? 'expired' : 'expires', (ended ? style.bad : style.bold)(time(expiresAt))]];
}

function describeScope(scope: Scope, { bold, warn }: Style): Row {
  switch (scope.kind) {
    case 'incoming':
      return ['incoming', `calls to ${bold(shown(scope.clientName))}`];
    case 'outgoing': {
      const from = scope.clientName === undefined ? warn('no client name') : bold(shown(scope.clientName));
      return ['outgoing', `calls from ${from} through ${scope.applicationSid}`, ...list(scope.params)];
    }
    case 'event-stream':
      return [
        'events',
        Object.keys(scope.filters).length === 0 ? 'all' : 'those with',
        ...list(scope.filters),
      ];
    case 'other':
      return ['other', shown(`${scope.service}:${scope.privilege}`), ...list(scope.params)];
  }
}

/** Params a line each, the values aligned. */
function list(params: ScopeParamsText): string[] {
  const entries = Object.entries(params).map(([key, value]) => [shown(key), shown(value)] as const);
  const width = Math.max(...entries.map(([key]) => key.length));
  return entries.map(([key, value]) => `  ${key.padEnd(width)} = ${value}`);
}

/** A token for JSON: its scopes by what their classes hold, and by their URIs. */
export function tokenAsJson(token: Described): object {
  return Object.fromEntries(
    Object.entries(token)
      .filter(([name]) => name !== 'outgoing')
      .map(([name, value]) => [name, name === 'scopes' ? token.scopes.map(scopeAsJson) : (value as unknown)]),
  );
}

function scopeAsJson(scope: Scope): object {
  return Object.fromEntries([...Object.entries(scope), ['uri', scope.toString()]]);
}

/** A fault as rows of text: what, by which code and number, and what to do. */
export function describeFault({ code, twilioCode, message }: TokenError, style: Style): string[] {
  return [style.bad(message), ADVICE[code], style.dim(`${code}; Twilio's own number is ${twilioCode}.`)];
}

/** A fault for JSON. */
export function faultAsJson({ code, twilioCode, field, message }: TokenError): object {
  return { code, twilioCode, field, message, advice: ADVICE[code] };
}
