import { describe, expect, test } from '@jest/globals';
import { IncomingScope, parseScope, parseScopes } from '../../../src';
import { refusal } from '../../helpers/fixed';

const MALFORMED = 'ScopeError ERR_SCOPE_MALFORMED scope';
/** An OtherScope of a given length. */
const ofLength = (length: number): string => `scope:a:b?${'x'.repeat(length - 10)}`;

describe('parseScope', () => {
  test.each([null, 42, new IncomingScope('alice'), '', 'alice', 'scope:a:b scope:c:d'])(
    'rejects %p',
    (uri) => {
      expect(refusal(() => parseScope(uri as string))).toBe(MALFORMED);
    },
  );

  test('accepts 8,192 characters and no more', () => {
    expect(parseScope(ofLength(8192)).kind).toBe('other');
    expect(refusal(() => parseScope(ofLength(8193)))).toBe(MALFORMED);
  });
});

describe('parseScopes', () => {
  test.each([
    ['', []],
    ['scope:a:b scope:c:d', ['scope:a:b', 'scope:c:d']],
    [
      'scope:client:incoming?clientName=front desk one scope:client:incoming?clientName=alice',
      ['scope:client:incoming?clientName=front%20desk%20one', 'scope:client:incoming?clientName=alice'],
    ],
    ['scope:client:incoming?clientName=a  scope:a:b', ['scope:client:incoming?clientName=a%20', 'scope:a:b']],
  ])('parses %j', (claim, uris) => {
    expect(parseScopes(claim).map(String)).toEqual(uris);
  });

  const TWO = ['scope:a:b  scope:c:d', 'scope:a:b\nscope:c:d', 'alice scope:a:b'];
  test.each([...TWO, ' ', 'alice', null, ['scope:a:b']])('rejects %j', (claim) => {
    expect(refusal(() => parseScopes(claim as string))).toBe(MALFORMED);
  });

  test('accepts 8,192 characters and no more', () => {
    expect(parseScopes(`scope:a:b ${ofLength(8182)}`)).toHaveLength(2);
    expect(refusal(() => parseScopes(`scope:a:b ${ofLength(8183)}`))).toBe(MALFORMED);
  });
});
