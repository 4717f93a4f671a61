import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  AccessTokenSigner,
  CapabilitySigner,
  IncomingScope,
  OutgoingScope,
  type SignOptions,
} from 'twilio-capability';
import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { WebSocketServer } from 'ws';
import { startGateway, type Gateway, type GatewayOptions } from '../../../examples/gateway';
import { DEFAULT_BEHAVIOR } from '../../../examples/gateway/behavior';
import { createSilentMedia } from '../../../examples/gateway/silent-media';
import { serveSocket } from '../../../examples/gateway/socket';
import { createTokenCheck } from '../../../examples/gateway/token-check';
import { until } from './support/app';
import { send } from './support/http';
import { connectClient, startVoiceUrl, type Client, type TestVoiceUrl } from './support/signaling';

const signer = new CapabilitySigner(testCredentials);
const sign = (name: string, options?: SignOptions): string =>
  signer.sign([new IncomingScope(name), new OutgoingScope(testApplicationSid)], options);

/** Lasts between one and two seconds. */
const BRIEF = { ttl: 2 };
const INVALID = { type: 'error', payload: { error: { code: 31204, message: 'JWT is invalid' } } };
const EXPIRED = { type: 'error', payload: { error: { code: 31205, message: 'JWT token expired' } } };
const CLOSE = { type: 'close', payload: {} };

describe('the gateway', () => {
  let gateway: Gateway;
  let voiceUrl: TestVoiceUrl | undefined;

  async function start(options: Partial<GatewayOptions> = {}): Promise<void> {
    gateway = await startGateway({ ...testCredentials, ...options });
  }
  async function attach(verbs: string): Promise<TestVoiceUrl> {
    voiceUrl = await startVoiceUrl(verbs);
    gateway.attach({ voiceUrl: voiceUrl.url });
    return voiceUrl;
  }
  const open = (): Promise<Client> => connectClient(gateway.host);
  async function register(name: string, options?: SignOptions): Promise<Client> {
    const client = await open();
    expect(await client.register(sign(name, options))).toEqual(['connected', 'ready']);
    return client;
  }

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

  describe('registration', () => {
    it('reports which connection is registered, and under which token', async () => {
      await start();
      expect(gateway.connections).toEqual([]);
      const client = await open();
      expect(gateway.connections).toEqual([
        { token: null, isTokenValid: false, clientNames: [], isRegistered: false, isInCall: false },
      ]);
      const token = sign('alice');
      client.send('listen', { token });
      expect(await client.next()).toMatchObject({
        type: 'connected',
        payload: { token: { identity: 'alice' } },
      });
      expect(gateway.isRegistered('alice')).toBe(false);
      client.send('register', { media: { audio: true } });
      await client.next();
      expect(gateway.connections).toEqual([
        { token, isTokenValid: true, clientNames: ['alice'], isRegistered: true, isInCall: false },
      ]);
      expect(gateway.isRegistered('alice')).toBe(true);
      expect(gateway.isRegistered('bob')).toBe(false);
      client.socket.close();
      await client.closed;
      await until(() => Promise.resolve(gateway.connections.length === 0));
      expect(gateway.isRegistered('alice')).toBe(false);
    });

    it('ends when the client registers without audio', async () => {
      await start();
      const client = await register('alice');
      client.send('register', { media: { audio: false } });
      expect(await client.next()).toEqual({ type: 'offline', payload: {} });
      expect(gateway.isRegistered('alice')).toBe(false);
    });

    it('accepts Access Tokens if there is an API key', async () => {
      const { apiKeySid: sid, apiKeySecret: secret, accountSid } = testApiKey;
      const token = new AccessTokenSigner(testApiKey).sign(new IncomingScope('alice'));
      await start({ accountSid, apiKey: { sid, secret } });
      await expect((await open()).register(token)).resolves.toEqual(['connected', 'ready']);
      gateway.setCredentials(testCredentials);
      const client = await open();
      client.send('listen', { token });
      expect(await client.next()).toEqual(INVALID);
    });

    it('lasts when the secret is rotated, but its token is not valid any more', async () => {
      await start();
      const client = await register('alice');
      const authToken = 'x'.repeat(32);
      gateway.setCredentials({ ...testCredentials, authToken });
      expect(gateway.connections).toMatchObject([{ isRegistered: true, isTokenValid: false }]);
      expect(gateway.isRegistered('alice')).toBe(false);
      client.send('listen', { token: sign('alice') });
      expect(await client.next()).toEqual(INVALID);
      expect(await client.next()).toEqual(CLOSE);
      const next = new CapabilitySigner({ ...testCredentials, authToken }).sign(new IncomingScope('alice'));
      await expect((await open()).register(next)).resolves.toEqual(['connected', 'ready']);
    });
  });

  describe('after a token has expired', () => {
    const expiry = async (client: Client): Promise<void> => {
      expect(await client.next()).toEqual(EXPIRED);
      expect(gateway.isRegistered('alice')).toBe(false);
      expect(gateway.ring('alice')).toBeNull();
    };

    it('sends close', async () => {
      await start();
      const client = await register('alice', BRIEF);
      await expiry(client);
      expect(await client.next()).toEqual(CLOSE);
      expect(gateway.connections).toMatchObject([{ isTokenValid: false, isRegistered: false }]);
    });

    it('keeps the socket, answers 31204 to a register, and validates a new token later', async () => {
      await start({ afterRefusal: 'keep-socket' });
      const client = await register('alice', BRIEF);
      await expiry(client);
      client.send('listen', { token: sign('alice') });
      client.send('register', { media: { audio: true } });
      expect(await client.next()).toEqual(INVALID);
      expect(await client.next()).toMatchObject({ type: 'connected' });
      expect(gateway.connections).toMatchObject([{ isTokenValid: true, isRegistered: false }]);
      client.send('register', { media: { audio: true } });
      expect(await client.next()).toEqual({ type: 'ready', payload: {} });
      expect(gateway.isRegistered('alice')).toBe(true);
    });

    it('closes the socket', async () => {
      await start({ afterRefusal: 'close-socket' });
      const client = await register('alice', BRIEF);
      await expiry(client);
      await expect(client.closed).resolves.toBe(1000);
    });

    it('leaves a call alone', async () => {
      await start();
      const client = await register('alice', BRIEF);
      const call = gateway.ring('alice');
      const { payload } = await client.next();
      client.send('answer', { callsid: payload['callsid'] });
      await expiry(client);
      expect(call?.status).toBe('answered');
      call?.hangUp();
      expect(await client.next()).toEqual({ type: 'hangup', payload: { callsid: payload['callsid'] } });
    });

    it('keeps a registration whose token was renewed in time', async () => {
      await start();
      const client = await register('alice', BRIEF);
      client.send('listen', { token: sign('alice') });
      await client.next();
      await delay(2100);
      expect(gateway.isRegistered('alice')).toBe(true);
    });
  });

  describe('refusals', () => {
    const refusal = { code: 53405, message: 'Any text' };

    it.each(['send-close', 'keep-socket', 'close-socket'] as const)(
      'of a connection, with any number, then %s',
      async (afterRefusal) => {
        await start({ afterRefusal, refuseConnections: refusal });
        const client = await open();
        client.send('listen', { token: sign('alice') });
        expect(await client.next()).toEqual({ type: 'error', payload: { error: refusal } });
        if (afterRefusal === 'send-close') expect(await client.next()).toEqual(CLOSE);
        if (afterRefusal === 'close-socket') await expect(client.closed).resolves.toBe(1000);
        gateway.behave({ refuseConnections: null });
        const again = afterRefusal === 'close-socket' ? await open() : client;
        await expect(again.register(sign('alice'))).resolves.toEqual(['connected', 'ready']);
      },
    );

    it('of a call, with any number', async () => {
      await start({ refuseCalls: refusal });
      const client = await register('alice');
      client.send('invite', { callsid: 'TJ1', sdp: '' });
      expect(await client.next()).toEqual({ type: 'hangup', payload: { callsid: 'TJ1', error: refusal } });
      expect(gateway.calls).toEqual([]);
    });
  });

  describe('calls', () => {
    it('rings a client', async () => {
      await start();
      const client = await register('alice');
      const call = gateway.ring('alice', 'client:bob');
      const { type, payload } = await client.next();
      expect(type).toBe('invite');
      expect(payload['parameters']).toEqual({
        CallSid: payload['callsid'],
        From: 'client:bob',
        To: 'client:alice',
        AccountSid: testCredentials.accountSid,
      });
      expect(call?.status).toBe('ringing');
      expect(gateway.ring('alice')).toBeNull();
      client.send('reject', { callsid: payload['callsid'] });
      await until(() => Promise.resolve(call?.status === 'ended'));
      expect(gateway.connections).toMatchObject([{ isInCall: false }]);

      const other = gateway.ring('alice');
      const { payload: invite } = await client.next();
      other?.hangUp();
      expect(await client.next()).toEqual({ type: 'cancel', payload: { callsid: invite['callsid'] } });
    });

    it('asks the Voice URL, with a signature', async () => {
      await start();
      const { requests } = await attach('<Dial><Number>+15550100</Number></Dial>');
      const client = await register('alice');
      client.send('invite', { callsid: 'TJ1', sdp: '', twilio: { params: 'To=bob&From=client%3Aboss' } });
      const { payload } = await client.next();
      expect(requests).toMatchObject([
        { fields: { From: 'client:alice', To: 'bob' }, signature: expect.stringMatching(/^[\w+/]{27}=$/) },
      ]);
      expect(await client.next()).toMatchObject({ type: 'answer', payload: { callsid: payload['callsid'] } });
      client.send('dtmf', { dtmf: '12#' });
      client.send('hangup', {});
      await until(() => Promise.resolve(gateway.calls[0]?.status !== undefined));
      expect(gateway.calls).toMatchObject([{ status: 'completed', digits: '12#' }]);
    });

    it('says that the application failed if there is no Voice URL', async () => {
      await start();
      const client = await register('alice');
      client.send('invite', { callsid: 'TJ1', sdp: '' });
      expect(await client.next()).toMatchObject({ type: 'answer' });
      expect(await client.next()).toMatchObject({ type: 'hangup' });
      expect(logged.mock.calls).toEqual([['Gateway:', 'No Voice URL is attached.']]);
    });
  });

  describe('disturbances', () => {
    it('goes away and comes back', async () => {
      await start();
      const client = await register('alice');
      gateway.goAway();
      await expect(client.closed).resolves.toBe(1006);
      await expect(open()).rejects.toThrow('socket hang up');
      expect(gateway.connections).toEqual([]);
      gateway.comeBack();
      await register('alice');
    });

    it('drops connections', async () => {
      await start();
      const client = await register('alice');
      gateway.dropConnections();
      await expect(client.closed).resolves.toBe(1006);
      await register('alice');
    });

    it('is slow', async () => {
      await start({ delayMs: 300 });
      const client = await open();
      const started = performance.now();
      await client.register(sign('alice'));
      expect(performance.now() - started).toBeGreaterThanOrEqual(590);
      gateway.behave({ delayMs: 0 });
      await register('bob');
    });

    it('refuses a port in use', async () => {
      await start();
      const port = Number(gateway.host.split(':')[1]);
      await expect(startGateway({ ...testCredentials, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });

  describe('in front of a page', () => {
    it('forwards requests', async () => {
      await start();
      const seen: IncomingMessage[] = [];
      const server = createServer((request, response) => {
        seen.push(request);
        request.pipe(response.writeHead(201, { 'X-Page': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      gateway.attach({ page: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
      const answer = await send('PUT', `${gateway.url}/path?a=b`, { 'X-Forwarded-For': '192.0.2.1' }, 'text');
      expect(answer).toMatchObject({
        status: 201,
        body: 'text',
        headers: { 'x-page': 'yes', 'set-cookie': ['a=1', 'b=2'] },
      });
      expect(seen).toMatchObject([
        {
          method: 'PUT',
          url: '/path?a=b',
          headers: { host: gateway.host, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
        },
      ]);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      expect((await send('GET', gateway.url)).status).toBe(502);
    });

    it('answers 404 without a page', async () => {
      await start();
      await expect(send('GET', `${gateway.url}/signal`)).resolves.toMatchObject({ status: 404 });
    });
  });

  describe('limits', () => {
    it('keeps the first 1,000 keys of a call, and serves whoever sends 8,417 messages with keys', async () => {
      await start({ heartbeatMs: 60_000 });
      await attach('<Dial><Number>+15550100</Number></Dial>');
      let client = await register('alice');
      client.send('invite', { callsid: 'TJ1', sdp: '' });
      await client.next();
      await client.next();
      const dtmf = '1'.repeat(900);
      const connection = { isOpen: true };
      void client.closed.then(() => (connection.isOpen = false));
      for (let sent = 0; sent < 8417 && connection.isOpen; sent += 1) {
        client.send('dtmf', { dtmf });
        if (sent % 50 === 0) await delay(1);
      }
      await expect(client.closed).resolves.toBe(1008);
      expect(gateway.calls.map(({ digits }) => digits)).toEqual(['1'.repeat(1000)]);
      client = await register('alice');
    });

    it('closes the connection after 1,000 messages between two heartbeats', async () => {
      await start({ heartbeatMs: 60_000 });
      const [client, other] = [await register('alice'), await register('bob')];
      for (let sent = 0; sent < 998; sent += 1) client.send('unknown');
      client.send('register', { media: { audio: true } });
      await expect(client.closed).resolves.toBe(1008);
      expect(gateway.isRegistered('alice')).toBe(false);
      await expect(other.register(sign('bob'))).resolves.toEqual(['connected', 'ready']);
    });

    it('closes the connection of a message that is too large', async () => {
      await start();
      const client = await open();
      client.socket.send('x'.repeat(64 * 1024 + 1));
      await expect(client.closed).resolves.toBe(1009);
    });

    it('cuts off a client that does not read', async () => {
      await start({ heartbeatMs: 60_000 });
      const client = await open();
      client.socket.pause();
      const callsid = 'x'.repeat(60_000);
      for (let sent = 0; sent < 300; sent += 1) client.send('invite', { callsid });
      await until(() => Promise.resolve(gateway.connections.length === 0));
      client.socket.terminate();
    });

    it('accepts 200 connections', async () => {
      await start();
      const clients = await Promise.all(Array.from({ length: 200 }, open));
      await expect(open()).rejects.toThrow('socket hang up');
      clients[0]?.socket.terminate();
      await until(() => Promise.resolve(gateway.connections.length === 199));
      await open();
    });

    it('notices a client that has gone without closing its connection', async () => {
      await start({ heartbeatMs: 200 });
      const client = await register('alice');
      const gone = await connectClient(gateway.host, { autoPong: false });
      await gone.register(sign('bob'));
      await until(() => Promise.resolve(!gateway.isRegistered('bob')));
      await expect(gone.closed).resolves.toBe(1006);
      await delay(500);
      expect(gateway.isRegistered('alice')).toBe(true);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    });

    it('survives what is not TLS, HTTP or a WebSocket of its path', async () => {
      await start();
      const port = Number(gateway.host.split(':')[1]);
      const socket = connect(port, '127.0.0.1');
      socket.end('GET / HTTP/1.1\r\n\r\n');
      socket.on('error', () => undefined);
      await once(socket, 'close');
      const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
      expect((await send('GET', `${gateway.url}/other`, upgrade)).status).toBe(400);
      await register('alice');
    });
  });

  it('closes one connection alone if a handler fails', async () => {
    await start();
    const options = {
      checkToken: createTokenCheck(testCredentials),
      behavior: () => DEFAULT_BEHAVIOR,
      media: createSilentMedia(''),
      calls: new Map(),
      heartbeatMs: 60_000,
      connect(): never {
        throw new Error('A fault of the gateway');
      },
    };
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const ended: unknown[] = [];
    server.on('connection', (socket) => {
      serveSocket(socket, options, () => ended.push(socket));
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [client, other] = await Promise.all([connectClient(url), connectClient(url)]);
    await client.register(sign('alice'));
    client.send('invite', { callsid: 'TJ1', sdp: '' });
    await expect(client.closed).resolves.toBe(1011);
    await expect(other.register(sign('bob'))).resolves.toEqual(['connected', 'ready']);
    expect(ended).toHaveLength(1);
    expect(logged).toHaveBeenCalledTimes(1);
    server.close();
    other.socket.terminate();
  });

  it('survives 20 clients that send 20,000 random messages', async () => {
    await start();
    await attach('<Dial><Client>alice</Client></Dial>');
    const random = createRandom(20_000);
    let sent = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let count = 0; count < 1000;) {
          const client = await open();
          for (; count < 1000 && client.socket.readyState === client.socket.OPEN; count += 1) {
            client.socket.send(randomMessage(random));
            sent += 1;
            if (random() < 0.005) client.socket.terminate();
            if (random() < 0.02) await delay(1);
          }
          client.socket.close();
        }
      }),
    );
    expect(sent).toBe(20_000);
    await until(() => Promise.resolve(gateway.connections.length === 0));
    const client = await register('alice');
    expect(gateway.ring('alice')?.status).toBe('ringing');
    expect((await client.next()).type).toBe('invite');
    expect(logged.mock.calls.filter(([text]) => String(text).includes('closed a connection'))).toEqual([]);
  }, 240_000);
});

/** Returns numbers from 0 to 1, always the same ones (a linear congruential generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const TOKENS = ['alice', 'bob'].map((name) => sign(name));
const TYPES = ['listen', 'register', 'invite', 'answer', 'reject', 'hangup', 'dtmf', 'reinvite', '__proto__'];
const NAMES = [
  'token',
  'media',
  'callsid',
  'sdp',
  'twilio',
  'reconnect',
  'reconnectTimeout',
  'dtmf',
  '__proto__',
];

function randomMessage(random: () => number): string | Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  if (random() < 0.05) return Buffer.from(Array.from({ length: 20 }, () => Math.floor(random() * 256)));
  if (random() < 0.05)
    return pick(['', '\n', '{', '[]', 'null', '{"type":1}', '{"type":"listen","payload":[]}']);
  const value = (): unknown =>
    pick([
      () => pick(TOKENS),
      () => ({ audio: true }),
      () => ({ params: pick(['To=alice', '__proto__=1', '=&%', 'a'.repeat(5000)]) }),
      () => pick([null, true, -1, 1e308, 30, '', '\ud800', 'v=0\r\na=mid:0\r\n', '12#']),
      () => ({ constructor: null, toString: 1 }),
    ])();
  const payload = Object.fromEntries(NAMES.filter(() => random() < 0.5).map((name) => [name, value()]));
  const useful = random() < 0.5 ? { token: TOKENS[0], sdp: '', media: { audio: true } } : {};
  return JSON.stringify({ type: pick(TYPES), payload: { ...payload, ...useful } });
}
