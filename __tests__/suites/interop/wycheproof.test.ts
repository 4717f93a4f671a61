import { createSecretKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openToken, validateHeader, verifySignature } from '../../../src/tokens/jws';
import wycheproof from './wycheproof.json';

/*
 * Project Wycheproof's HS256 cases for JSON Web Signatures (wycheproof.json, from its json_web_signature_test.json,
 * Apache License 2.0, https://github.com/C2SP/wycheproof). Our own cases are in tokens/jws.test.ts.
 */

/** Cases with a wrong label, and the correct result. */
const MISLABELLED: Readonly<Record<number, { result: 'valid' | 'invalid'; reason: string }>> = {
  367: {
    result: 'valid',
    reason: 'identical to the valid case 357, without the bad padding of its comment',
  },
  370: {
    result: 'valid',
    reason: 'identical to the valid case 357, without the bad padding of its comment',
  },
  372: { result: 'invalid', reason: 'the header contains a "?", which is not base64url' },
  373: { result: 'invalid', reason: 'the payload contains a "?", which is not base64url' },
};

/** Returns whether the internal functions accept a token. */
function isVerified(token: string, key: KeyObject): boolean {
  try {
    const opened = openToken(token);
    validateHeader(opened.header);
    verifySignature(opened, [key]);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'TokenError' });
    return false;
  }
}

const cases = wycheproof.map((test) => ({
  ...test,
  expected: MISLABELLED[test.tcId]?.result ?? test.result,
}));

describe('Wycheproof', () => {
  it('has forty cases, four with a wrong label', () => {
    expect(cases).toHaveLength(40);
    const wrong = cases.filter(({ result, expected }) => result !== expected);
    expect(wrong.map(({ tcId }) => tcId)).toEqual(Object.keys(MISLABELLED).map(Number));
    const jws = (id: number) => cases.find(({ tcId }) => tcId === id)!.jws;
    expect([jws(367), jws(370)]).toEqual([jws(357), jws(357)]);
    expect([jws(372).split('.')[0], jws(373).split('.')[1]]).toEqual([
      expect.stringContaining('?'),
      expect.stringContaining('?'),
    ]);
  });

  it.each(cases)('case $tcId, $comment: $expected', ({ jws, k, expected }) => {
    expect(isVerified(jws, createSecretKey(k, 'base64url'))).toBe(expected === 'valid');
  });
});
