import { decodeClientName, decodeToken, encodeClientName, parseScope, parseScopes } from 'twilio-capability';
import { diagnose } from '../src/cli/diagnosis';
import { examine } from '../src/cli/examine';
import { findToken } from '../src/cli/find-token';

const SIZE = 20_000;
const OUTGOING = 'scope:client:outgoing?appSid=AP1';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA';
const READERS: Record<string, (text: string) => unknown> = {
  parseScope,
  'parseScope, in a query': (text) => parseScope(`scope:client:incoming?clientName=${text}`),
  'parseScope, in parameters': (text) => parseScope(`${OUTGOING}&appParams=${encodeURIComponent(text)}`),
  parseScopes,
  'parseScopes, after a scope': (text) => parseScopes(`${OUTGOING} ${text}`),
  decodeToken,
  decodeClientName,
  encodeClientName,
  'the command': inspect,
  'the command, in JSON': (text) => inspect(JSON.stringify({ token: text })),
  'the command, after a token': (text) => inspect(`${TOKEN} ${text}`),
};
const HOSTILE = [
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
  '\n',
  ' ey',
  '\ney.',
  ` ${TOKEN}`,
  '[',
  '["',
  '<',
];

/** What `inspect` does with its input, without the report. */
function inspect(text: string): unknown {
  const settings = { now: Date.now, clockTolerance: 0, credentials: undefined };
  return diagnose(examine(findToken(text), settings, []));
}

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

/**
 * Throws if hostile text does not take roughly linear time. For 64 times the text, linear time is 64 times as long and
 * quadratic time 4,096 times. The limit of 1,000 leaves room for garbage collection.
 */
export function checkLinearTime(): void {
  for (const [name, read] of Object.entries(READERS)) {
    for (const text of HOSTILE) {
      const once = time(read, text.repeat(SIZE / text.length));
      const more = time(read, text.repeat((64 * SIZE) / text.length));
      if (once >= 100 || more >= 1000 * once + 100) {
        throw new Error(
          `${name} takes ${once} ms for "${text}" repeated, and ${more} ms for 64 times as many.`,
        );
      }
    }
  }
}
