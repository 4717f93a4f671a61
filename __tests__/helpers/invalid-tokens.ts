import { exposure } from './exposure';
import { NOW, refusal, thrown } from './fixed';
import { encode, forge } from './forge';

/** A rejected token: what it is, the token, and the end of its error code with the field. */
export type InvalidToken = readonly [what: string, token: unknown, refused: string];

/** Returns the error for a token as "class code field". Fails if it shows a segment of the token. */
export function refusalOf(read: () => unknown, token: unknown): string {
  const shown = exposure(thrown(read));
  const segments = typeof token === 'string' ? token.split('.').filter((segment) => segment !== '') : [];
  if (segments.some((segment) => shown.includes(segment))) throw new Error(`The error shows: ${shown}`);
  return refusal(read);
}

/** Returns invalid tokens that both verifiers reject with the same error. The arguments are those of a valid one. */
export function invalidTokens(claims: object, header: object, secret: string): readonly InvalidToken[] {
  const good = forge(claims, header, { secret });
  const [head = '', payload = '', signature = ''] = good.split('.');
  const of = (changed: unknown) => forge(changed, header, { secret });
  const having = (more: object) => of({ ...claims, ...more });
  const json = JSON.stringify(claims);
  const shadowed = json.replace('{', '{"note":"\u00ff","note":1e20,');
  const under = (more: object) => forge(claims, { ...header, ...more }, { secret });
  return [
    ['no string', 42, 'MALFORMED token'],
    ['in two segments', `${head}.${payload}`, 'MALFORMED token'],
    ['with a header that is a list', `${encode([])}.${payload}.${signature}`, 'MALFORMED token'],
    ['of 8,193 characters', 'a'.repeat(8193), 'TOO_LARGE token'],
    ['unsigned (alg none)', `${encode({ ...header, alg: 'none' })}.${payload}.`, 'ALGORITHM alg'],
    ['of HS512', forge(claims, { ...header, alg: 'HS512' }, { secret, alg: 'HS512' }), 'ALGORITHM alg'],
    ['with another typ', under({ typ: 'at+jwt' }), 'HEADER typ'],
    ['with crit', under({ crit: ['exp'] }), 'HEADER crit'],
    ['with a jwk', under({ jwk: {} }), 'HEADER jwk'],
    ['with another cty', under({ cty: 'twilio-fpa;v=2' }), 'HEADER cty'],
    ['without a signature', `${head}.${payload}.`, 'SIGNATURE signature'],
    ['changed', `${head}.${encode({ ...claims, exp: NOW + 9 })}.${signature}`, 'SIGNATURE signature'],
    ['signed with another secret', forge(claims, header, { secret: 'other' }), 'SIGNATURE signature'],
    ['that is a list', of([claims]), 'CLAIMS payload'],
    ['that is JSON inside a JSON string', of(JSON.stringify(json)), 'CLAIMS payload'],
    // jsonwebtoken parses such a string a second time. For 1e17, the text changes its length.
    [
      'that is JSON with 1e17 inside a JSON string',
      of(JSON.stringify(json.replace('{', '{"n":1e17,'))),
      'CLAIMS payload',
    ],
    ['with invalid UTF-8', of(Buffer.from('7b22ff223a317d', 'hex')), 'CLAIMS payload'],
    // The second "note" hides the first, whose byte ff is not valid UTF-8.
    ['with invalid UTF-8 in a shadowed member', of(Buffer.from(shadowed, 'latin1')), 'CLAIMS payload'],
    ['of another issuer', having({ iss: 'AC1' }), 'ISSUER iss'],
    ['of nobody', having({ iss: undefined }), 'ISSUER iss'],
    ['without an exp', having({ exp: undefined }), 'CLAIMS exp'],
    ['with a string as exp', having({ exp: String(NOW + 60) }), 'CLAIMS exp'],
    ['at its exp', having({ exp: NOW }), 'EXPIRED exp'],
    ['more than a day before its exp', having({ exp: NOW + 86_401 }), 'LIFETIME exp'],
    ['before its nbf', having({ nbf: NOW + 1 }), 'NOT_YET_VALID nbf'],
    ['with an nbf that is null', having({ nbf: null }), 'CLAIMS nbf'],
    ['with an iat in the future', having({ iat: NOW + 1 }), 'NOT_YET_VALID iat'],
  ];
}
