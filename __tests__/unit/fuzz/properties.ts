import { createSecretKey } from 'node:crypto';
import fc, { type IRawProperty } from 'fast-check';
import { jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  decodeClientName,
  decodeToken,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  toVoiceGrant,
  type Scope,
} from '../../../src';
import {
  anyValue,
  identityText,
  MARK,
  pastedText,
  scope,
  scopes,
  scopeText,
  signedToken,
  tokenText,
} from './arbitraries';
import { runCommand, unprintableIn } from '../cli/run-command';
import { exposure } from '../../helpers/exposure';
import { accountSid, authToken, config, NOW, now } from '../../helpers/fixed';

/** Properties for any input. laws.test.ts runs them briefly, fuzz.test.ts with many cases. */

export interface Law {
  readonly name: string;
  /** Its share of the cases of a long run. */
  readonly share: number;
  readonly property: () => IRawProperty<unknown>;
}

const apiKey = { accountSid, apiKeySid: 'SK0123456789abcdef0123456789abcdef', apiKeySecret: authToken, now };
const key = createSecretKey(authToken, 'utf8');
const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const accessSigner = new AccessTokenSigner(apiKey);
const accessVerifier = new AccessTokenVerifier(apiKey);

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

function showsNothing(error: CapabilityError): void {
  assert(!exposure(error).includes(MARK), `An error shows what it should not: ${error.code}.`);
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Returns the class, the URI and the parts of each scope, in order. */
function describe(scopes: readonly Scope[]): string {
  return scopes
    .map((each) => `${each.constructor.name} ${String(each)} ${JSON.stringify(Object.entries(each))}`)
    .join('\n');
}

const isRefused = (token: string): boolean => valueOrRefusal(() => verifier.verify(token)) === undefined;

/** Counts the signed tokens by result. A comparison without accepted tokens would prove nothing. */
export const compared = { accepted: 0, refused: 0 };

async function comparePeers(token: string): Promise<void> {
  const accepted = valueOrRefusal(() => verifier.verify(token));
  if (accepted === undefined) {
    compared.refused++;
    return;
  }
  compared.accepted++;
  const claims = JSON.stringify(accepted.claims);
  const peers = [
    jsonwebtoken.verify(token, key, { algorithms: ['HS256'], clockTimestamp: NOW }),
    (
      await jwtVerify(token, key, {
        algorithms: ['HS256'],
        currentDate: new Date(NOW * 1000),
        issuer: accountSid,
      })
    ).payload,
    decodeToken(token).claims,
  ];
  for (const peer of peers) assert(JSON.stringify(peer) === claims, 'A peer reads other claims.');
}

/** Every public function and constructor, called with up to three arguments of any type. */
type Call = (a: never, b: never, c: never) => unknown;
const CALLS: readonly Call[] = [
  parseScope,
  parseScopes,
  encodeClientName,
  decodeClientName,
  decodeToken,
  toVoiceGrant,
  (token) => verifier.verify(token),
  (token) => accessVerifier.verify(token),
  (list, options) => signer.sign(list, options),
  (list, options) => signer.issue(list, options),
  (list, options) => accessSigner.sign(list, options),
  (list, options) => accessSigner.issue(list, options),
  (name, options) => new IncomingScope(name, options),
  (sid, options) => new OutgoingScope(sid, options),
  (filters) => new EventStreamScope(filters),
  (settings, list, options) => new CapabilitySigner(settings).sign(list, options),
  (settings, token) => new CapabilityVerifier(settings).verify(token),
  (settings, list, options) => new AccessTokenSigner(settings).sign(list, options),
  (settings, token) => new AccessTokenVerifier(settings).verify(token),
  (name, options, ttl) => new Capability(config).allowClientIncoming(name, options).generate(ttl),
  (sid, params, options) => new Capability(config).allowClientOutgoing(sid, params, options).generate(),
  (filters, ttl) => new Capability(config).allowEventStream(filters).generate(ttl),
  (settings) => {
    try {
      configure(settings);
    } finally {
      configure({});
    }
  },
];

const ENV = {
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: MARK,
  TWILIO_API_KEY_SID: apiKey.apiKeySid,
  TWILIO_API_KEY_SECRET: MARK,
};

/** Runs the command on text, and checks that the output is safe to show. */
async function checkCommand(input: string, command: string, columns: number | undefined): Promise<void> {
  const format = columns === undefined ? ['--json'] : [];
  const args = [command, '-', '--now', new Date(NOW * 1000).toISOString(), ...format];
  const { status, stdout, stderr } = await runCommand(args, {
    env: { ...ENV, NO_COLOR: '1' },
    input,
    columns,
  });
  const output = stdout + stderr;
  assert([0, 1, 2].includes(status), `It exits with ${status}.`);
  assert(unprintableIn(output).length === 0, 'It writes control characters.');
  assert(!output.includes(MARK), 'It shows a secret.');
  // Half of a secret is shown only if the input has no more of it.
  const half = MARK.slice(0, 6);
  assert(input.replaceAll(MARK, '').includes(half) || !output.includes(half), 'It shows half a secret.');
  assert(!/\n {4}at |Error:/.test(stderr), 'It shows a stack.');
  // Names in JSON can be repeated by a member each, so the output is a multiple of the input.
  assert(output.length < 40 * input.length + 5000, 'The output is out of proportion.');
  if (columns === undefined && stdout !== '') JSON.parse(stdout);
}

export const LAWS: readonly Law[] = [
  {
    name: 'scopes survive formatting and parsing',
    share: 4,
    property: () =>
      fc.property(fc.array(scope, { maxLength: 3 }), (list) => {
        for (const each of list)
          assert(describe([parseScope(String(each))]) === describe([each]), 'It changed.');
        assert(describe(parseScopes(list.join(' '))) === describe(list), 'They changed.');
      }),
  },
  {
    name: 'scope text parses to scopes whose URI parses to the same, or throws a typed error',
    share: 5,
    property: () =>
      fc.property(scopeText, (text) => {
        const one = valueOrRefusal(() => parseScope(text));
        if (one !== undefined) assert(describe([parseScope(String(one))]) === describe([one]), 'It changed.');
        const all = valueOrRefusal(() => parseScopes(text));
        if (all !== undefined)
          assert(describe(parseScopes(all.join(' '))) === describe(all), 'They changed.');
      }),
  },
  {
    name: 'token text returns a value or throws a typed error',
    share: 4,
    property: () =>
      fc.property(tokenText, (text) => {
        for (const read of [decodeToken, decodeToken]) valueOrRefusal(() => read(text));
        const good = valueOrRefusal(() => verifier.verify(text));
        valueOrRefusal(() => accessVerifier.verify(text));
        if (good !== undefined)
          assert(decodeToken(text).scopes.join() === good.scopes.join(), 'They differ.');
      }),
  },
  {
    name: 'client names survive encoding and decoding, or throw a typed error',
    share: 3,
    property: () =>
      fc.property(identityText, (text) => {
        const encoded = valueOrRefusal(() => encodeClientName(text));
        if (encoded !== undefined) {
          assert(/^[A-Za-z0-9_]{1,121}$/.test(encoded), 'It is not a client name.');
          assert(decodeClientName(encoded) === text, 'It decodes to other text.');
        }
        const decoded = valueOrRefusal(() => decodeClientName(text));
        if (decoded !== undefined)
          assert(encodeClientName(decoded) === text, 'Two names decode to one text.');
      }),
  },
  {
    name: 'a token with one byte changed, inserted or removed is rejected',
    share: 3,
    property: () =>
      fc.property(scopes, fc.nat(), fc.nat({ max: 255 }), (list, at, byte) => {
        const token = signer.sign(list);
        const index = at % token.length;
        const other = String.fromCharCode(byte);
        const [before, after] = [token.slice(0, index), token.slice(index + 1)];
        assert(isRefused(before + after), `Without byte ${index} it is accepted.`);
        assert(
          isRefused(before + other + token.slice(index)),
          `With a byte inserted at ${index} it is accepted.`,
        );
        if (token[index] === other) return;
        assert(isRefused(before + other + after), `With byte ${index} changed it is accepted.`);
      }),
  },
  {
    name: 'a token with segments exchanged is rejected',
    share: 1,
    property: () =>
      fc.property(
        scopes,
        scopes,
        fc.constantFrom(0, 1, 2),
        fc.constantFrom(0, 1, 2),
        (one, two, from, to) => {
          const token = signer.sign(one).split('.');
          const other = signer.sign(two, { ttl: 599 }).split('.');
          const within = [...token];
          [within[from], within[to]] = [token[to]!, token[from]!];
          const between = token.map((segment, index) => (index === from ? other[index]! : segment));
          for (const mixed of [within.join('.'), between.join('.')]) {
            if (mixed !== token.join('.') && mixed !== other.join('.'))
              assert(isRefused(mixed), 'It is accepted.');
          }
        },
      ),
  },
  {
    name: 'jsonwebtoken and jose return the same claims for every accepted token',
    share: 3,
    property: () => fc.asyncProperty(signedToken, comparePeers),
  },
  {
    name: 'the command answers any text without a stack, a control character or a secret',
    share: 2,
    property: () =>
      fc.asyncProperty(
        pastedText,
        fc.constantFrom('inspect', 'verify'),
        fc.constantFrom(undefined, 50, 80, 120),
        checkCommand,
      ),
  },
  {
    name: 'public functions return a value or throw a typed error without secrets, for any arguments',
    share: 3,
    property: () =>
      fc.property(fc.constantFrom(...CALLS), anyValue, anyValue, anyValue, (call, a, b, c) => {
        valueOrRefusal(() => call(a as never, b as never, c as never), showsNothing);
      }),
  },
];
