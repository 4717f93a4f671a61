import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fc } from '@fast-check/jest';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway, type GatewayOptions } from '../../../examples/gateway';
import { until } from './support/app';
import { send, serve } from './support/http';
import { WAYS } from './support/phone-page';
import { connectClient, startVoiceUrl, type Client, type TestVoiceUrl } from './support/signaling';

const sign = (name: string, ttl = 3600): string =>
  new CapabilitySigner({ ...testCredentials, ttl }).sign([
    new IncomingScope(name),
    new OutgoingScope(testApplicationSid),
  ]);
const AUDIO = { media: { audio: true } };
const INVALID = { type: 'error', payload: { error: { code: 31204, message: 'JWT is invalid' } } };
const EXPIRED = { type: 'error', payload: { error: { code: 31205, message: 'JWT token expired' } } };
const CLOSE = { type: 'close', payload: {} };
const DIAL = '<Dial><Number>+15550100</Number></Dial>';

let gateway: Gateway;
let voiceUrl: TestVoiceUrl | undefined;
let logged: jest.SpiedFunction<typeof console.error>;
beforeEach(() => {
  logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  await gateway.close();
  await voiceUrl?.close();
  voiceUrl = undefined;
  logged.mockRestore();
});

async function start(options: Partial<GatewayOptions> = {}, verbs = ''): Promise<void> {
  gateway = await startGateway({ ...testCredentials, ...options });
  if (verbs === '') return;
  voiceUrl = await startVoiceUrl(verbs);
  gateway.attach({ voiceUrl: voiceUrl.url, statusUrl: voiceUrl.url });
}
const open = (): Promise<Client> => connectClient(gateway.host);
async function register(name: string, token = sign(name)): Promise<Client> {
  const client = await open();
  await expect(client.register(token)).resolves.toEqual(['connected', 'ready']);
  return client;
}

describe('registration', () => {
  it('lasts while the token is valid and the client takes audio', async () => {
    await start();
    const client = await open();
    const token = sign('alice');
    const state = { token: null, isTokenValid: false, clientNames: [], isRegistered: false, isInCall: false };
    expect(gateway.connections).toEqual([state]);
    client.send('listen', { token });
    await expect(client.next()).resolves.toMatchObject({ payload: { token: { identity: 'alice' } } });
    const listening = { ...state, token, isTokenValid: true, clientNames: ['alice'] };
    expect(gateway.connections).toEqual([listening]);
    client.send('register', AUDIO);
    await client.next();
    expect(gateway.connections).toEqual([{ ...listening, isRegistered: true }]);
    expect([gateway.isRegistered('alice'), gateway.isRegistered('bob')]).toEqual([true, false]);
    client.send('register', { media: { audio: false } });
    await expect(client.next()).resolves.toEqual({ type: 'offline', payload: {} });
    expect(gateway.isRegistered('alice')).toBe(false);
    client.socket.close();
    await until(() => gateway.connections.length === 0);
  });
});

// What each way means to the SDKs is in sdks.test.ts.
describe('after a token has expired, the gateway', () => {
  it('does not ring, answers 31204 to a register, and validates a new token later', async () => {
    await start({ afterRefusal: 'keep-socket' });
    const client = await register('alice', sign('alice', 2));
    await expect(client.next()).resolves.toEqual(EXPIRED);
    expect([gateway.isRegistered('alice'), gateway.ring('alice')]).toEqual([false, null]);
    client.send('listen', { token: sign('alice') });
    client.send('register', AUDIO);
    await expect(client.next()).resolves.toEqual(INVALID);
    await expect(client.next()).resolves.toMatchObject({ type: 'connected' });
    expect(gateway.connections).toMatchObject([{ isTokenValid: true, isRegistered: false }]);
    client.send('register', AUDIO);
    await client.next();
    expect(gateway.isRegistered('alice')).toBe(true);
  });

  it('leaves a call alone, and a registration whose token was renewed', async () => {
    await start();
    const [client, renewed] = await Promise.all([
      register('alice', sign('alice', 2)),
      register('bob', sign('bob', 2)),
    ]);
    renewed.send('listen', { token: sign('bob') });
    const call = gateway.ring('alice');
    const { callsid } = (await client.next()).payload;
    client.send('answer', { callsid });
    await expect(client.next()).resolves.toEqual(EXPIRED);
    expect(call?.status).toBe('answered');
    call?.hangUp();
    await expect(client.next()).resolves.toEqual({ type: 'hangup', payload: { callsid } });
    await delay(500);
    expect(gateway.isRegistered('bob')).toBe(true);
  });
});

it.each(WAYS)('refuses connections and calls with any number, then: %s', async (afterRefusal) => {
  const refusal = { code: 53405, message: 'Any text' };
  await start({ afterRefusal, refuseConnections: refusal, refuseCalls: refusal });
  let client = await open();
  client.send('listen', { token: sign('alice') });
  await expect(client.next()).resolves.toEqual({ type: 'error', payload: { error: refusal } });
  if (afterRefusal === 'send-close') await expect(client.next()).resolves.toEqual(CLOSE);
  if (afterRefusal === 'close-socket') {
    await expect(client.closed).resolves.toBe(1000);
    client = await open();
  }
  gateway.behave({ refuseConnections: null });
  await expect(client.register(sign('alice'))).resolves.toEqual(['connected', 'ready']);
  client.send('invite', { callsid: 'TJ1', sdp: '' });
  await expect(client.next()).resolves.toEqual({
    type: 'hangup',
    payload: { callsid: 'TJ1', error: refusal },
  });
  expect(gateway.calls).toEqual([]);
});

describe('calls', () => {
  it('go to the Voice URL, with a signature, and their end to the status callback', async () => {
    await start({}, DIAL);
    const client = await register('alice');
    client.send('invite', { callsid: 'TJ1', sdp: '', twilio: { params: 'To=bob&From=client%3Aboss' } });
    const { callsid } = (await client.next()).payload;
    await expect(client.next()).resolves.toMatchObject({ type: 'answer', payload: { callsid } });
    client.send('dtmf', { dtmf: '12#' });
    client.send('hangup', {});
    await until(() => voiceUrl?.requests.length === 2);
    const signature = expect.stringMatching(/^[\w+/]{27}=$/);
    expect(voiceUrl?.requests).toMatchObject([
      { fields: { From: 'client:alice', To: 'bob' }, signature },
      { fields: { CallStatus: 'completed', CallDuration: '0' }, signature },
    ]);
    expect(gateway.calls).toMatchObject([{ status: 'completed', digits: '12#' }]);
  });

  it('fail if there is no Voice URL', async () => {
    await start();
    const client = await register('alice');
    client.send('invite', { callsid: 'TJ1', sdp: '' });
    await expect(client.next()).resolves.toMatchObject({ type: 'answer' });
    await expect(client.next()).resolves.toMatchObject({ type: 'hangup' });
    expect(logged.mock.calls).toEqual([['Gateway:', 'No Voice URL is attached.']]);
  });
});

it('goes away and comes back, drops connections, and is slow', async () => {
  await start();
  let client = await register('alice');
  gateway.goAway();
  await expect(client.closed).resolves.toBe(1006);
  await expect(open()).rejects.toThrow('socket hang up');
  gateway.comeBack();
  client = await register('alice');
  gateway.dropConnections();
  await expect(client.closed).resolves.toBe(1006);
  gateway.behave({ delayMs: 300 });
  const started = performance.now();
  await register('alice');
  expect(performance.now() - started).toBeGreaterThanOrEqual(590);
});

it('forwards requests to a page', async () => {
  await start();
  await expect(send('GET', `${gateway.url}/signal`)).resolves.toMatchObject({ status: 404 });
  const seen: IncomingMessage[] = [];
  const page = await serve((request, response) => {
    seen.push(request);
    request.pipe(response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'] }));
  });
  gateway.attach({ page: page.url });
  const answer = await send('PUT', `${gateway.url}/path?a=b`, { 'X-Forwarded-For': '192.0.2.1' }, 'text');
  expect(answer).toMatchObject({ status: 201, body: 'text', headers: { 'set-cookie': ['a=1', 'b=2'] } });
  const headers = { host: gateway.host, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' };
  expect(seen).toMatchObject([{ method: 'PUT', url: '/path?a=b', headers }]);
  await page.close();
  expect((await send('GET', gateway.url)).status).toBe(502);
});

describe('limits', () => {
  it('keep the first 1,000 keys of a call, and close the connection after 8,417 messages', async () => {
    await start({ heartbeatMs: 60_000 }, DIAL);
    const client = await register('alice');
    client.send('invite', { callsid: 'TJ1', sdp: '' });
    await client.next();
    await client.next();
    const connection = { isOpen: true };
    void client.closed.then(() => (connection.isOpen = false));
    for (let sent = 0; sent < 8417 && connection.isOpen; sent += 1) {
      client.send('dtmf', { dtmf: '1'.repeat(900) });
      if (sent % 50 === 0) await delay(1);
    }
    await expect(client.closed).resolves.toBe(1008);
    expect(gateway.calls.map(({ digits }) => digits)).toEqual(['1'.repeat(1000)]);
    await register('alice');
  });

  it('close the connection of a message that is too large, and of a client that does not read', async () => {
    await start({ heartbeatMs: 60_000 });
    const [large, client] = [await open(), await open()];
    large.socket.send('x'.repeat(64 * 1024 + 1));
    await expect(large.closed).resolves.toBe(1009);
    client.socket.pause();
    for (let sent = 0; sent < 300; sent += 1) client.send('invite', { callsid: 'x'.repeat(60_000) });
    await until(() => gateway.connections.length === 0);
    client.socket.terminate();
  });

  it('allow 200 connections', async () => {
    await start();
    const clients = await Promise.all(Array.from({ length: 200 }, open));
    await expect(open()).rejects.toThrow('socket hang up');
    clients[0]?.socket.terminate();
    await until(() => gateway.connections.length === 199);
    await open();
  });

  it('close the connection of a client that has gone', async () => {
    await start({ heartbeatMs: 200 });
    const client = await register('alice');
    const gone = await connectClient(gateway.host, { autoPong: false });
    await gone.register(sign('bob'));
    await expect(gone.closed).resolves.toBe(1006);
    await delay(500);
    expect(gateway.isRegistered('bob')).toBe(false);
    expect(gateway.isRegistered('alice')).toBe(true);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

it('survives what is not TLS, HTTP or a WebSocket of its path', async () => {
  await start();
  const socket = connect(Number(gateway.host.split(':')[1]), '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\n\r\n');
  socket.on('error', () => undefined);
  await once(socket, 'close');
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  expect((await send('GET', `${gateway.url}/other`, upgrade)).status).toBe(400);
  await register('alice');
});

it('closes one connection alone if a handler fails', async () => {
  await start();
  const [client, other] = [await register('alice'), await register('bob')];
  const refuseCalls = {
    code: 31000,
    get message(): string {
      throw new Error('A fault of the gateway');
    },
  };
  gateway.behave({ refuseCalls });
  client.send('invite', { callsid: 'TJ1', sdp: '' });
  await expect(client.closed).resolves.toBe(1011);
  await expect(other.register(sign('bob'))).resolves.toEqual(['connected', 'ready']);
  expect(gateway.connections).toHaveLength(1);
  expect(logged).toHaveBeenCalledTimes(1);
});

const VALUES = fc.constantFrom<unknown[]>(
  ...[sign('alice'), sign('bob'), null, true, -1, 1e308, 30, '', '\ud800', 'v=0\r\na=mid:0\r\n', '12#'],
  ...['To=alice', '__proto__=1', '=&%', 'a'.repeat(5000)].map((params) => ({ params })),
  ...[{ audio: true }, { constructor: null, toString: 1 }],
);
const NAMES = 'token media callsid sdp twilio reconnect reconnectTimeout dtmf __proto__'.split(' ');
const MESSAGES = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '\n', '{', '[]', 'null', '{"type":1}', '{"type":"listen","payload":[]}'),
  },
  {
    weight: 18,
    arbitrary: fc
      .record({
        type: fc.constantFrom(
          ...'listen register invite answer reject hangup dtmf reinvite __proto__'.split(' '),
        ),
        payload: fc.dictionary(fc.constantFrom(...NAMES), VALUES),
        useful: fc.constantFrom({}, { token: sign('alice'), sdp: '', ...AUDIO }),
      })
      .map(({ type, payload, useful }) => JSON.stringify({ type, payload: { ...payload, ...useful } })),
  },
);

it('survives 20 clients that send 20,000 random messages', async () => {
  await start({}, '<Dial><Client>alice</Client></Dial>');
  const messages = fc.sample(MESSAGES, { seed: 1, numRuns: 20_000 });
  let sent = 0;
  async function sendShare(): Promise<void> {
    while (sent < messages.length) {
      const client = await open();
      while (sent < messages.length && client.socket.readyState === client.socket.OPEN) {
        client.socket.send(messages[sent]!);
        sent += 1;
        if (sent % 200 === 0) client.socket.terminate();
        if (sent % 50 === 0) await delay(1);
      }
      client.socket.close();
    }
  }
  await Promise.all(Array.from({ length: 20 }, sendShare));
  await until(() => gateway.connections.length === 0);
  const client = await register('alice');
  expect(gateway.ring('alice')?.status).toBe('ringing');
  expect((await client.next()).type).toBe('invite');
  expect(logged.mock.calls.filter(([text]) => String(text).includes('closed a connection'))).toEqual([]);
}, 240_000);
