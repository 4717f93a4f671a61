import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import type { Page, WebSocketRoute } from 'playwright-core';
import { LOCAL_ENV, startLocalVoiceApp, type LocalVoiceApp } from '../../../../examples/local-voice-app';
import type { VoiceAppOptions } from '../../../../examples/voice-app/server';
import { readSettings, type Settings } from '../../../../examples/voice-app/settings';

/** Settings for free ports, with the test account. */
export function testSettings(env: NodeJS.ProcessEnv = LOCAL_ENV): Settings {
  return readSettings({ PORT: '0', VOICE_PORT: '0', ...env });
}

const NO_LIMITS = { tokens: 10_000, signIns: 10_000 };

/** Starts the app with the local gateway and without rate limits. */
export function startTestApp(
  options: VoiceAppOptions = {},
  settings: Partial<Settings> = {},
): Promise<LocalVoiceApp> {
  return startLocalVoiceApp(
    { ...testSettings(), ...settings },
    { limits: NO_LIMITS, log: () => undefined, ...options },
  );
}

/** Runs an app for all tests of a block. */
export function useApp(
  options: VoiceAppOptions = {},
  settings: Partial<Settings> = {},
): { readonly current: LocalVoiceApp } {
  let app: LocalVoiceApp;
  beforeAll(async () => {
    app = await startTestApp(options, settings);
  });
  afterAll(() => app.close(500));
  return {
    get current() {
      return app;
    },
  };
}

export const READY = 'Ready to make and receive calls';
export const OLDER_SDK = '?sdk=twilio-client';

/** Signs in and waits until the phone is ready. */
export async function signIn(tab: Page, name: string, url: string): Promise<void> {
  await enterName(tab, name, url);
  await seeStatus(tab, READY);
}

/** Signs in. */
export async function enterName(tab: Page, name: string, url: string): Promise<void> {
  await tab.goto(url);
  await tab.getByLabel('Your name').fill(name);
  await tab.getByRole('button', { name: 'Sign in' }).click();
}

export async function call(tab: Page, destination: string): Promise<void> {
  await tab.getByLabel('Call a person or a phone number').fill(destination);
  await tab.getByRole('button', { name: 'Call', exact: true }).click();
}

export async function press(tab: Page, name: string): Promise<void> {
  await tab.getByRole('button', { name, exact: true }).click();
}

export async function seeStatus(tab: Page, text: string): Promise<void> {
  await tab.getByRole('status').getByText(text, { exact: true }).waitFor();
}

export async function seeText(tab: Page, text: string): Promise<void> {
  await tab.getByText(text, { exact: true }).waitFor();
}

/**
 * Waits until a condition is true. Playwright's waitForFunction needs `eval`, which the page's CSP forbids.
 */
export async function until(condition: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The condition did not become true within 20 s.');
    await delay(50);
  }
}

/** A page's connection to the gateway, which a test can cut and restore. */
export interface Line {
  /** Cuts the connection. The gateway does not notice if it `isHalfOpen`, as after a network failure. */
  cut(options?: { isHalfOpen: boolean }): Promise<void>;
  restore(): void;
}

/** Must be called before the page connects. */
export async function useLine(tab: Page): Promise<Line> {
  let isCut = false;
  let page: WebSocketRoute | undefined;
  let gateway: WebSocketRoute | undefined;
  const ABNORMAL = { code: 1006 };
  await tab.routeWebSocket(/\/signal$/, async (socket) => {
    page = socket;
    if (isCut) await socket.close(ABNORMAL);
    else gateway = socket.connectToServer();
  });
  return {
    async cut({ isHalfOpen } = { isHalfOpen: false }) {
      isCut = true;
      await page?.close(ABNORMAL);
      if (!isHalfOpen) await gateway?.close();
    },
    restore() {
      isCut = false;
    },
  };
}
