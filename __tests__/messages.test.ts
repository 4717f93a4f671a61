import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  decodeCapability,
  decodeClientName,
  encodeClientName,
  EventStreamScope,
  IncomingScope,
  OtherScope,
  OutgoingScope,
  parseScope,
  parseScopes,
} from '../src';
import { accountSid, config, LONE_SURROGATE, NOW, now, thrown } from './helpers/fixed';
import { encode, forge } from './helpers/forge';

/** What each error says, in full: it is what a user reads. Those of a config are in config.test.ts. */

const alice = new IncomingScope('alice');
const signer = new CapabilitySigner(config);
const verifier = new CapabilityVerifier(config);
const claims = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 60 };
const verify = (changes: object, header?: object): unknown =>
  verifier.verify(forge({ ...claims, ...changes }, { alg: 'HS256', typ: 'JWT', ...header }));

const SIGN = {
  'Give either ttl or expiresAt, not both.': () =>
    signer.sign(alice, { ttl: 60, expiresAt: new Date(now() + 60_000) }),
  'expiresAt must be a valid Date, at least 1 second and at most 24 hours from now.': () =>
    signer.sign(alice, { expiresAt: new Date(now()) }),
  "A ttl is a whole number of seconds from 1 to 86400 (24 hours, which is Twilio's limit).": () =>
    signer.sign(alice, { ttl: 0 }),
  "A ttl is a whole number of seconds from 1 to 86400 (24 hours, which is Twilio's limit). This one looks like milliseconds: divide it by 1000.":
    () => signer.sign(alice, { ttl: 3_600_000 }),
  'The options must be a plain object with any of: ttl, expiresAt.': () => signer.sign(alice, [] as object),
  'The options have an unknown property "tll"; did you mean "ttl"?': () =>
    signer.sign(alice, { tll: 5 } as object),
  'The options have an unknown property; did you mean "ttl"?': () => signer.sign(alice, { t2l: 5 } as object),
  'The property "ttl" of the options cannot be read: its getter throws.': () =>
    signer.sign(alice, {
      get ttl(): number {
        throw new Error('the caller’s own');
      },
    }),
  'The config has an unknown property "autToken"; did you mean "authToken"?': () =>
    new CapabilitySigner({ ...config, autToken: 'x' } as object),
  'The now function threw.': () =>
    new CapabilitySigner({
      ...config,
      now: () => {
        throw new Error('the caller’s own');
      },
    }).sign(alice),
  'The now function must return milliseconds since the epoch, as Date.now does.': () =>
    new CapabilitySigner({ ...config, now: () => Number.NaN }).sign(alice),
  'A token needs at least one scope: without any it allows nothing.': () => signer.sign([]),
  'The same scope is there twice.': () => signer.sign([alice, new IncomingScope('alice')]),
  'Two outgoing scopes are for one application; Twilio would take only one of them.': () =>
    signer.sign([new OutgoingScope('AP1'), new OutgoingScope('AP1', { clientName: 'alice' })]),
  'Scopes are made by new IncomingScope(…), new OutgoingScope(…), new EventStreamScope(…) or parseScope(…): give one of them, or an array or other iterable of them. Text and look-alikes are not taken.':
    () => signer.sign(String(alice) as unknown as IncomingScope),
  'A token has at most 8192 characters: it travels in a header or a URL.': () =>
    signer.sign(new OutgoingScope('AP1', { params: { text: 'x'.repeat(8192) } })),
  'This Capability has generated its token. Make a new one for each client; to share the credentials, use a CapabilitySigner.':
    () => {
      const capability = new Capability(config).allowClientIncoming('alice');
      capability.generate();
      capability.allowClientIncoming('bob');
    },
};

const SCOPES = {
  'A client name must be 1 to 121 ASCII letters, digits or underscores. For other text, such as an e-mail address, use encodeClientName(text); to send it as it is, pass { allowAnyName: true }.':
    () => new IncomingScope('a b'),
  'A client name must be a string of 1 to 256 characters, well formed and without control characters.': () =>
    new IncomingScope('', { allowAnyName: true }),
  'allowAnyName must be true or false.': () =>
    new IncomingScope('alice', { allowAnyName: 'false' as unknown as boolean }),
  'Only well-formed text can be made into a client name (no lone surrogates).': () =>
    encodeClientName(LONE_SURROGATE),
  'Encoded, this text is empty or longer than the 121 characters that a client name can have.': () =>
    encodeClientName(''),
  'This client name was not made by encodeClientName, so there is nothing to decode.': () =>
    decodeClientName('user_42'),
  'An application SID is "AP" followed by 1 to 32 letters or digits. Find it in the Twilio console, under TwiML Apps.':
    () => new OutgoingScope('AC1'),
  'The params must be a plain object of names and values; leave it out for none.': () =>
    new OutgoingScope('AP1', { params: [] as unknown as Record<string, string> }),
  'The value of "a" must be well-formed text, a finite number or a boolean. Leave out what is not set; turn dates and objects into text yourself.':
    () => new OutgoingScope('AP1', { params: { a: Number.NaN } }),
  'The filters hold more than 100 entries.': () =>
    new EventStreamScope(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, n]))),
  'An OtherScope is made by parseScope only.': () =>
    Reflect.construct(OtherScope as unknown as new () => unknown, [Symbol('parsed'), {}]) as unknown,
};

const TEXT = {
  'A scope URI must be a string.': () => parseScope(null as unknown as string),
  'A scope claim must be a string.': () => parseScopes(null as unknown as string),
  'A scope has the form scope:service:privilege?key=value&key=value.': () => parseScope('scope'),
  'A scope has bad percent-encoding.': () => parseScope('scope:a:b?k=%'),
  'A scope has more than 1000 query parts.': () => parseScope(`scope:a:b?${'&'.repeat(1001)}`),
  'A scope names one key twice.': () => parseScope('scope:a:b?k=1&k=2'),
  'A scope has a key "__proto__".': () => parseScope('scope:a:b?__proto__=1'),
  'A scope names "clientName" twice.': () => parseScope('scope:client:incoming?clientName=a&clientName=b'),
  'The params of a scope name one key twice.': () =>
    parseScope('scope:client:outgoing?appSid=AP1&appParams=a%3D1%26a%3D2'),
  'The names of params must be well-formed text, not empty and not "__proto__".': () =>
    parseScope('scope:client:outgoing?appSid=AP1&appParams=%3D1'),
  'A scope does not parse. A client name must be a string of 1 to 256 characters, well formed and without control characters.':
    () => parseScope('scope:client:incoming'),
};

const TOKENS = {
  'A token is a string.': () => verifier.verify(5 as unknown as string),
  'A token has at most 8192 characters: it travels in a header or a URL.': () =>
    verifier.verify('x'.repeat(8193)),
  'A token is three segments of unpadded base64url joined by dots. This is not, or not all of it.': () =>
    verifier.verify('a.b'),
  'The header of the token is not a JSON object.': () => verifier.verify(forge(claims, [])),
  'The token is not signed with HS256, the only way Twilio signs.': () => verify({}, { alg: 'none' }),
  'The header of the token has a typ other than JWT.': () => verify({}, { typ: 'JOSE' }),
  'The header of the token has a crit, which Twilio never writes.': () => verify({}, { crit: [] }),
  'This is no capability token: it is an Access Token, as the cty of its header says.': () =>
    verify({}, { cty: 'twilio-fpa;v=1' }),
  'This is no capability token: its header has a cty that Twilio gives to neither kind of token.': () =>
    verify({}, { cty: 'JWT' }),
  'This is no Access Token: it is a capability token, if anything: its header has no cty.': () =>
    new AccessTokenVerifier({ accountSid, apiKeySid: 'SK1', apiKeySecret: 'secret', now }).verify(
      forge(claims),
    ),
  'The signature does not fit: the token was changed, or signed with the secret of another account or key.':
    () => verifier.verify(forge(claims, undefined, { secret: 'another' })),
  'The payload of the token is not a JSON object in UTF-8.': () => verifier.verify(forge([])),
  'The token is of another account: its iss is not the account SID.': () => verify({ iss: 'AC1' }),
  'The exp of the token is missing, or no whole number of seconds.': () => verify({ exp: undefined }),
  'The token has expired.': () => verify({ exp: NOW }),
  'The token ends more than 24 hours from now; Twilio refuses it.': () => verify({ exp: NOW + 86_401 }),
  'The nbf of the token is not a time in seconds.': () => verify({ nbf: 'soon' }),
  'The iat of the token is in the future.': () => verify({ iat: NOW + 1 }),
  'The scope of the token cannot be read. A scope claim must be a string.': () =>
    decodeCapability(`${encode({ alg: 'HS256' })}.${encode({ exp: NOW })}.`),
};

describe.each(Object.entries({ SIGN, SCOPES, TEXT, TOKENS }))('%s', (_, messages) => {
  test.each(Object.entries(messages))('%s', (message, act) => {
    expect((thrown(act) as Error).message).toBe(message);
  });
});
