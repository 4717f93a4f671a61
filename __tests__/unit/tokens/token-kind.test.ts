import { expect, test } from '@jest/globals';
import { openToken } from '../../../src/tokens/jws';
import { kindOf, wrongKind, type TokenKind } from '../../../src/tokens/token-kind';
import { forge } from '../../helpers/forge';

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CTY = { ...HEADER, cty: 'twilio-fpa;v=1' };

test.each<[kind: TokenKind, claims: unknown, header: object]>([
  ['capability', { scope: '' }, HEADER],
  ['capability', { scope: null, grants: {}, policies: [] }, HEADER],
  ['capability', {}, HEADER],
  ['capability', 'not JSON', HEADER],
  ['access-token', { grants: {} }, CTY],
  ['access-token', { scope: '' }, CTY],
  ['access-token', 'not JSON', CTY],
  ['access-token-without-cty', { grants: null, policies: [] }, HEADER],
  ['task-router', { policies: [] }, HEADER],
  ['unknown-cty', { scope: '' }, { ...HEADER, cty: null }],
  ['unknown-cty', { grants: {} }, { ...HEADER, cty: 'twilio-fpa;v=2' }],
  ['unknown-cty', { grants: {} }, { ...HEADER, cty: 'Twilio-fpa;v=1' }],
])('%s: %j', (kind, claims, header) => {
  expect(kindOf(openToken(forge(claims, header)))).toBe(kind);
});

test.each<[kind: TokenKind, code: string, field: string, message: RegExp]>([
  ['capability', 'ERR_TOKEN_HEADER', 'cty', /Use CapabilityVerifier/],
  ['access-token', 'ERR_TOKEN_HEADER', 'cty', /Use AccessTokenVerifier/],
  ['access-token-without-cty', 'ERR_TOKEN_HEADER', 'cty', /without the cty/],
  ['unknown-cty', 'ERR_TOKEN_HEADER', 'cty', /unknown cty/],
  ['task-router', 'ERR_TOKEN_SCOPE', 'scope', /TaskRouter/],
])('the error for a token of the kind %s', (kind, code, field, message) => {
  expect(wrongKind(kind)).toMatchObject({ code, field, message: expect.stringMatching(message) as unknown });
});
