import { describe, expect, test } from '@jest/globals';
import { findToken } from '../../../src/cli/find-token';
import { encode, forge } from '../../helpers/forge';
import { good, goodAccessToken } from './tokens';

const [header, payload, signature] = good.split('.') as [string, string, string];
const wrap = (text: string, width: number, lineBreak = '\n'): string =>
  text.replace(new RegExp(`.{${width}}(?=.)`, 'g'), `$&${lineBreak}`);
const toBase64 = (part: string): string => Buffer.from(part, 'base64url').toString('base64');
const rs256 = `${encode({ alg: 'RS256', typ: 'JWT' })}.${payload}.${'A'.repeat(342)}`;
const json = (value: unknown): string => JSON.stringify(value);

/** The input, and the token found: `good` by default. */
const FOUND: [name: string, input: string, token?: string][] = [
  ['a token', good],
  ['a token and a line break', `${good}\r\n`],
  ['quotes', `"${good}"`],
  ['Bearer', `Bearer ${good}`],
  ['a command of curl', `curl -H 'Authorization: Bearer ${good}' https://example.com`],
  ['bytes of Python', `b'${good}'`],
  ['a variable', `TOKEN=${good}`],
  ['code', `device.setup("${good}", { debug: true });`],
  ['a query', `https://example.com/?token=${good}&identity=alice`],
  ['an encoded query', `%22${good}%22`],
  ['the end of a sentence', `The token is ${good}. It fails.`],
  ['a word stuck to it by a line break', `${good}\nThanks`],
  ['a number stuck to it by a line break', `${good}\n2026-01-01`],
  ['padding', `${good}=`],
  ['a line break after each part', good.replaceAll('.', '.\n')],
  ['lines of 76 characters', wrap(good, 76)],
  ['lines of 64 characters for Windows', wrap(good, 64, '\r\n')],
  ['a quoted mail', wrap(good, 72, '\n  ')],
  ['a quoted mail with marks', `> ${wrap(good, 60, '\n> ')}`],
  ['lines of a shell', wrap(good, 60, '\\\n')],
  ['strings of source code', `const token = "${wrap(good, 60, '" +\n  "')}";`],
  ['an encoded header', `Bearer%20${good}`],
  ['a long log', `${'hey, eyes\n'.repeat(40_000)}${good}`],
  ['wrapped, and text after it', `${wrap(good, 60)}\nThanks, Alice`],
  ['zero-width characters', `\ufeff${wrap(good, 30, '\u200b')}\u2060`],
  ['a log line with JSON', `[info] {"token":"${good}","identity":"alice"}`],
  ['an escaped log line', `{\\"token\\":\\"${good}\\"}\\n`],
  ['curl -i', `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: W/"eyJ"\r\n\r\n${good}\r\n`],
  ['curl -i of JSON', `HTTP/2 200\r\ncontent-type: application/json\r\n\r\n${json({ token: good })}`],
  ['curl -v', `> POST /token HTTP/1.1\n>\n< HTTP/1.1 200 OK\n<\n* Connection #0 left intact\n{"token":"${good}"}`],
  ['JSON', json({ identity: 'alice', token: good })],
  ['JSON in JSON', json({ body: json({ data: { token: good } }) })],
  ['a list of JSON', json([null, 1, { token: good }])],
  ['one token several times', `${good}\n${good} "${good}"`],
  ['a whole token beside a cut one', `${good.slice(0, 90)}... ${good}`],
  ['an HS256 token beside one of a sign-in', `${rs256}\n${good}`],
  ['a capability token beside an HS512 token', json({ session: forge({}, { alg: 'HS512' }, { alg: 'HS512' }), jwt: good })],
  ['the member "token" among several', json({ old: goodAccessToken, token: good })],
  ['an Access Token', `token: ${goodAccessToken};`, goodAccessToken],
  ['another algorithm', `token: ${rs256}.`, rs256],
  ['a token cut in its payload', `token: ${good.slice(0, 100)}...`, good.slice(0, 100)],
  ['a token cut in its signature', `token: ${good.slice(0, -3)} end`, good.slice(0, -3)],
  ['a header alone', `header: ${header}`, header],
  ['a token without a signature', `token: ${header}.${payload}. end`, `${header}.${payload}.`],
  ['a word stuck to it', `${good}Thanks`, `${good}Thanks`],
  ['a fourth part', `${good}.AAAA`, `${good}.AAAA`],
  ['base64', good.split('.').map(toBase64).join('.')],
  ['base64 with marks', `"${header}.${toBase64(payload)}.ab+/${signature.slice(4)}="`, `${header}.${toBase64(payload)}.ab+/${signature.slice(4)}=`],
]; // prettier-ignore

describe('findToken', () => {
  test.each(FOUND)('finds the token in %s', (name, input, token = name === 'base64' ? input : good) => {
    expect(findToken(input)).toMatchObject({ text: token, count: 1, isPeeled: token !== input.trim() });
  });

  test.each([
    ['two tokens', `${good} ${goodAccessToken}`],
    ['two tokens on two lines', `${good}\n${goodAccessToken}`],
    ['a list', json([good, goodAccessToken])],
    ['two cut ones', `${good.slice(0, 90)}, ${goodAccessToken.slice(0, 90)}`],
  ])('counts %s', (_, input) => expect(findToken(input).count).toBe(2));

  test.each([
    'hello', 'eyes', 'ey', 'eyJ.eyJ.eyJ', encode({ a: 1 }), '{"token":null}', `x${good}`, good.slice(1),
  ])('finds no token in %s', (input) => {
    expect(findToken(input)).toMatchObject({ text: input, count: 0, isPeeled: false, path: undefined });
  }); // prettier-ignore

  test.each<[string, unknown, string]>([
    ['an object', { data: { token: good } }, 'data.token'],
    ['a list', [{ jwt: good }], '0.jwt'],
    ['JSON in JSON', { body: json({ token: good }) }, 'body.token'],
    ['a string', good, ''],
  ])('names the path in %s', (_, value, path) => expect(findToken(json(value)).path).toBe(path));

  test.each<[string, string, readonly string[] | undefined]>([
    ['text', `Bearer ${good}`, undefined],
    ['a bare value', json({ token: good }), undefined],
    ['Bearer in a value', json({ token: `Bearer ${good}` }), ['Bearer ', '']],
    ['a line break in a value', json({ token: `${good}\n` }), ['', '\n']],
    ['quotes in a value', json({ token: json(good) }), ['"', '"']],
    ['bytes of Python in a value', json({ token: `b'${good}'` }), ["b'", "'"]],
    ['bytes of Python in a log', `token b"${good}" issued`, ['b"', '"']],
    ['a long text in a value', json({ log: `issued the token ${good} for alice` }), undefined],
  ])('tells what a page receives around it: %s', (_, input, around) => {
    expect(findToken(input).around).toEqual(around);
  });
});
