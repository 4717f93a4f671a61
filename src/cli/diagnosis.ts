import { MAX_TTL } from '../limits';
import { isSid } from '../sid';
import { isJsonObject } from '../tokens/jws';
import type { Subject } from './examine';
import {
  blankIn,
  clockAhead,
  describe,
  describeField,
  findSecret,
  findSid,
  findTime,
  isEncodedOnce,
  isEncrypted,
  isPath,
  isTokenLike,
  isUnset,
  kindOfSid,
  objectAt,
  signatureLength,
  SIGNATURE_LENGTH,
  tokenMember,
  toNumber,
  toText,
} from './faults';

/*
 * What people get wrong, as data. The library decides whether a token is good; a rule finds the cause and the remedy.
 * To support another fault, add a row and a test.
 */

/** A fault to look for. The first rule that finds its fault replaces the words of the verdict. */
interface Rule {
  /** Finds the fault. Text that is found is passed to the words. */
  readonly when: (subject: Subject) => string | number | boolean | undefined;
  /** What is wrong, after "NOT VALID: ". */
  readonly verdict?: Words;
  /** What to do. */
  readonly advice?: Words;
  /** A remark that replaces nothing. */
  readonly note?: Words;
  /** The outcomes that it explains. For others, it is only mentioned. Default: all. */
  readonly of?: readonly Outcome[] | undefined;
  /** The gateway's numbers, if they differ from the library's. */
  readonly numbers?: readonly number[] | undefined;
}

type Words = string | ((found: string) => string);

type Outcome = Subject['outcome'];

/** The words for an outcome. The verdict is undefined if nothing is wrong. */
export type Diagnosis = ReturnType<typeof diagnose>;

/** Where the guide shows the request that asks Twilio. */
const ASK_TWILIO = 'see "Check credentials and applications" in docs/errors.md.';
const COPY_WHOLE = 'Copy the whole token: three parts joined by two dots.';
const SIGN_WITH =
  'Sign an Access Token with an API key (SK…) and its secret, a capability token with the account SID and its auth token, exactly as the console shows them.';
const OTHER_SERVICE = 'Pass the token of your token endpoint, not one of your sign-in.';
const NOT_RECEIVED = 'what the page receives is not a token';
const NAME_REFUSED = 'Twilio refuses the name (31105)';

const ISSUER: readonly Outcome[] = ['ERR_TOKEN_ISSUER', 'ERR_TOKEN_SIGNATURE'];
const SCOPE: readonly Outcome[] = ['ERR_TOKEN_SCOPE', 'ERR_TOKEN_CLAIMS'];
const TIME: readonly Outcome[] = [
  'ERR_TOKEN_CLAIMS',
  'ERR_TOKEN_EXPIRED',
  'ERR_TOKEN_LIFETIME',
  'ERR_TOKEN_NOT_YET_VALID',
];

/** Characters that Twilio refuses in names like blanks. */
const UNWISE = /[{}|\\^[\]`]/;

/** Signatures of a wrong length, which cannot always be decoded. */
const SIGNATURE_RULES: readonly Rule[] = [
  {
    when: ({ text }) => signatureLength(text) < SIGNATURE_LENGTH && signatureLength(text),
    verdict: (length) => `the signature has ${length} of 43 characters: cut off`,
    advice: COPY_WHOLE,
  },
  {
    when: ({ text }) => signatureLength(text) > SIGNATURE_LENGTH && signatureLength(text),
    verdict: (length) => `the signature has ${length} characters instead of 43`,
    advice: 'Copy the token again, without the characters that follow it.',
  },
];

/** Text that is no token, and tokens that cannot be opened. */
const TEXT_RULES: readonly Rule[] = [
  {
    when: ({ count }) => count > 1 && count,
    verdict: (count) => `the input has ${count} tokens`,
    advice: 'Pass one at a time.',
  },
  {
    when: ({ text, secrets }) => secrets.includes(text) || /^[A-Za-z0-9]{32}$/.test(text),
    verdict: 'this looks like a secret',
    advice: 'Pass the token that was signed with it. If others have seen the secret, rotate it.',
  },
  {
    when: ({ text }) =>
      /(?:TOKEN|SECRET)\w{0,32}["']?\s{0,4}[=:]\s{0,4}["']?[A-Za-z0-9]{32}(?!\w)/i.test(text),
    verdict: 'a secret stands in this text',
    advice: 'Pass the token that was signed with it. If others have seen the secret, rotate it.',
  },
  {
    when: ({ text }) => /^([A-Z]{2})(?:[0-9A-Za-z]{32}|…|\.{3})$/.exec(text)?.[1],
    verdict: (prefix) => `this is a SID (${prefix}…)`,
    advice: 'Pass the token that your server sends to the page.',
  },
  {
    when: ({ text }) => /^(?:<\?xml[^>]*>\s*|<!--[^>]*>\s*){0,3}<Response[\s/>]/.test(text),
    verdict: 'this is TwiML: that URL is a Voice URL',
    advice: 'The page must fetch the token from the token endpoint. The Voice URL is for the TwiML app.',
  },
  {
    when: ({ text, json }) =>
      text.includes('<TwilioResponse>') ||
      (isJsonObject(json) && 'message' in json && toNumber(json['code']) >= 20_000),
    verdict: "this is an error of Twilio's REST API",
    advice: 'Your server must create the token itself. No request to Twilio returns one.',
  },
  {
    when: ({ text }) => text.startsWith('<'),
    verdict: 'this is HTML or XML',
    advice: 'The URL answers with a login or error page. Check its path, its method (POST) and the session.',
  },
  {
    when: ({ text }) => /^HTTP\/[\d.]+ ([1-5]\d\d)/.exec(text)?.[1],
    verdict: (status) => `this is an HTTP ${status} response without a token`,
    advice: 'Check the URL, its method (POST) and the session. Then pass the body of a 200.',
  },
  {
    when: ({ text }) => /^(?:https?|wss?):\/\//i.test(text),
    verdict: 'this is a URL',
    advice: 'Pass what the URL returns: curl -X POST URL | twilio-capability inspect',
  },
  {
    when: ({ text, json }) =>
      text.startsWith('scope:') ||
      (isJsonObject(json) && ('scope' in json || 'grants' in json) && 'exp' in json),
    verdict: 'this is a part of a token',
    advice: 'Pass the whole token: header, payload and signature, joined by two dots.',
  },
  {
    when: ({ json }) => isTokenLike(toText(tokenMember(json))),
    verdict: 'its "token" is cut off or damaged',
    advice: COPY_WHOLE,
  },
  {
    when: ({ json }) => tokenMember(json) !== undefined && describe(tokenMember(json)),
    verdict: (value) => `its "token" is ${value}`,
    advice: 'Check that the endpoint created the token, awaited it, and called toJwt() if an SDK made it.',
  },
  {
    when: ({ json }) => typeof json === 'object',
    verdict: 'this is JSON without a token',
    advice: 'Check that the endpoint returned a token, not an error.',
  },
  {
    when: ({ text }) => isUnset(text) && text,
    verdict: (word) => `this is the text ${word}`,
    advice: 'The token was not set or not awaited. Check the JSON member, the variable and the await.',
  },
  {
    when: ({ text }) => /^(?:\$\{?\w+\}?|%\w+%|your[-_ ]?token.*|X{3,}|\.{3})$/i.test(text),
    verdict: 'this is a placeholder',
    advice: 'Put the token in its place. A shell expands "$TOKEN", but not \'$TOKEN\'.',
  },
  {
    when: ({ text }) =>
      /^(?:curl: |Traceback|(?:Uncaught )?\w*(?:Error|Exception)\b|Fatal error|Warning:|Notice:)/.test(text),
    verdict: 'this is an error message',
    advice: 'The request or the server failed before there was a token. Fix that first.',
  },
  {
    when: ({ text }) => isPath(text),
    verdict: 'this is the path of a file',
    advice: 'Pass its contents: twilio-capability inspect - < FILE',
  },
  {
    when: ({ text }) => text.startsWith('ZXlK'),
    verdict: 'this token is encoded in base64 once more',
    advice: 'Send the token as it is. It needs no encoding.',
  },
  {
    when: ({ text }) => !isTokenLike(text) && text.length,
    verdict: (length) => `${length} character${length === '1' ? '' : 's'} of other text`,
    advice: 'A token starts with "ey" and has three parts joined by dots.',
  },
  {
    when: ({ text, outcome }) => outcome === 'ERR_TOKEN_TOO_LARGE' && text.length,
    verdict: (length) => `${length} characters, more than 8192`,
    advice: 'Put less into the params: they travel in every token.',
  },
  {
    when: ({ text }) => text.split('.').length === 5 && isEncrypted(text),
    verdict: 'it has five parts: an encrypted token (JWE)',
    advice: 'Twilio reads signed tokens only. Sign it with HS256, without encryption.',
  },
  {
    when: ({ text }) => /[+/=]/.test(text),
    verdict: 'it is base64, not base64url',
    advice: 'Replace + by -, / by _, and remove each =. A JWT library does so.',
  },
  {
    when: ({ text }) =>
      text.split('.').length < 3 && `${text.split('.').length} of 3 parts, ${text.length} characters`,
    verdict: (size) => `cut off: ${size}`,
    advice: COPY_WHOLE,
  },
  {
    when: ({ text }) => text.split('.').length > 3 && text.split('.').length,
    verdict: (parts) => `it has ${parts} parts instead of 3`,
    advice: 'Copy the token alone, without what follows it.',
  },
  ...SIGNATURE_RULES,
  {
    when: () => true,
    verdict: 'damaged: not base64url, or the header is not JSON',
    advice: 'Copy the token again. Something on its way changes it.',
  },
];

/** What stands in a token. */
const TOKEN_RULES: readonly Rule[] = [
  {
    when: findSecret,
    verdict: (claim) => `a secret stands in ${claim}`,
    advice: 'Anyone who sees the token can read it: rotate the secret now. Put the SID in its place.',
  },
  // The header.
  ...rulesFor({ of: ['ERR_TOKEN_ALGORITHM'] }, [
    {
      when: ({ header }) => header['alg'] === 'none',
      verdict: 'it is not signed: its alg is "none"',
      advice: 'Do not trust it: anyone could have written it. Sign tokens with HS256.',
    },
    {
      when: ({ header }) => /^(?:[REP]S\d{3}|EdDSA)$/.exec(toText(header['alg']))?.[0],
      verdict: (alg) => `signed with ${alg}: a token of another service`,
      advice: OTHER_SERVICE,
    },
    {
      when: ({ header }) => header['alg'] !== 'HS256',
      verdict: 'it is not signed with HS256',
      advice: 'Set the algorithm of your JWT library to HS256.',
    },
  ]),
  {
    when: ({ kind }) => kind === 'access-token-without-cty',
    verdict: 'an Access Token without the cty in its header',
    advice: 'Add "cty": "twilio-fpa;v=1", as the SDKs do. A general JWT library does not.',
  },
  {
    when: ({ outcome, error }) => outcome === 'ERR_TOKEN_HEADER' && error?.field,
    verdict: (name) => `its header has a wrong ${name}`,
    advice: 'Twilio needs alg "HS256", typ "JWT" and in an Access Token cty "twilio-fpa;v=1".',
  },
  {
    when: ({ kind }) => kind === 'task-router',
    verdict: 'a TaskRouter token, without a scope',
    advice: 'For calls, create an Access Token with a voice grant.',
  },
  {
    when: ({ error }) => error?.field === 'payload',
    verdict: 'its payload is not JSON in UTF-8',
    advice: 'Create the token with an SDK or a JWT library, from an object.',
  },
  {
    when: ({ isAccessToken, claims }) => isAccessToken && 'scope' in claims && !('grants' in claims),
    verdict: 'a capability token with an Access Token cty',
    advice: 'Leave the cty out, or write grants instead of a scope.',
  },
  // Issuer and SIDs.
  {
    of: [...ISSUER, 'not checked'],
    when: ({ signer }) => signer,
    verdict: (secret) => `signed with ${secret}`,
    advice: SIGN_WITH,
  },
  ...rulesFor({ of: ISSUER, numbers: [31203, 31204] }, [
    {
      when: ({ isAccessToken, claims }) =>
        isAccessToken && isSid('AC', claims['iss']) && isSid('SK', claims['sub']),
      verdict: 'the account SID and the API key SID are swapped',
      advice: 'iss must be the API key (SK…), sub the account (AC…). Check the order of the arguments.',
    },
    {
      when: ({ isAccessToken, claims }) =>
        isSid(isAccessToken ? 'AC' : 'SK', claims['iss']) && (isAccessToken ? 'the account' : 'an API key'),
      verdict: (sid) => `its iss is ${sid}`,
      advice: SIGN_WITH,
    },
  ]),
  ...rulesFor({ of: [...ISSUER, ...SCOPE] }, [
    {
      when: (s) => findSid(s, (value) => isUnset(value) && describe(value)),
      verdict: (fault) => fault,
      advice: 'A variable was not set where the token is created. Check its name and the environment.',
    },
    {
      when: (s) =>
        findSid(s, (value, prefix) => {
          const isWrapped = typeof value === 'string' && isSid(prefix, value.replace(/[\s"']/g, ''));
          return isWrapped && 'in quotes or spaces';
        }),
      verdict: (fault) => fault,
      advice: 'Remove them where the variable is set.',
    },
    {
      when: ({ claims }) => /^https?:/i.test(toText(claims['iss'])),
      verdict: 'its iss is a URL: a token of another service',
      advice: OTHER_SERVICE,
    },
    {
      when: (s) => findSid(s, (value, prefix) => kindOfSid(value) ?? `not a SID (${prefix}…)`),
      verdict: (fault) => fault,
      advice: (fault) =>
        fault.startsWith('the application')
          ? 'Check which variable goes where. Application SIDs (AP…) are under TwiML Apps in the console.'
          : 'Check which variable goes where.',
    },
  ]),
  // Times.
  ...rulesFor({ of: TIME }, [
    {
      when: ({ claims }) => findTime(claims, (time) => time >= 1e11 && time < 1e14),
      verdict: (claim) => `its ${claim} is in milliseconds`,
      advice: 'Times in a token are Unix seconds: Math.floor(Date.now() / 1000).',
    },
    {
      when: ({ claims }) => claims['exp'] === undefined,
      verdict: 'its exp is missing, so it would never expire',
      advice: 'Set exp to the Unix time at which it ends: now plus at most 86400 seconds.',
    },
    {
      when: ({ claims }) => findTime(claims, Number.isNaN),
      verdict: (claim) => `its ${claim} is not a number`,
      advice: 'Write Unix seconds, without quotes. NaN becomes null: check the ttl.',
    },
    {
      when: ({ claims }) => toNumber(claims['exp']) >= 0 && toNumber(claims['exp']) <= 31_536_000,
      verdict: 'its exp is a lifetime instead of a time',
      advice: 'exp is the Unix time at which the token ends: now plus the lifetime in seconds.',
    },
    {
      when: ({ claims }) => findTime(claims, (time) => time < 0 || time >= 1e14),
      verdict: (claim) => `its ${claim} is not a time`,
      advice: 'Times in a token are Unix seconds: Math.floor(Date.now() / 1000).',
    },
    {
      when: ({ claims: { exp, iat, nbf } }) =>
        toNumber(exp) <= Math.max(toNumber(iat ?? 0), toNumber(nbf ?? 0)),
      verdict: 'it ends before it begins',
      advice: 'exp must be later than iat and nbf. Check the ttl: it is zero or negative.',
    },
    {
      when: ({ claims: { exp, iat } }) => {
        const lifetime = toNumber(exp) - toNumber(iat);
        // 1000 times a round ttl: five minutes, an hour, a day.
        return lifetime > MAX_TTL && lifetime % 300_000 === 0 && lifetime <= MAX_TTL * 1000 && lifetime;
      },
      verdict: (lifetime) => `its lifetime is ${lifetime} seconds: milliseconds`,
      advice: 'The ttl is in seconds. Divide it by 1000.',
    },
  ]),
  // Scopes and grants.
  ...rulesFor({ of: [...SCOPE, 'ok'] }, [
    {
      when: ({ isAccessToken, claims }) =>
        !isAccessToken && typeof claims['scope'] !== 'string' && describe(claims['scope']),
      verdict: (value) => `its scope is ${value}`,
      advice: 'Write the scopes as text, with one space between them: incoming to receive, outgoing to call.',
    },
    {
      when: ({ scope }) => /[^ ]scope:(?:client|stream):/.test(scope),
      verdict: 'its scopes are not joined by a space',
      advice: 'Put one space between them. Otherwise the second one is read as a part of the first.',
    },
    {
      when: ({ scope }) => /^ *(?:client|stream):/.test(scope),
      verdict: 'its scope does not start with "scope:"',
      advice: 'Write the whole URI, such as scope:client:incoming?clientName=alice.',
    },
    {
      when: ({ isAccessToken, claims }) => isAccessToken && !objectAt(claims, 'grants')['voice'],
      verdict: 'it has no voice grant',
      advice: 'Add one: token.addGrant(new VoiceGrant({ outgoingApplicationSid, incomingAllow: true })).',
    },
    {
      when: ({ isAccessToken, claims }) => isAccessToken && isUnset(objectAt(claims, 'grants')['identity']),
      verdict: 'it has no identity',
      advice: 'Pass the client name when you create the token: new AccessToken(…, { identity }).',
    },
    {
      when: ({ names }) => names.find(isUnset),
      verdict: (word) => `its name is the word ${word}`,
      advice: 'A variable was not set where the token is created. Every such user shares this name.',
    },
  ]),
  ...rulesFor({ of: SCOPE }, [
    {
      when: ({ scope }) => /%(?![0-9a-f]{2})/i.test(scope),
      verdict: 'its scope has invalid percent-encoding',
      advice: 'Encode names and values with encodeURIComponent(). A % becomes %25.',
    },
    {
      when: ({ scopes }) => scopes.some(({ query }) => new Set(query.keys()).size < [...query].length),
      verdict: 'its scope has the same key twice',
      advice: 'Write one scope for each client name. Encode & in values as %26.',
    },
  ]),
  // Names. The library accepts some that Twilio refuses: Twilio's pages disagree.
  ...rulesFor({ of: SCOPE, numbers: [31105] }, [
    {
      when: ({ names }) => names.some((name) => /\p{Cc}/u.test(name)),
      verdict: 'a name has control characters (31105)',
      advice: 'Remove line breaks and tabs from the name, or use encodeClientName().',
    },
    {
      when: ({ names }) => names.some((name) => name.length > 256),
      verdict: 'a name has over 256 characters (31105)',
      advice: 'Use a short ID as the name.',
    },
  ]),
  ...rulesFor({ of: ['ok'], numbers: [31105] }, [
    {
      when: ({ names }) => names.some((name) => name.startsWith('client:')),
      verdict: NAME_REFUSED,
      advice: 'It starts with "client:". Pass the name alone; TwiML and the REST API add that prefix.',
    },
    {
      when: ({ names }) => names.map(blankIn).find(Boolean),
      verdict: NAME_REFUSED,
      advice: (blank) => `It has a blank ${blank}. Correct the name, or use encodeClientName().`,
    },
    {
      when: ({ names }) => UNWISE.exec(names.join(''))?.[0],
      verdict: NAME_REFUSED,
      advice: (character) => `It has a ${character} in it. Correct the name, or use encodeClientName().`,
    },
  ]),
  // What a page receives.
  {
    of: ['ok'],
    when: ({ around }) => around?.join('').trim() === '',
    verdict: 'the page receives white space around it',
    advice: 'Send the token alone.',
  },
  ...rulesFor({ of: ['ok'], numbers: [31204] }, [
    {
      when: ({ around }) => /^b["']$/.test(around?.[0] ?? ''),
      verdict: NOT_RECEIVED,
      advice: "It has b'…' around it: Python bytes as text. Call .decode() on the token, or update the SDK.",
    },
    {
      when: ({ around }) => /^["']/.test(around?.[0] ?? ''),
      verdict: NOT_RECEIVED,
      advice: 'It has quotes around it: the token was encoded as JSON twice. Send the string itself.',
    },
    {
      when: ({ around, path, quote }) =>
        !/authorization$/i.test(path ?? '') && around && quote(around.join('…')),
      verdict: NOT_RECEIVED,
      advice: (value) => `The JSON value is ${value}. Send the token alone.`,
    },
  ]),
  {
    when: ({ names }) => names.some((name) => /[^\w {}|\\^[\]`]/.test(name) && !name.startsWith('client:')),
    note: 'Twilio\'s pages disagree on names with characters other than letters, digits and "_". encodeClientName() writes only those.',
  },
];

/** How the token travels, where it works, and with which credentials. */
const USE_RULES: readonly Rule[] = [
  // The clock.
  ...rulesFor({ of: TIME }, [
    {
      when: (s) => clockAhead(s, (seconds) => seconds >= 1800 && (seconds + 60) % 1800 <= 120),
      verdict: (ahead) => `a time zone was added: ${ahead}`,
      advice: 'Unix time has no zone. The server adds its offset, or its clock shows local time as UTC.',
    },
    {
      when: (s) => clockAhead(s, () => true),
      verdict: (ahead) => `the server's clock is ${ahead} ahead`,
      advice: 'Correct the clock of the server that created the token (NTP).',
    },
    {
      when: ({ outcome, expiry }) => outcome === 'ERR_TOKEN_LIFETIME' && expiry,
      verdict: (expiry) => `expires ${expiry}, over 24 hours ahead`,
      advice:
        'Use a ttl of at most 86399 seconds, not milliseconds. If it is shorter, the clock of the server is ahead.',
    },
    {
      when: ({ outcome, start }) => outcome === 'ERR_TOKEN_NOT_YET_VALID' && start,
      verdict: (start) => `starts ${start}`,
      advice: 'Leave nbf out, or correct the clock of the server that created the token.',
    },
    {
      when: ({ outcome, expiry }) => outcome === 'ERR_TOKEN_EXPIRED' && expiry,
      verdict: (expiry) => `expired ${expiry}`,
      advice: 'Fetch a new token, and renew it before it expires.',
    },
  ]),
  // What no other rule explains.
  ...rulesFor({ of: SCOPE }, [
    {
      when: ({ isAccessToken }) => !isAccessToken,
      verdict: 'its scope cannot be read',
      advice: 'Create it with IncomingScope and OutgoingScope, or with an SDK.',
    },
    {
      when: describeField,
      verdict: (fault) => fault,
      advice: 'Create it as AccessTokenSigner and the SDKs do: the identity is text, a grant is an object.',
    },
  ]),
  // The signature.
  ...rulesFor({ of: ['ERR_TOKEN_SIGNATURE'] }, [
    {
      when: ({ text }) => text.endsWith('.'),
      verdict: 'it has no signature',
      advice: 'Do not trust it: anyone could have written it.',
    },
    ...SIGNATURE_RULES,
    {
      when: ({ checkedWith }) => checkedWith,
      verdict: 'the signature does not match',
      advice: (variable) =>
        `Check that ${variable} is current and belongs to its iss: ${ASK_TWILIO} If it does, the server signs with another secret, such as an old one, or the token was changed.`,
    },
  ]),
  // The credentials.
  {
    of: ['ERR_TOKEN_ISSUER'],
    when: ({ isAccessToken }) => (isAccessToken ? 'sub' : 'iss'),
    verdict: (claim) => `the signature fits, the account in ${claim} does not`,
    advice: 'The server uses the SID of one account with the secret of another.',
  },
  ...rulesFor({ of: ['not checked'] }, [
    {
      when: ({ mismatch }) => mismatch,
      verdict: (owner) => `it belongs to another ${owner}`,
      advice: (owner) => `Twilio may well accept it. Check it with the credentials of that ${owner}.`,
    },
    {
      when: ({ missing }) => missing,
      verdict: 'its credentials are not set',
      advice: (message) => message,
    },
    {
      when: ({ invalid }) => invalid,
      verdict: 'its credentials are malformed',
      advice: (message) => message,
    },
  ]),
  {
    when: ({ credentials: { authToken, apiKeySecret, keyVariables } = {} }) =>
      // eslint-disable-next-line no-restricted-syntax -- both are the user's own
      authToken !== undefined && authToken === apiKeySecret && keyVariables?.[1],
    note: (variable) => `TWILIO_AUTH_TOKEN and ${variable} are the same, so one of them is wrong.`,
  },
  {
    when: ({ claims, contents }) =>
      [claims['iss'], claims['sub'], contents?.outgoing?.applicationSid]
        .map((sid) => /^([A-Z]{2})X{8}/.exec(toText(sid))?.[1])
        .find(Boolean),
    note: (prefix) => `${prefix}XXX… is a placeholder from the documentation. Put your own SID in its place.`,
  },
  {
    when: ({ path, isPeeled, quote }) =>
      path ? `the JSON: ${quote(path)}` : isPeeled && 'the text around it',
    note: (place) => `The token was taken out of ${place}.`,
  },
  // What got lost on the way.
  {
    when: ({ scopes }) => scopes.some(({ uri }) => isEncodedOnce(uri)),
    note: 'The params are encoded once instead of twice: values with "&" or "=" are cut off (twilio-ruby 5 and newer).',
  },
  {
    when: ({ scopes }) =>
      scopes.some(({ name, uri }) => name === 'client:incoming' && /[^\x21-\x7e]/.test(uri)),
    note: 'A client name is not percent-encoded (twilio-java and twilio-csharp).',
  },
  {
    when: ({ scopes }) => scopes.some(({ name, query }) => name === 'client:incoming' && query.size > 1),
    note: 'A client name may be cut off: an "&" in it must be written as %26 (twilio-java and twilio-csharp).',
  },
  {
    when: ({ scopes }) => scopes.some(({ query }) => /^\{"\w+"=>/.test(query.get('params') ?? '')),
    note: 'The event filters are the text of a Ruby hash and filter nothing (twilio-ruby 4).',
  },
  {
    when: ({ contents, quote }) => {
      const unset = Object.entries(contents?.outgoing?.params ?? {}).find(([, value]) => isUnset(value));
      return unset && quote(unset[0]);
    },
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
    of: ['ok'],
    when: ({ contents }) => contents?.scopes.length === 0,
    verdict: 'it allows no calls',
    advice: 'Create it with a scope, or with incomingAllow or outgoingApplicationSid in its voice grant.',
  },
  {
    when: ({ header }) => /^[a-z]{2}\d$/.exec(toText(header['twr']))?.[0],
    note: (region) => `Its API key must belong to region ${region}.`,
  },
  {
    when: ({ claims: { exp, iat } }) => toNumber(exp) - toNumber(iat) > MAX_TTL && toNumber(exp) < 1e11,
    note: 'It lives longer than 24 hours from its iat. Twilio may refuse it (31207 or 20157).',
  },
  {
    when: ({ error, claims, now }) =>
      error === undefined && toNumber(claims['exp']) > now / 1000 + MAX_TTL - 60,
    note: 'If the clock of the server runs a little fast, 24 hours are too long (31207). Use at most 86399 seconds.',
  },
  {
    when: ({ error, checkedWith, contents }) =>
      error === undefined && checkedWith !== undefined && contents?.outgoing !== undefined,
    note: `Only Twilio knows whether the TwiML app exists and has a Voice URL: ${ASK_TWILIO}`,
  },
];

/** Adds to each rule what a group of rules has in common. */
function rulesFor(common: Pick<Rule, 'of' | 'numbers'>, rules: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({ ...rule, ...common }));
}

/** All rules, for a test that each one applies to something. */
export const RULES: readonly Rule[] = [...TEXT_RULES, ...TOKEN_RULES, ...USE_RULES];

/** Finds the cause and the remedy. */
export function diagnose(subject: Subject) {
  const isText = subject.token === undefined;
  const inside = apply(isText ? TEXT_RULES : TOKEN_RULES, subject);
  const all = isText ? inside : [...inside, ...apply(USE_RULES, subject)];
  const explains = ({ of }: Pick<Rule, 'of'>): boolean => of?.includes(subject.outcome) ?? true;
  const chosen = all.find((finding) => finding.verdict !== undefined && explains(finding));
  // What stands in a token is wrong whatever else is. The first rule of a group says it best.
  const others = inside.filter(
    (finding, index) => !explains(finding) && inside.findIndex(({ of }) => of === finding.of) === index,
  );
  return {
    verdict: chosen?.verdict,
    advice: chosen?.advice === undefined ? [] : [chosen.advice],
    notes: [
      ...others.map(({ verdict, advice }) => `Also: ${verdict!}. ${advice!}`),
      ...all.flatMap(({ note }) => note ?? []),
    ],
    numbers: chosen?.numbers,
  };
}

/** Puts the faults that are found into words. */
function apply(rules: readonly Rule[], subject: Subject) {
  return rules.flatMap(({ when, verdict, advice, note, ...rule }) => {
    const found = when(subject);
    if (!found) return [];
    const say = (words: Words | undefined): string | undefined =>
      typeof words === 'function' ? words(String(found)) : words;
    return [{ ...rule, verdict: say(verdict), advice: say(advice), note: say(note) }];
  });
}
