import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { IncomingScope, TokenError } from 'twilio-capability';
import { createFixtures, testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import 'twilio-capability/testing/jest';
import { signerFor } from './access-tokens/signers.js';
import { verifierFor as accessTokenVerifierFor } from './access-tokens/verifiers.js';
import { createApp } from './app.js';
import type { AccountSecret } from './signers.js';
import { verifierFor } from './verifiers.js';
import { voiceRoute } from './voice.js';

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

const secretOf = async (tenantId: string): Promise<AccountSecret> =>
  secrets[tenantId] ?? Promise.reject(new Error(`No secret: ${tenantId}`));
const ORIGIN = 'https://voice.example.com';
const app = createApp({
  secretOf,
  audit: (entry) => log.push(entry),
  onError: (error) => errors.push(error),
});
app.use(voiceRoute(ORIGIN, secretOf));
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

/** Calls the Voice URL of a tenant as Twilio does. */
async function call(
  tenantId: string,
  to: string,
  authToken: string,
): Promise<{ status: number; twiml: string }> {
  const { port } = server.address() as AddressInfo;
  const path = `/voice/${tenantId}`;
  const signature = twilio.getExpectedTwilioSignature(authToken, ORIGIN + path, { To: to });
  const response = await fetch(`http://localhost:${port}${path}`, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams({ To: to }),
  });
  return { status: response.status, twiml: await response.text() };
}

test('the Voice URL of a tenant accepts requests that its old or new auth token signed', async () => {
  secrets['acme'] = { ...acme, authToken: 'new_auth_token', previousAuthToken: acme.authToken, version: '2' };
  const statusWith = async (authToken: string) => (await call('acme', 'bob', authToken)).status;
  expect(await statusWith(acme.authToken)).toBe(200);
  expect(await statusWith('new_auth_token')).toBe(200);
  expect(await statusWith(globex.authToken)).toBe(403);
});

test('the Voice URL dials the encoded name', async () => {
  const { twiml } = await call('globex', 'Ann Veal', globex.authToken);
  expect(twiml).toContain('<Response><Dial><Client>Ann_20Veal</Client></Dial></Response>');
  expect((await call('globex', '', globex.authToken)).twiml).toContain(
    '<Say>This name cannot be called.</Say>',
  );
});

test('an API key rotates, and Access Tokens of both keys are accepted', () => {
  const { accountSid, ...oldKey } = testApiKey;
  const newKey = { apiKeySid: 'SKnew', apiKeySecret: 'new_api_key_secret' };
  const before = { ...acme, accountSid, apiKey: oldKey };
  const rotated = { ...before, apiKey: newKey, previousApiKey: oldKey };
  const tokens = [before, rotated].map((secret) => signerFor(secret).sign(new IncomingScope('alice')));
  for (const token of tokens) expect(token).toBeAccessToken(accessTokenVerifierFor(rotated));
  expect(() => accessTokenVerifierFor(before).verify(tokens[1]!)).toThrow(TokenError);
  expect(signerFor(before)).toBe(signerFor(before));
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
