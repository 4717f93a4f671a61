import { describe, expect, test } from '@jest/globals';
import {
  createKey,
  openToken,
  requireClaims,
  signClaims,
  validateHeader,
  verifySignature,
} from '../../../src/tokens/jws';
import { authToken, refusal } from '../../helpers/fixed';
import { encode, forge } from '../../helpers/forge';

const HEADER = { alg: 'HS256', typ: 'JWT' } as const;
const key = createKey(authToken);
const TOO_LARGE = 'TokenError ERR_TOKEN_TOO_LARGE token';

describe('signClaims', () => {
  test('writes header, claims and signature byte for byte', () => {
    expect(signClaims({ b: 1, a: 'é' }, key)).toBe(forge('{"b":1,"a":"é"}', '{"alg":"HS256","typ":"JWT"}'));
  });

  test('writes other header members after alg and typ', () => {
    const [header = ''] = signClaims({}, key, { cty: 'x', twr: undefined }).split('.');
    expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"HS256","typ":"JWT","cty":"x"}');
  });

  test('signs at most 8,192 characters', () => {
    // 36 and 43 characters of header and signature, two dots, and 4 for each 3 bytes of {"a":"…"}.
    const claims = (bytes: number) => ({ a: 'x'.repeat(bytes - 8) });
    expect(signClaims(claims(6083), key)).toHaveLength(8192);
    expect(refusal(() => signClaims(claims(6084), key))).toBe(TOO_LARGE);
  });
});

describe('openToken', () => {
  test('decodes any JSON object', () => {
    const header = { typ: 'JWT', alg: 'none', kid: 'é' };
    expect(openToken(forge({}, header)).header).toEqual(header);
    expect(openToken(`${encode(HEADER)}.e30.`)).toEqual({
      text: `${encode(HEADER)}.e30.`,
      header: HEADER,
      claims: {},
    });
  });

  test('accepts 8,192 characters and no more', () => {
    const token = (length: number) => `${encode(HEADER)}.${'A'.repeat(length - 38)}.`;
    expect(openToken(token(8192)).header).toEqual(HEADER);
    expect(refusal(() => openToken(token(8193)))).toBe(TOO_LARGE);
    expect(refusal(() => openToken('.'.repeat(10_000_000)))).toBe(TOO_LARGE);
  });

  const good = forge({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  const withHeader = (text: string | Buffer) => `${encode(text)}.${payload}.${signature}`;
  // 32 bytes leave two bits of the last character unused: the character before or after it sets one.
  const last = signature.charCodeAt(signature.length - 1);
  test.each<[string, unknown]>([
    ['the empty string', ''],
    ['a String object', new String(good)],
    ['two segments', `${header}.${payload}`],
    ['four segments', `${good}.`],
    ['five segments, as of an encrypted token', `${good}.${payload}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['white space before', ` ${good}`],
    ['a line feed after', `${good}\n`],
    ['a scheme', `Bearer ${good}`],
    ['padding', `${good}=`],
    ['base64 that is not base64url', `${header}.${payload}.${signature.slice(0, -2)}+/`],
    ['a payload with extra bits', `${header}.e31.${signature}`],
    ['a signature with extra bits', good.slice(0, -1) + String.fromCharCode(last + 1)],
    ['a line break inside', `${header}.${payload.slice(0, 1)}\n${payload.slice(1)}.${signature}`],
    ['a full-width letter', good.replace('e', '\uff45')],
    ['JSON serialization', JSON.stringify({ protected: header, payload, signature })],
    ['a header that is not JSON', withHeader('alg')],
    ['an array as header', withHeader(JSON.stringify([HEADER]))],
    ['null as header', withHeader('null')],
    ['JSON inside a JSON string as header', withHeader(JSON.stringify(JSON.stringify(HEADER)))],
    ['a header with a byte order mark', withHeader(`\ufeff${JSON.stringify(HEADER)}`)],
    ['a header that is not UTF-8', withHeader(Buffer.from('{"alg":"HS256","kid":"\xff"}', 'latin1'))],
  ])('rejects %s', (_, token) => {
    expect(refusal(() => openToken(token))).toBe('TokenError ERR_TOKEN_MALFORMED token');
  });
});

describe('requireClaims', () => {
  test.each([
    ...['{}', '{"a":1}', '{"a":{"b":["c"]},"d":null}', ' {"a":1}\n', '{"a":"é😀"}', '{"__proto__":1}'],
    ...['{"a":"\\ufffd"}', '{"\ufffd":1}', '{"a":1e5,"b":1.0}', '{"a":1,"a":2}'],
  ])('decodes %s', (json) => {
    expect(requireClaims(openToken(forge(json)))).toEqual(JSON.parse(json));
  });

  test.each<[string, string | Buffer]>([
    ['cut JSON', '{"a":1'],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[{"a":1}]'],
    ['an object inside a JSON string', JSON.stringify('{"a":1}')],
    ['an object with a large number inside a JSON string', JSON.stringify('{"a":1,"b":1e17}')],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['invalid UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['invalid UTF-8 in a shadowed member', Buffer.from('{"a":"\xff","a":"b"}', 'latin1')],
    ['a surrogate in UTF-8', Buffer.from('7b2261223a22eda0bd227d', 'hex')],
  ])('rejects %s', (_, payload) => {
    expect(refusal(() => requireClaims(openToken(forge(payload))))).toBe(
      'TokenError ERR_TOKEN_CLAIMS payload',
    );
  });
});

describe('validateHeader', () => {
  const validate = (header: object) => () => {
    validateHeader(header as Record<string, unknown>);
  };

  test.each([
    '{"alg":"HS256"}',
    '{"typ":"jwt","alg":"HS256","kid":"x","cty":"y"}',
    '{ "alg" :\t"HS256",\r\n "typ": "JWT" }',
    '{"\\u0061lg":"HS\\u00325\\u0036","typ":"JWT"}',
    '{"alg":"none","alg":"HS256"}',
  ])('accepts %s', (json) => {
    expect(validate(openToken(forge({}, json)).header)).not.toThrow();
  });

  const WITHOUT_ALG = ['{"__proto__":{"alg":"HS256"}}', '{"alg":"HS256","alg":"none"}', '{"ALG":"HS256"}'];
  test.each(WITHOUT_ALG)('rejects %s', (json) => {
    expect(refusal(validate(openToken(forge({}, json)).header))).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
  });

  test.each([
    ...['none', 'None', 'NONE', '', 'HS256\0', 'hs256', 'HS256 '].map((alg) => ['alg', alg] as const),
    ...['HS384', 'HS512', 'RS256', undefined, null, ['HS256']].map((alg) => ['alg', alg] as const),
    ...['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'].map((name) => [name, null] as const),
    ...['JOSE', null, ['JWT'], 'JWT ', ' JWT'].map((typ) => ['typ', typ] as const),
  ])('rejects %s %j', (name, value) => {
    const code = name === 'alg' ? 'ERR_TOKEN_ALGORITHM' : 'ERR_TOKEN_HEADER';
    expect(refusal(validate({ ...HEADER, [name]: value }))).toBe(`TokenError ${code} ${name}`);
  });
});

describe('verifySignature', () => {
  const token = forge({ a: 1 });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const verify = (given: string, ...secrets: string[]) => {
    verifySignature(openToken(given), secrets.map(createKey));
  };
  const SIGNATURE = 'TokenError ERR_TOKEN_SIGNATURE signature';

  test('accepts the signature of any key, whatever the claims', () => {
    for (const secrets of [[authToken], [authToken, 'other'], ['other', authToken]]) {
      verify(token, ...secrets);
    }
    verify(forge({ exp: 1, nbf: 8e12, iat: 0 }), authToken);
    verify(forge({ exp: 'x', nbf: 'x' }), authToken);
    const wrong = () => {
      verify(token, 'other', 'another');
    };
    expect(refusal(wrong)).toBe(SIGNATURE);
  });

  test.each([
    ['no signature', `${header}.${payload}.`],
    ['a cut signature', `${header}.${payload}.${signature.slice(0, -3)}`],
    ['the signature of another payload', `${header}.${encode({ a: 2 })}.${signature}`],
    ['a signature with a byte more', `${header}.${payload}.${encode(Buffer.from([...bytes, 0]))}`],
    ['a signature by the empty secret', forge({ a: 1 }, HEADER, { secret: '' })],
    ['HS512 under the name of HS256', forge({ a: 1 }, HEADER, { alg: 'HS512' })],
    ['HS512', forge({ a: 1 }, { alg: 'HS512', typ: 'JWT' }, { alg: 'HS512' })],
    ['alg none', `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`],
  ])('rejects %s', (_, bad) => {
    const act = () => {
      verify(bad, authToken);
    };
    expect(refusal(act)).toBe(SIGNATURE);
  });
});
