import { stringify } from 'node:querystring';
import fc, { type Arbitrary } from 'fast-check';
import { EventStreamScope, IncomingScope, OutgoingScope, parseScope, type Scope } from '../../../src';
import { accountSid, applicationSid, NOW } from '../../helpers/fixed';
import { encode, forge } from '../../helpers/forge';

/**
 * Generators for the properties. Uniform random text fails the first check of every parser, so most text is
 * assembled from pieces of the real formats.
 */

/** UTF-16 code units of any kind, including lone surrogates. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

/** Well-formed text, often with characters that have a meaning in a URI. */
const plainText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(...'&|=|+|%| |?|:|/|#|%20|%2B|%C3|%252|é|😀|\0|\n|scope:'.split('|')),
    maxLength: 12,
  }),
  fc.constantFrom(
    ...'alice|user_42|toString|constructor|appSid|clientName|params|0|__proto__|100%|'.split('|'),
  ),
);

const SCOPE_PIECES = [
  ...'scope:| scope:|client:|incoming|outgoing|stream:subscribe|video:join|:|?|&|='.split('|'),
  ...'clientName=|appSid=|appParams=|params=|a%3D1%26b%3D2|a=1|path=/2010-04-01/Events'.split('|'),
  ...'path=%2F2010-04-01%2FEvents|%2526|%253D|%25|%3D|%26|%20|+| |%|%f|%ff|%C3%A9|%C3'.split('|'),
  ...'%ED%A0%80|%F0%9F%98%80|%00|%0A|\n|\0|\ud83d|\ude00|__proto__|%5F%5Fproto__'.split('|'),
  ...'constructor|toString|0|4294967295|-1|alice|\u00e9|\ufeff'.split('|'),
  `appSid=${applicationSid}`,
];

/** Text assembled from pieces of scope URIs. */
const scopePieces = fc
  .array(
    fc.oneof({ arbitrary: fc.constantFrom(...SCOPE_PIECES), weight: 9 }, { arbitrary: plainText, weight: 1 }),
    {
      maxLength: 14,
    },
  )
  .map((pieces) => pieces.join(''));

const params = fc
  .dictionary(
    plainText.filter((key) => key !== '' && key !== '__proto__'),
    fc.oneof(plainText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    { maxKeys: 5, noNullPrototype: false },
  )
  .filter((record) => !Object.hasOwn(record, '__proto__'));

const clientName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_]{1,121}$/),
  plainText.filter((text) => text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text)),
);

const other = fc
  .tuple(fc.stringMatching(/^[\w.~-]{1,8}$/), fc.dictionary(plainText, plainText, { maxKeys: 4 }))
  .filter(([, query]) => !Object.hasOwn(query, '__proto__'))
  .map(([service, query]) => parseScope(`scope:x${service}:join?${stringify(query)}`));

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
  other,
);

/** Scopes that can be signed together. */
export const scopes: Arbitrary<readonly Scope[]> = fc.uniqueArray(scope, {
  minLength: 1,
  maxLength: 4,
  selector: (each) => (each.kind === 'outgoing' ? each.applicationSid : String(each)),
});

/** A scope URI with one character changed. */
const brokenScope = fc
  .tuple(scope, fc.nat({ max: 400 }), fc.nat({ max: 3 }), fc.oneof(fc.constantFrom(...SCOPE_PIECES), anyText))
  .map(([each, at, length, piece]) => {
    const uri = String(each);
    const index = at % (uri.length + 1);
    return uri.slice(0, index) + piece + uri.slice(index + length);
  });

export const scopeText = fc.oneof(scopePieces, brokenScope, scope.map(String), anyText);

/** JSON that strict and lenient parsers may read differently. */
const ODD_JSON = [
  ...'null|true|0|-0|-1|1e400|-1e400|1e-400|123456789012345678901234567890|0.1|[]|{}|""'.split('|'),
  ...'"\\ud800"|"\\udc00\\ud800"|"\\u0000"|"\\u2028"|"\u00e9"|"\ufeff"|[[]]|{"a":{"a":{}}}'.split('|'),
  ...'{"__proto__":{"iss":1}}|{"toString":1}|01|NaN|"|[1,]'.split('|'),
  `${'['.repeat(900)}${']'.repeat(900)}`,
  '',
];

const MEMBER_NAMES = [...'scope iss exp nbf iat aud sub jti grants __proto__ constructor a'.split(' '), ''];
const HEADER_NAMES = 'alg typ cty twr kid crit b64 jwk jku x5c x5u enc zip __proto__'.split(' ');

type Member = readonly [name: string, json: string];

const member = (names: readonly string[], values: Arbitrary<string>): Arbitrary<Member> =>
  fc.tuple(fc.constantFrom(...names), values);

const json = fc.oneof(
  fc.constantFrom(...ODD_JSON),
  fc.json({ maxDepth: 2 }),
  fc.integer({ min: NOW - 90_000, max: NOW + 90_000 }).map(String),
  scopeText.map((text) => JSON.stringify(text)),
);

/** Yields a value in one of several cases. */
function oneIn<T>(arbitrary: Arbitrary<T>, cases: number): Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: cases - 1 }, { arbitrary, weight: 1 });
}

/** An object as text, with members replaced, added or repeated. Some are not JSON or not valid UTF-8. */
function objectText(
  good: readonly Member[],
  names: readonly string[],
  more: readonly string[],
): Arbitrary<unknown> {
  const values = more.length === 0 ? json : fc.oneof(fc.constantFrom(...more), json);
  return fc
    .record({
      extra: fc.oneof(
        fc.constant<Member[]>([]),
        fc.array(member(names, values), { minLength: 1, maxLength: 3 }),
      ),
      replace: oneIn(
        member(
          good.map(([name]) => name),
          values,
        ),
        3,
      ),
      spoil: oneIn(
        fc.constantFrom<(text: string) => unknown>(
          (text) => `\ufeff${text}`,
          (text) => `${text} `,
          (text) => `${text}{}`,
          (text) => text.slice(1),
          (text) => `[${text}]`,
          (text) => text.replaceAll('"', "'"),
          (text) => text.replaceAll('s', '\\u0073'),
          (text) => Buffer.from(text, 'utf16le'),
          (text) => Buffer.from(text.replace('"', '"\xff'), 'latin1'),
        ),
        8,
      ),
      first: fc.boolean(),
    })
    .map(({ extra, replace, spoil, first }) => {
      const own = good.map((each) => (each[0] === replace?.[0] ? replace : each));
      const all = first ? [...extra, ...own] : [...own, ...extra];
      const text = `{${all.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
      return spoil === undefined ? text : spoil(text);
    });
}

const HEADER: readonly Member[] = [
  ['alg', '"HS256"'],
  ['typ', '"JWT"'],
];
const header = fc.oneof(
  { arbitrary: fc.constant<unknown>({ alg: 'HS256', typ: 'JWT' }), weight: 2 },
  {
    arbitrary: objectText(HEADER, HEADER_NAMES, [
      '"HS256"',
      '"none"',
      '"jwt"',
      '"JOSE"',
      '"RS256"',
      '"twilio-fpa;v=1"',
    ]),
    weight: 1,
  },
);

const payload = scopes.chain((list) =>
  objectText(
    [
      ['scope', JSON.stringify(list.map(String).join(' '))],
      ['iss', JSON.stringify(accountSid)],
      ['exp', String(NOW + 600)],
    ],
    MEMBER_NAMES,
    [],
  ),
);

/** A token that is signed with the right secret, but may have an unusual header or payload. */
export const signedToken = fc.tuple(header, payload).map(([head, body]) => forge(body, head));

/** Text assembled from pieces of tokens. */
const tokenPieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '.',
        '..',
        '=',
        '-',
        '_',
        'A',
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
        'e30',
        '\n',
        ' ',
        '\0',
      ),
      fc.base64String({ maxLength: 8 }),
      fc.json({ maxDepth: 1 }).map(encode),
    ),
    { maxLength: 9 },
  )
  .map((pieces) => pieces.join(''));

/** A token with one character changed. */
const brokenToken = fc
  .tuple(signedToken, fc.nat(), fc.nat({ max: 2 }), fc.oneof(tokenPieces, anyText))
  .map(([token, at, length, piece]) => {
    const index = at % (token.length + 1);
    return token.slice(0, index) + piece + token.slice(index + length);
  });

export const tokenText = fc.oneof(signedToken, brokenToken, tokenPieces, anyText);

export const identityText = fc.oneof(
  plainText,
  anyText,
  fc
    .array(
      fc.constantFrom('_', '_2', '_2E', '_2e', '_ZZ', '_C3', '_A9', '_ED', '_A0', '_80', 'a', '9', '_5F'),
      {
        maxLength: 30,
      },
    )
    .map((pieces) => pieces.join('')),
  fc.stringMatching(/^[A-Za-z0-9_]{100,125}$/),
);

/** Contained in each secret. No error of the library may show it. */
// As long as Twilio's secrets. Shorter keys of params are shown: they are the application's own.
export const MARK = 'l3aked'.padEnd(32, '0');

/** What people write into claims by mistake, a secret among it, and text that attacks a terminal. */
const MISTAKES: readonly unknown[] = [
  ...[
    'undefined',
    'null',
    '',
    '[object Object]',
    ' 1512',
    'client:alice',
    '{"a"=>"b"}',
    '\u001b[2J',
    '\u202e\n✓ VALID',
  ],
  ...[
    null,
    false,
    0,
    -1,
    NOW,
    NOW * 1000,
    NOW * 1e9,
    '2026-01-01',
    [],
    {},
    [[[]]],
    { allow: 'true' },
    'x'.repeat(300),
  ],
  ...[
    'AC1',
    'SK1',
    'AP1',
    'PN1',
    `"AC${'0'.repeat(32)}"`,
    'f'.repeat(32),
    '+15551234567',
    'https://example.com',
  ],
];

/** A token with claims as people write them, whichever its kind. */
const mistakenToken = fc
  .record({
    header: fc.constantFrom<object>(
      { typ: 'JWT' },
      { cty: 'twilio-fpa;v=1' },
      { cty: 'x', twr: 'ie1' },
      { crit: [] },
    ),
    names: fc.array(fc.constantFrom('iss', 'sub', 'exp', 'iat', 'nbf', 'scope', 'grants', 'a'), {
      maxLength: 4,
    }),
    values: fc.array(fc.oneof(fc.constantFrom(...MISTAKES, MARK), plainText, scopeText, fc.jsonValue()), {
      minLength: 4,
      maxLength: 4,
    }),
    voice: fc.oneof(
      fc.constantFrom(...MISTAKES),
      fc.record(
        {
          incoming: fc.jsonValue(),
          outgoing: fc.record({
            application_sid: fc.constantFrom(...MISTAKES, MARK),
            params: fc.jsonValue(),
          }),
        },
        { requiredKeys: [] },
      ),
    ),
    secret: fc.constantFrom(MARK, `${MARK}\n`, 'other'),
  })
  .map(({ header: head, names, values, voice, secret }) => {
    const base = {
      scope: 'scope:client:incoming?clientName=alice',
      iss: accountSid,
      exp: NOW + 600,
      grants: { identity: values[0], voice },
    };
    const claims = { ...base, ...Object.fromEntries(names.map((name, index) => [name, values[index]])) };
    return forge(claims, { alg: 'HS256', ...head }, { secret });
  });

/** What somebody pastes: a token, whole or cut, in text of any kind. */
export const pastedText = fc
  .tuple(
    fc.oneof(mistakenToken, signedToken, tokenText, scopeText, identityText, fc.constant(MARK), fc.json()),
    fc.array(
      fc.constantFrom<(text: string) => string>(
        (text) => JSON.stringify({ token: text }),
        (text) => JSON.stringify([text, text.slice(1)]),
        (text) => `Bearer ${text}`,
        (text) => `b'${text}'`,
        (text) => `HTTP/1.1 200 OK\r\n\r\n${text}`,
        (text) => `\u001b[31m[info] ${text}, \u0007${text}`,
        (text) => text.slice(0, 90),
        (text) => text.replace(/.{40}/g, '$&\n'),
        (text) => Buffer.from(text).toString('base64'),
        (text) => `${text}\n${text}x`,
      ),
      { maxLength: 3 },
    ),
  )
  .map(([text, wraps]) => wraps.reduce((wrapped, wrap) => wrap(wrapped), text).slice(0, 20_000));

/** Values of wrong types, as callers pass them by mistake. */
const WRONG_VALUES: readonly unknown[] = [
  new Date(Number.NaN),
  Object('alice') as object,
  Object(5) as object,
  new Array<unknown>(5),
  new Map([['clientName', 'alice']]),
  new Error(MARK),
  Buffer.from(MARK),
  Promise.resolve(MARK),
  Symbol(MARK),
  10n,
  () => Number.NaN,
  () => -1,
  () => 8.64e15,
  () => String(NOW * 1000),
  async () => Promise.resolve(NOW * 1000),
  Object.create(null) as object,
  new (class Params {
    readonly a = 1;
  })(),
];

const GOOD_VALUES: readonly unknown[] = [
  ...[
    accountSid,
    applicationSid,
    'SK0123456789abcdef0123456789abcdef',
    'CRa1',
    'ie1',
    'alice',
    '600',
    `secret-${MARK}`,
  ],
  ...[
    0,
    1,
    600,
    86_400,
    86_401,
    -1,
    0.5,
    1e300,
    true,
    false,
    null,
    undefined,
    '',
    `${MARK} `,
    `-----BEGIN ${MARK}`,
  ],
  ...[
    `AC${MARK}`,
    [`secret-${MARK}`, `other-${MARK}`],
    [],
    [`secret-${MARK}`, 5],
    new Date(NOW * 1000 + 5000),
  ],
];

const OPTION_NAMES = [
  ...'accountSid authToken apiKeySid apiKeySecret region pushCredentialSid ttl clockTolerance now'.split(' '),
  ...'expiresAt identity dropUnmappable clientName params allowAnyName __proto__'.split(' '),
  MARK,
];

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 2,
});

const anyLeaf: Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...WRONG_VALUES), weight: 2 },
  { arbitrary: fc.constantFrom(...GOOD_VALUES), weight: 4 },
  { arbitrary: anything, weight: 1 },
  { arbitrary: scopes, weight: 1 },
  { arbitrary: fc.oneof(scopeText, tokenText), weight: 1 },
);

/** Objects with known names and possibly invalid values. */
const anyOptions: Arbitrary<unknown> = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...OPTION_NAMES), fc.oneof(anyLeaf, params)), { maxLength: 5 }),
    fc.boolean(),
  )
  .map(([entries, plain]) => {
    const object = (plain ? {} : Object.create(null)) as object;
    for (const [name, value] of entries) {
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  });

export const anyValue: Arbitrary<unknown> = fc.oneof(
  anyLeaf,
  anyOptions,
  fc.array(fc.oneof(anyLeaf, scope), { maxLength: 3 }),
);
