import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc, { type IRawProperty } from 'fast-check';
import { jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import * as library from '../../../src';
import { CapabilityError, decodeToken, parseScope, parseScopes, type Scope } from '../../../src';
import { exposure } from '../../helpers/exposure';
import { accountSid, apiKeyConfig, authToken, config, NOW } from '../../helpers/fixed';
import { runCommand, unprintableIn } from '../cli/run-command';
import * as any from './arbitraries';
import { mistakenToken, pastedText } from './pasted-text';

/**
 * Properties for any input. Without FUZZ_RUNS, a few thousand cases from a fixed seed. FUZZ_RUNS is the total number
 * of cases. FUZZ_SEED repeats a run: each run prints its seed.
 */

const key = createSecretKey(authToken, 'utf8');
const signer = new library.CapabilitySigner(config);
const verifier = new library.CapabilityVerifier(config);
const accessSigner = new library.AccessTokenSigner(apiKeyConfig);
const accessVerifier = new library.AccessTokenVerifier(apiKeyConfig);

/** Returns the result of a call, or undefined if it throws an error of this library. */
function valueOrRefusal<T>(act: () => T, inspectError?: (error: CapabilityError) => void): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    inspectError?.(error);
    return undefined;
  }
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Fails unless scopes survive formatting and parsing: classes, URIs and parts, in order. */
function assertStable(scopes: readonly Scope[], parse: (text: string) => readonly Scope[]): void {
  const shown = (list: readonly Scope[]): string =>
    list.map((each) => `${each.constructor.name} ${String(each)} ${JSON.stringify({ ...each })}`).join();
  assert(shown(parse(scopes.join(' '))) === shown(scopes), 'The scopes changed.');
}

const assertRefused = (token: string, what: string): void => {
  assert(valueOrRefusal(() => verifier.verify(token)) === undefined, `A token ${what} is accepted.`);
};

/** Counts the signed tokens by result. A comparison without accepted tokens would prove nothing. */
const compared = { accepted: 0, refused: 0 };

async function comparePeers(token: string): Promise<void> {
  const accepted = valueOrRefusal(() => verifier.verify(token));
  compared[accepted === undefined ? 'refused' : 'accepted'] += 1;
  if (accepted === undefined) return;
  const options = { algorithms: ['HS256'], currentDate: new Date(NOW * 1000), issuer: accountSid };
  for (const claims of [
    jsonwebtoken.verify(token, key, { algorithms: ['HS256'], clockTimestamp: NOW }),
    (await jwtVerify(token, key, options)).payload,
    decodeToken(token).claims,
  ]) {
    assert(JSON.stringify(claims) === JSON.stringify(accepted.claims), 'A peer reads other claims.');
  }
}

/** Every public function and constructor, called with up to three arguments of any type. */
type Call = (a: never, b: never, c: never) => unknown;
const CALLS: readonly Call[] = [
  library.parseScope,
  library.parseScopes,
  library.encodeClientName,
  library.decodeClientName,
  library.decodeToken,
  library.toVoiceGrant,
  (token) => verifier.verify(token),
  (token) => accessVerifier.verify(token),
  (list, options) => signer.sign(list, options),
  (list, options) => signer.issue(list, options),
  (list, options) => accessSigner.sign(list, options),
  (list, options) => accessSigner.issue(list, options),
  (name, options) => new library.IncomingScope(name, options),
  (sid, options) => new library.OutgoingScope(sid, options),
  (filters) => new library.EventStreamScope(filters),
  (settings, list, options) => new library.CapabilitySigner(settings).sign(list, options),
  (settings, token) => new library.CapabilityVerifier(settings).verify(token),
  (settings, list, options) => new library.AccessTokenSigner(settings).sign(list, options),
  (settings, token) => new library.AccessTokenVerifier(settings).verify(token),
  (name, options, ttl) => new library.Capability(config).allowClientIncoming(name, options).generate(ttl),
  (sid, params, options) =>
    new library.Capability(config).allowClientOutgoing(sid, params, options).generate(),
  (filters, ttl) => new library.Capability(config).allowEventStream(filters).generate(ttl),
  (settings) => {
    try {
      library.configure(settings);
    } finally {
      library.configure({});
    }
  },
];

const ENV = {
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: any.MARK,
  TWILIO_API_KEY_SID: apiKeyConfig.apiKeySid,
  TWILIO_API_KEY_SECRET: any.MARK,
  NO_COLOR: '1',
};

/** Runs the command on text, and checks that the output is safe to show. Without columns, the output is JSON. */
async function checkCommand(input: string, command: string, columns: number | undefined): Promise<void> {
  const format = columns === undefined ? ['--json'] : [];
  const args = [command, '-', '--now', new Date(NOW * 1000).toISOString(), ...format];
  const { status, stdout, stderr } = await runCommand(args, { env: ENV, input, columns });
  const output = stdout + stderr;
  assert([0, 1, 2].includes(status), `It exits with ${status}.`);
  assert(unprintableIn(output).length === 0, 'It writes control characters.');
  // Half of a secret is shown only if the input has no more of it.
  const half = any.MARK.slice(0, 6);
  const isInInput = input.replaceAll(any.MARK, '').includes(half);
  assert(!output.includes(isInInput ? any.MARK : half), 'It shows a secret.');
  assert(!/\n {4}at |Error:/.test(stderr), 'It shows a stack.');
  // Names in JSON can be repeated by a member each, so the output is a multiple of the input.
  assert(output.length < 40 * input.length + 5000, 'The output is out of proportion.');
  if (columns === undefined && stdout !== '') JSON.parse(stdout);
}

const one = (text: string): Scope[] => [parseScope(text)];

/** `share` is the part of all cases that a law gets. */
const LAWS: readonly (readonly [name: string, share: number, property: IRawProperty<unknown>])[] = [
  [
    'scopes survive formatting and parsing',
    4,
    fc.property(fc.array(any.scope, { maxLength: 3 }), (list) => {
      for (const each of list) assertStable([each], one);
      assertStable(list, parseScopes);
    }),
  ],
  [
    'scope text parses to scopes whose URI parses to the same, or throws a typed error',
    5,
    fc.property(any.scopeText, (text) => {
      assertStable(valueOrRefusal(() => one(text)) ?? [], (uri) => (uri === '' ? [] : one(uri)));
      assertStable(valueOrRefusal(() => parseScopes(text)) ?? [], parseScopes);
    }),
  ],
  [
    'token text returns a value or throws a typed error',
    4,
    fc.property(fc.oneof({ arbitrary: any.tokenText, weight: 2 }, mistakenToken), (text) => {
      const decoded = valueOrRefusal(() => decodeToken(text));
      const verified = valueOrRefusal(() => verifier.verify(text));
      valueOrRefusal(() => accessVerifier.verify(text));
      if (verified !== undefined) assert(decoded?.scopes.join() === verified.scopes.join(), 'They differ.');
    }),
  ],
  [
    'client names survive encoding and decoding, or throw a typed error',
    3,
    fc.property(any.identityText, (text) => {
      const encoded = valueOrRefusal(() => library.encodeClientName(text));
      if (encoded !== undefined) {
        assert(/^[A-Za-z0-9_]{1,121}$/.test(encoded), 'It is not a client name.');
        assert(library.decodeClientName(encoded) === text, 'It decodes to other text.');
      }
      const decoded = valueOrRefusal(() => library.decodeClientName(text));
      if (decoded !== undefined)
        assert(library.encodeClientName(decoded) === text, 'Two names decode to one text.');
    }),
  ],
  [
    'a token with one byte changed, inserted or removed is rejected',
    3,
    fc.property(any.scopes, fc.nat(), fc.nat({ max: 255 }), (list, at, byte) => {
      const token = signer.sign(list);
      const index = at % token.length;
      const other = String.fromCharCode(byte);
      const [before, after] = [token.slice(0, index), token.slice(index + 1)];
      assertRefused(before + after, `without byte ${index}`);
      assertRefused(before + other + token.slice(index), `with a byte inserted at ${index}`);
      if (token[index] !== other) assertRefused(before + other + after, `with byte ${index} changed`);
    }),
  ],
  [
    'jsonwebtoken and jose return the same claims for every accepted token',
    3,
    fc.asyncProperty(any.signedToken, comparePeers),
  ],
  [
    'the command answers any text without a stack, a control character or a secret',
    2,
    fc.asyncProperty(
      pastedText,
      fc.constantFrom('inspect', 'verify'),
      fc.constantFrom(undefined, 50, 80, 120),
      checkCommand,
    ),
  ],
  [
    'public functions return a value or throw a typed error without secrets, for any arguments',
    3,
    fc.property(fc.constantFrom(...CALLS), any.anyValue, any.anyValue, any.anyValue, (call, a, b, c) => {
      valueOrRefusal(
        () => call(a as never, b as never, c as never),
        (error) => {
          assert(!exposure(error).includes(any.MARK), `An error shows what it should not: ${error.code}.`);
        },
      );
    }),
  ],
];

const { FUZZ_RUNS, FUZZ_SEED } = process.env;
const shares = LAWS.reduce((sum, [, share]) => sum + share, 0);
const runs = Number(FUZZ_RUNS ?? 150 * shares);
const seed = Number(FUZZ_SEED ?? (FUZZ_RUNS === undefined ? 20260101 : Date.now() % 2 ** 31));
const HOUR = 3_600_000;

describe(`fuzz, FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`, () => {
  it.each(LAWS)(
    '%s',
    async (_, share, property) => {
      await fc.assert(property, { seed, numRuns: Math.ceil((runs * share) / shares) });
    },
    HOUR,
  );

  it('compared both accepted and rejected tokens', () =>
    expect(Math.min(compared.accepted, compared.refused)).toBeGreaterThan(runs / 100));
});
