import { describe, expect, test } from '@jest/globals';
import {
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  encodeClientName,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  type SignOptions,
} from '../../src';
import { accountSid, authToken, config, NOW, thrown } from '../helpers/fixed';
import { forge } from '../helpers/forge';

const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');
const create = (change: object) => new CapabilitySigner({ ...config, ...change });
const name = (clientName: unknown, options?: object) => new IncomingScope(clientName as string, options);
const sign = (scopes: unknown, options?: unknown) => signer.sign(scopes as never, options as SignOptions);
const verify = (claims: object, header?: object) =>
  new CapabilityVerifier(config).verify(forge(claims, header));

/** Messages where one code has several causes. Each names the cause, and the way out if it is not plain. */
describe('a message names the cause', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['null as client name', () => name(null), /Received null\.$/],
    ['a number as client name', () => name(42), /Received number\.$/],
    ['null as text to encode', () => encodeClientName(null as never), /Received null\.$/],
    ['null as scope', () => parseScope(null as never), /Received null\.$/],
    ['null as scope claim', () => parseScopes(null as never), /Received null\.$/],
    ['an empty client name', () => name(''), /must not be empty/],
    ['a client name that is too long', () => name('x'.repeat(122)), /at most 121 characters/],
    [
      'a client name with a space',
      () => name(`${'x'.repeat(120)} `),
      /encodeClientName\(\).*allowAnyName: true/,
    ],
    [
      'any name that is too long',
      () => name('x'.repeat(257), { allowAnyName: true }),
      /at most 256 characters/,
    ],
    ['options as application SID', () => new OutgoingScope({} as never), /Pass the SID first/],
    ['null as application SID', () => new OutgoingScope(null as never), /letters or digits\.$/],
    ['an application SID of another kind', () => new OutgoingScope('AC1'), /letters or digits\.$/],
    [
      'a param whose name may be a secret',
      () => new OutgoingScope('AP1', { params: { [authToken]: null as never } }),
      /^A value of params must be well-formed text/,
    ],
    ['text as scopes', () => sign(String(alice)), /^Scopes must be created with.*parseScope\(\)/],
    ['an object as scopes', () => sign({}), /^Scopes must be created with.*another iterable/],
    ['a scope twice', () => sign([alice, alice]), /The same scope was passed twice/],
    [
      'an application twice',
      () => sign([new OutgoingScope('AP1'), new OutgoingScope('AP1', { clientName: 'a' })]),
      /same application SID/,
    ],
    ['a URI of another form', () => parseScope('scope:a'), /^Scope must have the form/],
    [
      'a URI with another value',
      () => parseScope('scope:client:outgoing?appSid=1'),
      /^Scope cannot be parsed\. Application SID/,
    ],
    [
      'a sealed Capability',
      () => {
        const capability = new Capability(config).allowClientIncoming('a');
        capability.generate();
        capability.allowEventStream();
      },
      /has generated its token.*CapabilitySigner/,
    ],
    [
      'a ttl in milliseconds',
      () => sign(alice, { ttl: 3_600_000 }),
      /looks like milliseconds\. Divide it by 1000/,
    ],
    ['a ttl of half a second', () => sign(alice, { ttl: 0.5 }), /24 hours\)\.$/],
    ['a ttl of a day and a second', () => sign(alice, { ttl: 86_401 }), /24 hours\)\.$/],
    ['a negative ttl', () => sign(alice, { ttl: -1000 }), /24 hours\)\.$/],
    ['text as ttl', () => sign(alice, { ttl: '3600000' }), /24 hours\)\. Received string\.$/],
    ['a number as options', () => sign(alice, 600), /plain object\. Known keys: ttl, expiresAt\.$/],
    ['no auth token', () => create({ authToken: undefined }), /^authToken is missing\..*TWILIO_AUTH_TOKEN/],
    [
      'an auth token that is no string',
      () => create({ authToken: 1 }),
      /^authToken must be a non-empty string/,
    ],
    ['a PEM key', () => create({ authToken: '-----BEGIN' }), /must not be a PEM key/],
    [
      'a SID as auth token',
      () => create({ authToken: accountSid.replace('AC', 'SK') }),
      /is a SID\. Pass the secret/,
    ],
    [
      'an undefined auth token among several',
      () => new CapabilityVerifier({ ...config, authToken: [authToken, undefined as never] }),
      /^authToken must be a non-empty string/,
    ],
    ['no auth tokens', () => new CapabilityVerifier({ ...config, authToken: [] }), /1 to 100 strings/],
    ['null as token', () => new CapabilityVerifier(config).verify(null as never), /Received null\.$/],
    ['a number as token', () => new CapabilityVerifier(config).verify(42 as never), /Received number\.$/],
    [
      'an Access Token',
      () => verify({}, { alg: 'HS256', cty: 'twilio-fpa;v=1' }),
      /Access Token\. Use AccessTokenVerifier/,
    ],
    ['an unknown kind of token', () => verify({}, { alg: 'HS256', cty: 'x' }), /unknown cty/],
    ['an Access Token without cty', () => verify({ grants: {} }), /Access Token without the cty/],
    ['a TaskRouter token', () => verify({ policies: [] }), /TaskRouter token/],
    ['a token without a scope', () => verify({ iss: accountSid, exp: NOW + 60 }), /has no scope claim/],
  ])('%s', (_, act, message) => {
    expect((thrown(act) as Error).message).toMatch(message);
  });
});
