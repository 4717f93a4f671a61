import { describe, expect, it, jest } from '@jest/globals';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  decodeToken,
  IncomingScope,
  OutgoingScope,
} from '../../src';
import { exposure } from '../helpers/exposure';
import { apiKeyConfig, applicationSid, config, NOW, refusal, withPolluted } from '../helpers/fixed';
import { forge } from '../helpers/forge';

/** Promises of SECURITY.md that concern several files. */

const { accountSid, authToken } = config;
const scopes = [new IncomingScope('alice')];

it('a token that is too large is rejected before it is decoded', () => {
  const verifier = new CapabilityVerifier(config);
  const long = 'a'.repeat(10_000_000);
  const spies = [
    jest.spyOn(String.prototype, 'split'),
    jest.spyOn(RegExp.prototype, 'test'),
    jest.spyOn(Buffer, 'from'),
    jest.spyOn(JSON, 'parse'),
  ];
  const outcomes = [() => verifier.verify(long), () => decodeToken(long)].map(refusal);
  const touched = spies.flatMap(({ mock }) => [...mock.calls.flat(), ...mock.contexts]);
  jest.restoreAllMocks();
  expect(outcomes).toEqual(Array(2).fill('TokenError ERR_TOKEN_TOO_LARGE token'));
  expect(touched.filter((each) => each === long)).toEqual([]);
});

describe('a secret', () => {
  const other = 'another-secret-0123456789abcdef';
  const key = { ...apiKeyConfig, apiKeySecret: authToken };
  const issue = () => new CapabilitySigner(config).issue(scopes);

  it.each<[string, () => object]>([
    ['CapabilitySigner', () => new CapabilitySigner(config)],
    ['CapabilityVerifier', () => new CapabilityVerifier({ ...config, authToken: [authToken, other] })],
    ['Capability', () => new Capability(config).allowClientIncoming('alice')],
    ['IssuedToken', issue],
    ['VerifiedCapability', () => new CapabilityVerifier(config).verify(issue().token)],
    ['AccessTokenSigner', () => new AccessTokenSigner(key)],
    ['AccessTokenVerifier', () => new AccessTokenVerifier(key)],
    ['IssuedAccessToken', () => new AccessTokenSigner(key).issue(scopes)],
  ])('cannot be read back from a %s', (_, create) => {
    const seen = exposure(create());
    for (const secret of [authToken, other]) {
      expect(seen).not.toContain(secret);
      expect(seen).not.toContain(Buffer.from(secret).toString('hex'));
      expect(seen).not.toContain(Buffer.from(secret).toString('base64'));
    }
    expect(seen).not.toContain('KeyObject');
  });
});

describe('names of Object.prototype', () => {
  const CLAIMS = { scope: 'scope:client:incoming?clientName=alice', iss: accountSid, exp: NOW + 600 };

  it('in a token change no prototype, and stay ordinary claims', () => {
    const text = JSON.stringify(CLAIMS).replace('{', '{"__proto__":{"polluted":true},"constructor":1,');
    const { claims } = new CapabilityVerifier(config).verify(forge(text));
    expect(Object.keys(claims)).toEqual(['__proto__', 'constructor', 'scope', 'iss', 'exp']);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it('in a token do not replace a missing claim', () => {
    const { exp, ...rest } = CLAIMS;
    const text = JSON.stringify(rest).replace('{', `{"__proto__":{"exp":${exp}},`);
    const verify = () => new CapabilityVerifier(config).verify(forge(text));
    expect(refusal(verify)).toBe('TokenError ERR_TOKEN_CLAIMS exp');
  });
});

describe('a polluted Object.prototype', () => {
  const pollution: Record<string, unknown> = {
    accountSid: 'AC9',
    authToken: 'evil',
    clientName: 'mallory',
    params: { admin: '1' },
    allowAnyName: true,
    ttl: 86_400,
    expiresAt: new Date((NOW + 5) * 1000),
    identity: 'mallory',
    allowAnyIdentity: true,
    dropUnmappable: true,
    grants: { chat: {} },
    region: 'ie1',
    pushCredentialSid: 'CR1',
    now: () => 0,
    clockTolerance: 300,
    scope: 'scope:client:incoming?clientName=mallory',
  };
  const outgoing = new OutgoingScope(applicationSid);
  const credentials = { accountSid, authToken };
  const access = new AccessTokenSigner(apiKeyConfig);

  const results = () => [
    ...[undefined, {}].flatMap((options) => [
      new CapabilitySigner(config).sign(new IncomingScope('alice', options), options),
      new CapabilitySigner(config).sign(new OutgoingScope(applicationSid, options), options),
      refusal(() => new IncomingScope('front desk', options)),
      refusal(() => access.sign(outgoing, options)),
    ]),
    new CapabilitySigner(config).issue(outgoing).clientName === undefined,
    new CapabilitySigner(credentials).issue(scopes).issuedAt.getTime() > 0,
    new CapabilityVerifier(credentials).clockTolerance,
    new Capability(config).allowClientIncoming('alice').allowClientOutgoing('AP1').generate(),
    new Capability(config).allowClientOutgoing('AP1', { a: 1 }, {}).generate(),
    ...[access.sign(scopes)].map((token) => {
      const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
      return `${header}${payload}`.replace(/"jti":"[^"]*"/, '');
    }),
  ];

  it.each([...Object.keys(pollution), 'all of them'])('with %s changes nothing', (name) => {
    const clean = results();
    const given = name in pollution ? { [name]: pollution[name] } : pollution;
    expect(withPolluted(given, results)).toEqual(clean);
  });
});
