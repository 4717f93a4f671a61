import { splitClaim } from '../scopes/scope-uri';
import { MAX_TTL } from '../limits';
import { isSid } from '../sid';
import { isJsonObject, type JsonObject } from '../tokens/jws';
import type { Subject } from './examine';
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

/** Describes the first SID that has a fault: its name, and what it is. */
export function findSid(
  subject: Subject,
  describeFault: (value: unknown, prefix: SidClaim['prefix']) => string | false,
): string | undefined {
  for (const { name, prefix, value } of wrongSids(subject)) {
    const fault = describeFault(value, prefix);
    if (fault !== false) return `${name} is ${fault}`;
  }
  return undefined;
}

/** Names the place of a secret: a claim that should be a SID, or any other. */
export function findSecret(subject: Subject): string | undefined {
  const { secrets, header, claims } = subject;
  const text = JSON.stringify([header, claims]);
  const place = wrongSids(subject).find(({ value }) => isSecret(value, secrets));
  return place?.name ?? (secrets.some((secret) => text.includes(secret)) ? 'its claims' : undefined);
}

/** Lists the secrets that stand in place of a SID. They must not be printed. */
export function misplacedSecrets(subject: Subject): string[] {
  return wrongSids(subject).flatMap(({ value }) => (isSecret(value, subject.secrets) ? [value] : []));
}

/** Lists the claims that should be SIDs and are not. */
function wrongSids({ isAccessToken, claims, scopes }: Subject): SidClaim[] {
  const { iss, sub } = claims;
  const { outgoing, push_credential_sid: push } = objectAt(claims, 'grants', 'voice');
  const asApplication = (value: unknown): SidClaim => ({ name: 'the application SID', prefix: 'AP', value });
  const places: SidClaim[] = [{ name: 'its iss', prefix: isAccessToken ? 'SK' : 'AC', value: iss }];
  if (isAccessToken) {
    places.push({ name: 'its sub', prefix: 'AC', value: sub });
    if (isJsonObject(outgoing)) places.push(asApplication(outgoing['application_sid']));
    // twilio-java before 7.47.5 writes null for what is not set.
    if (!isUnset(push)) places.push({ name: 'the push credential', prefix: 'CR', value: push });
  }
  for (const { name, query } of scopes) {
    if (name === 'client:outgoing') places.push(asApplication(query.get('appSid') ?? undefined));
  }
  return places.filter(({ prefix, value }) => !isSid(prefix, value));
}

/** Returns whether text in place of a SID is a secret: one that is at hand, or 32 letters and digits. */
function isSecret(value: unknown, secrets: readonly string[]): value is string {
  if (typeof value !== 'string') return false;
  return (
    secrets.includes(value) || (/^[A-Za-z0-9]{32}$/.test(value) && !/^[A-Z]{2}[0-9a-f]{30}$/.test(value))
  );
}

/** Returns whether a value is what a variable becomes that was not set. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  const words = /^(?:undefined|null|false|none|nil|nan|\[object \w{1,20}\])$/i;
  return typeof value === 'string' && words.test(value);
}

/** Describes a value of a wrong type. Text is not repeated, unless it is harmless. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (isUnset(value)) return JSON.stringify(value);
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const SID_KINDS: Readonly<Record<string, string>> = {
  AC: 'an account SID',
  AP: 'an application SID',
  SK: 'an API key SID',
  CR: 'a push credential SID',
  PN: 'a phone number SID',
  CA: 'a call SID',
};

/** Names what stands in place of a SID, if it has a known form. */
export function kindOfSid(value: unknown): string | undefined {
  const text = toText(value);
  if (/^\+?\d{7,15}$/.test(text)) return 'a phone number';
  if (/^https?:/i.test(text)) return 'a URL';
  if (/^[A-Z]{2}[A-Za-z0-9]{1,32}$/.test(text) && text.slice(0, 2) in SID_KINDS)
    return SID_KINDS[text.slice(0, 2)];
  return /^[A-Z]{2}[0-9a-f]{32}$/.test(text) ? 'a SID of another kind' : undefined;
}

/** Returns a number, or NaN. `Number` throws for some objects. */
export function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Returns text, or none. `String` throws for some objects. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Names the first time of a token that passes a test. NaN stands for what is not a number. */
export function findTime(claims: JsonObject, test: (time: number) => boolean): string | undefined {
  return ['exp', 'iat', 'nbf'].find((name) => {
    const time = claims[name];
    return time !== undefined && test(toNumber(time));
  });
}

/** Returns by how much the clock of the server is ahead, if the iat shows it. */
export function clockAhead({ claims, now }: Subject, test: (seconds: number) => boolean): string | undefined {
  const { exp, iat } = claims;
  if (toNumber(exp) - toNumber(iat) > MAX_TTL) return undefined;
  const seconds = Math.ceil(toNumber(iat) - now / 1000);
  return seconds > 0 && test(seconds) ? formatSeconds(seconds) : undefined;
}

/** A scope of a claim, read leniently: also one that the library cannot parse. */
export interface LenientScope {
  readonly uri: string;
  /** Such as `client:incoming`. */
  readonly name: string;
  readonly query: URLSearchParams;
}

export function scopesOf(claim: string): LenientScope[] {
  return splitClaim(claim).map((uri) => {
    const [name] = uri.split('?', 1) as [string];
    return { uri, name: name.replace(/^scope:/, ''), query: new URLSearchParams(uri.slice(name.length)) };
  });
}

/** Lists the client names, or the identity of an Access Token. */
export function namesOf(
  isAccessToken: boolean,
  claims: JsonObject,
  scopes: readonly LenientScope[],
): string[] {
  const clients = scopes.filter(({ name }) => name.startsWith('client:'));
  const names: unknown[] = isAccessToken
    ? [objectAt(claims, 'grants')['identity']]
    : clients.map(({ query }) => query.get('clientName'));
  return names.filter((name) => typeof name === 'string');
}

/** Returns where a name has a blank. */
export function blankIn(name: string): string | undefined {
  if (name.startsWith(' '))
    return /^ \d/.test(name) ? 'at its start: a "+" that was not written as %2B' : 'at its start';
  if (name.endsWith(' ')) return 'at its end';
  return name.includes(' ') ? 'inside' : undefined;
}

/** Returns whether params show marks that a second encoding would have removed, or a value that lost its key. */
export function isEncodedOnce(uri: string): boolean {
  const text = /[?&](?:appParams|params)=([^&]*)/.exec(uri)?.[1] ?? '';
  if (/\+|%(?!2[5-9ABDE]|3D|5F|7E)[0-9A-F]{2}/i.test(text)) return true;
  return text !== '' && text.split(/%26/i).some((part) => !/=|%(?:25)*3D/i.test(part));
}

/** Describes the claim that the library rejects. */
export function describeField({ error, claims }: Subject): string {
  const field = error?.field ?? '';
  const name = field.replace(/^grants\./, '');
  return `its ${name} is invalid: ${describe(valueAt(claims, field.split('.')))}`;
}

/** Returns an object inside of JSON. Empty if there is none. */
export function objectAt(value: JsonObject, ...path: readonly string[]): JsonObject {
  const inner = valueAt(value, path);
  return isJsonObject(inner) ? inner : {};
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((object, name) => (isJsonObject(object) ? object[name] : undefined), value);
}

/** Returns the member of JSON that should be the token. */
export function tokenMember(json: unknown): unknown {
  if (!isJsonObject(json)) return undefined;
  const name = ['token', 'accessToken', 'access_token', 'jwt'].find((each) => each in json);
  return name === undefined ? tokenMember(json['data']) : json[name];
}

/** Returns whether text is meant as a token, whole or damaged. */
export function isTokenLike(text: string): boolean {
  return /^ey\S{8}/.test(text);
}

/** Returns whether the header of a token names an encryption. */
export function isEncrypted(text: string): boolean {
  return Buffer.from(text.split('.', 1)[0]!, 'base64url').includes('"enc"');
}

/** Returns whether text looks like the path of a file. Nothing that was pasted touches the file system. */
export function isPath(text: string): boolean {
  return /^(?:\.{0,2}\/|~\/|\\\\|[a-z]:\\)[^\n]*$|^[^\n]*\.(?:txt|json|jwt|env|pem|log)$/i.test(text);
}

/** Length of an HS256 signature in base64url. */
export const SIGNATURE_LENGTH = 43;

/** Returns the length of the signature. 0 if there is none. */
export function signatureLength(text: string): number {
  const parts = text.split('.');
  return parts.length === 3 ? parts[2]!.length : 0;
}
