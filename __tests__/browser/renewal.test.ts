import { beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  call,
  enterName,
  OLDER_SDK,
  press,
  READY,
  seeStatus,
  seeText,
  signIn,
  until,
  useApp,
} from './support/app';
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

  it('tries again with a longer wait after each failure, and hides the alert when it succeeds', async () => {
    const times: number[] = [];
    await page.route('**/token', async (route) => {
      times.push(Date.now());
      await (times.length <= 2 ? route.abort() : route.continue());
    });
    await enterName(page, 'alice', app.current.url);
    await seeText(page, 'The server cannot be reached');
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1000);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(2000);
    expect(pages.errors.splice(0)).toHaveLength(2);
  });

  it('tries at once when the browser is online again', async () => {
    let isBroken = true;
    let attempts = 0;
    await page.route('**/token', (route) => {
      attempts += 1;
      return isBroken ? route.abort() : route.continue();
    });
    await enterName(page, 'alice', app.current.url);
    await until(() => Promise.resolve(attempts === 3));
    // The next attempt would be in four seconds.
    isBroken = false;
    const onlineAt = Date.now();
    await page.evaluate("window.dispatchEvent(new Event('online'))");
    await seeStatus(page, READY);
    expect(attempts).toBe(4);
    expect(Date.now() - onlineAt).toBeLessThan(3900);
    pages.errors.splice(0);
  });

  it('does not drop a call when the session has ended', async () => {
    await signIn(page, 'alice', app.current.url);
    await call(page, '+15550100');
    await seeStatus(page, 'In call with +15550100');
    const body = { error: 'unauthorized', message: 'Nobody is signed in.' };
    await page.route('**/token', (route) => route.fulfill({ status: 401, json: body }));
    await seeText(page, 'Your session has ended. You can finish this call.');
    // Past the end of the token, too.
    await seeText(page, 'The token has expired');
    await seeStatus(page, 'In call with +15550100');
    await press(page, 'Hang up');
    await page.getByLabel('Your name').waitFor();
    await seeText(page, 'You are signed out');
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('401')]);
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
