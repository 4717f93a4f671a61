import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { IncomingScope, CapabilitySigner } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import {
  call,
  enterName,
  OLDER_SDK,
  press,
  READY,
  seeStatus,
  seeText,
  signIn,
  startTestApp,
  until,
  useApp,
} from './support/app';
import { describeInBrowser, usePages } from './support/chromium';
import { signInFor } from './support/http';

const DICTIONARY = 'https://www.twilio.com/docs/api/errors';

describeInBrowser('the page of a signed-in user', () => {
  const pages = usePages();
  const app = useApp();
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  /** Text, link and number of buttons of the alert. */
  async function readAlert(): Promise<{ text: string; link: string | null; buttons: string[] }> {
    const alert = page.locator('#alert');
    const link = alert.getByRole('link');
    return {
      text: (await alert.innerText()).replaceAll(/\n+/g, '|'),
      link: (await link.isVisible()) ? await link.getAttribute('href') : null,
      buttons: await alert.getByRole('button').allInnerTexts(),
    };
  }

  it.each(['', OLDER_SDK])('works by keyboard alone %s', async (query) => {
    await page.goto(`${app.current.url}/${query}`);
    await page.getByLabel('Your name').waitFor();
    await page.keyboard.type('ann.veal@example.com');
    await page.keyboard.press('Enter');
    await seeStatus(page, READY);
    expect((await page.locator('#permissions').innerText()).split(/\n+/)).toEqual([
      ...['Kind', 'Capability token'],
      ...['Receive calls as', 'ann_2Eveal_40example_2Ecom'],
      ...['Make calls through', testApplicationSid],
      ...['Each call carries', 'user_id = 0f64757e87cd'],
      ...['Subscribe to events', 'no'],
    ]);
    await expect(page.locator('#remaining').innerText()).resolves.toMatch(/^(10:00|9:5\d)$/);

    await page.keyboard.type('+1 555 0100');
    await page.keyboard.press('Enter');
    await seeStatus(page, 'In call with +1 555 0100');
    const request = page.getByRole('region', { name: 'What your Voice URL received' });
    await request.getByRole('row', { name: /^user_id 0f64757e87cd token$/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await seeStatus(page, READY);

    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByLabel('Your name').waitFor();
    await page.reload();
    await page.getByLabel('Your name').waitFor();
  });

  describe('sign-in', () => {
    it.each([
      ['', 'Enter a name.'],
      ['+15550100', 'A name cannot start with +. Only phone numbers do.'],
      ['é'.repeat(40), 'This name is too long. Choose a shorter one.'],
    ])('explains why %j is not a valid name', async (name, message) => {
      await enterName(page, name, app.current.url);
      await seeText(page, message);
      await expect(page.getByLabel('Your name').getAttribute('aria-invalid')).resolves.toBe('true');
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('422')]);
    });

    it('does not blame the name if there were too many attempts', async () => {
      const limited = await startTestApp({ limits: { tokens: 1, signIns: 1 } });
      await signInFor(limited.url, 'bob');
      await enterName(page, 'alice', limited.url);
      await seeText(page, 'Too many attempts. Wait a minute, then try again.');
      await expect(page.getByLabel('Your name').getAttribute('aria-invalid')).resolves.toBe('false');
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('429')]);
      await limited.close(500);
    });

    it('shows that the phone connects until the first token arrives', async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route('**/token', async (route) => {
        await held;
        await route.continue();
      });
      await enterName(page, 'alice', app.current.url);
      await seeStatus(page, 'Connecting…');
      await seeText(page, 'Waiting for the first token.');
      release();
      await seeStatus(page, READY);
    });
  });

  describe('sign-out', () => {
    it('stops a phone whose token is still on its way', async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route('**/token', async (route) => {
        const response = await route.fetch();
        await held;
        await route.fulfill({ response });
      });
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      await enterName(page, 'alice', app.current.url);
      await seeStatus(page, 'Connecting…');
      await press(page, 'Sign out');
      await page.getByLabel('Your name').waitFor();
      const answered = page.waitForResponse('**/token');
      release();
      await answered;
      await page.waitForTimeout(1000);
      expect(sockets).toEqual([]);
    });

    it('turns the phone off even if the server does not answer, and offers to sign out again', async () => {
      await signIn(page, 'alice', app.current.url);
      await page.route('**/session', (route) => route.abort());
      await press(page, 'Sign out');
      await seeText(page, 'You are still signed in');
      await page.getByLabel('Your name').waitFor();
      await page.waitForTimeout(500);

      const caller = await pages.open();
      await signIn(caller, 'bob', app.current.url);
      await call(caller, 'alice');
      await seeText(caller, 'alice did not answer.');

      await page.unroute('**/session');
      await press(page, 'Try again');
      await page.locator('#alert').waitFor({ state: 'hidden' });
      await page.reload();
      await page.getByLabel('Your name').waitFor();
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
    });

    it('does not delete the cookie of the next sign-in', async () => {
      await signIn(page, 'alice', app.current.url);
      await page.route('**/session', async (route) => {
        if (route.request().method() === 'DELETE') await page.waitForTimeout(1000);
        await route.continue();
      });
      await press(page, 'Sign out');
      await page.getByLabel('Your name').fill('bob');
      await press(page, 'Sign in');
      await seeStatus(page, READY);
      await page.reload();
      await seeStatus(page, READY);
      await expect(page.locator('#account-name').innerText()).resolves.toBe('bob');
    });
  });

  it('asks to sign in again when the session has ended', async () => {
    await page.goto(app.current.url);
    await page.route('**/session', (route) => route.fulfill({ json: { user: { name: 'alice' } } }));
    await page.reload();
    await seeText(page, 'You are signed out');
    await page.getByLabel('Your name').waitFor();
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it.each([
    ['', 'NotFoundError', 'No microphone was found|Connect one, then call again.', 31402],
    [
      '',
      'NotAllowedError',
      'No microphone|Allow this page to use the microphone in the address bar, then call again.',
      31401,
    ],
    [
      OLDER_SDK,
      'NotAllowedError',
      'No microphone|Allow this page to use the microphone in the address bar, then call again.',
      31208,
    ],
    [OLDER_SDK, 'NotFoundError', 'No microphone was found|Connect one, then call again.', 31402],
  ])('explains a missing microphone %s %s', async (query, name, text, code) => {
    await page.addInitScript(refuseMicrophone, name);
    await signIn(page, 'alice', `${app.current.url}/${query}`);
    await call(page, '+15550100');
    await page.locator('#alert').waitFor();
    await expect(readAlert()).resolves.toEqual({
      text: `${text}|Twilio error ${code}`,
      link: `${DICTIONARY}/${code}`,
      buttons: [],
    });
    await seeStatus(page, READY);
    await seeText(page, 'The call to +15550100 failed.');
  });

  it('says that a token for incoming calls only cannot make calls', async () => {
    const token = new CapabilitySigner(testCredentials).sign(new IncomingScope('alice'));
    await page.route('**/token', (route) => route.fulfill({ json: { token, identity: 'alice', ttl: 600 } }));
    await enterName(page, 'alice', app.current.url);
    await seeStatus(page, 'Ready to receive calls');
    await expect(page.getByRole('button', { name: 'Call', exact: true }).isVisible()).resolves.toBe(false);
  });

  it('explains a declined call, without a button that cannot help', async () => {
    const token = new CapabilitySigner(testCredentials).sign(new IncomingScope('alice'));
    await page.route('**/token', (route) => route.fulfill({ json: { token, identity: 'alice', ttl: 600 } }));
    await enterName(page, 'alice', app.current.url);
    await seeStatus(page, 'Ready to receive calls');
    // The page hides its form with this token. If a user shows the form anyway, the call is declined.
    await page.evaluate("document.getElementById('call').hidden = false");
    await call(page, 'bob');
    await page.locator('#alert').waitFor();
    await expect(readAlert()).resolves.toEqual({
      text: 'The call was declined|The token does not allow calls, or another call is under way.|Twilio error 31002',
      link: `${DICTIONARY}/31002`,
      buttons: [],
    });
  });

  it.each(['', OLDER_SDK])('explains a refused token, and recovers with another one %s', async (query) => {
    const foreign = new CapabilitySigner({ ...testCredentials, authToken: 'of-another-account' });
    const token = foreign.sign(new IncomingScope('alice'));
    await page.route('**/token', (route) => route.fulfill({ json: { token, identity: 'alice', ttl: 600 } }));
    await enterName(page, 'alice', `${app.current.url}/${query}`);
    await seeText(page, 'The token was refused');
    const code = query === '' ? 20101 : 31204;
    await expect(readAlert()).resolves.toMatchObject({
      link: `${DICTIONARY}/${code}`,
      buttons: ['Get a new token'],
    });
    await seeStatus(page, 'Offline');
    await expect(page.locator('#remaining').innerText()).resolves.toBe('Refused');

    await page.unroute('**/token');
    await press(page, 'Get a new token');
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
  });

  it('shows that it reconnects, without a button, and when it is back', async () => {
    await signIn(page, 'alice', app.current.url);
    await page.evaluate(recordTexts);
    app.current.gateway.dropConnections();
    await until(() =>
      page.evaluate("texts.has('status: Reconnecting…') && texts.has('alert: Connection lost')"),
    );
    await expect(page.locator('#alert').getByRole('button').count()).resolves.toBe(0);
    await seeStatus(page, READY);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    await expect(page.getByText('Connected to Twilio').count()).resolves.toBe(0);
  });
});

// These functions run in the page, as text.

function refuseMicrophone(name: string): void {
  const { navigator, DOMException } = globalThis as unknown as {
    navigator: { mediaDevices: { getUserMedia: () => Promise<never> } };
    DOMException: new (message: string, name: string) => Error;
  };
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
}

function recordTexts(): void {
  const page = globalThis as unknown as {
    texts: Set<string>;
    document: { getElementById(id: string): { textContent: string }; body: object };
    MutationObserver: new (listener: () => void) => { observe(target: object, options: object): void };
  };
  page.texts = new Set();
  new page.MutationObserver(() => {
    page.texts.add(`status: ${page.document.getElementById('status').textContent}`);
    page.texts.add(`alert: ${page.document.getElementById('alert-title').textContent}`);
  }).observe(page.document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}
