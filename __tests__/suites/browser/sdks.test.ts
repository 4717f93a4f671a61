import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsoleMessage, Page } from 'playwright-core';
import {
  AccessTokenSigner,
  CapabilitySigner,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from 'twilio-capability';
import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { useApp } from './support/app';
import { describeInBrowser, usePages } from './support/chromium';

/** Twilio's two browser SDKs, and the numbers under which each reports bad tokens. */
const SDKS = [
  { sdk: 'voice-sdk', tampered: 20101, expired: 20104, tooLong: 31207 },
  { sdk: 'twilio-client', tampered: 31204, expired: 31205, tooLong: 31207 },
] as const;

type Sdk = (typeof SDKS)[number]['sdk'];

interface Times {
  ttl?: number;
  now?: () => number;
}

/** Adds a build of an SDK to the page, which has its own origin only. */
async function addSdk(page: Page, sdk: Sdk): Promise<void> {
  const folder = path.dirname(require.resolve(sdk === 'voice-sdk' ? '@twilio/voice-sdk' : 'twilio-client'));
  await page.route('**/sdk-under-test.js', (route) =>
    route.fulfill({ path: path.join(folder, '../dist/twilio.min.js') }),
  );
  await page.addScriptTag({ url: '/sdk-under-test.js' });
}

const KINDS = [
  {
    kind: 'capability token',
    apiKey: undefined,
    createSigner: (times: Times) => new CapabilitySigner({ ...testCredentials, ...times }),
  },
  {
    kind: 'Access Token',
    apiKey: { sid: testApiKey.apiKeySid, secret: testApiKey.apiKeySecret },
    createSigner: (times: Times) => new AccessTokenSigner({ ...testApiKey, ...times }),
  },
] as const;

describeInBrowser('Twilio SDKs with the local gateway', () => {
  const pages = usePages();
  let page: Page;

  describe.each(SDKS)('$sdk', ({ sdk, tampered, expired, tooLong }) => {
    describe.each(KINDS)('$kind', ({ createSigner, apiKey }) => {
      const scopes: Scope[] = [new IncomingScope('alice'), new OutgoingScope(testApplicationSid)];
      const app = useApp({ apiKey });

      beforeEach(async () => {
        page = await pages.open();
        // Nobody is signed in yet, so the page has no device of its own.
        await page.goto(app.current.url);
        await addSdk(page, sdk);
      });

      const open = (token: string): Promise<Outcome> => page.evaluate(openDevice, { sdk, token });

      it('registers as the signed-in name and calls with its user_id, whatever the page sends', async () => {
        await expect(open(await page.evaluate(askForToken, 'alice'))).resolves.toEqual(READY);
        const params = {
          To: '+15550100',
          colour: 'blue',
          user_id: '1',
          From: 'client:boss',
          AccountSid: 'AC1',
        };
        await expect(page.evaluate(placeCall, { sdk, params })).resolves.toEqual(READY);
        const [call] = app.current.gateway.calls;
        expect(call?.request).toEqual({
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
          user_id: '2bd806c97f0e',
          colour: 'blue',
        });
        expect(call?.twiml).toContain('<Number>+15550100</Number>');
      });

      it(`reports a tampered token as ${tampered}`, async () => {
        const [header = '', payload = '', signature = ''] = createSigner({}).sign(scopes).split('.');
        const forged = Buffer.from(payload, 'base64url').toString().replace('alice', 'admin');
        const token = [header, Buffer.from(forged).toString('base64url'), signature].join('.');
        await expect(open(token)).resolves.toEqual({ ready: false, code: tampered });
      });

      it(`reports an expired token as ${expired}`, async () => {
        const token = createSigner({ ttl: 60, now: () => Date.now() - 61_000 }).sign(scopes);
        await expect(open(token)).resolves.toEqual({ ready: false, code: expired });
      });

      it(`reports a token that lasts more than 24 hours as ${tooLong}`, async () => {
        const token = createSigner({ ttl: 86_400, now: () => Date.now() + 60_000 }).sign(scopes);
        await expect(open(token)).resolves.toEqual({ ready: false, code: tooLong });
      });

      it('goes offline when its token expires', async () => {
        await expect(open(createSigner({ ttl: 3 }).sign(scopes))).resolves.toEqual(READY);
        await expect(page.evaluate(nextError)).resolves.toBe(expired);
      });

      it('is declined when its token allows no calls', async () => {
        await open(createSigner({}).sign(new IncomingScope('alice')));
        const isError = { predicate: (message: ConsoleMessage) => message.type() === 'error' };
        const logged = sdk === 'twilio-client' ? page.waitForEvent('console', isError) : undefined;
        await expect(page.evaluate(placeCall, { sdk, params: {} })).resolves.toEqual({
          ready: false,
          code: 31002,
        });
        // twilio-client writes this error to the console, whatever its log level.
        if (await logged) expect(pages.errors.splice(0)).toEqual([expect.stringContaining('31002')]);
      });
    });
  });

  describe('a token with the user_id of another user', () => {
    const app = useApp();

    it('cannot make calls', async () => {
      page = await pages.open();
      await page.goto(app.current.url);
      await addSdk(page, 'voice-sdk');
      const params = { user_id: '2bd806c97f0e' };
      const token = new CapabilitySigner(testCredentials).sign([
        new IncomingScope('mallory'),
        new OutgoingScope(testApplicationSid, { clientName: 'mallory', params }),
      ]);
      await page.evaluate(openDevice, { sdk: 'voice-sdk' as const, token });
      const call = { sdk: 'voice-sdk' as const, params: { To: 'alice' }, event: 'accept' };
      await page.evaluate(placeCall, call);
      expect(app.current.gateway.calls[0]?.twiml).toContain(
        '<Say>You are not allowed to make this call.</Say><Hangup/>',
      );
    });
  });
});

/** Result of a registration or a call. */
interface Outcome {
  ready: boolean;
  code: number | null;
}

const READY: Outcome = { ready: true, code: null };

// These functions run in the page, as text. They can use only types from this file.

interface Emitter {
  on(event: string, listener: (detail: { code: number }) => void): void;
}

interface Device extends Emitter {
  register(): Promise<void>;
  setup(token: string, options: object): void;
  connect(options: object): Emitter | Promise<Emitter>;
}

interface PageGlobals {
  Twilio: { Device: { new (token?: string, options?: object): Device; SoundName: Record<string, string> } };
  location: { host: string };
  device: Device;
}

async function askForToken(name: string): Promise<string> {
  const body = JSON.stringify({ name });
  await fetch('/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const response = await fetch('/token', { method: 'POST' });
  return ((await response.json()) as { token: string }).token;
}

function openDevice({ sdk, token }: { sdk: Sdk; token: string }): Promise<Outcome> {
  const page = globalThis as unknown as PageGlobals;
  const { Device } = page.Twilio;
  const options = {
    chunderw: page.location.host,
    codecPreferences: ['pcmu'],
    enableImprovedSignalingErrorPrecision: true,
    enableRingingState: true,
    logLevel: 'silent',
    publishEvents: false,
    sounds: Object.fromEntries(Object.values(Device.SoundName).map((name) => [name, '/tone.wav'])),
  };
  return new Promise((resolve) => {
    page.device = sdk === 'voice-sdk' ? new Device(token, options) : new Device();
    for (const event of ['registered', 'ready']) {
      page.device.on(event, () => {
        resolve({ ready: true, code: null });
      });
    }
    page.device.on('error', ({ code }) => {
      resolve({ ready: false, code });
    });
    if (sdk === 'voice-sdk') page.device.register().catch(() => undefined);
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

async function placeCall({
  sdk,
  params,
  event = 'ringing',
}: {
  sdk: Sdk;
  params: object;
  event?: string;
}): Promise<Outcome> {
  const { device } = globalThis as unknown as PageGlobals;
  const call = await device.connect(sdk === 'voice-sdk' ? { params } : params);
  return new Promise((resolve) => {
    call.on(event, () => {
      resolve({ ready: true, code: null });
    });
    call.on('error', ({ code }) => {
      resolve({ ready: false, code });
    });
  });
}
