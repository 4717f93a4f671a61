import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chromium, type Browser, type ConsoleMessage, type Page } from 'playwright-core';
import {
  AccessTokenSigner,
  CapabilitySigner,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from 'twilio-capability';
import { readAccount } from '../../examples/voice-app/account';
import { startVoiceApp, type VoiceApp } from '../../examples/voice-app/server';

/** Twilio's two browser SDKs, and the numbers under which each reports bad tokens and a refused microphone. */
const SDKS = [
  { sdk: 'voice-sdk', query: '', tampered: 20101, expired: 20104, tooLong: 31207, refused: 31401 },
  {
    sdk: 'twilio-client',
    query: '?sdk=twilio-client',
    tampered: 31204,
    expired: 31205,
    tooLong: 31207,
    refused: 31208,
  },
] as const;

type Sdk = (typeof SDKS)[number]['sdk'];

const account = readAccount({});
const { sid: accountSid, authToken, apiKeySid, apiKeySecret, applicationSid } = account;

/** What the same app does, signing one kind of token or the other. */
const KINDS = [
  {
    kind: 'capability token',
    createSigner: (config: Times) => new CapabilitySigner({ accountSid, authToken, ...config }),
  },
  {
    kind: 'Access Token',
    createSigner: (config: Times) =>
      new AccessTokenSigner({ accountSid, apiKeySid, apiKeySecret, ...config }),
  },
] as const;

interface Times {
  ttl?: number;
  now?: () => number;
}

const READY = 'Ready to make and receive calls';

const CHROMIUM_PATHS = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const executablePath = CHROMIUM_PATHS.find((path) => path !== undefined && existsSync(path));
const isRequired = Boolean(process.env['REQUIRE_BROWSER'] ?? process.env['CI']);

// Root in a container has no sandbox to offer; the microphone is a fake one that needs no permission; and
// nothing is looked up outside of this machine.
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];

// Each test opens a page or two, which a busy machine may take its time for.
jest.setTimeout(90_000);

// The tests that follow are skipped without a browser, and this one says so.
it('finds a Chromium to test with', () => {
  if (executablePath !== undefined) return;
  const message = 'No Chromium found, so nothing was tested in a browser. Name one in CHROMIUM_PATH.';
  if (isRequired) throw new Error(message);
  process.stderr.write(`${message}\n`);
});

const describeInBrowser = executablePath === undefined ? describe.skip : describe;

describeInBrowser('in a real browser', () => {
  let browser: Browser;
  let page: Page;
  let app: VoiceApp;
  let errors: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: CHROMIUM_FLAGS });
    app = await startVoiceApp({ port: 0, account });
  });

  afterAll(async () => {
    await app.close();
    await browser.close();
  });

  beforeEach(async () => {
    errors = [];
    page = await openPage();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(errors).toEqual([]);
  });

  /** A page of a browser profile of its own, so that each can be signed in under another name. */
  async function openPage(): Promise<Page> {
    // The certificate is made at each start, so no browser can know it.
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const opened = await context.newPage();
    opened.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    opened.on('pageerror', (error) => errors.push(error.message));
    return opened;
  }

  describe.each(SDKS)('$sdk', ({ sdk, query, tampered, expired, tooLong, refused }) => {
    describe.each(KINDS)('$kind', ({ createSigner }) => {
      const scopes: Scope[] = [new IncomingScope('alice'), new OutgoingScope(applicationSid)];
      let signing: VoiceApp;

      beforeAll(async () => {
        signing = await startVoiceApp({ port: 0, account, signer: createSigner({}) });
      });

      afterAll(() => signing.close());

      beforeEach(async () => {
        // Nobody is signed in yet, so the page has opened no device of its own.
        await page.goto(signing.url);
        await page.addScriptTag({ url: `/sdk/${sdk}/twilio.min.js` });
      });

      const open = (token: string) => page.evaluate(openDevice, { sdk, token });

      it('becomes ready as the signed-in name, and calls with its user_id whatever the caller says', async () => {
        await expect(open(await page.evaluate(askForToken, 'alice'))).resolves.toEqual({
          ready: true,
          code: null,
        });
        const params = {
          To: '+15550100',
          colour: 'blue',
          user_id: '1',
          From: 'client:boss',
          AccountSid: 'AC1',
        };
        await expect(page.evaluate(placeCall, { sdk, params })).resolves.toEqual({ ready: true, code: null });
        expect(signing.calls).toEqual([
          {
            From: 'client:alice',
            To: '+15550100',
            CallSid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
            ApplicationSid: applicationSid,
            AccountSid: accountSid,
            Caller: 'client:alice',
            Called: '+15550100',
            Direction: 'inbound',
            CallStatus: 'ringing',
            ApiVersion: '2010-04-01',
            user_id: '2bd806c97f0e',
            colour: 'blue',
          },
        ]);
      });

      it(`reports a tampered token as ${tampered}`, async () => {
        const [header, payload, signature] = createSigner({}).sign(scopes).split('.') as [
          string,
          string,
          string,
        ];
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

      it('goes offline when its token runs out', async () => {
        await expect(open(createSigner({ ttl: 5 }).sign(scopes))).resolves.toEqual({
          ready: true,
          code: null,
        });
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
        // twilio-client writes this one to the console itself, whatever its log level.
        if (await logged) expect(errors.splice(0)).toEqual([expect.stringContaining('31002')]);
      });
    });

    it('works in the page: sign in, call, hang up, sign out, by keyboard alone', async () => {
      await page.goto(app.url + query);
      await page.getByLabel('Your name').waitFor();
      await page.keyboard.type('ann.veal@example.com');
      await page.keyboard.press('Enter');
      await status(READY);
      expect(await page.locator('#permissions').innerText()).toBe(
        [
          ['Receive calls as', 'ann_2Eveal_40example_2Ecom'],
          ['Place calls through', applicationSid],
          ['Each call carries', 'user_id = 0f64757e87cd'],
          ['Follow events', 'no'],
        ]
          .flat()
          .join('\n'),
      );
      expect(await page.locator('#remaining').innerText()).toMatch(/^(10:00|9:5\d)$/);

      await page.keyboard.type('+1 555 0100');
      await page.keyboard.press('Enter');
      await status('Ringing +1 555 0100…');
      await status('In call with +1 555 0100');
      const request = page.getByRole('region', { name: 'What your VoiceUrl receives' });
      await expect(request.getByRole('row', { name: /^user_id 0f64757e87cd token$/ }).count()).resolves.toBe(
        1,
      );

      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await status(READY);

      await page.getByRole('button', { name: 'Sign out' }).press('Enter');
      await page.getByLabel('Your name').waitFor();
      await page.reload();
      await page.getByLabel('Your name').waitFor();
    });

    it.each([
      ['NotFoundError', 'No microphone was found\n\nConnect one, then try again.', 31402],
      [
        'NotAllowedError',
        'No microphone\n\nA call needs one. Allow this page to use it, then try again.',
        refused,
      ],
    ])('says in the page what to do about the microphone for %s', async (name, text, code) => {
      await page.addInitScript(refuseMicrophone, name);
      await signIn(page, 'alice', query);
      await call(page, '+15550100');
      const alert = page.getByRole('alert').filter({ hasText: 'microphone' });
      await alert.waitFor();
      expect((await alert.innerText()).trim()).toBe(`${text} (Twilio error ${code})`);
      await expect(alert.getByRole('button').count()).resolves.toBe(0);
      await status(READY);
    });
  });

  it('stays registered past the end of its token, on either SDK', async () => {
    const shortLived = await startVoiceApp({ port: 0, account, ttl: 15 });
    await Promise.all(
      SDKS.map(async ({ query }) => {
        const tab = await openPage();
        const asked: number[] = [];
        tab.on('request', (request) => request.url().endsWith('/token') && asked.push(Date.now()));
        await signIn(tab, 'alice', query, shortLived);

        const seen = new Set<string>();
        while (Date.now() - asked[0]! < 17_000) {
          seen.add(await tab.getByRole('status').innerText());
          await tab.waitForTimeout(100);
        }
        expect([...seen]).toEqual([READY]);
        expect(asked).toHaveLength(2);
        expect(asked[1]! - asked[0]!).toBeGreaterThan(8000);
        expect(asked[1]! - asked[0]!).toBeLessThan(14_000);
        expect(await tab.locator('#renewals').innerText()).toMatch(/^Renewed once, last at /);
      }),
    );
    await shortLived.close();
  });

  it('rings the client that is called, on either SDK', async () => {
    const [caller, callee] = [await openPage(), await openPage()];
    await signIn(caller, 'alice');
    await signIn(callee, 'bob', '?sdk=twilio-client');
    await call(caller, 'bob');
    await status('alice is calling', callee);
    await callee.getByRole('button', { name: 'Answer' }).click();
    await status('In call with bob', caller);
    await status('In call with alice', callee);
    await callee.getByRole('button', { name: 'Hang up' }).click();
    await status(READY, caller);
    await status(READY, callee);

    await call(callee, 'alice');
    await status('bob is calling', caller);
    await caller.getByRole('button', { name: 'Decline' }).click();
    await status(READY, callee);
    await status(READY, caller);

    await call(caller, 'bob');
    await status('alice is calling', callee);
    await caller.getByRole('button', { name: 'Hang up' }).click();
    await status(READY, callee);
  });

  it('says in plain words that a token was refused, and recovers', async () => {
    const foreignSigner = new CapabilitySigner({ accountSid, authToken: 'of-another-account' });
    const foreignToken = foreignSigner.sign(new IncomingScope('alice'));
    await page.goto(app.url);
    await page.route('**/token', async (route) => {
      await route.fulfill({ json: { token: foreignToken, ttl: 600 } });
    });
    await page.getByLabel('Your name').fill('alice');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The token was refused').waitFor();
    expect(await page.getByRole('alert').first().innerText()).toContain('(Twilio error 20101)');
    await status('Offline');
    expect(await page.locator('#remaining').innerText()).toBe('Refused');

    await page.unroute('**/token');
    await page.getByRole('button', { name: 'Try again' }).click();
    await status(READY);
    await expect(page.getByText('The token was refused').isVisible()).resolves.toBe(false);
  });

  it('says who answers when a name is called that nobody has', async () => {
    await signIn();
    await call(page, 'nobody');
    await status('In call with nobody');
    await page.getByText('it answers for whoever is not signed in').waitFor();
  });

  it('asks to sign in again when the session has ended', async () => {
    await page.goto(app.url);
    await page.route('**/session', (route) => route.fulfill({ json: { user: { name: 'alice' } } }));
    await page.reload();
    await page.getByText('You are signed out').waitFor();
    await page.getByLabel('Your name').waitFor();
    // The browser's own note of the refusal.
    expect(errors.splice(0)).toEqual([expect.stringContaining('401 (Unauthorized)')]);
  });

  it('fits a window 320 pixels wide, dark and without motion', async () => {
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 320, height: 640 });
    await signIn();
    await call(page, '+15550100');
    await status('In call with +15550100');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  async function signIn(tab = page, name = 'alice', query = '', { url } = app): Promise<void> {
    await tab.goto(url + query);
    await tab.getByLabel('Your name').fill(name);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await status(READY, tab);
  }

  async function call(tab: Page, destination: string): Promise<void> {
    await tab.getByLabel('Whom to call').fill(destination);
    await tab.getByRole('button', { name: 'Call', exact: true }).click();
  }

  async function status(text: string, tab = page): Promise<void> {
    await tab.getByRole('status').getByText(text, { exact: true }).waitFor();
  }
});

describe('closing', () => {
  /** A sign-in of which the app has got everything but the end. */
  async function beginSignIn(app: VoiceApp): Promise<{ request: ClientRequest; end: string }> {
    const body = JSON.stringify({ name: 'alice' });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const options = { method: 'POST', headers, rejectUnauthorized: false };
    const request = https.request(`${app.url}/session`, options);
    request.write(body.slice(0, -1));
    const [socket] = (await once(request, 'socket')) as [Socket];
    await once(socket, 'secureConnect');
    await delay(100);
    return { request, end: body.slice(-1) };
  }

  it('finishes what it is answering, and takes nothing new', async () => {
    const app = await startVoiceApp({ port: 0, account });
    const { request, end } = await beginSignIn(app);

    const closed = app.close();
    await expect(fetch(`${app.url}/settings`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    request.end(end);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    await closed;
  });

  it('does not wait for longer than it was told', async () => {
    const app = await startVoiceApp({ port: 0, account });
    const { request } = await beginSignIn(app);

    const cutOff = once(request, 'error');
    const started = Date.now();
    await app.close(300);
    expect(Date.now() - started).toBeGreaterThanOrEqual(299);
    expect(Date.now() - started).toBeLessThan(3000);
    await expect(cutOff).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends the process on %s', async (signal) => {
    const root = path.join(__dirname, '..', '..');
    const args = ['-r', 'ts-node/register/transpile-only', 'examples/voice-app/server.ts'];
    const app = spawn(process.execPath, args, { cwd: root, env: { ...process.env, PORT: '0' } });
    await once(app.stdout, 'data');
    app.kill(signal);
    await expect(once(app, 'exit')).resolves.toEqual([0, null]);
  });
});

/** What became of a device or a call: ready, or refused under a number. */
interface Outcome {
  ready: boolean;
  code: number | null;
}

// From here on, what runs in the page. Each function is sent there as text, so it can use nothing from
// outside itself but types.

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
  navigator: { mediaDevices: { getUserMedia: () => Promise<never> } };
  DOMException: new (message: string, name: string) => Error;
  device: Device;
}

function refuseMicrophone(name: string): void {
  const { navigator, DOMException } = globalThis as unknown as PageGlobals;
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
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

async function placeCall({ sdk, params }: { sdk: Sdk; params: object }): Promise<Outcome> {
  const { device } = globalThis as unknown as PageGlobals;
  const call = await device.connect(sdk === 'voice-sdk' ? { params } : params);
  return new Promise((resolve) => {
    call.on('ringing', () => {
      resolve({ ready: true, code: null });
    });
    call.on('error', ({ code }) => {
      resolve({ ready: false, code });
    });
  });
}
