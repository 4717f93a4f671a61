import { stringify } from 'node:querystring';
import fc, { type Arbitrary } from 'fast-check';
import { EventStreamScope, IncomingScope, OutgoingScope, parseScope, type Scope } from '../../../src';
import { accountSid, apiKeySid, applicationSid, NOW } from '../../helpers/fixed';
import { encode, forge } from '../../helpers/forge';
import { unicodeText } from '../../helpers/unicode-text';

/**
 * Generators for the properties. Uniform random text fails the first check of every parser, so most text is
 * assembled from pieces of the real formats.
 */

/** Yields one of the words between bars. */
const word = (words: string): Arbitrary<string> => fc.constantFrom(...words.split('|'));

/** Yields text of up to so many pieces. */
const joined = (piece: Arbitrary<string>, maxLength: number): Arbitrary<string> =>
  fc.array(piece, { maxLength }).map((pieces) => pieces.join(''));

/** Yields text with a part of it, up to so many characters, replaced. */
function broken(text: Arbitrary<string>, max: number, piece: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(text, fc.nat(), fc.nat({ max }), piece).map(([whole, at, length, replacement]) => {
    const index = at % (whole.length + 1);
    return whole.slice(0, index) + replacement + whole.slice(index + length);
  });
}

/** UTF-16 code units of any kind, including lone surrogates. */
const anyText = joined(
  fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  40,
);

/** Well-formed text, often with characters that have a meaning in a URI. */
const plainText = fc.oneof(
  unicodeText,
  joined(word('&|=|+|%| |?|:|/|#|%20|%2B|%C3|%252|é|😀|\0|\n|scope:'), 12),
  word('alice|user_42|toString|constructor|appSid|clientName|params|0|__proto__|100%|'),
);

const scopePiece = fc.oneof(
  word('scope:| scope:|client:|incoming|outgoing|stream:subscribe|video:join|:|?|&|='),
  word('clientName=|appSid=|appParams=|params=|a%3D1%26b%3D2|a=1|path=/2010-04-01/Events|appSid=AP1'),
  word('path=%2F2010-04-01%2FEvents|%2526|%253D|%25|%3D|%26|%20|+| |%|%f|%ff|%C3%A9|%C3'),
  word('%ED%A0%80|%F0%9F%98%80|%00|%0A|\n|\0|\ud83d|\ude00|__proto__|%5F%5Fproto__'),
  word('constructor|toString|0|4294967295|-1|alice|\u00e9|\ufeff'),
  plainText,
);

const params = fc
  .dictionary(
    plainText.filter((key) => key !== ''),
    fc.oneof(plainText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    { maxKeys: 5, noNullPrototype: false },
  )
  .filter((record) => !Object.hasOwn(record, '__proto__'));

const clientName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_]{1,121}$/),
  plainText.filter((text) => text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text)),
);

/** A valid scope. */
export const scope: Arbitrary<Scope> = fc.oneof(
  clientName.map((name) => new IncomingScope(name, { allowAnyName: true })),
  fc
    .record(
      { sid: fc.stringMatching(/^AP[A-Za-z0-9]{1,32}$/), clientName, params },
      { requiredKeys: ['sid'] },
    )
    .map(({ sid, ...options }) => new OutgoingScope(sid, { ...options, allowAnyName: true })),
  params.map((filters) => new EventStreamScope(filters)),
  fc
    .tuple(fc.stringMatching(/^[\w.~-]{1,8}$/), params)
    .map(([service, query]) => parseScope(`scope:x${service}:join?${stringify(query)}`)),
);

/** Scopes that can be signed together. */
export const scopes: Arbitrary<readonly Scope[]> = fc.uniqueArray(scope, {
  minLength: 1,
  maxLength: 4,
  selector: (each) => (each.kind === 'outgoing' ? each.applicationSid : String(each)),
});

export const scopeText = fc.oneof(
  joined(scopePiece, 14),
  broken(scope.map(String), 3, fc.oneof(scopePiece, anyText)),
  scope.map(String),
  anyText,
);

/** JSON that strict and lenient parsers may read differently. */
const oddJson = fc.oneof(
  word('null|true|0|-0|-1|1e400|-1e400|1e-400|123456789012345678901234567890|0.1|[]|{}|""'),
  word('"\\ud800"|"\\udc00\\ud800"|"\\u0000"|"\\u2028"|"\u00e9"|"\ufeff"|[[]]|{"a":{"a":{}}}'),
  word(`{"__proto__":{"iss":1}}|{"toString":1}|01|NaN|"|[1,]||${'['.repeat(900)}${']'.repeat(900)}`),
  word('"HS256"|"none"|"jwt"|"JOSE"|"RS256"|"twilio-fpa;v=1"'),
  fc.json({ maxDepth: 2 }),
  fc.integer({ min: NOW - 90_000, max: NOW + 90_000 }).map(String),
  scopeText.map((text) => JSON.stringify(text)),
);

/** Ways to spoil JSON, so that it is another text, not JSON or not valid UTF-8. */
const SPOILERS: readonly ((text: string) => unknown)[] = [
  (text) => `\ufeff${text}`,
  (text) => `${text} `,
  (text) => `${text}{}`,
  (text) => text.slice(1),
  (text) => `[${text}]`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replaceAll('s', '\\u0073'),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text.replace('"', '"\xff'), 'latin1'),
];

/** Yields the text of an object, often with members added, repeated or replaced, sometimes spoiled. */
function objectText(members: object, names: string): Arbitrary<unknown> {
  const some = (maxLength: number, name: string) =>
    fc.oneof(fc.constant<[string, string][]>([]), fc.array(fc.tuple(word(name), oddJson), { maxLength }));
  const good = Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)] as const);
  return fc
    .record({
      before: some(1, names),
      after: some(2, names),
      replaced: some(1, Object.keys(members).join('|')),
      spoil: fc.oneof({ arbitrary: fc.constant(String), weight: 7 }, fc.constantFrom(...SPOILERS)),
    })
    .map(({ before, after, replaced, spoil }) => {
      const own = good.map((each) => replaced.find(([name]) => name === each[0]) ?? each);
      const all = [...before, ...own, ...after].map(([name, json]) => `${JSON.stringify(name)}:${json}`);
      return spoil(`{${all.join(',')}}`);
    });
}

const HEADER = { alg: 'HS256', typ: 'JWT' };
const header = fc.oneof(
  { arbitrary: fc.constant<unknown>(HEADER), weight: 2 },
  objectText(HEADER, 'alg|typ|cty|twr|kid|crit|b64|jwk|jku|x5c|x5u|enc|zip|__proto__'),
);
const payload = scopes.chain((list) => {
  const claims = { scope: list.map(String).join(' '), iss: accountSid, exp: NOW + 600 };
  return objectText(claims, 'scope|iss|exp|nbf|iat|aud|sub|jti|grants|__proto__|constructor|a|');
});

/** A token that is signed with the right secret, but may have an unusual header or payload. */
export const signedToken = fc.tuple(header, payload).map(([head, body]) => forge(body, head));

const tokenPieces = joined(
  fc.oneof(
    word(`.|..|=|-|_|A|${encode(HEADER)}|e30|\n| |\0`),
    fc.base64String({ maxLength: 8 }),
    fc.json({ maxDepth: 1 }).map(encode),
  ),
  9,
);

export const tokenText = fc.oneof(
  signedToken,
  broken(signedToken, 2, fc.oneof(tokenPieces, anyText)),
  tokenPieces,
  anyText,
);

export const identityText = fc.oneof(
  plainText,
  anyText,
  joined(word('_|_2|_2E|_2e|_ZZ|_C3|_A9|_ED|_A0|_80|a|9|_5F'), 30),
  fc.stringMatching(/^[A-Za-z0-9_]{100,125}$/),
);

/**
 * Contained in each secret. No error of the library may show it. As long as Twilio's secrets: shorter keys of params
 * are shown, since they are the application's own.
 */
export const MARK = 'l3aked'.padEnd(32, '0');

/** Values as callers pass them: right ones, and of wrong types by mistake. */
const value = fc.constantFrom<unknown>(
  ...[accountSid, applicationSid, apiKeySid, 'CRa1', 'ie1', 'alice', '600', '', null, undefined, true, false],
  ...[0, 1, 600, 86_400, 86_401, -1, 0.5, 1e300, 10n, [], new Array<unknown>(5), Object('alice'), Object(5)],
  ...[MARK, `${MARK} `, `-----BEGIN ${MARK}`, `AC${MARK}`, `secret-${MARK}`, Symbol(MARK), new Error(MARK)],
  ...[[`secret-${MARK}`, `other-${MARK}`], [`secret-${MARK}`, 5], Buffer.from(MARK), Promise.resolve(MARK)],
  ...[new Date(NaN), new Date(NOW * 1000 + 5000), new Map([['clientName', 'alice']]), Object.create(null)],
  ...[() => NaN, () => -1, () => 8.64e15, () => String(NOW * 1000), () => Promise.resolve(NOW * 1000)],
  new (class Params {
    readonly a = 1;
  })(),
);

const anything = fc.anything({ withBoxedValues: true, withMap: true, withNullPrototype: true, maxDepth: 2 });

const leaf: Arbitrary<unknown> = fc.oneof(
  { arbitrary: value, weight: 6 },
  anything,
  scopes,
  fc.oneof(scopeText, tokenText),
);

const optionName = fc.oneof(
  word('accountSid|authToken|apiKeySid|apiKeySecret|region|pushCredentialSid|ttl|clockTolerance|now'),
  word(`expiresAt|identity|dropUnmappable|clientName|params|allowAnyName|__proto__|${MARK}`),
);

/** Objects with known names and possibly invalid values. */
const options: Arbitrary<unknown> = fc
  .tuple(fc.array(fc.tuple(optionName, fc.oneof(leaf, params)), { maxLength: 5 }), fc.boolean())
  .map(([entries, plain]) => {
    const descriptors = entries.map(([name, value]) => [
      name,
      { value, enumerable: true, configurable: true },
    ]);
    const object: unknown = plain ? {} : Object.create(null);
    return Object.defineProperties(object, Object.fromEntries(descriptors) as PropertyDescriptorMap);
  });

export const anyValue: Arbitrary<unknown> = fc.oneof(
  leaf,
  options,
  fc.array(fc.oneof(leaf, scope), { maxLength: 3 }),
);
