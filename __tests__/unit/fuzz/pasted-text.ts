import fc, { type Arbitrary } from 'fast-check';
import { accountSid, NOW } from '../../helpers/fixed';
import { forge } from '../../helpers/forge';
import { identityText, MARK, scopeText, signedToken, tokenText } from './arbitraries';

/** What people write into claims by mistake, a secret among it, and text that attacks a terminal. */
const MISTAKES: readonly unknown[] = [
  ...['undefined', 'null', '', '[object Object]', ' 1512', 'client:alice', '{"a"=>"b"}', '+15551234567'],
  ...['\u001b[2J', '\u202e\n✓ VALID', '2026-01-01', 'https://example.com', 'x'.repeat(300), MARK],
  ...['AC1', 'SK1', 'AP1', 'PN1', `"AC${'0'.repeat(32)}"`, 'f'.repeat(32)],
  ...[null, false, 0, -1, NOW, NOW * 1000, NOW * 1e9, [], {}, [[[]]], { allow: 'true' }],
];
const mistake = fc.constantFrom(...MISTAKES);

const HEADERS: readonly object[] = [{}, { cty: 'twilio-fpa;v=1' }, { cty: 'x', twr: 'ie1' }, { crit: [] }];

const voice = fc.oneof(
  mistake,
  fc.record(
    {
      incoming: fc.jsonValue(),
      outgoing: fc.record({ application_sid: mistake, params: fc.jsonValue() }),
    },
    { requiredKeys: [] },
  ),
);

/** A token with claims as people write them, whichever its kind. */
export const mistakenToken: Arbitrary<string> = fc
  .record({
    header: fc.constantFrom(...HEADERS),
    identity: mistake,
    voice,
    others: fc.dictionary(
      fc.constantFrom('iss', 'sub', 'exp', 'iat', 'nbf', 'scope', 'grants', 'a'),
      fc.oneof(mistake, scopeText, fc.jsonValue()),
      { maxKeys: 4 },
    ),
    secret: fc.constantFrom(MARK, `${MARK}\n`, 'other'),
  })
  .map(({ header, identity, voice: grant, others, secret }) => {
    const scope = 'scope:client:incoming?clientName=alice';
    const claims = { scope, iss: accountSid, exp: NOW + 600, grants: { identity, voice: grant }, ...others };
    return forge(claims, { alg: 'HS256', ...header }, { secret });
  });

/** What surrounds or damages a token on its way into a terminal. */
const WRAPS: readonly ((text: string) => string)[] = [
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
];

/** What somebody pastes: a token, whole or cut, in text of any kind. */
export const pastedText: Arbitrary<string> = fc
  .tuple(
    fc.oneof(mistakenToken, signedToken, tokenText, scopeText, identityText, fc.constant(MARK), fc.json()),
    fc.array(fc.constantFrom(...WRAPS), { maxLength: 3 }),
  )
  .map(([text, wraps]) => wraps.reduce((wrapped, wrap) => wrap(wrapped), text).slice(0, 20_000));
