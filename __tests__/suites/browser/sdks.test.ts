import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsoleMessage, Page } from 'playwright-core';
import {
  AccessTokenSigner,
  CapabilitySigner,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from 'twilio-capability';
import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway, type GatewayOptions } from '../../../examples/gateway';
import { loadSdk } from '../../../examples/gateway/page-numbers/measure';
import { until } from './support/app';
import { describeInBrowser, usePages } from './support/chromium';
import { startVoiceUrl, type TestVoiceUrl } from './support/signaling';

/** Twilio's two browser SDKs, and the numbers under which each reports bad tokens. */
const SDKS = [
  { sdk: '@twilio/voice-sdk', tampered: 20101, expired: 20104, tooLong: 31207 },
  { sdk: 'twilio-client', tampered: 31204, expired: 31205, tooLong: 31207 },
] as const;

type Sdk = (typeof SDKS)[number]['sdk'];

interface Times {
  ttl?: number;
  now?: () => number;
}

const apiKey = { sid: testApiKey.apiKeySid, secret: testApiKey.apiKeySecret };

const KINDS = [
  {
    kind: 'capability token',
    createSigner: (times: Times) => new CapabilitySigner({ ...testCredentials, ...times }),
  },
  {
    kind: 'Access Token',
    createSigner: (times: Times) => new AccessTokenSigner({ ...testApiKey, ...times }),
  },
] as const;

const PARAMS = { user_id: '42' };
const scopes: Scope[] = [
  new IncomingScope('alice'),
  new OutgoingScope(testApplicationSid, { params: PARAMS }),
];

describeInBrowser('Twilio SDKs with the gateway', () => {
  const pages = usePages();
  let gateway: Gateway;
  let page: Page;

  async function start(sdk: Sdk, options: Partial<GatewayOptions> = {}): Promise<void> {
    gateway = await startGateway({ ...testCredentials, apiKey, ...options });
    page = await pages.open();
    await loadSdk(page, gateway, sdk);
  }
  const open = (sdk: Sdk, token: string): Promise<Outcome> =>
    page.evaluate(openDevice, { sdk, token, host: gateway.host });
  afterEach(() => gateway.close());

  describe.each(SDKS)('$sdk', ({ sdk, tampered, expired, tooLong }) => {
    describe.each(KINDS)('$kind', ({ createSigner }) => {
      beforeEach(() => start(sdk));

      it(`reports a tampered token as ${tampered}`, async () => {
        const [header = '', payload = '', signature = ''] = createSigner({}).sign(scopes).split('.');
        const forged = Buffer.from(payload, 'base64url').toString().replace('alice', 'admin');
        const token = [header, Buffer.from(forged).toString('base64url'), signature].join('.');
        await expect(open(sdk, token)).resolves.toEqual({ ready: false, code: tampered });
        expect(gateway.isRegistered('alice')).toBe(false);
      });

      it(`reports an expired token as ${expired}`, async () => {
        const token = createSigner({ ttl: 60, now: () => Date.now() - 61_000 }).sign(scopes);
        await expect(open(sdk, token)).resolves.toEqual({ ready: false, code: expired });
      });

      it(`reports a token that lasts more than 24 hours as ${tooLong}`, async () => {
        const token = createSigner({ ttl: 86_400, now: () => Date.now() + 60_000 }).sign(scopes);
        await expect(open(sdk, token)).resolves.toEqual({ ready: false, code: tooLong });
      });

      it('registers and rings', async () => {
        await expect(open(sdk, createSigner({}).sign(scopes))).resolves.toEqual(READY);
        expect(gateway.isRegistered('alice')).toBe(true);
        await page.evaluate(awaitCaller);
        const call = gateway.ring('alice', 'client:bob');
        await expect(page.evaluate('caller')).resolves.toBe('client:bob');
        call?.hangUp();
      });

      it('is declined when its token allows no calls', async () => {
        await open(sdk, createSigner({}).sign(new IncomingScope('alice')));
        const isError = { predicate: (message: ConsoleMessage) => message.type() === 'error' };
        const logged = sdk === 'twilio-client' ? page.waitForEvent('console', isError) : undefined;
        await expect(page.evaluate(placeCall, { sdk, params: {} })).resolves.toEqual({
          ready: false,
          code: 31002,
        });
        // twilio-client writes this error to the console, whatever its log level.
        if (await logged) expect(pages.errors.splice(0)).toEqual([expect.stringContaining('31002')]);
      });

      describe('with a Voice URL', () => {
        let voiceUrl: TestVoiceUrl;
        beforeAll(async () => {
          voiceUrl = await startVoiceUrl('<Dial><Number>+15550100</Number></Dial>');
        });
        afterAll(() => voiceUrl.close());

        it("calls with its token's parameters, whatever the page sends", async () => {
          gateway.attach({ voiceUrl: voiceUrl.url });
          await open(sdk, createSigner({}).sign(scopes));
          const params = {
            To: '+15550100',
            colour: 'blue',
            user_id: '1',
            From: 'client:boss',
            AccountSid: 'AC1',
          };
          await expect(page.evaluate(placeCall, { sdk, params })).resolves.toEqual(READY);
          expect(voiceUrl.requests[0]?.fields).toEqual({
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
        });
      });
    });

    // What each SDK does by itself. In all three ways, the gateway holds no registration.
    describe('after its token has expired', () => {
      const expire = async (): Promise<void> => {
        await expect(
          open(sdk, new CapabilitySigner(testCredentials).sign(scopes, { ttl: 3 })),
        ).resolves.toEqual(READY);
        await expect(page.evaluate(nextError)).resolves.toBe(expired);
        expect(gateway.isRegistered('alice')).toBe(false);
      };
      const updateToken = (): Promise<void> =>
        page.evaluate(giveToken, new CapabilitySigner(testCredentials).sign(scopes));

      it('disconnects at close', async () => {
        await start(sdk, { afterRefusal: 'send-close' });
        await expire();
        await until(() => Promise.resolve(gateway.connections.length === 0));
        await until(async () => (await page.evaluate(readState)) === OFFLINE[sdk]);
      });

      it('says that it is registered on an open socket, also with a new token', async () => {
        await start(sdk, { afterRefusal: 'keep-socket' });
        await expire();
        await expect(page.evaluate(readState)).resolves.toBe(ONLINE[sdk]);
        await updateToken();
        await until(() => Promise.resolve(gateway.connections[0]?.isTokenValid));
        await page.waitForTimeout(1000);
        await expect(page.evaluate(readState)).resolves.toBe(ONLINE[sdk]);
        expect(gateway.connections).toMatchObject([
          { isTokenValid: true, isRegistered: REGISTERS_AGAIN[sdk] },
        ]);
      });

      it('connects again and again with the expired token if the socket closes', async () => {
        await start(sdk, { afterRefusal: 'close-socket' });
        await expire();
        for (let errors = 0; errors < 3; errors += 1) {
          await expect(page.evaluate(nextError)).resolves.toBe(expired);
        }
        expect(gateway.isRegistered('alice')).toBe(false);
      });
    });
  });
});

const ONLINE: Record<Sdk, string> = { '@twilio/voice-sdk': 'registered', 'twilio-client': 'ready' };
const OFFLINE: Record<Sdk, string> = { '@twilio/voice-sdk': 'unregistered', 'twilio-client': 'offline' };
const REGISTERS_AGAIN: Record<Sdk, boolean> = { '@twilio/voice-sdk': false, 'twilio-client': true };

/** Result of a registration or a call. */
interface Outcome {
  ready: boolean;
  code: number | null;
}

const READY: Outcome = { ready: true, code: null };

// These functions run in the page, as text. They can use only types from this file.

interface Emitter {
  on(event: string, listener: (detail: { code: number; parameters: { From: string } }) => void): void;
}

interface Device extends Emitter {
  readonly state?: string;
  status?(): string;
  register(): Promise<void>;
  setup(token: string, options: object): void;
  updateToken(token: string): void;
  connect(options: object): Emitter | Promise<Emitter>;
}

interface PageGlobals {
  Twilio: { Device: { new (token?: string, options?: object): Device; SoundName: Record<string, string> } };
  device: Device;
  caller: Promise<string>;
}

function openDevice({ sdk, token, host }: { sdk: Sdk; token: string; host: string }): Promise<Outcome> {
  const page = globalThis as unknown as PageGlobals;
  const { Device } = page.Twilio;
  const silence = `data:audio/wav;base64,UklGRmQBAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YUAB${'A'.repeat(430)}==`;
  const options = {
    chunderw: host,
    codecPreferences: ['pcmu'],
    enableImprovedSignalingErrorPrecision: true,
    enableRingingState: true,
    logLevel: 'silent',
    publishEvents: false,
    sounds: Object.fromEntries(Object.values(Device.SoundName).map((name) => [name, silence])),
  };
  return new Promise((resolve) => {
    page.device = sdk === '@twilio/voice-sdk' ? new Device(token, options) : new Device();
    for (const event of ['registered', 'ready']) {
      page.device.on(event, () => {
        resolve({ ready: true, code: null });
      });
    }
    page.device.on('error', ({ code }) => {
      resolve({ ready: false, code });
    });
    if (sdk === '@twilio/voice-sdk') page.device.register().catch(() => undefined);
    else page.device.setup(token, options);
  });
}

function nextError(): Promise<number> {
  const { device } = globalThis as unknown as PageGlobals;
  return new Promise((resolve) => {
    device.on('error', ({ code }) => {
      resolve(code);
    });
  });
}

function awaitCaller(): void {
  const page = globalThis as unknown as PageGlobals;
  page.caller = new Promise((resolve) => {
    page.device.on('incoming', ({ parameters }) => {
      resolve(parameters.From);
    });
  });
}

function readState(): string | undefined {
  const { device } = globalThis as unknown as PageGlobals;
  return device.state ?? device.status?.();
}

function giveToken(token: string): void {
  const { device } = globalThis as unknown as PageGlobals;
  device.updateToken(token);
}

async function placeCall({ sdk, params }: { sdk: Sdk; params: object }): Promise<Outcome> {
  const { device } = globalThis as unknown as PageGlobals;
  const call = await device.connect(sdk === '@twilio/voice-sdk' ? { params } : params);
  return new Promise((resolve) => {
    call.on('ringing', () => {
      resolve({ ready: true, code: null });
    });
    call.on('error', ({ code }) => {
      resolve({ ready: false, code });
    });
  });
}
