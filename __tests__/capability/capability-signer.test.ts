import { inspect } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CapabilitySigner, configure, EventStreamScope, IncomingScope, OutgoingScope } from '../../src';
import { accountSid, applicationSid, authToken, config, NOW, now, refusal } from '../helpers/fixed';
import { forge } from '../helpers/forge';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
const signer = new CapabilitySigner(config);

const token = (scope: string, ttl = 3600): string => forge({ scope, iss: accountSid, exp: NOW + ttl });

afterEach(() => {
  configure({});
  jest.useRealTimers();
});

describe('sign', () => {
  test('writes header and claims in their order, and nothing else', () => {
    expect(signer.sign(alice)).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.' +
        'eyJzY29wZSI6InNjb3BlOmNsaWVudDppbmNvbWluZz9jbGllbnROYW1lPWFsaWNlIiwiaXNzIjoiQUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsImV4cCI6MTcwMDAwMzYwMH0.' +
        token(String(alice)).split('.')[2]!,
    );
  });

  test('joins the scopes by a space, in the order given', () => {
    const scopes = [outgoing, alice, new EventStreamScope({ a: 1 })];
    expect(signer.sign(scopes)).toBe(token(scopes.join(' ')));
    expect(signer.sign(new Set(scopes))).toBe(token(scopes.join(' ')));
  });

  test.each([
    ['the default of an hour', {}, undefined, 3600],
    ['the config’s', { ttl: 5 }, undefined, 5],
    ['the call’s', { ttl: 5 }, { ttl: 600 }, 600],
    ['the call’s end', { ttl: 5 }, { expiresAt: new Date((NOW + 60) * 1000 + 999) }, 60],
    [
      'the config’s again, for options that say nothing',
      { ttl: 5 },
      { ttl: undefined, expiresAt: undefined },
      5,
    ],
  ])('lives by %s', (_, more, options, ttl) => {
    expect(new CapabilitySigner({ ...config, ...more }).sign(alice, options)).toBe(token(String(alice), ttl));
  });

  test('reads the clock at each call, and by default the machine’s', () => {
    jest.useFakeTimers({ now: now() });
    const byMachine = new CapabilitySigner({ accountSid, authToken });
    expect(byMachine.sign(alice)).toBe(token(String(alice)));
    jest.setSystemTime(now() + 5999);
    expect(byMachine.sign(alice)).toBe(token(String(alice), 3605));
  });

  test('signs a token of 8,192 characters, and none that is longer', () => {
    const filled = (length: number) => new OutgoingScope('AP1', { params: { a: 'x'.repeat(length) } });
    expect(signer.sign(filled(5964)).length).toBe(8192);
    expect(refusal(() => signer.sign(filled(5965)))).toBe('TokenError ERR_TOKEN_TOO_LARGE token');
  });

  test.each<[string, () => unknown, string]>([
    [
      'scopes that are text',
      () => signer.sign(String(alice) as never),
      'ScopeError ERR_SCOPE_INVALID scopes',
    ],
    ['no scopes', () => signer.sign([]), 'SignError ERR_NO_SCOPES scopes'],
    ['a scope twice', () => signer.sign([alice, alice]), 'SignError ERR_DUPLICATE_SCOPE scopes'],
    ['a ttl for options', () => signer.sign(alice, 600 as never), 'SignError ERR_OPTIONS_INVALID options'],
    [
      'an unknown option',
      () => signer.sign(alice, { expiresIn: 600 } as never),
      'SignError ERR_OPTIONS_INVALID expiresIn',
    ],
    ['a bad ttl', () => signer.sign(alice, { ttl: 0 }), 'SignError ERR_TTL_INVALID ttl'],
    [
      'a clock that stopped',
      () => new CapabilitySigner({ ...config, now: () => NaN }).sign(alice),
      'ConfigError ERR_CONFIG_INVALID now',
    ],
  ])('refuses %s', (_, act, refused) => {
    expect(refusal(act)).toBe(refused);
  });
});

describe('issue', () => {
  test('tells what is in the token', () => {
    const issued = signer.issue([outgoing, alice, new IncomingScope('desk')], { ttl: 600 });
    expect(issued).toEqual({
      token: signer.sign([outgoing, alice, new IncomingScope('desk')], { ttl: 600 }),
      accountSid,
      scopes: [outgoing, alice, new IncomingScope('desk')],
      clientName: 'alice',
      ttl: 600,
      expiresAt: new Date((NOW + 600) * 1000),
    });
    expect(Object.isFrozen(issued) && Object.isFrozen(issued.scopes)).toBe(true);
  });

  test('has no client name where the scopes have none', () => {
    expect(Object.keys(signer.issue(outgoing))).toEqual([
      'token',
      'accountSid',
      'scopes',
      'ttl',
      'expiresAt',
    ]);
  });
});

describe('a signer', () => {
  test('shows its account and ttl, never the secret', () => {
    expect(JSON.stringify(signer)).toBe(JSON.stringify({ accountSid, ttl: 3600 }));
    expect(inspect(signer, { showHidden: true, depth: Infinity })).not.toContain(authToken);
    expect(structuredClone(signer)).toEqual({ accountSid, ttl: 3600 });
    expect(Object.isFrozen(signer)).toBe(true);
  });

  test('keeps what it was made with', () => {
    const changing = { ...config, ttl: 5 };
    const made = new CapabilitySigner(changing);
    Object.assign(changing, { accountSid: 'AC2', authToken: 'other', ttl: 6, now: () => 0 });
    configure({ accountSid: 'AC2', authToken: 'other', ttl: 7 });
    expect(made.sign(alice)).toBe(token(String(alice), 5));
  });

  test('can be made of configure’s defaults alone', () => {
    configure({ ...config, ttl: 7 });
    expect(new CapabilitySigner().sign(alice)).toBe(token(String(alice), 7));
  });
});
