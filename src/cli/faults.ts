import type { DecodedToken } from '../decode-token';
import { MAX_TTL } from '../limits';
import { splitClaim } from '../scopes/scope-uri';
import { isSid } from '../sid';
import { readTimes } from '../tokens/claims';
import { isJsonObject, type JsonObject } from '../tokens/jws';
import type { Subject, TokenSubject } from './diagnosis';
import { formatSeconds } from './token-tables';

/*
 * What the rules of the diagnosis look for. Everything is read leniently: the library has rejected most of it.
 */

/** A place for a SID. */
interface SidClaim {
  readonly name: string;
  readonly prefix: 'AC' | 'AP' | 'SK' | 'CR';
  readonly value: unknown;
}

type SidFault = 'missing' | 'secret' | 'unset' | 'wrapped' | 'other kind' | 'no SID';

/** Names the first SID of a token with a fault. */
export function findSid(
  { isAccessToken, claims, secrets }: TokenSubject,
  fault: SidFault,
  say?: (value: unknown, prefix: string) => string,
): string | undefined {
  const found = sidClaims(isAccessToken, claims).find((claim) => {
    const actual = sidFault(claim, secrets);
    return actual === fault;
  });
  if (found === undefined) return undefined;
  return say === undefined ? found.name : `${found.name} ${say(found.value, found.prefix)}`;
}

/** Lists the SIDs of a token. */
function sidClaims(isAccessToken: boolean, claims: JsonObject): SidClaim[] {
  if (!isAccessToken) {
    const outgoing = scopesOf(claims).filter(({ name }) => name === 'client:outgoing');
    return [
      { name: 'its iss', prefix: 'AC', value: claims['iss'] },
      ...outgoing.map(({ query }): SidClaim => {
        return { name: 'the application SID', prefix: 'AP', value: query.get('appSid') ?? undefined };
      }),
    ];
  }
  const { outgoing, push_credential_sid: push } = objectAt(claims, 'grants', 'voice');
  const application = objectAt(claims, 'grants', 'voice', 'outgoing')['application_sid'];
  const places: SidClaim[] = [
    { name: 'its iss', prefix: 'SK', value: claims['iss'] },
    { name: 'its sub', prefix: 'AC', value: claims['sub'] },
  ];
  if (isJsonObject(outgoing)) places.push({ name: 'the application SID', prefix: 'AP', value: application });
  if (isPresent(push)) places.push({ name: 'the push credential', prefix: 'CR', value: push });
  return places;
}

function sidFault({ prefix, value }: SidClaim, secrets: readonly string[]): SidFault | undefined {
  if (isSid(prefix, value)) return undefined;
  if (value === undefined) return 'missing';
  if (isSecret(value, secrets)) return 'secret';
  if (isUnset(value)) return 'unset';
  if (typeof value === 'string' && isSid(prefix, value.replace(/^[\s"']+/, '').replace(/[\s"']{1,9}$/, '')))
    return 'wrapped';
  return kindOfSid(value) === undefined ? 'no SID' : 'other kind';
}

/** Returns whether text in place of a SID is a secret: one that is at hand, or 32 letters and digits. */
function isSecret(value: unknown, secrets: readonly string[]): value is string {
  if (typeof value !== 'string') return false;
  return (
    secrets.includes(value) || (/^[A-Za-z0-9]{32}$/.test(value) && !/^[A-Z]{2}[0-9a-f]{30}$/.test(value))
  );
}

/** Lists the secrets that stand in place of a SID. They must not be printed. */
export function misplacedSecrets(subject: Subject): string[] {
  if (subject.token === undefined) return [];
  const { isAccessToken, claims, secrets } = subject;
  return sidClaims(isAccessToken, claims).flatMap(({ value }) => (isSecret(value, secrets) ? [value] : []));
}

/** What a variable that was not set becomes. */
export function isUnset(value: unknown): value is string {
  if (value === null || value === false || value === '') return true;
  return (
    typeof value === 'string' && /^(?:undefined|null|false|none|nil|nan|\[object \w{1,20}\])$/i.test(value)
  );
}

const SID_KINDS: Readonly<Record<string, string>> = {
  AC: 'an account SID',
  AP: 'an application SID',
  SK: 'an API key SID',
  CR: 'a push credential SID',
  PN: 'a phone number SID',
  CA: 'a call SID',
};

export function kindOfSid(value: unknown): string | undefined {
  const text = String(value);
  if (/^[A-Z]{2}[0-9a-f]{32}$/i.test(text)) return SID_KINDS[text.slice(0, 2)] ?? 'a SID of another kind';
  if (/^\+?\d{7,15}$/.test(text)) return 'a phone number';
  if (/^https?:/i.test(text)) return 'a URL';
  return Object.entries(SID_KINDS).find(
    ([prefix]) => prefix.length === 2 && /^[A-Z0-9]{3,34}$/i.test(text) && text.startsWith(prefix),
  )?.[1];
}

export const YEAR = 31_536_000;

type TimeFault = 'milliseconds' | 'microseconds' | 'text' | 'date' | 'type' | 'zero';

/** Names the first time of a token with a fault. */
export function findTime(claims: JsonObject, fault: TimeFault): string | undefined {
  return ['exp', 'iat', 'nbf'].find((name) => timeFault(claims[name]) === fault);
}

function timeFault(time: unknown): TimeFault | undefined {
  if (time === undefined) return undefined;
  if (typeof time === 'string') {
    if (/^\d{1,20}(?:\.\d{1,9})?$/.test(time)) return 'text';
    return time.length < 40 && !Number.isNaN(Date.parse(time)) ? 'date' : 'type';
  }
  if (typeof time !== 'number') return 'type';
  if (time >= 1e14) return 'microseconds';
  if (time >= 1e11) return 'milliseconds';
  return time <= 0 ? 'zero' : undefined;
}

/** Returns whether a lifetime is that of a token, in milliseconds. */
export function isMilliseconds(lifetime: number): boolean {
  // 1000 times a round ttl: five minutes, an hour, a day.
  return lifetime > MAX_TTL && lifetime % 300_000 === 0 && lifetime / 1000 <= MAX_TTL;
}

/** Returns by how much the clock of the server is ahead, if an iat or a lifetime of 24 hours shows it. */
export function clockAhead(
  { claims, now }: TokenSubject,
  test: (seconds: number) => boolean,
): string | undefined {
  const { exp, iat } = claims;
  if (typeof exp !== 'number' || (typeof iat === 'number' && exp - iat > MAX_TTL)) return undefined;
  const seconds = Math.ceil(typeof iat === 'number' ? iat - now / 1000 : exp - now / 1000 - MAX_TTL);
  // Without iat, only a small excess over 24 hours speaks for the clock and not for the ttl.
  const isPlausible = typeof iat === 'number' || seconds <= 900;
  return seconds > 0 && isPlausible && test(seconds) ? formatSeconds(seconds) : undefined;
}

/** Returns when a token starts to be valid. */
export function latestStart(claims: JsonObject): Date {
  const { issuedAt, notBefore } = readTimes(claims);
  return new Date(Math.max(issuedAt?.getTime() ?? 0, notBefore?.getTime() ?? 0));
}

/** A scope of a claim, read leniently: also one that the library cannot parse. */
interface LenientScope {
  readonly uri: string;
  /** Such as `client:incoming`. */
  readonly name: string;
  readonly query: URLSearchParams;
}

export function scopeOf({ scope }: JsonObject): string {
  return typeof scope === 'string' ? scope : '';
}

export function scopesOf(claims: JsonObject): LenientScope[] {
  return splitClaim(scopeOf(claims)).map((uri) => {
    const mark = uri.indexOf('?');
    const name = mark === -1 ? uri : uri.slice(0, mark);
    return {
      uri,
      name: name.replace(/^scope:/, ''),
      query: new URLSearchParams(mark === -1 ? '' : uri.slice(mark + 1)),
    };
  });
}

/** Lists the client names, or the identity of an Access Token. */
export function namesOf({ isAccessToken, claims }: TokenSubject): string[] {
  const names: unknown[] = isAccessToken
    ? [objectAt(claims, 'grants')['identity']]
    : scopesOf(claims).map(({ query }) => query.get('clientName'));
  return names.filter((name) => typeof name === 'string');
}

export function blanksIn(names: readonly string[]): string | undefined {
  const name = names.find((each) => each.includes(' '));
  if (name === undefined) return undefined;
  return name.trim().includes(' ') ? 'inside' : name.startsWith(' ') ? 'at its start' : 'at its end';
}

/** Returns whether params show marks that a second encoding would have removed, or a value that lost its key. */
export function isEncodedOnce(uri: string): boolean {
  const params = uri.split(/[?&]/).find((part) => /^(?:appParams|params)=/.test(part));
  const text = params?.slice(params.indexOf('=') + 1) ?? '';
  if (/\+|%(?!2[5-9ABDE]|3D|5F|7E)[0-9A-F]{2}/i.test(text)) return true;
  return text !== '' && text.split(/&|%26/i).some((part) => !/=|%(?:25)*3D/i.test(part));
}

export function paramsOf(contents: DecodedToken | undefined): [key: string, value: string][] {
  return Object.entries(contents?.outgoing?.params ?? {});
}

/** Returns an object inside of JSON. Empty if there is none. */
export function objectAt(value: JsonObject, ...path: readonly string[]): JsonObject {
  return path.reduce<JsonObject>((object, name) => {
    const inner = object[name];
    return isJsonObject(inner) ? inner : {};
  }, value);
}

/** twilio-java before 7.47.5 writes null for what is not set. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function headerOf(text: string): JsonObject | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(text.split('.', 1)[0]!, 'base64url').toString('utf8'));
    return isJsonObject(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the member of JSON that should be the token. */
export function tokenMember(json: unknown): unknown {
  const names = ['token', 'accessToken', 'access_token', 'jwt', 'data'];
  const name = isJsonObject(json) ? names.find((each) => each in json) : undefined;
  const value = name === undefined ? undefined : (json as JsonObject)[name];
  return name === 'data' ? tokenMember(value) : value;
}

export function isEmptyObject(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

export function describeValue(value: unknown): string {
  if (value === '') return 'empty';
  if (isUnset(value)) return `${JSON.stringify(value)}: a variable was not set`;
  return typeof value === 'string' ? 'other text' : `a ${typeof value}`;
}

export function isPath(text: string): boolean {
  return (
    /^(?:\.{0,2}\/|~\/|\\\\|[a-z]:\\)|\.(?:txt|json|jwt|env|pem|log)$/i.test(text) && !text.includes('\n')
  );
}

/** Length of an HS256 signature in base64url. */
export const SIGNATURE_LENGTH = 43;

export function signatureOf(text: string): string | undefined {
  const parts = text.split('.');
  return parts.length === 3 ? parts[2] : undefined;
}

export function isShort(signature: string | undefined): string | undefined {
  const length = signature?.length ?? 0;
  return length > 0 && length < SIGNATURE_LENGTH ? String(length) : undefined;
}

export function isLong(signature: string | undefined): string | undefined {
  return signature !== undefined && signature.length > SIGNATURE_LENGTH
    ? String(signature.length)
    : undefined;
}

export function isCut(text: string): boolean {
  return text.startsWith('ey') && /^[\w.-]{10,}$/.test(text) && text.split('.').length < 3;
}
