import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { ACCESS_TOKEN_HEADER, forge } from '../../helpers/forge';
import { runCommand, unprintableIn } from './run-command';

const NASTY = [
  '\n', '\r', '\t', '\u0000', '\u0007', '\b', '\u001b[2J', '\u001b]0;x\u0007', '\u007f', '\u0085', '\u009b31m',
  '\u00a0', '\u00ad', '\u061c', '\u180e', '\u200b', '\u200d', '\u200e', '\u2028', '\u2029', '\u202a', '\u202e',
  '\u2060', '\u2066', '\u2069', '\u2800', '\u3000', '\ud800', '\ue000', '\ufeff', '\u{e0041}', '\u{f0000}',
]; // prettier-ignore
const SPOOF = '\n\n✓ VALID capability token\n';

const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
const part = fc.oneof(fc.constantFrom(...NASTY, SPOOF, ' ', '"', '\\'), anyCharacter);
const text = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

/** Encodes text for a query, also text that encodeURIComponent rejects. */
const encode = (value: string): string => encodeURIComponent(value.toWellFormed());

const capability = (claims: object, header: object = {}): string =>
  forge({ scope: '', iss: 'AC1', exp: 1_767_229_200, ...claims }, { alg: 'HS256', typ: 'JWT', ...header });
const incoming = (name: string): string => capability({ scope: `scope:client:incoming?clientName=${name}` });
const outgoing = (query: string): string =>
  capability({ scope: `scope:client:outgoing?appSid=AP1&${query}` });
const access = (grants: object, claims: object = {}, header: object = {}): string =>
  forge(
    { grants: { identity: 'a', ...grants }, iss: 'SK1', sub: 'AC1', exp: 1_767_229_200, ...claims },
    { ...ACCESS_TOKEN_HEADER, ...header },
  );

/** Tokens with text in one position each. */
const POSITIONS: Record<string, (value: string) => string> = {
  'header name': (value) => capability({}, { [value]: value }),
  'header value': (value) => capability({}, { alg: value, typ: value }),
  'content type': (value) => capability({}, { cty: value }),
  region: (value) => access({ voice: {} }, {}, { twr: value }),
  'claim name': (value) => capability({ [value]: value }),
  account: (value) => capability({ iss: value }),
  expiry: (value) => capability({ exp: value }),
  scope: (value) => capability({ scope: value }),
  'client name': (value) => incoming(encode(value)),
  'raw client name': incoming,
  'query key': (value) => capability({ scope: `scope:video:join?${encode(value)}=${encode(value)}` }),
  params: (value) =>
    outgoing(`clientName=${encode(value)}&appParams=${encode(`${encode(value)}=${encode(value)}`)}`),
  identity: (value) => access({ identity: value, voice: { incoming: { allow: true } } }, { sub: value }),
  'grant name': (value) => access({ voice: { [value]: value }, [value]: {} }, { iss: value }),
  'outgoing params': (value) =>
    access({ voice: { outgoing: { application_sid: 'AP1', params: { [value]: value } } } }),
  payload: (value) => forge(value),
  'the whole input': (value) => value,
  'a member of JSON': (value) => JSON.stringify({ [value]: value }),
};

const ENV = {
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'secret',
  TWILIO_API_KEY_SID: 'SK1',
  TWILIO_API_KEY_SECRET: 'secret',
  NO_COLOR: '1',
};

describe('text from a token', () => {
  test.each(Object.keys(POSITIONS))('in the position of the %s is escaped', async (position) => {
    const check = async (value: string): Promise<void> => {
      const input = POSITIONS[position]!(value);
      for (const command of ['inspect', 'verify']) {
        const json = await runCommand([command, '-', '--json'], { env: ENV, input });
        if (json.stdout !== '') JSON.parse(json.stdout);
        const wide = await runCommand([command, '-'], { env: ENV, input });
        const narrow = await runCommand([command, '-'], { env: ENV, input, columns: 40 });
        const outputs = [json, wide, narrow].map(({ stdout, stderr }) => stdout + stderr);
        expect(unprintableIn(outputs.join(''))).toEqual([]);
        // Only the verdict starts at the first column, so text from a token cannot imitate it.
        const atStart = outputs.slice(1).map((output) => output.match(/^\S.*$/gm)?.length);
        expect(atStart).toEqual([1, 1]);
      }
    };
    await fc.assert(fc.asyncProperty(text, check), { numRuns: 8, seed: 17 });
  });

  test.each([20, 30, 40, 50, 80, 120])(
    'cannot imitate a verdict on a new line at %d columns',
    async (columns) => {
      for (let length = 5; length < 130; length += 7) {
        // Wherever a terminal breaks the name, the next line starts with the mark.
        const name = '✓'.repeat(length);
        for (const input of [
          incoming(encode(name)),
          outgoing(`appParams=${encode(`${encode(name)}=undefined`)}`),
          capability({ iss: name }),
          JSON.stringify({ [name]: 1 }),
          JSON.stringify({ [name]: capability({}) }),
        ]) {
          const { stdout } = await runCommand(['inspect', '-'], { columns, env: ENV, input });
          const rows = stdout.match(new RegExp(`.{1,${columns}}`, 'gu'));
          expect(rows).not.toContainEqual(expect.stringMatching(/^✓/));
        }
      }
    },
  );
});
