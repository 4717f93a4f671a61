import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';
import {
  startGateway,
  type AfterRefusal,
  type Gateway,
  type IncomingCall,
} from '../../../../examples/gateway';
import { serve, type TestServer } from './http';
import { until } from './until';

/** What a gateway can do after a token has expired or was refused. */
export const WAYS: readonly AfterRefusal[] = ['send-close', 'keep-socket', 'close-socket'];

/** Answers a request for a token with a fault. */
export type EndpointFault = (response: ServerResponse) => unknown;

export const faults = {
  status:
    (status: number, headers: OutgoingHttpHeaders = {}): EndpointFault =>
    (response) =>
      response.writeHead(status, headers).end('{"error":"failed"}'),
  html: (response: ServerResponse) =>
    response.setHeader('Content-Type', 'text/html').end('<title>Sign in</title>'),
  noNetwork: (response: ServerResponse) => response.destroy(),
  hang: () => undefined,
};

const ROOT = join(__dirname, '../../../..');
const NAME = 'alice';
const SAMPLE_MS = 50;
/** The SDK waits up to two seconds for its ring tone. */
const RING_MS = 5000;
const REGISTRATION_MS = 30_000;

/** The SDK for the local gateway. Pages import it by its name. */
const sdkModule = (gateway: string): string => `
  const { Device: TwilioDevice } = Twilio;
  const sounds = Object.fromEntries(Object.values(TwilioDevice.SoundName).map((name) => [name, '/tone.wav']));
  export class Device extends TwilioDevice {
    constructor(token, options) {
      super(token, { ...options, chunderw: '${gateway}', publishEvents: false, logLevel: 'silent', sounds });
      devices.push(this);
    }
  }`;

/** What the tests read. */
const GLOBALS = `
  Object.assign(window, { devices: [], errors: [], rings: 0, call: undefined, shown: [] });
  window.showIncomingCall = (call) => {
    rings += 1;
    window.call = call;
  };
  addEventListener('pageshow', ({ persisted }) => shown.push(persisted));`;

const APPLICATION = `
  import { Device } from '@twilio/voice-sdk';
  import { fetchToken, startDevice } from 'twilio-capability/browser';

  window.phone = startDevice({
    fetchToken: (signal) => fetchToken('/token', { signal }),
    createDevice: (token) => {
      const device = new Device(token, { maxCallSignalingTimeoutMs: 30_000 });
      device.on('incoming', showIncomingCall);
      device.on('error', () => undefined);
      return device;
    },
    onError: (error, { retryInMs }) => {
      errors.push([error.code ?? error.status ?? error.name, retryInMs ?? null]);
    },
  });`;

const IMPORTS = { '@twilio/voice-sdk': '/voice-sdk.js', 'twilio-capability/browser': '/browser.js' };

const html = (application: string): string => `<!doctype html>
  <title>Phone</title>
  <script>${GLOBALS}</script>
  <script src="/twilio.min.js"></script>
  <script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
  <script type="module">${application}</script>`;

const SCRIPTS: Record<string, string> = {
  '/twilio.min.js': readFileSync(
    require.resolve('@twilio/voice-sdk').replace(/es5.*/, 'dist/twilio.min.js'),
    'utf8',
  ),
  '/browser.js': readFileSync(join(ROOT, 'dist/browser/index.mjs'), 'utf8'),
};
const TONE = readFileSync(join(ROOT, 'examples/gateway/silence.wav'));

/** A page with a phone, its token endpoint and its gateway. A test can disturb each. */
export class PhonePage {
  /** When each token was requested, in seconds since the start. */
  readonly fetches: number[] = [];
  /** Errors that the page did not catch, unhandled rejections among them. */
  readonly uncaught: string[] = [];
  authToken: string = testCredentials.authToken;
  #fault: EndpointFault | undefined;
  readonly #start = performance.now();

  private constructor(
    readonly gateway: Gateway,
    readonly server: TestServer,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly ttl: number,
    readonly application: string,
  ) {}

  static async open(
    browser: Browser,
    way: AfterRefusal,
    { ttl, application = APPLICATION }: { ttl: number; application?: string | undefined },
  ): Promise<PhonePage> {
    const gateway = await startGateway({ ...testCredentials, afterRefusal: way });
    const server = await serve(({ url }, response) => {
      phone.#answer(url ?? '/', response);
    });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const phone = new PhonePage(gateway, server, context, page, ttl, application);
    page.on('pageerror', (error) => phone.uncaught.push(error.message));
    return phone;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.gateway.close();
    await this.server.close();
  }

  /** Opens the page, without a wait for its registration. */
  async start(page = this.page): Promise<void> {
    await page.goto(this.server.url);
  }

  /** Makes the token endpoint fail. */
  break(fault = faults.status(503)): void {
    this.#fault = fault;
  }

  mend(): void {
    this.#fault = undefined;
  }

  /** Evaluates an expression in the page. */
  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  get isRegistered(): boolean {
    return this.gateway.isRegistered(NAME);
  }

  /** Waits until the gateway holds a registration under a valid token, or none. Returns the seconds it took. */
  async registered(expected = true, withinSeconds = 60): Promise<number> {
    const start = performance.now();
    await until(() => this.isRegistered === expected, withinSeconds * 1000);
    return (performance.now() - start) / 1000;
  }

  /** Returns the longest time in seconds without a registration. */
  async gap(seconds: number): Promise<number> {
    const end = performance.now() + seconds * 1000;
    let longest = 0;
    let lastSeen = performance.now();
    while (performance.now() < end) {
      await delay(SAMPLE_MS);
      if (this.isRegistered) lastSeen = performance.now();
      else longest = Math.max(longest, performance.now() - lastSeen);
    }
    return longest / 1000;
  }

  /** Calls the page from the gateway, and requires that it rings there. */
  async rings(): Promise<void> {
    const call = await this.ring();
    call.hangUp();
    await until(() => this.evaluate('devices.every(({ calls }) => calls.length === 0)'), RING_MS);
  }

  /** Answers a call in the page. */
  async answer(): Promise<IncomingCall> {
    const call = await this.ring();
    await this.evaluate('call.accept()');
    await until(() => this.evaluate('devices.at(-1).isBusy'), RING_MS);
    await until(() => call.status === 'answered');
    return call;
  }

  /** Rings, and leaves the call ringing. */
  async ring(): Promise<IncomingCall> {
    const before = await this.evaluate<number>('rings');
    let call = this.gateway.ring(NAME);
    // A token can expire between a look at the registration and the call.
    await until(() => (call ??= this.gateway.ring(NAME)), REGISTRATION_MS);
    await until(() => this.evaluate(`rings > ${before}`), RING_MS);
    return call!;
  }

  /** How many connections of the page are registered. */
  get registrations(): number {
    return this.gateway.connections.filter(({ isRegistered }) => isRegistered).length;
  }

  #answer(path: string, response: ServerResponse): void {
    const script = path === '/voice-sdk.js' ? sdkModule(this.gateway.host) : SCRIPTS[path];
    if (path === '/token') this.#sendToken(response);
    else if (path === '/tone.wav') response.setHeader('Content-Type', 'audio/wav').end(TONE);
    else if (script !== undefined) response.setHeader('Content-Type', 'text/javascript').end(script);
    else if (path === '/') response.setHeader('Content-Type', 'text/html').end(html(this.application));
    else response.setHeader('Content-Type', 'text/html').end('<title>Elsewhere</title>');
  }

  #sendToken(response: ServerResponse): void {
    this.fetches.push((performance.now() - this.#start) / 1000);
    if (this.#fault !== undefined) {
      this.#fault(response);
      return;
    }
    const signer = new CapabilitySigner({ ...testCredentials, authToken: this.authToken, ttl: this.ttl });
    const { token, ttl } = signer.issue(new IncomingScope(NAME));
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ token, ttl }));
  }
}
