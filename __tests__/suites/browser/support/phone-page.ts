import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';
import { startGateway, type AfterRefusal, type Gateway } from '../../../../examples/gateway';

/** What a gateway can do after a token has expired or was refused. */
export const WAYS: readonly AfterRefusal[] = ['send-close', 'keep-socket', 'close-socket'];

/** How a token endpoint fails. */
export type EndpointFault = 'status' | 'html' | 'no network' | 'hang';

const ROOT = join(__dirname, '../../../..');
const NAME = 'alice';
const SAMPLE_MS = 50;
/** The SDK waits up to two seconds for its ring tone. */
const RING_MS = 5000;

// The page as an application would write it. `phone` and what it reports are globals for the tests.
const PAGE = `<!doctype html>
<title>Phone</title>
<script src="/sdk.js"></script>
<script type="module">
  import { fetchToken, startDevice } from '/browser.js';

  const { Device } = Twilio;
  const sounds = Object.fromEntries(Object.values(Device.SoundName).map((name) => [name, '/tone.wav']));
  Object.assign(window, { devices: [], errors: [], rings: 0, call: undefined, shown: [] });

  window.start = (options) => {
    window.phone = startDevice({
      fetchToken: (signal) => fetchToken('/token', { signal }),
      createDevice: (token) => {
        const device = new Device(token, {
          chunderw: options.gateway,
          maxCallSignalingTimeoutMs: 30_000,
          publishEvents: false,
          logLevel: 'silent',
          sounds,
        });
        device.on('incoming', (call) => {
          rings += 1;
          window.call = call;
        });
        device.on('error', () => undefined);
        devices.push(device);
        return device;
      },
      onError: (error, { retryInMs }) => {
        errors.push([error.code ?? error.status ?? error.name, retryInMs ?? null]);
      },
    });
  };
  addEventListener('pageshow', ({ persisted }) => shown.push(persisted));
</script>`;

const SCRIPTS: Record<string, string> = {
  '/sdk.js': readFileSync(
    require.resolve('@twilio/voice-sdk').replace(/es5.*/, 'dist/twilio.min.js'),
    'utf8',
  ),
  '/browser.js': readFileSync(join(ROOT, 'dist/browser/index.mjs'), 'utf8'),
};
const TONE = readFileSync(join(ROOT, 'examples/voice-app/public/tone.wav'));

/** A page with a phone, its token endpoint and its gateway. A test can disturb each. */
export class PhonePage {
  /** When each token was requested, in seconds since the start. */
  readonly fetches: number[] = [];
  /** Errors that the page did not catch, unhandled rejections among them. */
  readonly uncaught: string[] = [];
  ttl = 20;
  authToken: string = testCredentials.authToken;
  #fault: EndpointFault | undefined;
  #status = 503;
  #headers: Record<string, string> = {};
  readonly #start = performance.now();

  private constructor(
    readonly gateway: Gateway,
    readonly server: Server,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async open(browser: Browser, way: AfterRefusal, options: { ttl?: number } = {}): Promise<PhonePage> {
    const gateway = await startGateway({ ...testCredentials, afterRefusal: way });
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const phone = new PhonePage(gateway, server, context, page);
    if (options.ttl !== undefined) phone.ttl = options.ttl;
    page.on('pageerror', (error) => phone.uncaught.push(error.message));
    server.on('request', (request, response) => {
      phone.#answer(request, response);
    });
    return phone;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.gateway.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Opens the page and starts the phone, without a wait for its registration. */
  async start(page = this.page): Promise<void> {
    await page.goto(this.url);
    await page.evaluate(`start({ gateway: '${this.gateway.host}' })`);
  }

  /** Makes the token endpoint fail. */
  break(fault: EndpointFault = 'status', status = 503, headers: Record<string, string> = {}): void {
    this.#fault = fault;
    this.#status = status;
    this.#headers = headers;
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
    while (this.isRegistered !== expected) {
      if (performance.now() - start > withinSeconds * 1000) {
        throw new Error(`Not ${expected ? 'registered' : 'unregistered'} within ${withinSeconds} s.`);
      }
      await delay(SAMPLE_MS);
    }
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

  /** Calls the page from the gateway and requires that it rings there. */
  async rings(): Promise<void> {
    const before = await this.evaluate<number>('rings');
    const call = this.gateway.ring(NAME);
    if (call === null) throw new Error('The gateway has no free device.');
    await this.#until(`rings > ${before}`, RING_MS);
    call.hangUp();
    await this.#until('!phone.device || phone.device.calls.length === 0', RING_MS);
  }

  /** Answers a call in the page. */
  async answer(): Promise<{ hangUp: () => void; isOpen: () => boolean }> {
    const before = await this.evaluate<number>('rings');
    const call = this.gateway.ring(NAME);
    if (call === null) throw new Error('The gateway has no free device.');
    await this.#until(`rings > ${before}`, RING_MS);
    await this.evaluate('call.accept()');
    await this.#until('phone.device.isBusy', RING_MS);
    while (call.status !== 'answered') await delay(SAMPLE_MS);
    return {
      hangUp: () => {
        call.hangUp();
      },
      isOpen: () => call.status === 'answered',
    };
  }

  /** How many connections of the page are registered. */
  get registrations(): number {
    return this.gateway.connections.filter(({ isRegistered }) => isRegistered).length;
  }

  async #until(condition: string, withinMs: number): Promise<void> {
    const end = performance.now() + withinMs;
    while (!(await this.evaluate<boolean>(condition))) {
      if (performance.now() > end) throw new Error(`Not within ${withinMs} ms: ${condition}`);
      await delay(SAMPLE_MS);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    if (path === '/token') this.#sendToken(response);
    else if (path === '/tone.wav') response.setHeader('Content-Type', 'audio/wav').end(TONE);
    else if (path in SCRIPTS) response.setHeader('Content-Type', 'text/javascript').end(SCRIPTS[path]);
    else
      response.setHeader('Content-Type', 'text/html').end(path === '/' ? PAGE : '<title>Elsewhere</title>');
  }

  #sendToken(response: ServerResponse): void {
    this.fetches.push((performance.now() - this.#start) / 1000);
    switch (this.#fault) {
      case 'no network':
        response.destroy();
        break;
      case 'html':
        response.setHeader('Content-Type', 'text/html').end('<title>Sign in</title>');
        break;
      case 'status':
        response.writeHead(this.#status, this.#headers).end('{"error":"failed"}');
        break;
      case 'hang':
        break;
      case undefined: {
        const signer = new CapabilitySigner({ ...testCredentials, authToken: this.authToken, ttl: this.ttl });
        const { token, ttl } = signer.issue(new IncomingScope(NAME));
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ token, ttl }));
      }
    }
  }
}
