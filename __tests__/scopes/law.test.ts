import { fc } from '@fast-check/jest';
import { describe, jest, test } from '@jest/globals';
import {
  decodeClientName,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  type Scope,
} from '../../src';

/** Checks a property with 10,000 values. No time limit ends a run early. */
function holds<T>(values: fc.Arbitrary<T>, law: (value: T) => boolean): void {
  fc.assert(fc.property(values, law), { numRuns: 10_000 });
}
jest.setTimeout(60_000);

/** Any well-formed Unicode text, often with characters that have a meaning in a URI. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      '&',
      '=',
      '+',
      '%',
      ' ',
      '?',
      ':',
      '/',
      '#',
      '%20',
      '%2B',
      '%C3',
      '%252',
      'é',
      '😀',
      '\u0000',
      '\n',
      'scope:',
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    'toString',
    'constructor',
    'hasOwnProperty',
    'appSid',
    'clientName',
    'params',
    '0',
    '__proto',
    '',
  ),
);
const names = text.filter((name) => name !== '' && name !== '__proto__');
const values = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
const params = fc
  .array(fc.tuple(names, values), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));

const clientName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_]{1,121}$/),
  // eslint-disable-next-line no-control-regex -- what no client name may have
  text.map((name) => name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')).filter((name) => name !== ''),
);
const applicationSid = fc.stringMatching(/^AP[A-Za-z0-9]{1,32}$/);

const incoming = clientName.map((name) => new IncomingScope(name, { allowAnyName: true }));
const outgoing = fc
  .tuple(applicationSid, fc.option(clientName, { nil: undefined }), params)
  .map(([sid, name, held]) => new OutgoingScope(sid, { clientName: name, params: held, allowAnyName: true }));
const eventStream = params.map((filters) => new EventStreamScope(filters));
const other = fc
  .tuple(fc.stringMatching(/^[\w.~-]{1,8}$/), fc.array(fc.tuple(names, text), { maxLength: 4 }))
  .map(([service, query]) =>
    parseScope(
      `scope:x${service}:join?${Object.entries(Object.fromEntries(query))
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join('&')}`,
    ),
  );

/** Returns the URI of a scope and its parts in order. */
const told = (each: Scope): string =>
  `${each.constructor.name} ${String(each)} ${JSON.stringify(Object.entries(each))}`;
const comesBack = (written: Scope): boolean => told(parseScope(String(written))) === told(written);
const allComeBack = (written: readonly Scope[]): boolean =>
  parseScopes(written.join(' ')).map(told).join() === written.map(told).join();

/** Returns the result of a parser, or undefined if it throws the expected code. */
function readOr<T>(code: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as { code?: string }).code === code) return undefined;
    throw error;
  }
}

describe('scopes survive formatting and parsing', () => {
  test.each<[string, fc.Arbitrary<Scope>]>([
    ['an incoming scope', incoming],
    ['an outgoing scope', outgoing],
    ['an event stream', eventStream],
    ['a scope without a class in this library', other],
  ])('%s', (_, scopes) => {
    holds(scopes, comesBack);
  });

  test('a whole claim', () => {
    holds(fc.array(fc.oneof(incoming, outgoing, eventStream, other), { maxLength: 3 }), allComeBack);
  });

  test('an encoded client name', () => {
    holds(fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }), (identity) => {
      const encoded = encodeClientName(identity);
      return /^[A-Za-z0-9_]{1,121}$/.test(encoded) && decodeClientName(encoded) === identity;
    });
  });
});

describe('parsed text', () => {
  const piece = (...pieces: string[]) =>
    fc.string({ unit: fc.constantFrom(...pieces), minLength: 1, maxLength: 12 });

  test('a client name decodes to the one text that encodes to it, or is rejected', () => {
    holds(piece('_', '4', '1', 'A', 'C', '3', 'F', 'x', '_C3_A9', '_20'), (name) => {
      const identity = readOr('ERR_SCOPE_INVALID', () => decodeClientName(name));
      return identity === undefined || encodeClientName(identity) === name;
    });
  });

  test('a scope is rejected, or its canonical form parses to itself', () => {
    const text = piece(
      ...['scope:', 'client:', 'incoming', 'outgoing', 'stream:subscribe', '?', '&', '=', ' ', '%', '+', 'a'],
      ...['%20', '%3D', 'clientName=', 'appSid=AP1', 'appParams=', 'params=', 'path=/2010-04-01/Events'],
      ...['scope:client:incoming?', 'scope:client:outgoing?', 'scope:stream:subscribe?', '\ud83d'],
    );
    holds(text, (claim) => {
      const scopes = readOr('ERR_SCOPE_MALFORMED', () => parseScopes(claim));
      return scopes === undefined || allComeBack(scopes);
    });
  });
});
