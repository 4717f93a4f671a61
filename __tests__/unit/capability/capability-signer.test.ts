import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CapabilitySigner, configure, EventStreamScope, IncomingScope, OutgoingScope } from '../../../src';
import { accountSid, applicationSid, authToken, config, NOW, now } from '../../helpers/fixed';
import { forge } from '../../helpers/forge';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(applicationSid, { params: { user_id: 42 } });
const signer = new CapabilitySigner(config);

const token = (scope: string, ttl = 3600): string => forge({ scope, iss: accountSid, exp: NOW + ttl });

afterEach(() => {
  configure({});
  jest.useRealTimers();
});

describe('sign', () => {
  test('writes these exact bytes', () => {
    expect(signer.sign(alice)).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.' +
        'eyJzY29wZSI6InNjb3BlOmNsaWVudDppbmNvbWluZz9jbGllbnROYW1lPWFsaWNlIiwiaXNzIjoiQUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsImV4cCI6MTcwMDAwMzYwMH0.' +
        token(String(alice)).split('.')[2]!,
    );
  });

  test('joins the scopes with a space, in the order given', () => {
    const scopes = [outgoing, alice, new EventStreamScope({ a: 1 })];
    expect(signer.sign(scopes)).toBe(token(scopes.join(' ')));
    expect(signer.sign(new Set(scopes))).toBe(token(scopes.join(' ')));
  });

  test('reads the clock at each call, Date.now by default', () => {
    jest.useFakeTimers({ now: now() });
    const live = new CapabilitySigner({ accountSid, authToken });
    expect(live.sign(alice)).toBe(token(String(alice)));
    jest.setSystemTime(now() + 5999);
    expect(live.sign(alice)).toBe(token(String(alice), 3605));
  });
});

test('issue describes the token', () => {
  const scopes = [outgoing, alice, new IncomingScope('desk')];
  const issued = signer.issue(scopes, { ttl: 600 });
  expect(issued).toEqual({
    token: signer.sign(scopes, { ttl: 600 }),
    accountSid,
    scopes,
    clientName: 'alice',
    ttl: 600,
    issuedAt: new Date(NOW * 1000),
    expiresAt: new Date((NOW + 600) * 1000),
  });
  expect(Object.isFrozen(issued) && Object.isFrozen(issued.scopes)).toBe(true);
});

describe('a signer', () => {
  test('keeps its account and ttl, and is frozen', () => {
    expect(JSON.stringify(signer)).toBe(JSON.stringify({ accountSid, ttl: 3600 }));
    expect(Object.isFrozen(signer)).toBe(true);
  });

  test('is not affected by later changes of its config', () => {
    const changing = { ...config, ttl: 5 };
    const made = new CapabilitySigner(changing);
    Object.assign(changing, { accountSid: 'AC2', authToken: 'other', ttl: 6, now: () => 0 });
    configure({ accountSid: 'AC2', authToken: 'other', ttl: 7 });
    expect(made.sign(alice)).toBe(token(String(alice), 5));
  });
});
