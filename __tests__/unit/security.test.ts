import { KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as jsonwebtoken from 'jsonwebtoken';
import ts from 'typescript';
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
import {
  accountSid,
  apiKeyConfig,
  applicationSid,
  authToken,
  config,
  NOW,
  refusal,
  withPolluted,
} from '../helpers/fixed';
import { forge } from '../helpers/forge';

/** Rules for the whole source, and promises of SECURITY.md that concern several files. */

jest.mock('jsonwebtoken', () => {
  const real = jest.requireActual<typeof jsonwebtoken>('jsonwebtoken');
  return { ...real, sign: jest.fn(real.sign), verify: jest.fn(real.verify) };
});

const scopes = [new IncomingScope('alice')];

const SRC = join(__dirname, '../../src');

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.m?ts$/.test(file))
  .map((file) => {
    const path = join(SRC, file);
    return ts.createSourceFile(relative(SRC, path), readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  });

/** Returns what a visitor finds in the syntax trees of all files, as "file: finding". */
function findings(visit: (node: ts.Node, file: string) => string | undefined): string[] {
  const found: string[] = [];
  for (const source of sources) {
    const walk = (node: ts.Node): void => {
      const finding = visit(node, source.fileName);
      if (finding !== undefined) found.push(`${source.fileName}: ${finding}`);
      ts.forEachChild(node, walk);
    };
    walk(source);
  }
  return found;
}

const EQUALITY = [
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
];

/** Returns whether an expression is named like a secret, a key or a signature. */
function isSecret(expression: ts.Expression): boolean {
  const name = /(\w+)(?:!|\))*$/.exec(expression.getText())?.[1] ?? '';
  return /^(?:authTokens?|\w*secrets?|signature|mac|digest|\w*[a-z]keys?|password)$/i.test(name);
}

/**
 * Returns whether an expression is a constant or a typeof. Comparing with these reveals nothing of a secret.
 */
const isPlainTest = (expression: ts.Expression): boolean =>
  ts.isTypeOfExpression(expression) ||
  ts.isStringLiteral(expression) ||
  ['undefined', 'null', 'true', 'false'].includes(expression.getText());

describe('the source', () => {
  it('compares no secret or signature with an operator, which is open to timing attacks', () => {
    const comparisons = findings((node) => {
      if (!ts.isBinaryExpression(node) || !EQUALITY.includes(node.operatorToken.kind)) return undefined;
      if (isPlainTest(node.left) || isPlainTest(node.right)) return undefined;
      return isSecret(node.left) || isSecret(node.right) ? node.getText() : undefined;
    });
    expect(comparisons).toEqual([]);
  });

  it('writes to the console and to streams only in the command', () => {
    const writes = findings((node, file) =>
      /^cli\b/.test(file) ||
      !(
        (ts.isIdentifier(node) && node.text === 'console') ||
        (ts.isPropertyAccessExpression(node) &&
          /^process\.(?:stdout|stderr|emitWarning)$/.test(node.getText()))
      )
        ? undefined
        : node.getText(),
    );
    // An endpoint or a page without onError reports failures there.
    expect(new Set(writes)).toEqual(
      new Set(['browser/start-device.ts: console', 'endpoint/token-endpoint.ts: console']),
    );
  });

  it('reads the environment in one file', () => {
    const reads = findings((node, file) =>
      ts.isPropertyAccessExpression(node) && node.getText() === 'process.env' && !/^cli\b/.test(file)
        ? node.getText()
        : undefined,
    );
    expect(new Set(reads)).toEqual(new Set(['config.ts: process.env']));
  });

  it('uses neither eval nor Math.random', () => {
    const made = findings((node) =>
      ts.isIdentifier(node) && ['eval', 'Function', 'random'].includes(node.text) ? node.text : undefined,
    );
    // Only the waits of startDevice are random.
    expect(new Set(made)).toEqual(new Set(['browser/start-device.ts: random']));
  });
});

describe('jsonwebtoken', () => {
  afterEach(() => {
    jest.clearAllMocks();
  });

  it('signs with a key object, never with text', () => {
    new CapabilitySigner(config).sign(scopes);
    new CapabilitySigner(config).issue(scopes);
    new Capability(config).allowClientIncoming('alice').generate();
    new AccessTokenSigner(apiKeyConfig).sign(scopes);
    const keys = jest.mocked(jsonwebtoken.sign).mock.calls.map(([, key]) => key as unknown);
    expect(keys.map((key) => key instanceof KeyObject && key.type)).toEqual(Array(4).fill('secret'));
  });

  it('verifies with a key object, and allows only HS256', () => {
    const token = new CapabilitySigner(config).sign(scopes);
    new CapabilityVerifier({ ...config, authToken: ['an-older-one', authToken] }).verify(token);
    new AccessTokenVerifier(apiKeyConfig).verify(new AccessTokenSigner(apiKeyConfig).sign(scopes));
    const calls = jest.mocked(jsonwebtoken.verify).mock.calls as unknown as [
      string,
      unknown,
      { algorithms: string[] },
    ][];
    expect(calls.map(([, key]) => key instanceof KeyObject && key.type)).toEqual(Array(3).fill('secret'));
    expect(calls.map(([, , { algorithms }]) => algorithms)).toEqual(Array(3).fill(['HS256']));
  });
});

describe('a token that is too large', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is rejected before it is decoded', () => {
    const verifier = new CapabilityVerifier(config);
    const long = 'a'.repeat(10_000_000);
    const spies = [
      jest.spyOn(RegExp.prototype, 'test'),
      jest.spyOn(RegExp.prototype, 'exec'),
      jest.spyOn(String.prototype, 'split'),
      jest.spyOn(String.prototype, 'slice'),
      jest.spyOn(String.prototype, 'startsWith'),
      jest.spyOn(String.prototype, 'indexOf'),
      jest.spyOn(Buffer, 'from'),
      jest.spyOn(JSON, 'parse'),
    ];
    const outcomes: string[] = [];
    for (const read of [(token: string) => verifier.verify(token), decodeToken]) {
      try {
        read(long);
      } catch (error) {
        outcomes.push((error as { code: string }).code);
      }
    }
    const touched = spies
      .flatMap(({ mock }) => [...mock.calls.flat(), ...mock.contexts])
      .filter((each) => each === long);
    expect(outcomes).toEqual(['ERR_TOKEN_TOO_LARGE', 'ERR_TOKEN_TOO_LARGE']);
    expect(touched).toEqual([]);
  });
});

describe('a secret', () => {
  const other = 'another-secret-0123456789abcdef';
  const key = { ...apiKeyConfig, apiKeySecret: authToken };
  const issue = () => new CapabilitySigner(config).issue(scopes);

  it.each<[string, () => object]>([
    ['CapabilitySigner', () => new CapabilitySigner(config)],
    ['CapabilityVerifier', () => new CapabilityVerifier({ ...config, authToken: [authToken, other] })],
    [
      'Capability',
      () => {
        const sealed = new Capability(config).allowClientIncoming('alice');
        sealed.generate();
        return sealed;
      },
    ],
    ['IssuedToken', issue],
    ['VerifiedCapability', () => new CapabilityVerifier(config).verify(issue().token)],
    ['AccessTokenSigner', () => new AccessTokenSigner(key)],
    ['AccessTokenVerifier', () => new AccessTokenVerifier(key)],
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

  it.each([
    ['scope', 'SCOPE scope'],
    ['iss', 'ISSUER iss'],
    ['exp', 'CLAIMS exp'],
  ] as const)('do not replace a missing %s', (name, rejected) => {
    const { [name]: hidden, ...rest } = CLAIMS;
    const text = JSON.stringify(rest).replace('{', `{"__proto__":{"${name}":${JSON.stringify(hidden)}},`);
    expect(refusal(() => new CapabilityVerifier(config).verify(forge(text)))).toBe(
      `TokenError ERR_TOKEN_${rejected}`,
    );
  });
});

describe('a polluted Object.prototype', () => {
  const pollution: Record<string, unknown> = {
    clientName: 'mallory',
    params: { admin: '1' },
    allowAnyName: true,
    ttl: 86_400,
    expiresAt: new Date((NOW + 5) * 1000),
    identity: 'mallory',
    dropUnmappable: true,
    grants: { chat: {} },
    region: 'ie1',
    pushCredentialSid: 'CR1',
    now: () => 0,
    scope: 'scope:client:incoming?clientName=mallory',
  };

  const tokens = () => [
    new CapabilitySigner(config).sign(new OutgoingScope(applicationSid)),
    new CapabilitySigner(config).sign(new OutgoingScope(applicationSid, {}), {}),
    new Capability(config).allowClientIncoming('alice').allowClientOutgoing('AP1').generate(),
    new Capability(config).allowClientOutgoing('AP1', { a: 1 }, {}).generate(),
    ...[new AccessTokenSigner(apiKeyConfig).sign(scopes)].map((token) => {
      const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
      return `${header}${payload}`.replace(/"jti":"[^"]*"/, '');
    }),
  ];

  it.each(Object.keys(pollution))('with %s does not change a token', (name) => {
    const clean = tokens();
    expect(withPolluted({ [name]: pollution[name] }, tokens)).toEqual(clean);
  });
});
