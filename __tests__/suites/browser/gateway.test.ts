import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fc } from '@fast-check/jest';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway, type GatewayOptions } from '../../../examples/gateway';
import { send } from './support/http';
import { connectClient, startVoiceUrl, type Client, type TestVoiceUrl } from './support/signaling';
import { until } from './support/until';

const signer = new CapabilitySigner(testCredentials);
const sign = (name: string): string =>
  signer.sign([new IncomingScope(name), new OutgoingScope(testApplicationSid)]);
const AUDIO = { media: { audio: true } };
const DIAL = '<Dial><Number>+15550100</Number></Dial>';

// What the gateway does with tokens and calls is in sdks.test.ts and page-numbers.test.ts.

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
  gateway.attach({ voiceUrl: voiceUrl.url });
}
const open = (): Promise<Client> => connectClient(gateway.host);
async function register(name: string): Promise<Client> {
  const client = await open();
  await expect(client.register(sign(name))).resolves.toEqual(['connected', 'ready']);
  return client;
}

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
