import path from 'node:path';
import type { Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import type { Gateway } from '../index';
import { sdkFolder, type Sdk } from './numbers';

/** How a page sees an error. */
export interface Seen {
  readonly code: number;
  /** The error's message. The gateway's own text in it is replaced with `…`. */
  readonly text: string;
  readonly hasOriginalError: boolean;
}

/** An SDK and its options. */
export interface Setup {
  readonly sdk: Sdk;
  /** `enableImprovedSignalingErrorPrecision`, which only `@twilio/voice-sdk` has. */
  readonly isPrecise: boolean;
}

const GATEWAY_TEXT = 'Text of the gateway';

/** Opens the gateway's own page with an SDK in it. */
export async function loadSdk(page: Page, gateway: Gateway, sdk: Sdk): Promise<void> {
  await page.goto(gateway.url);
  await page.addScriptTag({ path: path.join(sdkFolder(sdk), 'dist/twilio.min.js') });
}

/** Lets the gateway send each number, as an error of the connection or of a call. */
export async function measure(
  page: Page,
  gateway: Gateway,
  { place, ...setup }: Setup & { readonly place: 'connection' | 'call' },
  numbers: readonly number[],
): Promise<Map<number, Seen>> {
  const open = (): Promise<Seen> =>
    page.evaluate(openDevice, { ...setup, token: createToken(), host: gateway.host });
  if (place === 'call') await open();

  const measured = new Map<number, Seen>();
  for (const code of numbers) {
    const refusal = { code, message: GATEWAY_TEXT };
    gateway.behave(place === 'call' ? { refuseCalls: refusal } : { refuseConnections: refusal });
    const seen = await (place === 'call' ? page.evaluate(placeCall) : open());
    measured.set(code, { ...seen, text: seen.text.replace(GATEWAY_TEXT, '…') });
  }
  gateway.behave({ refuseCalls: null, refuseConnections: null });
  return measured;
}

function createToken(): string {
  return new CapabilitySigner(testCredentials).sign([
    new IncomingScope('alice'),
    new OutgoingScope(testApplicationSid),
  ]);
}

// These functions run in the page, as text. They can use only types from this file.

interface Emitter {
  on(event: string, listener: (error: PageError) => void): void;
}

interface PageError {
  readonly code: number;
  readonly message: string;
  readonly originalError?: unknown;
}

interface Device extends Emitter {
  register(): Promise<void>;
  setup(token: string, options: object): void;
  connect(options?: object): Emitter | Promise<Emitter>;
  destroy(): void;
}

interface PageGlobals {
  Twilio: { Device: { new (token?: string, options?: object): Device; SoundName: Record<string, string> } };
  device?: Device;
}

/** Resolves with the first error of the device, or with `code` 0 when it is registered. */
function openDevice({ sdk, isPrecise, token, host }: Setup & { token: string; host: string }): Promise<Seen> {
  const page = globalThis as unknown as PageGlobals;
  const { Device } = page.Twilio;
  const silence = `data:audio/wav;base64,UklGRmQBAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YUAB${'A'.repeat(430)}==`;
  const options = {
    chunderw: host,
    codecPreferences: ['pcmu'],
    enableImprovedSignalingErrorPrecision: isPrecise,
    logLevel: 'silent',
    publishEvents: false,
    sounds: Object.fromEntries(Object.values(Device.SoundName).map((name) => [name, silence])),
  };
  page.device?.destroy();
  return new Promise((resolve) => {
    const device = sdk === '@twilio/voice-sdk' ? new Device(token, options) : new Device();
    page.device = device;
    for (const event of ['registered', 'ready']) {
      device.on(event, () => {
        resolve({ code: 0, text: '', hasOriginalError: false });
      });
    }
    device.on('error', ({ code, message, originalError }) => {
      resolve({ code, text: message, hasOriginalError: originalError !== undefined });
    });
    if (sdk === '@twilio/voice-sdk') device.register().catch(() => undefined);
    else device.setup(token, options);
  });
}

/** Resolves with the first error of the call. */
async function placeCall(): Promise<Seen> {
  const { device } = globalThis as unknown as PageGlobals;
  const call = await device!.connect();
  return new Promise((resolve) => {
    call.on('error', ({ code, message, originalError }) => {
      resolve({ code, text: message, hasOriginalError: originalError !== undefined });
    });
  });
}
