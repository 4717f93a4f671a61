import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import {
  startGateway,
  type AfterRefusal,
  type Gateway,
  type GatewayOptions,
} from '../../../examples/gateway';
import { loadSdk } from '../../../examples/gateway/page-numbers/measure';
import { describeInBrowser, usePages } from './support/chromium';
import { startVoiceUrl } from './support/signaling';
import { until } from './support/until';

/** Twilio's two browser SDKs, the numbers that they show for bad tokens, and what they do after a token expired. */
const SDKS = [
  {
    sdk: '@twilio/voice-sdk',
    ...{ tampered: 20101, expired: 20104, tooLong: 31207 },
    ...{ online: 'registered', offline: 'unregistered', registersAgain: false },
  },
  {
    sdk: 'twilio-client',
    ...{ tampered: 31204, expired: 31205, tooLong: 31207 },
    ...{ online: 'ready', offline: 'offline', registersAgain: true },
  },
] as const;

interface Times {
  ttl?: number;
  now?: () => number;
}

const KINDS = [
  ['capability token', (times: Times) => new CapabilitySigner({ ...testCredentials, ...times })],
  ['Access Token', (times: Times) => new AccessTokenSigner({ ...testApiKey, ...times })],
] as const;

const scopes = [
  new IncomingScope('alice'),
  new OutgoingScope(testApplicationSid, { params: { user_id: '42' } }),
];

/** One interface to both SDKs. `result` is 'ready' or the number of the error. */
const script = (sdk: string): string => `
  const isNew = '${sdk}' === '@twilio/voice-sdk';
  const { Device } = Twilio;
  const silence = 'data:audio/wav;base64,UklGRmQBAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YUAB' + 'A'.repeat(430) + '==';
  const codeOf = (emitter) => new Promise((resolve) => emitter.on('error', ({ code }) => resolve(code)));
  const isReady = (emitter, ...events) =>
    new Promise((resolve) => events.forEach((event) => emitter.on(event, () => resolve('ready'))));

  window.openDevice = (token) => {
    const options = {
      chunderw: location.host,
      codecPreferences: ['pcmu'],
      enableImprovedSignalingErrorPrecision: true,
      enableRingingState: true,
      logLevel: 'silent',
      publishEvents: false,
      sounds: Object.fromEntries(Object.values(Device.SoundName).map((name) => [name, silence])),
    };
    window.device = isNew ? new Device(token, options) : new Device();
    device.on('incoming', ({ parameters }) => (window.caller = parameters.From));
    if (isNew) device.register().catch(() => undefined);
    else device.setup(token, options);
    return Promise.race([isReady(device, 'registered', 'ready'), codeOf(device)]);
  };
  window.nextError = () => codeOf(device);
  window.readState = () => device.state ?? device.status();
  window.placeCall = async (params) => {
    const call = await device.connect(isNew ? { params } : params);
    return Promise.race([isReady(call, 'ringing'), codeOf(call)]);
  };`;

describeInBrowser('Twilio SDKs with the gateway', () => {
  const pages = usePages();
  let gateway: Gateway;
  let page: Page;
  afterEach(() => gateway.close());

  async function start(
    sdk: (typeof SDKS)[number]['sdk'],
    options: Partial<GatewayOptions> = {},
  ): Promise<void> {
    const apiKey = { sid: testApiKey.apiKeySid, secret: testApiKey.apiKeySecret };
    gateway = await startGateway({ ...testCredentials, apiKey, ...options });
    page = await pages.open();
    await loadSdk(page, gateway, sdk);
    await page.evaluate(script(sdk));
  }
  const run = (name: string, argument: unknown = ''): Promise<unknown> =>
    page.evaluate(`${name}(${JSON.stringify(argument)})`);

  describe.each(SDKS)('$sdk', ({ sdk, tampered, expired, tooLong, online, offline, registersAgain }) => {
    describe.each(KINDS)('%s', (_kind, createSigner) => {
      beforeEach(() => start(sdk));

      it('shows the numbers of bad tokens', async () => {
        const [header = '', payload = '', signature = ''] = createSigner({}).sign(scopes).split('.');
        const forged = Buffer.from(payload, 'base64url').toString().replace('alice', 'admin');
        for (const [token, code] of [
          [[header, Buffer.from(forged).toString('base64url'), signature].join('.'), tampered],
          [createSigner({ ttl: 60, now: () => Date.now() - 61_000 }).sign(scopes), expired],
          [createSigner({ ttl: 86_400, now: () => Date.now() + 60_000 }).sign(scopes), tooLong],
        ] as const) {
          await expect(run('openDevice', token)).resolves.toBe(code);
          expect(gateway.isRegistered('alice')).toBe(false);
          await loadSdk(page, gateway, sdk);
          await page.evaluate(script(sdk));
        }
      });

      it("rings, and calls with its token's parameters, whatever the page sends", async () => {
        const voiceUrl = await startVoiceUrl('<Dial><Number>+15550100</Number></Dial>');
        gateway.attach({ voiceUrl: voiceUrl.url });
        await expect(run('openDevice', createSigner({}).sign(scopes))).resolves.toBe('ready');
        const ringing = gateway.ring('alice', 'client:bob');
        await until(async () => (await page.evaluate('window.caller')) === 'client:bob');
        ringing?.hangUp();
        const params = {
          To: '+15550100',
          colour: 'blue',
          user_id: '1',
          From: 'client:boss',
          AccountSid: 'AC1',
        };
        await expect(run('placeCall', params)).resolves.toBe('ready');
        expect(voiceUrl.requests[0]).toEqual({
          From: 'client:alice',
          To: '+15550100',
          CallSid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
          ApplicationSid: testApplicationSid,
          AccountSid: testCredentials.accountSid,
          Caller: 'client:alice',
          Called: '+15550100',
          Direction: 'inbound',
          CallStatus: 'ringing',
          ApiVersion: '2010-04-01',
          user_id: '42',
          colour: 'blue',
        });
        await voiceUrl.close();
      });

      it('is declined when its token allows no calls', async () => {
        await run('openDevice', createSigner({}).sign(new IncomingScope('alice')));
        await expect(run('placeCall', {})).resolves.toBe(31002);
        // twilio-client writes this error to the console, whatever its log level.
        await until(() => sdk !== 'twilio-client' || pages.errors.some((text) => text.includes('31002')));
        pages.errors.splice(0);
      });
    });

    // What each SDK does by itself. In all three ways, the gateway holds no registration.
    describe('after its token has expired', () => {
      const sign = (ttl: number): string => new CapabilitySigner(testCredentials).sign(scopes, { ttl });
      async function expire(afterRefusal: AfterRefusal): Promise<void> {
        await start(sdk, { afterRefusal });
        await expect(run('openDevice', sign(3))).resolves.toBe('ready');
        await expect(run('nextError')).resolves.toBe(expired);
        expect(gateway.isRegistered('alice')).toBe(false);
      }

      it('disconnects at close', async () => {
        await expire('send-close');
        await until(() => gateway.connections.length === 0);
        await until(async () => (await run('readState')) === offline);
      });

      it('says that it is registered on an open socket, also with a new token', async () => {
        await expire('keep-socket');
        await expect(run('readState')).resolves.toBe(online);
        await page.evaluate(`device.updateToken('${sign(60)}')`);
        await until(() => gateway.connections[0]?.isTokenValid);
        await page.waitForTimeout(1000);
        await expect(run('readState')).resolves.toBe(online);
        expect(gateway.connections).toMatchObject([{ isTokenValid: true, isRegistered: registersAgain }]);
      });

      it('connects again and again with the expired token if the socket closes', async () => {
        await expire('close-socket');
        for (let errors = 0; errors < 3; errors += 1) await expect(run('nextError')).resolves.toBe(expired);
        expect(gateway.isRegistered('alice')).toBe(false);
      });
    });
  });
});
