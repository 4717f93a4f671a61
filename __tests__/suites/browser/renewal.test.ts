import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { call, enterName, OLDER_SDK, press, READY, seeStatus, seeText, signIn, useApp } from './support/app';
import { describeInBrowser, usePages } from './support/chromium';

describeInBrowser('token renewal', () => {
  const pages = usePages();
  const app = useApp({ ttl: 6 });
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  const renewed = (tab: Page): Promise<void> =>
    tab.locator('#renewals').filter({ hasText: 'Renewed' }).waitFor();

  it('keeps the phone ready and a call open past the end of a token, with both SDKs', async () => {
    const older = await pages.open();
    await Promise.all([
      signIn(page, 'alice', app.current.url),
      signIn(older, 'bob', `${app.current.url}/${OLDER_SDK}`),
    ]);
    await call(page, 'bob');
    await press(older, 'Answer');
    await seeStatus(page, 'In call with bob');
    const requests: string[] = [];
    page.on('request', (request) => request.url().endsWith('/token') && requests.push(request.url()));
    await Promise.all([renewed(page), renewed(older)]);
    // Past the end of the first token.
    await page.waitForTimeout(3000);
    await seeStatus(page, 'In call with bob');
    await seeStatus(older, 'In call with alice');
    expect(requests.length).toBeGreaterThanOrEqual(1);
    expect(requests.length).toBeLessThanOrEqual(3);
    await press(older, 'Hang up');
    await seeStatus(page, READY);
    await seeStatus(older, READY);
  });

  it('tries again after a failure, and hides the alert when it succeeds', async () => {
    let attempts = 0;
    await page.route('**/token', (route) => {
      attempts += 1;
      return attempts === 1 ? route.abort() : route.continue();
    });
    await enterName(page, 'alice', app.current.url);
    await seeText(page, 'The server cannot be reached');
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    expect(attempts).toBe(2);
    expect(pages.errors.splice(0)).toHaveLength(1);
  });

  describe('by the clock of the page', () => {
    const TEN_MINUTES = 600;

    /** Starts a renewal under a clock that only the test moves. */
    async function start(isBroken: boolean): Promise<void> {
      await page.clock.install();
      await page.goto(app.current.url);
      await page.getByLabel('Your name').waitFor();
      await page.clock.pauseAt(new Date(Date.now() + 60_000));
      await page.evaluate(startRenewal, { isBroken, ttl: TEN_MINUTES });
    }

    /** Seconds between the requests so far. */
    const waits = (): Promise<number[]> => page.evaluate(readWaits);

    it('waits 1, 2, 4, 8, 16 and then always 30 seconds after failures', async () => {
      await start(true);
      await page.clock.runFor(31_000);
      await expect(waits()).resolves.toEqual([1, 2, 4, 8, 16]);
      await page.clock.runFor(120_000);
      await expect(waits()).resolves.toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
    });

    it('tries at once when the browser is online again, and starts over after a success', async () => {
      await start(true);
      await page.clock.runFor(10_000);
      await expect(waits()).resolves.toEqual([1, 2, 4]);
      await page.evaluate('renewal.isBroken = false; window.dispatchEvent(new Event("online"))');
      await expect(waits()).resolves.toEqual([1, 2, 4, 3]);
      // A browser that reports that it is online has no reason to renew a token that is valid.
      await page.evaluate('renewal.isBroken = true; window.dispatchEvent(new Event("online"))');
      await page.clock.runFor(573_000);
      await expect(waits()).resolves.toEqual([1, 2, 4, 3, 570, 1, 2]);
    });

    it('renews 30 seconds before the end of a token', async () => {
      await start(false);
      await page.clock.runFor(569_000);
      await expect(waits()).resolves.toEqual([]);
      await page.clock.runFor(1000);
      await expect(waits()).resolves.toEqual([570]);
    });
  });

  it('renews the token if the SDK does not announce that it expires', async () => {
    // The SDK sets its timer by the lifetime that the gateway sends.
    let isRemoved = false;
    await page.routeWebSocket(/\/signal$/, (socket) => {
      socket.connectToServer().onMessage((message) => {
        const changed = String(message).replace(/,"ttl":\d+/, '');
        isRemoved ||= changed !== message;
        socket.send(changed);
      });
    });
    await signIn(page, 'alice', app.current.url);
    await renewed(page);
    // Past the end of the first token.
    await page.waitForTimeout(3000);
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    expect(isRemoved).toBe(true);
  });

  it('does not drop a call when the session has ended', async () => {
    await signIn(page, 'alice', app.current.url);
    await call(page, '+15550100');
    await seeStatus(page, 'In call with +15550100');
    const body = { error: 'unauthorized', message: 'Nobody is signed in.' };
    await page.route('**/token', (route) => route.fulfill({ status: 401, json: body }));
    await seeText(page, 'You can finish this call.');
    await seeText(page, 'No new token follows, since the session has ended.');
    // Past the end of the token, too.
    await seeText(page, 'The token has expired');
    await seeStatus(page, 'In call with +15550100');
    await press(page, 'Hang up');
    await page.getByLabel('Your name').waitFor();
    await seeText(page, 'You are signed out');
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it('ends the session when somebody else has signed in in another tab', async () => {
    const tokens: unknown[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => String(payload).includes('"token":"') && tokens.push(payload)),
    );
    await signIn(page, 'alice', app.current.url);
    await page.context().request.post(`${app.current.url}/session`, { data: { name: 'bob' } });
    await seeText(page, 'You are signed in as somebody else in another tab');
    await page.getByLabel('Your name').waitFor();
    expect(tokens).toHaveLength(1);
  });

  it.each(['', OLDER_SDK])('recovers from a token that expired %s', async (query) => {
    let isBroken = false;
    await page.route('**/token', (route) => (isBroken ? route.abort() : route.continue()));
    await signIn(page, 'alice', `${app.current.url}/${query}`);
    isBroken = true;
    await page.locator('#remaining').filter({ hasText: 'Expired' }).waitFor();
    await seeStatus(page, 'Offline');
    isBroken = false;
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    pages.errors.splice(0);
  });
});

// These functions run in the page, as text.

interface PageGlobals {
  renewal: { isBroken: boolean; times: number[] };
}

async function startRenewal({ isBroken, ttl }: { isBroken: boolean; ttl: number }): Promise<void> {
  const page = globalThis as unknown as PageGlobals;
  page.renewal = { isBroken, times: [] };
  const path = '/renewal.js';
  const { startRenewal: start } = (await import(path)) as { startRenewal: (options: object) => void };
  start({
    fetchToken() {
      page.renewal.times.push(Date.now());
      return page.renewal.isBroken ? Promise.reject(new Error()) : Promise.resolve({ token: '', ttl });
    },
    onToken: () => undefined,
    onFailure: () => true,
  });
}

function readWaits(): number[] {
  const { times } = (globalThis as unknown as PageGlobals).renewal;
  return times.slice(1).map((time, index) => (time - times[index]!) / 1000);
}
