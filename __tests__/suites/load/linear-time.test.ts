import { describe, expect, it } from '@jest/globals';
import { decodeClientName, decodeToken, encodeClientName, parseScope, parseScopes } from '../../../src';

describe('hostile text takes roughly linear time', () => {
  const SIZE = 20_000;
  const outgoing = 'scope:client:outgoing?appSid=AP1';
  const readers: Record<string, (text: string) => unknown> = {
    parseScope,
    'parseScope, in a query': (text) => parseScope(`scope:client:incoming?clientName=${text}`),
    'parseScope, in parameters': (text) => parseScope(`${outgoing}&appParams=${encodeURIComponent(text)}`),
    parseScopes,
    'parseScopes, after a scope': (text) => parseScopes(`${outgoing} ${text}`),
    decodeToken,
    decodeClientName,
    encodeClientName,
  };
  const texts = [
    'a',
    '_',
    '.',
    ':',
    '%',
    '%25',
    '&',
    '=',
    '&=',
    '+',
    ' ',
    'scope:',
    ' scope:',
    ' scope:a:b',
    'é',
  ];

  /** Milliseconds of the fastest run. Other load on the machine only makes runs slower. */
  function time(read: (text: string) => unknown, text: string): number {
    let least = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      try {
        read(text);
      } catch {
        // Most of the text is rejected.
      }
      least = Math.min(least, performance.now() - start);
    }
    return least;
  }

  // For 64 times the text, linear time is 64 times as long and quadratic time 4,096 times. The limit of 1,000
  // leaves room for garbage collection.
  it.each(Object.entries(readers))('%s', (_, read) => {
    for (const text of texts) {
      const once = time(read, text.repeat(SIZE / text.length));
      expect([text, once < 100]).toEqual([text, true]);
      const more = time(read, text.repeat((64 * SIZE) / text.length));
      expect([text, more < 1000 * once + 100]).toEqual([text, true]);
    }
  });
});
