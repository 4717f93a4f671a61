import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CapabilityVerifier, type TokenErrorCode } from '../../src';
import { decodeHeader, validateHeader, verifySignature } from '../../src/tokens/jws';
import { accountSid, authToken, config, NOW, refusal } from '../helpers/fixed';
import { encode, forge } from '../helpers/forge';
import wycheproof from './wycheproof.json';

/*
 * Project Wycheproof's HS256 cases for JSON Web Signatures (wycheproof.json, from its json_web_signature_test.json,
 * Apache License 2.0, https://github.com/C2SP/wycheproof), and our own cases of the same kinds.
 */

/** Cases with a wrong label, and the correct result. */
const MISLABELLED: Readonly<Record<number, { result: 'valid' | 'invalid'; reason: string }>> = {
  367: {
    result: 'valid',
    reason: 'identical to the valid case 357, without the bad padding of its comment',
  },
  370: {
    result: 'valid',
    reason: 'identical to the valid case 357, without the bad padding of its comment',
  },
  372: { result: 'invalid', reason: 'the header contains a "?", which is not base64url' },
  373: { result: 'invalid', reason: 'the payload contains a "?", which is not base64url' },
};

/** Returns whether the internal functions accept a token. */
function isVerified(token: string, key: KeyObject): boolean {
  try {
    validateHeader(decodeHeader(token).header);
    verifySignature(token, [key]);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'TokenError' });
    return false;
  }
}

const cases = wycheproof.map((test) => ({
  ...test,
  expected: MISLABELLED[test.tcId]?.result ?? test.result,
}));

describe('Wycheproof', () => {
  it('has forty cases, four with a wrong label', () => {
    expect(cases).toHaveLength(40);
    const wrong = cases.filter(({ result, expected }) => result !== expected);
    expect(wrong.map(({ tcId }) => tcId)).toEqual(Object.keys(MISLABELLED).map(Number));
    const jws = (id: number) => cases.find(({ tcId }) => tcId === id)!.jws;
    expect([jws(367), jws(370)]).toEqual([jws(357), jws(357)]);
    expect([jws(372).split('.')[0], jws(373).split('.')[1]]).toEqual([
      expect.stringContaining('?'),
      expect.stringContaining('?'),
    ]);
  });

  it.each(cases)('case $tcId, $comment: $expected', ({ jws, k, expected }) => {
    expect(isVerified(jws, createSecretKey(k, 'base64url'))).toBe(expected === 'valid');
  });

  it.each(cases)('case $tcId, $comment, is not a capability token', ({ jws }) => {
    expect(refusal(() => new CapabilityVerifier(config).verify(jws))).toMatch(/^TokenError ERR_TOKEN_/);
  });
});

const CLAIMS = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 600 };
const HEADER = { alg: 'HS256', typ: 'JWT' };
const GOOD = forge(CLAIMS);
const [header, payload, signature] = GOOD.split('.') as [string, string, string];

const verifier = new CapabilityVerifier(config);
const outcome = (token: string): string => refusal(() => verifier.verify(token));

type Case = readonly [name: string, token: string, code: TokenErrorCode, field: string];
type HeaderCase = readonly [name: string, header: unknown, code: TokenErrorCode, field: string];

/** Changed headers. Each token is signed with the right secret over its changed header. */
const HEADERS: readonly HeaderCase[] = [
  ['alg none', { alg: 'none' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg None', { alg: 'None', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg in lower case', { alg: 'hs256', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg with a space after it', { alg: 'HS256 ', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg with a zero byte after it', { alg: 'HS256\0', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg HS384 over an HS256 signature', { alg: 'HS384', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg RS256', { alg: 'RS256', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg as a list', { alg: ['HS256'], typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg null', { alg: null, typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['no alg', { typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg under another case', { ALG: 'HS256', typ: 'JWT' }, 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg behind __proto__', '{"__proto__":{"alg":"HS256"},"typ":"JWT"}', 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['alg twice, the last none', '{"alg":"HS256","typ":"JWT","alg":"none"}', 'ERR_TOKEN_ALGORITHM', 'alg'],
  ['typ of another kind', { ...HEADER, typ: 'at+jwt' }, 'ERR_TOKEN_HEADER', 'typ'],
  ['typ with a line break', { ...HEADER, typ: 'JWT\n' }, 'ERR_TOKEN_HEADER', 'typ'],
  ['typ null', { ...HEADER, typ: null }, 'ERR_TOKEN_HEADER', 'typ'],
  ['typ as a list', { ...HEADER, typ: ['JWT'] }, 'ERR_TOKEN_HEADER', 'typ'],
  ['crit', { ...HEADER, crit: ['exp'] }, 'ERR_TOKEN_HEADER', 'crit'],
  ['crit, empty', { ...HEADER, crit: [] }, 'ERR_TOKEN_HEADER', 'crit'],
  ['b64 false', { ...HEADER, b64: false }, 'ERR_TOKEN_HEADER', 'b64'],
  ['b64 true', { ...HEADER, b64: true }, 'ERR_TOKEN_HEADER', 'b64'],
  ['a key of its own', { ...HEADER, jwk: { kty: 'oct', k: encode(authToken) } }, 'ERR_TOKEN_HEADER', 'jwk'],
  ['a place for its key', { ...HEADER, jku: 'http://127.0.0.1/keys' }, 'ERR_TOKEN_HEADER', 'jku'],
  ['a certificate', { ...HEADER, x5c: ['MII='] }, 'ERR_TOKEN_HEADER', 'x5c'],
  ['a place for its certificate', { ...HEADER, x5u: 'http://127.0.0.1/' }, 'ERR_TOKEN_HEADER', 'x5u'],
  ['the cty of an Access Token', { ...HEADER, cty: 'twilio-fpa;v=1' }, 'ERR_TOKEN_HEADER', 'cty'],
  ['a header that is a list', [HEADER], 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header that is null', 'null', 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header that is text', '"HS256"', 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header that is no JSON', '{"alg":"HS256",}', 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header with single quotes', "{'alg':'HS256'}", 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header with a comment', '{"alg":"HS256"/**/}', 'ERR_TOKEN_MALFORMED', 'token'],
  ['two headers', '{"alg":"HS256"}{"alg":"HS256"}', 'ERR_TOKEN_MALFORMED', 'token'],
  ['a byte order mark', '\ufeff{"alg":"HS256"}', 'ERR_TOKEN_MALFORMED', 'token'],
  ['a header in UTF-16', Buffer.from('{"alg":"HS256"}', 'utf16le'), 'ERR_TOKEN_MALFORMED', 'token'],
  [
    'a header in bad UTF-8',
    Buffer.from('{"alg":"HS256","kid":"\xff"}', 'latin1'),
    'ERR_TOKEN_MALFORMED',
    'token',
  ],
];

const MALFORMED: readonly (readonly [string, string])[] = [
  ['the empty string', ''],
  ['a dot', '.'],
  ['two dots', '..'],
  ['no header', `.${payload}.${signature}`],
  ['no payload', `${header}..${signature}`],
  ['no signature and no dot', `${header}.${payload}`],
  ['a header alone', header],
  ['a payload alone', payload],
  ['a dot too many', `${GOOD}.`],
  ['a fourth segment', `${GOOD}.${signature}`],
  ['five segments, as in encryption', `${header}.${payload}.${signature}.${payload}.${signature}`],
  ['a space before it', ` ${GOOD}`],
  ['a space after it', `${GOOD} `],
  ['a line break after it', `${GOOD}\n`],
  ['a line break inside', `${header}.${payload.slice(0, 20)}\n${payload.slice(20)}.${signature}`],
  ['spaces in the signature', `${header}.${payload}.    ${signature}`],
  ['a character that is no base64', `${header}.${payload}.?${signature}`],
  ['one in place of another', `${header}.${payload}.?${signature.slice(1)}`],
  ['one in the header', `${header}?.${payload}.${signature}`],
  ['one in the payload', `${header}.${payload}?.${signature}`],
  ['padding after the header', `${header}=.${payload}.${signature}`],
  ['padding after the payload', `${header}.${payload}==.${signature}`],
  ['padding after the signature', `${GOOD}=`],
  ['escaped padding', `${GOOD}%3D`],
  ['base64, not base64url', GOOD.replaceAll('-', '+').replaceAll('_', '/').replace(/.$/, '+')],
  ['a full-width letter', GOOD.replace('e', '\uff45')],
  ['a zero byte', `${GOOD}\0`],
  ['a byte order mark', `\ufeff${GOOD}`],
  ['a Bearer prefix', `Bearer ${GOOD}`],
  ['a segment of one character over', `${header}.${payload}.A`],
  ['unused bits set in the signature', GOOD.slice(0, -1) + nextCharacter(GOOD.at(-1)!)],
  ['JSON serialization', JSON.stringify({ protected: header, payload, signature })],
  ['general JSON serialization', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
];

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['no signature', `${header}.${payload}.`],
  ['half of it', `${header}.${payload}.${encode(Buffer.from(signature, 'base64url').subarray(0, 16))}`],
  ['its first byte', `${header}.${payload}.${encode(Buffer.from(signature, 'base64url').subarray(0, 1))}`],
  ['it twice', `${header}.${payload}.${encode(Buffer.from(signature + signature, 'base64url'))}`],
  [
    'a byte more',
    `${header}.${payload}.${encode(Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.alloc(1)]))}`,
  ],
  ['zeros', `${header}.${payload}.${encode(Buffer.alloc(32))}`],
  ['it in hex', `${header}.${payload}.${encode(Buffer.from(signature, 'base64url').toString('hex'))}`],
  ['that of another payload', `${header}.${encode({ ...CLAIMS, exp: NOW + 601 })}.${signature}`],
  ['that of another header', `${encode({ typ: 'JWT', alg: 'HS256' })}.${payload}.${signature}`],
  ['that of the payload alone', `${header}.${payload}.${forge('', '').split('.')[2]!}`],
  ['an HS512 one under HS256', forge(CLAIMS, HEADER, { alg: 'HS512' })],
  ['one by another secret', forge(CLAIMS, HEADER, { secret: `${authToken}0` })],
  ['one by the empty secret', forge(CLAIMS, HEADER, { secret: '' })],
  ['one by the account SID', forge(CLAIMS, HEADER, { secret: accountSid })],
  [
    'one by the secret as base64',
    forge(CLAIMS, HEADER, { secret: Buffer.from(authToken).toString('base64') }),
  ],
  ['one by the secret in upper case', forge(CLAIMS, HEADER, { secret: authToken.toUpperCase() })],
  ['one by the secret and a line break', forge(CLAIMS, HEADER, { secret: `${authToken}\n` })],
  ['the payload and header exchanged', `${header}.${header}.${signature}`],
];

const PAYLOADS: readonly (readonly [string, unknown])[] = [
  ['no JSON', 'scope'],
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '1'],
  ['text', '"scope"'],
  ['a list', [CLAIMS]],
  ['two objects', `${JSON.stringify(CLAIMS)}{}`],
  ['a byte order mark', `\ufeff${JSON.stringify(CLAIMS)}`],
  ['UTF-16', Buffer.from(JSON.stringify(CLAIMS), 'utf16le')],
  ['bad UTF-8', Buffer.from(JSON.stringify({ ...CLAIMS, note: '\xff' }), 'latin1')],
  ['an overlong form in UTF-8', Buffer.from(JSON.stringify({ ...CLAIMS, note: '\xc0\xaf' }), 'latin1')],
  ['a surrogate in UTF-8', Buffer.from(JSON.stringify({ ...CLAIMS, note: '\xed\xa0\x80' }), 'latin1')],
];

/** Returns the next base64url character. As the last one of a signature, it decodes to the same bytes. */
function nextCharacter(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) + 1]!;
}

describe('our own cases', () => {
  it('start from a valid token', () => {
    expect(verifier.verify(GOOD).claims).toEqual(CLAIMS);
  });

  it.each(HEADERS.map(([name, head, code, field]): Case => [name, forge(CLAIMS, head), code, field]))(
    'reject %s',
    (_, token, code, field) => {
      expect(outcome(token)).toBe(`TokenError ${code} ${field}`);
    },
  );

  it.each(MALFORMED)('reject %s', (_, token) => {
    expect(outcome(token)).toBe('TokenError ERR_TOKEN_MALFORMED token');
  });

  it.each(SIGNATURES)('reject %s as a signature', (_, token) => {
    expect(outcome(token)).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
  });

  it.each(PAYLOADS.map(([name, content]) => [name, forge(content)] as const))(
    'reject a payload of %s',
    (_, token) => {
      expect(outcome(token)).toBe('TokenError ERR_TOKEN_CLAIMS payload');
    },
  );

  it('reject a token cut off at any point', () => {
    const beforeSignature = header.length + payload.length + 2;
    const outcomes = Array.from(GOOD, (_, length) => outcome(GOOD.slice(0, length)));
    expect(new Set(outcomes.slice(0, beforeSignature))).toEqual(
      new Set(['TokenError ERR_TOKEN_MALFORMED token']),
    );
    expect(new Set(outcomes.slice(beforeSignature))).toEqual(
      new Set(['TokenError ERR_TOKEN_SIGNATURE signature', 'TokenError ERR_TOKEN_MALFORMED token']),
    );
  });

  it('reject exchanged payload and signature', () => {
    // The payload is decoded before the signature is verified. The bytes of the signature are not JSON.
    expect(outcome(`${header}.${signature}.${payload}`)).toBe('TokenError ERR_TOKEN_CLAIMS payload');
  });

  it('reject the segments of two valid tokens combined', () => {
    const other = forge({ ...CLAIMS, scope: 'scope:client:incoming?clientName=bob' }).split('.');
    const mixed = [0, 1, 2].flatMap((index) => {
      const parts = [header, payload, signature];
      parts[index] = other[index]!;
      return parts.join('.') === GOOD ? [] : [outcome(parts.join('.'))];
    });
    expect(mixed).toEqual(Array(2).fill('TokenError ERR_TOKEN_SIGNATURE signature'));
  });

  it.each([
    ['the header in another order', { typ: 'JWT', alg: 'HS256' }],
    ['no typ', { alg: 'HS256' }],
    ['typ in lower case', { alg: 'HS256', typ: 'jwt' }],
    ['a kid', { ...HEADER, kid: '../../etc/passwd' }],
    ['white space in the header', '{ "alg" :\t"HS256",\r\n "typ": "JWT" }'],
    ['an escaped alg', '{"\\u0061lg":"HS\\u00325\\u0036","typ":"JWT"}'],
    ['alg twice, the last HS256', '{"alg":"none","typ":"JWT","alg":"HS256"}'],
  ])('accept %s', (_, head) => {
    expect(verifier.verify(forge(CLAIMS, head)).claims).toEqual(CLAIMS);
  });
});

describe('a key of another kind', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it('is not an auth token', () => {
    expect(refusal(() => new CapabilityVerifier({ ...config, authToken: pem }))).toBe(
      'ConfigError ERR_CONFIG_INVALID authToken',
    );
  });

  it('does not verify a token signed with its text, whatever the alg', () => {
    const signedWithPem = (alg: string) => forge(CLAIMS, { alg, typ: 'JWT' }, { secret: pem });
    expect(outcome(signedWithPem('HS256'))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
    expect(outcome(signedWithPem('RS256'))).toBe('TokenError ERR_TOKEN_ALGORITHM alg');
  });
});
