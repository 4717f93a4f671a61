import type { TokenErrorCode } from '../errors';
import { MAX_TTL } from '../limits';
import { isSid } from '../sid';
import { readTimes } from '../tokens/claims';
import { isJsonObject } from '../tokens/jws';
import { kindOf } from '../tokens/token-kind';
import {
  blanksIn,
  clockAhead,
  describeValue,
  findSid,
  findTime,
  headerOf,
  isCut,
  isEmptyObject,
  isEncodedOnce,
  isLong,
  isMilliseconds,
  isPath,
  isPresent,
  isShort,
  isUnset,
  kindOfSid,
  latestStart,
  namesOf,
  objectAt,
  paramsOf,
  scopeOf,
  scopesOf,
  signatureOf,
  tokenMember,
  YEAR,
} from './faults';
import type { Subject, TextSubject, TokenSubject } from './subject';
import { fromNow } from './token-tables';

/*
 * What people get wrong, as data. The library decides whether a token is good; a rule finds the cause and the remedy.
 * To support another fault, add a row and a test.
 */

/** A fault to look for. The first rule that applies replaces the words of the verdict. */
export interface Rule<S> {
  /** The outcomes whose words it replaces. For others, it is only mentioned. Default: all. */
  readonly of?: readonly Outcome[];
  /** Finds the fault. Text that is found is passed to the words. */
  readonly when: (subject: S) => string | boolean | undefined;
  /** What is wrong, after "NOT VALID: ". */
  readonly verdict?: Words;
  /** What to do. */
  readonly advice?: Words;
  /** A remark that replaces nothing. */
  readonly note?: Words;
  /** The gateway's numbers, if they differ from the library's. */
  readonly numbers?: readonly number[];
}

type Words = string | ((found: string) => string);

/** What the library says of a token. */
export type Outcome = TokenErrorCode | 'ok';

/** The words for an outcome. */
export interface Diagnosis {
  /** What is wrong. Undefined if nothing is. */
  readonly verdict: string | undefined;
  readonly advice: readonly string[];
  readonly notes: readonly string[];
  /** The gateway's numbers, if they differ from the library's. */
  readonly numbers: readonly number[] | undefined;
}

/** Where the guide shows the request that asks Twilio. */
const ASK_TWILIO = 'see "Check credentials and applications" in docs/errors.md.';

const ISSUER: readonly Outcome[] = ['ERR_TOKEN_ISSUER', 'ERR_TOKEN_SIGNATURE'];
const SCOPE: readonly Outcome[] = ['ERR_TOKEN_SCOPE', 'ERR_TOKEN_CLAIMS'];
const TIME: readonly Outcome[] = [
  'ERR_TOKEN_CLAIMS',
  'ERR_TOKEN_EXPIRED',
  'ERR_TOKEN_LIFETIME',
  'ERR_TOKEN_NOT_YET_VALID',
];

/** Text that is no token, and tokens that cannot be opened. */
const TEXT_RULES: readonly Rule<TextSubject>[] = [
  {
    when: ({ paste }) => paste.count > 1 && String(paste.count),
    verdict: (count) => `the input has ${count} tokens`,
    advice: 'Pass one at a time.',
  },
  {
    when: ({ paste: { text }, secrets }) => secrets.includes(text) || /^[A-Za-z0-9]{32}$/.test(text),
    verdict: 'this looks like a secret',
    advice: 'Pass the token that was signed with it. If others have seen the secret, rotate it.',
  },
  {
    when: ({ paste: { text } }) => (/^[A-Z]{2}[0-9a-f]{32}$/.test(text) ? text.slice(0, 2) : undefined),
    verdict: (prefix) => `this is a SID (${prefix}…)`,
    advice: 'Pass the token that your server sends to the page.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('-----BEGIN '),
    verdict: 'this is a PEM key or certificate',
    advice: 'Twilio signs tokens with an auth token or the secret of an API key. Pass the token.',
  },
  {
    when: ({ paste: { text } }) => /^(?:<\?xml[^>]*>\s*|<!--[^>]*>\s*){0,3}<Response[\s/>]/.test(text),
    verdict: 'this is TwiML: that URL is a Voice URL',
    advice:
      'The page must fetch the token from the token endpoint. The Voice URL belongs into the TwiML app.',
  },
  {
    when: ({ paste: { text } }) => text.includes('<RestException>') || text.includes('<TwilioResponse>'),
    verdict: "this is an answer of Twilio's REST API",
    advice: 'Your server must create the token itself. No request to Twilio returns one.',
  },
  {
    when: ({ paste: { text } }) => /^<(?:!doctype|html|head|body|br|pre|h1|p|b)\b/i.test(text),
    verdict: 'this is an HTML page',
    advice: 'The URL answers with a login or error page. Check its path, its method (POST) and the session.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('<'),
    verdict: 'this is XML or a placeholder',
    advice: 'Pass the token that your server sends to the page.',
  },
  {
    when: ({ paste: { text } }) => /^HTTP\/[\d.]+ ([1-5]\d\d)/.exec(text)?.[1],
    verdict: (status) => `this is an HTTP ${status} response without a token`,
    advice: 'Check the URL, its method (POST) and the session. Then pass the body of a 200.',
  },
  {
    when: ({ paste: { text } }) => /^curl: \(\d+\)/.test(text),
    verdict: 'this is an error of curl',
    advice: 'Check that the server runs and that the URL is right.',
  },
  {
    when: ({ paste: { text } }) => /^(?:https?|wss?):\/\//i.test(text),
    verdict: 'this is a URL',
    advice: 'Pass what the URL returns: curl -X POST URL | twilio-capability inspect',
  },
  {
    when: ({ paste: { text } }) => /^scope:/.test(text),
    verdict: 'this is a scope, which is a part of a token',
    advice: 'Pass the whole token: three parts joined by two dots.',
  },
  {
    when: ({ paste: { json } }) =>
      isJsonObject(json) && ('scope' in json || 'grants' in json) && 'exp' in json,
    verdict: 'this is the payload of a token',
    advice: 'Pass the token itself, with its header and its signature.',
  },
  {
    when: ({ paste: { json } }) =>
      isJsonObject(json) &&
      'message' in json &&
      /^[235]\d{4}$/.test(String(json['code'])) &&
      String(json['code']),
    verdict: (code) => `this is Twilio's error ${code}`,
    advice: 'Your server passes on an answer of the REST API. It must create the token itself.',
  },
  {
    when: ({ paste: { json } }) => isEmptyObject(tokenMember(json)),
    verdict: 'its "token" is {}: a Promise, or an object',
    advice: 'Wait for the token with await, and call toJwt() if it comes from an SDK.',
  },
  {
    when: ({ paste: { json } }) => tokenMember(json) !== undefined && describeValue(tokenMember(json)),
    verdict: (value) => `its "token" is ${value}`,
    advice: 'Check that the endpoint created a token, not an error.',
  },
  {
    when: ({ paste: { json }, quote }) =>
      isJsonObject(json) && (Object.keys(json).slice(0, 3).map(quote).join(', ') || '{}'),
    verdict: 'this is JSON without a token',
    advice: (names) => `Its members: ${names}. Check that the endpoint returned a token, not an error.`,
  },
  {
    when: ({ paste: { json } }) => Array.isArray(json),
    verdict: 'this is JSON without a token',
    advice: 'Check that the endpoint returned a token, not a list.',
  },
  {
    when: ({ paste: { text } }) => /^\[object (\w{1,20})\]$/.exec(text)?.[1],
    verdict: (name) => `this is the text of a JavaScript ${name}`,
    advice: 'Wait for the token with await, and send the string.',
  },
  {
    when: ({ paste: { text } }) => isUnset(text) && text,
    verdict: (word) => `this is the word ${word}`,
    advice: 'The variable was not set. Check the name of the JSON member or of the environment variable.',
  },
  {
    when: ({ paste: { text } }) => /^(?:\$\{?\w+\}?|%\w+%|your[-_ ]?token.*|X{3,}|\.{3})$/i.test(text),
    verdict: 'this is a placeholder',
    advice: 'Put the token in its place. A shell expands "$TOKEN", but not \'$TOKEN\'.',
  },
  {
    when: ({ paste: { text } }) =>
      /^(?:Traceback|(?:Uncaught )?\w*(?:Error|Exception)\b|Fatal error|Warning:|Notice:)/.test(text),
    verdict: 'this is an error message',
    advice: 'The server failed before it created a token. Fix that first.',
  },
  {
    when: ({ paste: { text } }) => isPath(text),
    verdict: 'this is the path of a file',
    advice: 'Pass its contents: twilio-capability inspect - < FILE',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('ZXlK'),
    verdict: 'this token is encoded in base64 once more',
    advice: 'Send the token as it is. It needs no encoding.',
  },
  {
    of: ['ERR_TOKEN_TOO_LARGE'],
    when: ({ paste: { text } }) => text.startsWith('ey') && String(text.length),
    verdict: (length) => `${length} characters, more than 8192`,
    advice: 'Put less into the params: they travel in every token.',
  },
  {
    when: ({ paste: { text } }) => text.split('.').length === 5 && headerOf(text)?.['enc'] !== undefined,
    verdict: 'this token is encrypted (JWE)',
    advice: 'Twilio reads signed tokens only. Sign it with HS256, without encryption.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('ey') && /[+/=]/.test(text),
    verdict: 'it is base64, not base64url',
    advice: 'Replace + by -, / by _, and remove each =. A JWT library does so.',
  },
  {
    when: ({ paste: { text } }) =>
      isCut(text) ? `${text.split('.').length} of 3 parts, ${text.length} characters` : undefined,
    verdict: (size) => `cut off: ${size}`,
    advice: 'Copy the whole token: three parts joined by two dots.',
  },
  {
    when: ({ paste: { text } }) =>
      text.startsWith('ey') && text.split('.').length > 3 && String(text.split('.').length),
    verdict: (parts) => `it has ${parts} parts instead of 3`,
    advice: 'Copy the token alone, without what follows it.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('ey') && isShort(signatureOf(text)),
    verdict: (length) => `the signature has ${length} of 43 characters: cut off`,
    advice: 'Copy the whole token: three parts joined by two dots.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('ey') && isLong(signatureOf(text)),
    verdict: (length) => `the signature has ${length} characters instead of 43`,
    advice: 'Copy the token again, without the characters that follow it.',
  },
  {
    when: ({ paste: { text } }) => text.startsWith('ey'),
    verdict: 'damaged: not base64url, or the header is not JSON',
    advice: 'Copy the token again. Something on its way changes it.',
  },
  {
    when: ({ paste: { text } }) => String(text.length),
    verdict: (length) => `${length} character${length === '1' ? '' : 's'} of other text`,
    advice: 'A token starts with "ey" and has three parts joined by dots.',
  },
];

/** What stands in a token. */
const TOKEN_RULES: readonly Rule<TokenSubject>[] = [
  // Secrets that everybody can read.
  {
    when: (s) => findSid(s, 'secret'),
    verdict: (claim) => `a secret stands in ${claim}`,
    advice: 'Anyone who sees the token can read it: rotate the secret now. Put the SID in its place.',
  },
  {
    when: (s) => s.secrets.some((secret) => JSON.stringify([s.claims, s.token.header]).includes(secret)),
    verdict: 'a secret stands in its claims',
    advice: 'Anyone who sees the token can read it: rotate the secret now.',
  },
  // The header.
  {
    of: ['ERR_TOKEN_ALGORITHM'],
    when: ({ token }) => /^(?:[REP]S\d{3}|EdDSA)$/.exec(String(token.header['alg']))?.[0],
    verdict: (alg) => `signed with ${alg}: a token of another service`,
    advice: 'Pass the token of your token endpoint, not one of your sign-in.',
  },
  {
    of: ['ERR_TOKEN_ALGORITHM'],
    when: ({ token }) => token.header['alg'] === 'none',
    verdict: 'it is not signed: its alg is "none"',
    advice: 'Do not trust it: anyone could have written it. Sign tokens with HS256.',
  },
  {
    of: ['ERR_TOKEN_ALGORITHM'],
    when: ({ token }) => /^HS(?:384|512)$/.exec(String(token.header['alg']))?.[0],
    verdict: (alg) => `signed with ${alg} instead of HS256`,
    advice: 'Set the algorithm of your JWT library to HS256.',
  },
  {
    of: ['ERR_TOKEN_ALGORITHM'],
    when: ({ token }) => !/^(?:none|HS(?:256|384|512)|[REP]S\d{3}|EdDSA)$/.test(String(token.header['alg'])),
    verdict: 'it is not signed with HS256',
    advice: 'Set the algorithm of your JWT library to HS256.',
  },
  {
    of: ['ERR_TOKEN_HEADER'],
    when: ({ token }) => kindOf(token) === 'access-token-without-cty',
    verdict: 'an Access Token without the cty in its header',
    advice:
      'Add "cty": "twilio-fpa;v=1". The SDKs and AccessTokenSigner do so; a general JWT library does not.',
  },
  {
    of: ['ERR_TOKEN_HEADER'],
    when: ({ token }) => kindOf(token) === 'unknown-cty',
    verdict: 'its header has an unknown cty',
    advice: 'An Access Token has "cty": "twilio-fpa;v=1", a capability token has none.',
  },
  {
    of: ['ERR_TOKEN_HEADER'],
    when: ({ error }) => error?.code === 'ERR_TOKEN_HEADER' && error.field,
    verdict: (name) => `its header has a wrong ${name}`,
    advice: 'Twilio needs alg "HS256" and typ "JWT". An Access Token also has a cty.',
  },
  {
    when: ({ token }) => kindOf(token) === 'task-router',
    verdict: 'a TaskRouter token, without a scope',
    advice: 'For calls, create an Access Token with a voice grant.',
  },
  {
    when: ({ token }) => token.claims === undefined,
    verdict: 'its payload is not JSON in UTF-8',
    advice: 'Create the token with an SDK or a JWT library, from an object.',
  },
  {
    when: ({ isAccessToken, claims }) =>
      isAccessToken && typeof claims['scope'] === 'string' && !('grants' in claims),
    verdict: 'a capability token with an Access Token cty',
    advice: 'Leave the cty out, or write grants instead of a scope.',
  },
  // Issuer and account.
  {
    when: ({ isAccessToken, claims }) =>
      isAccessToken && isSid('AC', claims['iss']) && isSid('SK', claims['sub']),
    verdict: 'the account SID and the API key SID are swapped',
    advice: 'iss must be the API key (SK…), sub the account (AC…). Check the order of the arguments.',
    numbers: [31203, 31204],
  },
  {
    of: [...ISSUER, 'ok'],
    when: ({ isAccessToken, signer }) => isAccessToken && signer,
    verdict: (secret) => `signed with ${secret}`,
    advice: 'Sign an Access Token with an API key (SK…) and its secret. iss is the API key, sub the account.',
  },
  {
    of: [...ISSUER, 'ok'],
    when: ({ signer }) => signer,
    verdict: (secret) => `signed with ${secret}`,
    advice: 'Sign a capability token with the auth token of its account, exactly as the console shows it.',
  },
  {
    of: ISSUER,
    when: ({ isAccessToken, claims }) => isAccessToken && isSid('AC', claims['iss']),
    verdict: 'its iss is the account instead of an API key',
    advice: 'Sign it with an API key (SK…) and its secret, not with the account SID and the auth token.',
    numbers: [31203, 31204],
  },
  {
    of: ISSUER,
    when: ({ isAccessToken, claims }) => !isAccessToken && isSid('SK', claims['iss']),
    verdict: 'its iss is an API key instead of the account',
    advice:
      'Capability tokens need the account SID and its auth token. With an API key, create an Access Token.',
    numbers: [31203, 31204],
  },
  // SIDs.
  {
    of: [...ISSUER, ...SCOPE],
    when: (s) => findSid(s, 'missing'),
    verdict: (claim) => `${claim} is missing`,
    advice: 'Pass it when you create the token. JSON leaves out what is undefined.',
  },
  {
    of: [...ISSUER, ...SCOPE],
    when: (s) => findSid(s, 'unset', (value) => `is ${JSON.stringify(value)}`),
    verdict: (fault) => fault,
    advice: 'A variable was not set where the token is created. Check its name and the environment.',
  },
  {
    of: [...ISSUER, ...SCOPE],
    when: (s) => findSid(s, 'wrapped'),
    verdict: (claim) => `${claim} has extra spaces or quotes`,
    advice: 'Remove them where the variable is set.',
  },
  {
    of: [...ISSUER, ...SCOPE],
    when: (s) => findSid(s, 'other kind', (value) => `is ${kindOfSid(value)!}`),
    verdict: (fault) => fault,
    advice: 'Check which variable goes where. Application SIDs (AP…) are under TwiML Apps in the console.',
  },
  {
    of: [...ISSUER, ...SCOPE],
    when: (s) => findSid(s, 'no SID', (_, prefix) => `is not a SID (${prefix}…)`),
    verdict: (fault) => fault,
    advice: 'Copy the SID from the Twilio console.',
  },
  // Times.
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'milliseconds'),
    verdict: (claim) => `its ${claim} is in milliseconds`,
    advice: 'Times in a token are Unix seconds: Math.floor(Date.now() / 1000).',
  },
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'microseconds'),
    verdict: (claim) => `its ${claim} is in microseconds or smaller`,
    advice: 'Times in a token are Unix seconds.',
  },
  {
    of: TIME,
    when: ({ claims }) => claims['exp'] === undefined,
    verdict: 'its exp is missing, so it would never expire',
    advice: 'Set exp to the Unix time at which it ends: now plus at most 86400 seconds.',
  },
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'text'),
    verdict: (claim) => `its ${claim} is text instead of a number`,
    advice: 'Write it without quotes, as a number.',
  },
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'date'),
    verdict: (claim) => `its ${claim} is a date as text`,
    advice: 'Times in a token are Unix seconds: Math.floor(date.getTime() / 1000).',
  },
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'type'),
    verdict: (claim) => `its ${claim} is not a number`,
    advice: 'Times in a token are Unix seconds. NaN becomes null: check the ttl.',
  },
  {
    of: TIME,
    when: ({ claims }) => Number(claims['exp']) > 0 && Number(claims['exp']) <= YEAR,
    verdict: 'its exp is a lifetime instead of a time',
    advice: 'exp is the Unix time at which the token ends: now plus the lifetime in seconds.',
  },
  {
    of: TIME,
    when: ({ claims }) => findTime(claims, 'zero'),
    verdict: (claim) => `its ${claim} is not a time`,
    advice: 'Times in a token are Unix seconds.',
  },
  {
    of: TIME,
    when: ({ claims: { exp, iat, nbf } }) => Number(exp) <= Math.max(Number(iat ?? 0), Number(nbf ?? 0)),
    verdict: 'it ends before it begins',
    advice: 'exp must be later than iat and nbf. Check the ttl: it is zero or negative.',
  },
  {
    of: TIME,
    when: ({ claims: { exp, iat } }) =>
      isMilliseconds(Number(exp) - Number(iat)) && String(Number(exp) - Number(iat)),
    verdict: (ttl) => `its lifetime is ${ttl} seconds: milliseconds`,
    advice: 'The ttl is in seconds. Divide it by 1000.',
  },
  // Scopes of a capability token.
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => !isAccessToken && !('scope' in claims),
    verdict: 'it has no scope',
    advice: 'Allow something: an incoming scope to receive calls, an outgoing one to make them.',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => !isAccessToken && Array.isArray(claims['scope']),
    verdict: 'its scope is a list instead of text',
    advice: 'Join the scopes with one space between them.',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => !isAccessToken && typeof claims['scope'] !== 'string',
    verdict: 'its scope is not text',
    advice: 'Write the scopes as text, with one space between them.',
  },
  {
    of: [...SCOPE, 'ok'],
    when: ({ claims }) => /[^ ]scope:(?:client|stream):/.test(scopeOf(claims)),
    verdict: 'its scopes are not joined by a space',
    advice: 'Put one space between them. Otherwise the second one is read as a part of the first.',
  },
  {
    of: SCOPE,
    when: ({ claims }) => /^ *(?:client|stream):/.test(scopeOf(claims)),
    verdict: 'its scope does not start with "scope:"',
    advice: 'Write the whole URI, such as scope:client:incoming?clientName=alice.',
  },
  {
    of: SCOPE,
    when: ({ claims }) => /%(?![0-9a-f]{2})/i.test(scopeOf(claims)),
    verdict: 'its scope has invalid percent-encoding',
    advice: 'Encode names and values with encodeURIComponent(). A % becomes %25.',
  },
  {
    of: SCOPE,
    when: ({ claims }) =>
      scopesOf(claims).some(({ query }) => new Set(query.keys()).size < [...query].length),
    verdict: 'its scope has the same key twice',
    advice: 'Write one scope for each client name. Encode & in values as %26.',
  },
  {
    of: SCOPE,
    when: (s) => namesOf(s).some((name) => /\p{Cc}/u.test(name)),
    verdict: 'a name has control characters (31105)',
    advice: 'Remove line breaks and tabs from the name, or use encodeClientName().',
    numbers: [31105],
  },
  {
    of: SCOPE,
    when: (s) => namesOf(s).some((name) => name.length > 256),
    verdict: 'a name has over 256 characters (31105)',
    advice: 'Use a short ID as the name.',
    numbers: [31105],
  },
  // Grants of an Access Token.
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => isAccessToken && !isPresent(claims['grants']),
    verdict: 'it has no grants',
    advice: 'Add a voice grant: token.addGrant(new VoiceGrant({ incomingAllow: true })).',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => isAccessToken && typeof claims['grants'] === 'string',
    verdict: 'its grants are text: encoded as JSON twice',
    advice: 'Write grants as an object.',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) =>
      isAccessToken && isJsonObject(claims['grants']) && !isPresent(claims['grants']['voice']),
    verdict: 'it has no voice grant',
    advice: 'Add one: token.addGrant(new VoiceGrant({ outgoingApplicationSid, incomingAllow: true })).',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) =>
      isAccessToken && isJsonObject(claims['grants']) && !isPresent(claims['grants']['identity']),
    verdict: 'it has no identity',
    advice: 'Pass the client name when you create the token: new AccessToken(…, { identity }).',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) =>
      isAccessToken &&
      typeof objectAt(claims, 'grants')['identity'] !== 'string' &&
      typeof objectAt(claims, 'grants')['identity'],
    verdict: (type) => `its identity is not text (${type})`,
    advice: 'Convert it to text, such as String(user.id).',
  },
  {
    of: SCOPE,
    when: ({ isAccessToken, claims }) => isAccessToken && objectAt(claims, 'grants')['identity'] === '',
    verdict: 'its identity is empty',
    advice: 'Check where the name of the user comes from.',
  },
  {
    of: SCOPE,
    when: ({ claims }) => typeof objectAt(claims, 'grants', 'voice', 'incoming')['allow'] === 'string',
    verdict: 'its incoming.allow is text',
    advice: 'Write true or false, without quotes.',
  },
  // Names that Twilio refuses. The library cannot: its pages disagree.
  {
    of: ['ok'],
    when: (s) => namesOf(s).some((name) => name.startsWith('client:')),
    verdict: 'Twilio refuses the name (31105)',
    advice: 'It starts with "client:". Pass the name alone; TwiML and the REST API add that prefix.',
    numbers: [31105],
  },
  {
    of: ['ok'],
    when: (s) => namesOf(s).some((name) => /^ \d/.test(name)),
    verdict: 'Twilio refuses the name (31105)',
    advice: 'It starts with a blank: a "+" that was decoded. Write %2B, or use encodeClientName().',
    numbers: [31105],
  },
  {
    of: ['ok'],
    when: (s) => blanksIn(namesOf(s)),
    verdict: 'Twilio refuses the name (31105)',
    advice: (where) => `It has a blank ${where}. Remove blanks, or use encodeClientName().`,
    numbers: [31105],
  },
  {
    of: ['ok'],
    when: (s) => namesOf(s).find(isUnset),
    verdict: (word) => `its name is the word ${word}`,
    advice: 'A variable was not set where the token is created. Every such user shares this name.',
  },
  {
    when: (s) => namesOf(s).some((name) => /[^\w ]/.test(name) && !name.startsWith('client:')),
    note: 'Twilio\'s pages disagree on names with characters other than letters, digits and "_". encodeClientName() writes only those.',
  },
];

/** How the token travels, where it works, and with which credentials. */
const USE_RULES: readonly Rule<TokenSubject>[] = [
  // The clock.
  {
    of: ['ERR_TOKEN_LIFETIME', 'ERR_TOKEN_NOT_YET_VALID'],
    when: (s) => clockAhead(s, (seconds) => seconds >= 1800 && (seconds + 60) % 1800 <= 120),
    verdict: (ahead) => `a time zone was added: ${ahead}`,
    advice: 'Unix time has no zone. The server adds its local offset, or its clock shows local time as UTC.',
  },
  {
    of: ['ERR_TOKEN_LIFETIME', 'ERR_TOKEN_NOT_YET_VALID'],
    when: (s) => clockAhead(s, () => true),
    verdict: (ahead) => `the server's clock is ${ahead} ahead`,
    advice: 'Correct the clock of the server that created the token (NTP). A shorter ttl leaves room.',
  },
  {
    of: ['ERR_TOKEN_LIFETIME'],
    when: ({ claims, now }) => fromNow(readTimes(claims).expiresAt, now),
    verdict: (expiry) => `expires ${expiry}, over 24 hours ahead`,
    advice: 'Use a ttl of at most 86399 seconds. Check that it is not in milliseconds.',
  },
  {
    of: ['ERR_TOKEN_NOT_YET_VALID'],
    when: ({ claims, now }) => fromNow(latestStart(claims), now),
    verdict: (start) => `starts ${start}`,
    advice: 'Leave nbf out, or correct the clock of the server that created the token.',
  },
  {
    of: ['ERR_TOKEN_EXPIRED'],
    when: ({ claims, now }) => fromNow(readTimes(claims).expiresAt, now),
    verdict: (expiry) => `expired ${expiry}`,
    advice: 'Fetch a new token, and renew it before it expires.',
  },
  // What no other rule explains.
  {
    of: ['ERR_TOKEN_SCOPE'],
    when: ({ isAccessToken }) => !isAccessToken,
    verdict: 'its scope cannot be read',
    advice: 'Create it with IncomingScope and OutgoingScope, or with an SDK.',
  },
  {
    of: ['ERR_TOKEN_CLAIMS'],
    when: ({ error }) => error?.field?.replace(/^grants\./, ''),
    verdict: (field) => `its ${field} is invalid`,
    advice: 'Create the token with AccessTokenSigner or with an SDK.',
  },
  // The signature.
  {
    of: ['ERR_TOKEN_SIGNATURE'],
    when: ({ token }) => token.text.endsWith('.'),
    verdict: 'it has no signature',
    advice: 'Do not trust it: anyone could have written it.',
  },
  {
    of: ['ERR_TOKEN_SIGNATURE'],
    when: ({ token }) => isShort(signatureOf(token.text)),
    verdict: (length) => `the signature has ${length} of 43 characters: cut off`,
    advice: 'Copy the whole token: three parts joined by two dots.',
  },
  {
    of: ['ERR_TOKEN_SIGNATURE'],
    when: ({ token }) => isLong(signatureOf(token.text)),
    verdict: (length) => `the signature has ${length} characters instead of 43`,
    advice: 'Copy the token again, without the characters that follow it.',
  },
  {
    of: ['ERR_TOKEN_SIGNATURE'],
    when: ({ isAccessToken, credentials }) => isAccessToken && credentials?.keyVariables[1],
    verdict: 'the signature does not match',
    advice: (variable) =>
      `Check that ${variable} belongs to this API key. If it does, the token was changed.`,
  },
  {
    of: ['ERR_TOKEN_SIGNATURE'],
    when: () => true,
    verdict: 'the signature does not match',
    advice:
      'Check that TWILIO_AUTH_TOKEN is the one of this account and current. If it is, the token was changed.',
  },
  {
    when: ({ error, credentials }) => error?.code === 'ERR_TOKEN_SIGNATURE' && credentials !== undefined,
    note: `Only Twilio knows which secret is current: ${ASK_TWILIO}`,
  },
  // The credentials.
  {
    of: ['ERR_TOKEN_ISSUER'],
    when: ({ isAccessToken, credentials }) => isAccessToken && credentials !== undefined,
    verdict: 'the API key fits, the account in sub does not',
    advice: 'Check TWILIO_ACCOUNT_SID where the token is created: an API key belongs to one account.',
    numbers: [31203, 31204],
  },
  {
    of: ['ERR_TOKEN_ISSUER'],
    when: ({ credentials }) => credentials !== undefined,
    verdict: 'the secret fits, the account in iss does not',
    advice: 'The server uses the SID of one account with the auth token of another.',
    numbers: [31203, 31204],
  },
  {
    of: ['ok'],
    when: ({ mismatch }) => mismatch,
    verdict: (owner) => (owner === 'account' ? 'made for another account' : 'signed with another API key'),
    advice: (owner) => `Twilio may well accept it. Check it with the credentials of that ${owner}.`,
  },
  {
    of: ['ok'],
    when: ({ isAccessToken, missing }) => !isAccessToken && missing,
    verdict: 'the auth token of its account is needed',
    advice:
      'Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, in the environment or in a file given with --dotenv.',
  },
  {
    of: ['ok'],
    when: ({ missing }) => missing === 'accountSid',
    verdict: 'the SID of its account is needed',
    advice: 'Set TWILIO_ACCOUNT_SID, in the environment or in a file given with --dotenv.',
  },
  {
    of: ['ok'],
    when: ({ missing, credentials }) => missing && credentials?.keyVariables.join(' and '),
    verdict: 'the API key that signed it is needed',
    advice: (variables) => `Set ${variables}, in the environment or in a file given with --dotenv.`,
  },
  // What a page receives.
  {
    of: ['ok'],
    when: ({ paste }) => paste.around?.[0].startsWith('b') && paste.around[0].length === 2,
    verdict: "the page receives b'…' around it",
    advice: 'The server sends Python bytes as text. Call .decode() on the token, or update the SDK.',
  },
  {
    of: ['ok'],
    when: ({ paste }) =>
      /^bearer /i.test(paste.around?.[0] ?? '') && !/authorization$/i.test(paste.path ?? ''),
    verdict: 'the page receives "Bearer" before it',
    advice: 'Send the token alone.',
  },
  {
    of: ['ok'],
    when: ({ paste }) => /^["']/.test(paste.around?.[0] ?? ''),
    verdict: 'the page receives quotes around it',
    advice: 'The token was encoded as JSON twice. Send the string itself.',
  },
  {
    of: ['ok'],
    when: ({ paste: { around } }) => around?.join('').trim() === '',
    verdict: 'the page receives white space around it',
    advice: 'Trim the token before sending it.',
  },
  {
    of: ['ok'],
    when: ({ paste, quote }) =>
      !/authorization$/i.test(paste.path ?? '') && paste.around && quote(paste.around.join('…')),
    verdict: 'the page receives more than the token',
    advice: (value) => `The JSON value is ${value}. Send the token alone.`,
  },
  {
    when: ({ paste, quote }) => paste.path !== undefined && paste.path !== '' && quote(paste.path),
    note: (path) => `The input is JSON. The token is its ${path}.`,
  },
  {
    when: ({ paste }) => paste.isPeeled && !paste.path,
    note: 'The token was taken out of the text around it.',
  },
  // What got lost on the way.
  {
    when: ({ claims }) => scopesOf(claims).some(({ uri }) => isEncodedOnce(uri)),
    note: 'The params are encoded once instead of twice: values with "&" or "=" are cut off (twilio-ruby 5 and newer).',
  },
  {
    when: ({ claims }) =>
      scopesOf(claims).some(({ name, uri }) => name === 'client:incoming' && /[^\x21-\x7e]/.test(uri)),
    note: 'A client name is not percent-encoded (twilio-java and twilio-csharp).',
  },
  {
    when: ({ claims }) =>
      scopesOf(claims).some(({ name, query }) => name === 'client:incoming' && query.size > 1),
    note: 'A client name may be cut off: an "&" in it must be written as %26 (twilio-java and twilio-csharp).',
  },
  {
    when: ({ claims }) => scopesOf(claims).some(({ query }) => /^\{"\w+"=>/.test(query.get('params') ?? '')),
    note: 'The event filters are the text of a Ruby hash and filter nothing (twilio-ruby 4).',
  },
  {
    when: ({ contents, quote }) =>
      paramsOf(contents)
        .filter(([, value]) => isUnset(value))
        .map(([key]) => quote(key))[0],
    note: (key) => `The parameter ${key} has no value: it was an object or not set.`,
  },
  // Where it works.
  {
    when: ({ contents }) => contents?.kind === 'capability',
    note: 'Capability tokens work with the JavaScript SDKs in region US1 only, not on mobile.',
  },
  {
    when: ({ contents }) =>
      contents?.kind === 'capability' &&
      contents.clientNames.length > 0 &&
      contents.outgoing !== undefined &&
      contents.outgoing.clientName === undefined,
    note: 'The outgoing scope has no client name, so calls come from nobody. Pass the incoming name to it too.',
  },
  {
    when: ({ contents }) => contents?.scopes.length === 0,
    note: 'It allows no calls.',
  },
  {
    when: ({ token: { header } }) =>
      typeof header['twr'] === 'string' && /^[a-z]{2}\d$/.test(header['twr']) && header['twr'],
    note: (region) => `Its API key must belong to region ${region}.`,
  },
  {
    when: ({ claims: { exp, iat } }) => Number(exp) - Number(iat) > MAX_TTL && Number(exp) < 1e11,
    note: 'It lives longer than 24 hours from its iat. Twilio may refuse it (20157).',
  },
  {
    of: ['ok'],
    when: ({ error, claims, now }) =>
      error === undefined && Number(claims['exp']) > now / 1000 + MAX_TTL - 60,
    note: 'If the clock of the server runs a little fast, 24 hours are too long (31207). Use at most 86399 seconds.',
  },
  {
    when: ({ contents, error, credentials, missing, mismatch }) =>
      contents?.outgoing !== undefined &&
      error === undefined &&
      credentials !== undefined &&
      missing === undefined &&
      mismatch === undefined,
    note: `Only Twilio knows whether the TwiML app exists and has a Voice URL: ${ASK_TWILIO}`,
  },
];

/** All rules, for a test that each one applies to something. */
export const RULES: readonly Rule<never>[] = [...TEXT_RULES, ...TOKEN_RULES, ...USE_RULES];

/** Finds the cause and the remedy. */
export function diagnose(subject: Subject): Diagnosis {
  const outcome = subject.error?.code ?? 'ok';
  const lists =
    subject.token === undefined
      ? [apply(TEXT_RULES, subject, outcome)]
      : [apply(TOKEN_RULES, subject, outcome), apply(USE_RULES, subject, outcome)];
  const [first = []] = lists;
  const all = lists.flat();
  const chosen = all.find(({ verdict, replaces }) => verdict !== undefined && replaces);
  // What stands in a token is wrong whatever else is.
  const others = first.filter(({ verdict, replaces }) => verdict !== undefined && !replaces);
  return {
    verdict: chosen?.verdict,
    advice: chosen?.advice === undefined ? [] : [chosen.advice],
    notes: [
      ...new Set(others.map(({ verdict, advice }) => `Also: ${verdict!}. ${advice!}`)),
      ...all.flatMap(({ note }) => note ?? []),
    ],
    numbers: chosen?.numbers,
  };
}

/** Applies the rules that find their fault. */
function apply<S>(rules: readonly Rule<S>[], subject: S, outcome: Outcome) {
  return rules.flatMap(({ of, when, verdict, advice, note, numbers }) => {
    const found = when(subject);
    if (found === undefined || found === false) return [];
    const say = (words: Words | undefined): string | undefined =>
      typeof words === 'function' ? words(String(found)) : words;
    const replaces = of?.includes(outcome) ?? true;
    return [{ replaces, verdict: say(verdict), advice: say(advice), note: say(note), numbers }];
  });
}
