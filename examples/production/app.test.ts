import type { AddressInfo } from 'node:net';
import type { Request } from 'express';
import twilio from 'twilio';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { TokenError } from 'twilio-capability';
import { createFixtures, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import 'twilio-capability/testing/jest';
import { createApp } from './app.js';
import type { AccountSecret } from './signers.js';
import { verifierFor } from './verifiers.js';
import { isFromTwilio } from './webhooks.js';

const acme: AccountSecret = { ...testCredentials, applicationSid: testApplicationSid, version: '1' };
const globex: AccountSecret = {
  accountSid: 'ACglobex',
  applicationSid: 'APglobex',
  authToken: 'globex_auth_token',
  version: '1',
};
let secrets: Record<string, AccountSecret>;
let log: object[];
let errors: unknown[];

const app = createApp({
  secretOf: async (tenantId) => secrets[tenantId] ?? Promise.reject(new Error(`No secret: ${tenantId}`)),
  audit: (entry) => log.push(entry),
  onError: (error) => errors.push(error),
});
const server = app.listen(0);

beforeEach(() => {
  secrets = { acme, globex };
  log = [];
  errors = [];
});
afterAll(() => {
  server.close();
});

async function post(user: string): Promise<{ status: number; token: string }> {
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: `Bearer session-of-${user}` };
  const response = await fetch(`http://localhost:${port}/token`, { method: 'POST', headers });
  return { status: response.status, ...((await response.json()) as { token: string }) };
}

test('each tenant gets tokens of its own account, and the audit log has no token', async () => {
  const { token } = await post('alice');
  expect(token).toBeCapabilityToken(verifierFor(acme));
  expect(token).toAllowIncoming('alice');
  expect(token).toAllowOutgoing(acme.applicationSid, { user_id: '42' });
  const carols = (await post('carol')).token;
  expect(carols).toBeCapabilityToken(verifierFor(globex));
  expect(carols).toAllowOutgoing('APglobex', { user_id: '44' });
  expect(log).toMatchObject([
    { tenant: 'acme', user: 42, accountSid: acme.accountSid },
    { tenant: 'globex', user: 44, accountSid: globex.accountSid },
  ]);
  expect(JSON.stringify(log)).not.toContain(token);
});

test('a secret rotates without a restart, and old tokens stay valid', async () => {
  const before = (await post('alice')).token;
  const rotated = { ...acme, authToken: 'new_auth_token', previousAuthToken: acme.authToken, version: '2' };
  secrets['acme'] = rotated;
  const after = (await post('alice')).token;
  expect(before).toBeCapabilityToken(verifierFor(rotated));
  expect(after).toBeCapabilityToken(verifierFor(rotated));
  expect(() => verifierFor(acme).verify(after)).toThrow(TokenError);
});

test('webhooks signed with the old or the new auth token are accepted', () => {
  const rotated = { ...acme, authToken: 'new_auth_token', previousAuthToken: acme.authToken, version: '2' };
  const url = 'https://example.com/voice';
  const isSignedBy = (authToken: string): boolean => {
    const signature = twilio.getExpectedTwilioSignature(authToken, url, { To: 'bob' });
    return isFromTwilio({ get: () => signature, body: { To: 'bob' } } as unknown as Request, url, rotated);
  };
  expect([acme.authToken, 'new_auth_token', 'another_token'].map(isSignedBy)).toEqual([true, true, false]);
});

test('a user without permission gets 403', async () => {
  expect((await post('bob')).status).toBe(403);
  expect([log, errors]).toEqual([[], []]);
});

test('a missing secret is reported, and no token is issued', async () => {
  secrets = {};
  expect((await post('alice')).status).toBe(500);
  expect(log).toEqual([]);
  expect(errors).toEqual([new Error('No secret: acme')]);
});

test('tokens that must be rejected are rejected', () => {
  const { valid, ...others } = createFixtures({ now: Date.now(), credentials: testCredentials });
  const verifier = verifierFor(acme);
  expect(verifier.verify(valid.token).clientNames).toEqual(['alice']);
  for (const { token, outcome } of Object.values(others)) {
    if (outcome !== 'valid') expect(() => verifier.verify(token)).toThrow(TokenError);
  }
});
