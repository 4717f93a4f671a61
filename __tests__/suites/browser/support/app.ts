import { afterAll, beforeAll } from '@jest/globals';
import type { Page, WebSocketRoute } from 'playwright-core';
import { LOCAL_ENV, startLocalVoiceApp, type LocalVoiceApp } from '../../../../examples/local-voice-app';
import { readSettings, type Settings } from '../../../../examples/voice-app/settings';

/** The gateway answers calls to this number. */
export const NUMBER = '+15550100';

/** Settings for free ports with the test account, and without rate limits. */
export function testSettings(env: NodeJS.ProcessEnv = {}): Settings {
  const settings = readSettings({ PORT: '0', VOICE_PORT: '0', ...LOCAL_ENV, ...env });
  return { ...settings, limits: { tokens: 10_000, signIns: 10_000 } };
}

/** Runs an app behind the gateway for all tests of a block. */
export function useApp(changes: Partial<Settings> = {}): { readonly current: LocalVoiceApp } {
  let app: LocalVoiceApp;
  beforeAll(async () => {
    app = await startLocalVoiceApp({ ...testSettings(), ...changes }, () => undefined);
  });
  afterAll(() => app.close(500));
  return {
    get current() {
      return app;
    },
  };
}

/** Signs in and waits until the phone is ready. */
export async function signIn(tab: Page, name: string, url: string): Promise<void> {
  await enterName(tab, name, url);
  await seeReady(tab);
}

export async function enterName(tab: Page, name: string, url: string): Promise<void> {
  await tab.goto(url);
  await tab.getByLabel('Your name').fill(name);
  await press(tab, 'Sign in');
}

export async function call(tab: Page, destination: string): Promise<void> {
  await tab.getByLabel('Call a person or a phone number').fill(destination);
  await press(tab, 'Call');
}

/** Calls a number and waits until it answers. */
export async function callNumber(tab: Page, number = NUMBER): Promise<void> {
  await call(tab, number);
  await see(tab, number, 'In call');
}

/** Presses a button by the keyboard: the page ignores clicks for a second after a call begins. */
export async function press(tab: Page, name: string): Promise<void> {
  await tab.getByRole('button', { name, exact: true }).press('Enter');
}

/** Waits for the person or the state in large letters, and for the line below. */
export async function see(tab: Page, heading: string, state = ''): Promise<void> {
  await tab.getByRole('heading', { name: heading, exact: true }).waitFor();
  await tab.locator('#state').filter({ hasText: state }).waitFor();
}

export const seeReady = (tab: Page): Promise<void> => see(tab, 'Ready', 'Others can call you as ');

export const seeSignIn = (tab: Page): Promise<void> => tab.getByLabel('Your name').waitFor();

export async function seeText(tab: Page, text: string | RegExp): Promise<void> {
  await tab.getByText(text, { exact: true }).waitFor();
}

/** The visible texts of the alert, and the labels of its buttons. */
export async function readAlert(tab: Page): Promise<string[]> {
  await tab.locator('#alert').waitFor();
  return (await tab.locator('#alert').innerText()).split(/\n+/);
}

export const focused = (tab: Page): Promise<string> => tab.evaluate('document.activeElement.id');

/** A page's connection to the gateway, which a test can cut and restore. */
export interface Line {
  /** The messages of the page. */
  readonly sent: { readonly type: string; readonly payload: Readonly<Record<string, unknown>> }[];
  /** Sends a message to the page, as if it came from the gateway. */
  inject(type: string, payload: object): void;
  /** Cuts the connection. The gateway does not notice if it `isHalfOpen`, as after a network failure. */
  cut(options?: { isHalfOpen: boolean }): Promise<void>;
  restore(): void;
}

/** Must be called before the page connects. */
export async function useLine(tab: Page): Promise<Line> {
  let isCut = false;
  let page: WebSocketRoute | undefined;
  let gateway: WebSocketRoute | undefined;
  const sent: Line['sent'] = [];
  const ABNORMAL = { code: 1006 };
  await tab.routeWebSocket(/\/signal$/, async (socket) => {
    page = socket;
    if (isCut) {
      await socket.close(ABNORMAL);
      return;
    }
    const server = socket.connectToServer();
    gateway = server;
    socket.onMessage((message) => {
      if (message !== '\n') sent.push(JSON.parse(String(message)) as Line['sent'][0]);
      server.send(message);
    });
  });
  return {
    sent,
    inject(type, payload) {
      page?.send(JSON.stringify({ type, version: '1.6', payload }));
    },
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
