import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { forgeToken, runCommand } from './run-command';

/** Characters that must not reach a terminal. Written without the regular expression under test. */
function unprintableIn(text: string): string[] {
  return Array.from(text).filter((character) => {
    const code = character.codePointAt(0)!;
    return (
      (code < 0x20 && character !== '\n') ||
      (code >= 0x7f && code <= 0xa0) ||
      [0xad, 0x61c, 0x180e, 0x3000, 0xfeff].includes(code) ||
      (code >= 0x2000 && code <= 0x200f) ||
      (code >= 0x2028 && code <= 0x202f) ||
      (code >= 0x205f && code <= 0x206f) ||
      (code >= 0xd800 && code <= 0xf8ff) ||
      code >= 0xe0000
    );
  });
}

const NASTY = [
  '\n', '\r', '\t', '\u0000', '\u0007', '\b', '\u001b[2J', '\u001b]0;x\u0007', '\u007f', '\u0085', '\u009b31m',
  '\u00a0', '\u00ad', '\u061c', '\u180e', '\u200b', '\u200d', '\u200e', '\u2028', '\u2029', '\u202a', '\u202e',
  '\u2060', '\u2066', '\u2069', '\u3000', '\ud800', '\ue000', '\ufeff', '\u{e0041}', '\u{f0000}',
]; // prettier-ignore
const SPOOF = '\n\n✓ VALID capability token\n';

const text = fc
  .array(
    fc.oneof(fc.constantFrom(...NASTY, SPOOF, ' ', '"', '\\'), fc.string({ unit: 'binary', maxLength: 5 })),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

/** Encodes text for a query, also text that encodeURIComponent rejects. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

const ACCESS_TOKEN = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };
const exp = 1_767_229_200;

/** Tokens with text in one position each. */
const POSITIONS: Record<string, (value: string) => string> = {
  'header name': (value) => forgeToken({ scope: '', iss: 'AC1', exp }, { alg: 'HS256', [value]: value }),
  'header value': (value) => forgeToken({ scope: '', iss: 'AC1', exp }, { alg: value, typ: value }),
  'content type': (value) => forgeToken({ scope: '', iss: 'AC1', exp }, { alg: 'HS256', cty: value }),
  region: (value) =>
    forgeToken(
      { grants: { identity: 'a', voice: {} }, iss: 'SK1', sub: 'AC1', exp },
      { ...ACCESS_TOKEN, twr: value },
    ),
  'claim name': (value) => forgeToken({ scope: '', iss: 'AC1', exp, [value]: value }),
  account: (value) => forgeToken({ scope: '', iss: value, exp }),
  expiry: (value) => forgeToken({ scope: '', iss: 'AC1', exp: value }),
  scope: (value) => forgeToken({ scope: value, iss: 'AC1', exp }),
  'client name': (value) =>
    forgeToken({ scope: `scope:client:incoming?clientName=${encode(value)}`, iss: 'AC1', exp }),
  'raw client name': (value) =>
    forgeToken({ scope: `scope:client:incoming?clientName=${value}`, iss: 'AC1', exp }),
  'query key': (value) =>
    forgeToken({ scope: `scope:video:join?${encode(value)}=${encode(value)}`, iss: 'AC1', exp }),
  params: (value) =>
    forgeToken({
      scope: `scope:client:outgoing?appSid=AP1&clientName=${encode(value)}&appParams=${encode(`${encode(value)}=${encode(value)}`)}`,
      iss: 'AC1',
      exp,
    }),
  identity: (value) =>
    forgeToken(
      { grants: { identity: value, voice: { incoming: { allow: true } } }, iss: 'SK1', sub: value, exp },
      ACCESS_TOKEN,
    ),
  'grant name': (value) =>
    forgeToken(
      { grants: { identity: 'a', voice: { [value]: value }, [value]: {} }, iss: value, sub: 'AC1', exp },
      ACCESS_TOKEN,
    ),
  'outgoing params': (value) =>
    forgeToken(
      {
        grants: {
          identity: 'a',
          voice: { outgoing: { application_sid: 'AP1', params: { [value]: value } } },
        },
        iss: 'SK1',
        sub: 'AC1',
        exp,
      },
      ACCESS_TOKEN,
    ),
  payload: (value) => forgeToken({}).replace(/\..*\./, `.${Buffer.from(value).toString('base64url')}.`),
  'the whole input': (value) => value,
  'a member of JSON': (value) => JSON.stringify({ [value]: value }),
};

const ENV = {
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'secret',
  TWILIO_API_KEY_SID: 'SK1',
  TWILIO_API_KEY_SECRET: 'secret',
};

describe('text from a token', () => {
  test.each(Object.keys(POSITIONS))('in the position of the %s is escaped', async (position) => {
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const input = POSITIONS[position]!(value);
        for (const args of [
          ['inspect', '-'],
          ['verify', '-'],
          ['inspect', '-', '--json'],
          ['verify', '-', '--json'],
        ]) {
          for (const columns of args.includes('--json') ? [undefined] : [undefined, 40]) {
            const setup = {
              env: { ...ENV, NO_COLOR: '1' },
              input,
              ...(columns !== undefined && { columns }),
            };
            const { stdout, stderr } = await runCommand(args, setup);
            const output = stdout + stderr;
            expect(unprintableIn(output)).toEqual([]);
            // Only the verdict starts at the first column, so text from a token cannot imitate it.
            const starts = output.split('\n').filter((line) => /^\S/.test(line));
            if (!args.includes('--json')) expect(starts).toHaveLength(1);
            else if (stdout !== '') JSON.parse(stdout);
          }
        }
      }),
      { numRuns: 25, seed: 17 },
    );
  });

  test.each([20, 30, 40, 50, 80, 120])(
    'cannot imitate a verdict on a new line at %d columns',
    async (columns) => {
      for (let length = 0; length < 130; length += 3) {
        const name = `${'a'.repeat(length)}✓⠀VALID⠀capability⠀token`;
        for (const input of [
          forgeToken({ scope: `scope:client:incoming?clientName=${encode(name)}`, iss: 'AC1', exp }),
          forgeToken({
            scope: `scope:client:outgoing?appSid=AP1&appParams=${encode(`${encode(name)}=undefined`)}`,
            iss: 'AC1',
            exp,
          }),
          forgeToken({ scope: '', iss: name, exp }),
          JSON.stringify({ [name]: 1 }),
          JSON.stringify({ [name]: forgeToken({ scope: '', iss: 'AC1', exp }) }),
        ]) {
          const { stdout } = await runCommand(['inspect', '-'], { columns, env: { NO_COLOR: '1' }, input });
          // As the terminal breaks the lines. Braille blanks are escaped.
          const rows = stdout
            .split('\n')
            .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? []);
          expect(rows.filter((row) => /^✓/.test(row))).toEqual([]);
        }
      }
    },
  );
});
