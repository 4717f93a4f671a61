import { describe, expect, test } from '@jest/globals';
import { IncomingScope, parseScope, parseScopes } from '../../../src';
import { refusal } from '../../helpers/fixed';

const MALFORMED = 'ScopeError ERR_SCOPE_MALFORMED scope';
/** An OtherScope of a given length. */
const ofLength = (length: number): string => `scope:a:b?${'x'.repeat(length - 10)}`;

describe('parseScope', () => {
  test.each([
    [null, 'Scope must be a string. Received null.'],
    [42, 'Scope must be a string. Received number.'],
    [new IncomingScope('alice'), 'Scope must be a string. Received object.'],
    ['', 'Scope must have the form'],
    ['alice', 'Scope must have the form'],
    ['scope:a:b scope:c:d', 'Scope'],
  ])('rejects %p', (uri, message) => {
    const parse = () => parseScope(uri as string);
    expect(refusal(parse)).toBe(MALFORMED);
    expect(parse).toThrow(message);
  });

  test('says what is wrong with a value', () => {
    expect(() => parseScope('scope:client:outgoing?appSid=1')).toThrow(
      'Scope cannot be parsed. Application SID must be "AP" followed by 1 to 32 letters or digits.',
    );
  });

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

  test.each([
    ' ',
    'alice',
    'alice scope:a:b',
    'scope:a:b  scope:c:d',
    'scope:a:b\nscope:c:d',
    null,
    ['scope:a:b'],
  ])('rejects %j', (claim) => {
    expect(refusal(() => parseScopes(claim as string))).toBe(MALFORMED);
  });

  test('names the type of what is no claim', () => {
    expect(() => parseScopes(null as never)).toThrow('Scope claim must be a string. Received null.');
  });

  test('accepts 8,192 characters and no more', () => {
    expect(parseScopes(`scope:a:b ${ofLength(8182)}`)).toHaveLength(2);
    expect(refusal(() => parseScopes(`scope:a:b ${ofLength(8183)}`))).toBe(MALFORMED);
  });
});
