import { describe, expect, test } from '@jest/globals';
import { ACCESS_TOKEN_HEADER, forge } from '../../helpers/forge';
import { runCommand, unprintableIn } from './run-command';

/** Text that attacks a terminal. */
const NASTY = {
  'control characters': '\n\r\t\u0000\u0007\b\u001b[2J\u001b]0;x\u0007\u007f\u0085\u009b31m',
  spaces: 'a\u00a0\u2028\u2029\u2800\u3000"\\',
  'bidirectional text': '\u061c\u200e\u202a\u202e\u2066\u2069',
  'characters without a width': '\u00ad\u180e\u200b\u200d\u2060\ufeff\u{e0041}',
  'no characters': '\ud800\ue000\u{f0000}',
  'a verdict': '\n\n✓ VALID capability token\n',
};

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
  test.each(Object.entries(POSITIONS))('in the position of the %s is escaped', async (_, tokenWith) => {
    for (const [what, text] of Object.entries(NASTY)) {
      for (const command of ['inspect', 'verify']) {
        const setup = { env: ENV, input: tokenWith(text) };
        const json = await runCommand([command, '-', '--json'], setup);
        if (json.stdout !== '') JSON.parse(json.stdout);
        const wide = await runCommand([command, '-'], setup);
        const narrow = await runCommand([command, '-'], { ...setup, columns: 40 });
        const outputs = [json, wide, narrow].map(({ stdout, stderr }) => stdout + stderr);
        // Only the verdict starts at the first column, so text from a token cannot imitate it.
        const atStart = outputs.slice(1).map((output) => output.match(/^\S/gm)?.length);
        expect([what, unprintableIn(outputs.join('')), atStart]).toEqual([what, [], [1, 1]]);
      }
    }
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
