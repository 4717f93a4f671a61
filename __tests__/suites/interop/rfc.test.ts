import { createSecretKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openToken, verifySignature } from '../../../src/tokens/jws';
import { refusal } from '../../helpers/fixed';

/** The HS256 examples of the RFCs. Their keys are bytes, so the tests use the internal functions. */

interface Example {
  readonly name: string;
  readonly key: KeyObject;
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  readonly content: unknown;
}

const key = (k: string): KeyObject => createSecretKey(k, 'base64url');

/** RFC 7515 appendix A.1: the header starts with `typ`, and header and payload contain line breaks. */
const RFC_7515_A_1: Example = {
  name: 'RFC 7515 appendix A.1',
  key: key('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'),
  header: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
  payload: 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  content: { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true },
};

/** RFC 7520 section 4.4: the payload is text, and the header has a `kid`. */
const RFC_7520_4_4: Example = {
  name: 'RFC 7520 section 4.4',
  key: key('hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg'),
  header: 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9',
  payload:
    'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg' +
    'cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0' +
    'IGJlIHN3ZXB0IG9mZiB0by4',
  signature: 's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0',
  content:
    "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't " +
    'keep your feet, there\u2019s no knowing where you might be swept off to.',
};

describe.each([RFC_7515_A_1, RFC_7520_4_4])('$name', ({ key, header, payload, signature, content }) => {
  const token = `${header}.${payload}.${signature}`;

  it('is verified, with the published content', () => {
    expect(() => verifySignature(openToken(token), [key])).not.toThrow();
    const isText = typeof content === 'string';
    // Claims must be an object, so text is read from the segment.
    expect(isText ? Buffer.from(payload, 'base64url').toString() : openToken(token).claims).toEqual(content);
  });

  it.each([
    ['the signature', `${header}.${payload}.${swapCase(signature)}`],
    ['the payload', `${header}.${swapCase(payload)}.${signature}`],
  ])('is rejected with %s changed', (_, changed) => {
    expect(refusal(() => verifySignature(openToken(changed), [key]))).toBe(
      'TokenError ERR_TOKEN_SIGNATURE signature',
    );
  });

  it('is rejected with a key that differs in one bit', () => {
    const bytes = key.export();
    bytes[0]! ^= 1;
    expect(refusal(() => verifySignature(openToken(token), [createSecretKey(bytes)]))).toBe(
      'TokenError ERR_TOKEN_SIGNATURE signature',
    );
  });
});

/** Returns the text with its first letter in the other case. */
function swapCase(text: string): string {
  const first = text[0]!;
  return (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + text.slice(1);
}
