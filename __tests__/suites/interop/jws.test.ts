import { createSecretKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openToken, validateHeader, verifySignature } from '../../../src/tokens/jws';
import { refusal } from '../../helpers/fixed';
import wycheproof from './wycheproof.json';

/*
 * Published HS256 vectors. Their keys are bytes, so the tests use the internal functions. Our own cases are in
 * tokens/jws.test.ts.
 */

const keyOf = (k: string): KeyObject => createSecretKey(k, 'base64url');

/** Header, payload, signature and key. */
const RFC_EXAMPLES = {
  // The header starts with `typ`, and header and payload contain line breaks.
  'RFC 7515 appendix A.1': [
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
    'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
    'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  ],
  // The payload is text, and the header has a `kid`.
  'RFC 7520 section 4.4': [
    'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9',
    'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg' +
      'cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0' +
      'IGJlIHN3ZXB0IG9mZiB0by4',
    's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0',
    'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
  ],
} as const;

it.each(Object.entries(RFC_EXAMPLES))('verifies %s', (_, [header, payload, signature, k]) => {
  const opened = openToken(`${header}.${payload}.${signature}`);
  expect(() => verifySignature(opened, [keyOf(k)])).not.toThrow();
  const text = Buffer.from(payload, 'base64url').toString();
  expect(opened.claims).toEqual(text.startsWith('{') ? JSON.parse(text) : undefined);
});

/**
 * Project Wycheproof's cases for JSON Web Signatures (wycheproof.json, from its json_web_signature_test.json, Apache
 * License 2.0, https://github.com/C2SP/wycheproof).
 */
describe('Wycheproof', () => {
  /** Cases with a wrong label, and the correct result. */
  const MISLABELLED: Readonly<Record<number, string>> = {
    // Identical to the valid case 357, without the bad padding of its comment.
    367: 'valid',
    370: 'valid',
    // The header or payload contains a "?", which is not base64url.
    372: 'invalid',
    373: 'invalid',
  };

  it('has forty cases, four with a wrong label', () => {
    expect(wycheproof).toHaveLength(40);
    const jws = (id: number) => wycheproof.find(({ tcId }) => tcId === id)!.jws;
    expect([jws(367), jws(370)]).toEqual([jws(357), jws(357)]);
    expect(jws(372).split('.')[0]).toContain('?');
    expect(jws(373).split('.')[1]).toContain('?');
  });

  it.each(wycheproof)('case $tcId, $comment', ({ tcId, jws, k, result }) => {
    const verify = (): void => {
      const opened = openToken(jws);
      validateHeader(opened.header);
      verifySignature(opened, [keyOf(k)]);
    };
    if ((MISLABELLED[tcId] ?? result) === 'valid') expect(verify).not.toThrow();
    else expect(refusal(verify)).toMatch(/^TokenError /);
  });
});
