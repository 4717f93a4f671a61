import { createHmac } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test } from '@jest/globals';
import {
  checkHeader,
  hmacKeys,
  payloadSigner,
  readClaims,
  readHeader,
  verifySignature,
} from '../../src/tokens/jws';
import { authToken, refusal } from '../helpers/fixed';
import { encode, forge } from '../helpers/forge';

const HEADER = { alg: 'HS256', typ: 'JWT' } as const;
const [key] = hmacKeys(authToken);

describe('payloadSigner', () => {
  const signPayload = payloadSigner();

  test('writes header, claims and signature byte for byte', () => {
    const signed = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJiIjoxLCJhIjoiw6kifQ';
    const signature = createHmac('sha256', authToken).update(signed).digest('base64url');
    expect(signPayload('{"b":1,"a":"é"}', key)).toBe(`${signed}.${signature}`);
  });

  test('adds to the header what it is told, after alg and typ', () => {
    const token = payloadSigner({ cty: 'twilio-fpa;v=1', twr: 'ie1' })('{}', key);
    expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).toBe(
      '{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1","twr":"ie1"}',
    );
  });

  test('takes no option from a polluted prototype', () => {
    const expected = signPayload('{}', key);
    Object.assign(Object.prototype, { keyid: 'evil', encoding: 'latin1', algorithm: 'none' });
    try {
      expect(signPayload('{}', key)).toBe(expected);
    } finally {
      for (const name of ['keyid', 'encoding', 'algorithm']) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  test('makes tokens of 8,192 characters, and none that are longer', () => {
    // 36 and 43 characters of header and signature, two dots, and 4 for each 3 bytes of {"a":"…"}.
    const payload = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(signPayload(payload(6083), key)).toHaveLength(8192);
    expect(refusal(() => signPayload(payload(6084), key))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
  });
});

test('hmacKeys makes keys that show nothing of the secret', () => {
  const keys = hmacKeys(['first', 'zweités']);
  expect(keys.map((each) => each.export().toString())).toEqual(['first', 'zweités']);
  expect(JSON.stringify(keys)).toBe('[{},{}]');
});

describe('readHeader', () => {
  test('reads the header of three segments', () => {
    expect(readHeader(forge({}, { typ: 'JWT', alg: 'none', kid: 'é' }))).toEqual({
      typ: 'JWT',
      alg: 'none',
      kid: 'é',
    });
    expect(readHeader(`${encode(HEADER)}.e30.`)).toEqual(HEADER);
  });

  test('takes 8,192 characters and no more', () => {
    const token = (length: number) => `${encode(HEADER)}.${'A'.repeat(length - 38)}.`;
    expect(readHeader(token(8192))).toEqual(HEADER);
    expect(refusal(() => readHeader(token(8193)))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
    expect(refusal(() => readHeader('x'.repeat(10_000_000)))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
  });

  const good = forge({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  test.each<[string, unknown]>([
    ['nothing', ''],
    ['undefined', undefined],
    ['a String object', new String(good)],
    ['bytes', Buffer.from(good)],
    ['two segments', `${header}.${payload}`],
    ['four segments', `${good}.`],
    ['five, as an encrypted token has', `${good}.${payload}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['white space before', ` ${good}`],
    ['a line end after', `${good}\n`],
    ['a scheme', `Bearer ${good}`],
    ['padding', `${header}.${payload}.${signature}=`],
    ['base64 that is not base64url', `${header}.${payload}.${signature.slice(0, -2)}+/`],
    [
      'a segment of one character more than bytes',
      `${header}.${payload}A.${signature}`.replace('e30A', 'e30AA'),
    ],
    ['a last character with bits too many', `${header}.e31.${signature}`],
    [
      'a signature with bits too many',
      `${header}.${payload}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1)}`,
    ],
    ['a header that is no JSON', `${encode('alg')}.${payload}.${signature}`],
    ['a header that is a list', `${encode([HEADER])}.${payload}.${signature}`],
    ['a header that is null', `${encode('null')}.${payload}.${signature}`],
    [
      'a header that is JSON in JSON',
      `${encode(JSON.stringify(JSON.stringify(HEADER)))}.${payload}.${signature}`,
    ],
    [
      'a header after a byte order mark',
      `${encode(`\ufeff${JSON.stringify(HEADER)}`)}.${payload}.${signature}`,
    ],
    [
      'a header that is not UTF-8',
      `${encode(Buffer.from('{"alg":"HS256","kid":"\xff"}', 'latin1'))}.${payload}.${signature}`,
    ],
  ])('refuses %s', (_, token) => {
    expect(refusal(() => readHeader(token))).toBe('TokenError ERR_TOKEN_MALFORMED token');
  });
});

describe('checkHeader', () => {
  test.each([{ alg: 'HS256' }, HEADER, { typ: 'jwt', alg: 'HS256' }, { typ: 'Jwt', alg: 'HS256', kid: 'x' }])(
    'takes %j',
    (header) => {
      expect(() => {
        checkHeader(header);
      }).not.toThrow();
    },
  );

  test.each([
    undefined,
    null,
    'none',
    'None',
    'NONE',
    '',
    'hs256',
    'HS256 ',
    'HS384',
    'HS512',
    'RS256',
    ['HS256'],
  ])('refuses alg %j', (alg) => {
    expect(
      refusal(() => {
        checkHeader({ typ: 'JWT', alg });
      }),
    ).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
  });

  test.each([
    ...['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'].map((name) => [name, null] as const),
    ['crit', ['exp']],
    ['b64', true],
    ['typ', 'JOSE'],
    ['typ', null],
    ['typ', ['JWT']],
    ['typ', 'JWT '],
    ['typ', ' JWT'],
    ['cty', 'twilio-fpa;v=1'],
    ['cty', null],
    ['cty', ''],
  ])('refuses %s %j', (name, value) => {
    expect(
      refusal(() => {
        checkHeader({ ...HEADER, [name]: value });
      }),
    ).toBe(`TokenError ERR_TOKEN_HEADER ${name}`);
  });

  test('asks for the content type of an Access Token where that is expected', () => {
    const cty = 'twilio-fpa;v=1';
    expect(() => {
      checkHeader({ ...HEADER, cty }, cty);
    }).not.toThrow();
    for (const header of [HEADER, readHeader(forge({})), { ...HEADER, cty: 'twilio-fpa;v=2' }]) {
      expect(
        refusal(() => {
          checkHeader(header, cty);
        }),
      ).toBe('TokenError ERR_TOKEN_HEADER cty');
    }
  });
});

describe('verifySignature', () => {
  const token = forge({ a: 1 });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const SIGNATURE = 'TokenError ERR_TOKEN_SIGNATURE signature';

  test('takes the signature of any of the keys', () => {
    for (const secrets of [authToken, [authToken, 'other'], ['other', authToken]]) {
      expect(verifySignature(token, hmacKeys(secrets))).toEqual({ a: 1 });
    }
    expect(refusal(() => verifySignature(token, hmacKeys(['other', 'another'])))).toBe(SIGNATURE);
  });

  test('does not look at times: those have codes of their own', () => {
    const claims = { exp: 1, nbf: 8e12, iat: 'x' };
    expect(verifySignature(forge(claims), [key])).toEqual(claims);
    expect(verifySignature(forge({ exp: 'x', nbf: 'x' }), [key])).toEqual({ exp: 'x', nbf: 'x' });
  });

  test.each([
    ['none', `${header}.${payload}.`],
    ['one that is cut', `${header}.${payload}.${signature.slice(0, -3)}`],
    ['one that is longer', `${header}.${payload}.${signature.slice(0, 40)}${signature}`],
    ['that of another payload', `${header}.${encode({ a: 2 })}.${signature}`],
    ['that of another header', `${encode({ typ: 'JWT', alg: 'HS256' })}.${payload}.${signature}`],
    ['one by HS512', forge({ a: 1 }, HEADER, { alg: 'HS512' })],
    ['one by HS512 that says so', forge({ a: 1 }, { alg: 'HS512', typ: 'JWT' }, { alg: 'HS512' })],
    ['alg none', `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`],
  ])('refuses %s', (_, bad) => {
    expect(refusal(() => verifySignature(bad, [key]))).toBe(SIGNATURE);
  });
});

describe('readClaims', () => {
  const read = (token: string) => readClaims(token, verifySignature(token, [key]));

  test.each([
    '{"a":1}',
    '{"a":"b","c":-1.5}',
    '{"a":{"b":["c"]},"d":null}',
    '{"a":"\\ufffd"}',
    '{"a":"\ufffd"}',
    '{"\ufffd":1}',
    '{"a":1e5,"b":1.0}',
    ' {"a":1}\n',
    '{"a":"é😀"}',
    '{"__proto__":1}',
    '{"a":1,"a":2}',
    '{}',
  ])('reads %s', (json) => {
    for (const header of [HEADER, { alg: 'HS256' }]) {
      const token = forge(json, header);
      expect(read(token)).toEqual(JSON.parse(json));
      expect(readClaims(token)).toEqual(JSON.parse(json));
    }
  });

  test.each<[string, string | Buffer]>([
    ['no JSON', 'scope'],
    ['cut JSON', '{"a":1'],
    ['null', 'null'],
    ['a number', '1'],
    ['a list', '[{"a":1}]'],
    ['text', '"a"'],
    ['JSON in JSON', JSON.stringify('{"a":1}')],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['bytes that are not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['such bytes in a name', Buffer.from('{"\xff":1}', 'latin1')],
    ['such bytes further in', Buffer.from('{"a":{"b":"\xff"}}', 'latin1')],
    ['such bytes in an object of 15 characters', Buffer.from('{"a":{"bcdefg":"\xff\xff"}}', 'latin1')],
    ['such bytes in what a later member replaces', Buffer.from('{"a":"\xff","a":"b"}', 'latin1')],
    ['a surrogate in UTF-8', Buffer.from('7b2261223a22eda0bd227d', 'hex')],
  ])('refuses %s', (_, payload) => {
    for (const header of [HEADER, { alg: 'HS256' }]) {
      const token = forge(payload, header);
      expect(refusal(() => read(token))).toBe('TokenError ERR_TOKEN_CLAIMS payload');
      expect(refusal(() => readClaims(token))).toBe('TokenError ERR_TOKEN_CLAIMS payload');
    }
  });

  test.each([{ a: 'b' }, { a: 'bc', d: 1.5 }, { scope: 'a b', iss: '', exp: 1700000000 }])(
    'takes %j as it was parsed, which the payload holds and no more',
    (parsed) => {
      expect(readClaims(forge(parsed), parsed)).toBe(parsed);
      expect(readClaims(forge(` ${JSON.stringify(parsed)}`), parsed)).not.toBe(parsed);
    },
  );

  test('refuses a payload that is signed, but not in canonical base64url', () => {
    const signed = `${encode(HEADER)}.e31`;
    const token = `${signed}.${createHmac('sha256', authToken).update(signed).digest('base64url')}`;
    expect(verifySignature(token, [key])).toEqual({});
    expect(refusal(() => read(token))).toBe('TokenError ERR_TOKEN_MALFORMED token');
  });

  test('what jsonwebtoken makes of JSON in JSON is why the bytes are looked at', () => {
    expect(jsonwebtoken.verify(forge(JSON.stringify('{"a":1}')), authToken)).toEqual({ a: 1 });
  });
});
