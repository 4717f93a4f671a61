import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import {
  call,
  enterName,
  press,
  readAlert,
  see,
  seeReady,
  seeText,
  signIn,
  startTestApp,
  until,
  useApp,
  useLine,
} from './support/app';
import { describeInBrowser, usePages } from './support/chromium';
import { signInFor } from './support/http';

describeInBrowser('the page', () => {
  const pages = usePages();
  const app = useApp();
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  const seeSignIn = (tab = page): Promise<void> => tab.getByLabel('Your name').waitFor();

  it('works by keyboard alone', async () => {
    await page.goto(app.current.url);
    await seeSignIn();
    await page.keyboard.type('ann.veal@example.com');
    await page.keyboard.press('Enter');
    await seeReady(page);
    await page.keyboard.type('+1 555 010 0123');
    await page.keyboard.press('Enter');
    await see(page, '+1 555 010 0123', 'In call');
    for (let count = 0; count < 3; count += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await seeReady(page);
    await press(page, 'Sign out');
    await seeSignIn();
    await page.reload();
    await seeSignIn();
  });

  it('shows developers the token, and where each field of the Voice URL comes from', async () => {
    await signIn(page, 'Ann Veal', app.current.url);
    await expect(page.locator('#token').isVisible()).resolves.toBe(false);
    await page.locator('summary').press('Enter');
    const { exp, ...claims } = JSON.parse(await page.locator('#token').innerText()) as { exp: number };
    expect(exp).toBeGreaterThan(Date.now() / 1000);
    expect(claims).toEqual({
      scope: [
        'scope:client:incoming?clientName=Ann_20Veal',
        `scope:client:outgoing?appSid=${testApplicationSid}&clientName=Ann_20Veal&appParams=user_id%3Ddd971c05687a`,
      ],
      iss: testCredentials.accountSid,
    });

    await call(page, '+15550100');
    await see(page, '+15550100', 'In call');
    const terms = await page.locator('#fields dt').allInnerTexts();
    expect(terms.map((term) => term.replaceAll(/\s+/g, ' '))).toEqual([
      ...['From token', 'To page', 'CallSid Twilio', 'ApplicationSid token', 'AccountSid token'],
      ...['Caller token', 'Called page', 'Direction Twilio', 'CallStatus Twilio', 'ApiVersion Twilio'],
      'user_id token',
    ]);
    await expect(page.locator('#fields dd').last().innerText()).resolves.toBe('dd971c05687a');
    await expect(page.locator('#twiml').innerText()).resolves.toContain('<Number>+15550100</Number>');
  });

  describe('while it loads', () => {
    it('says so, and offers to reload if a module is missing', async () => {
      await page.route('**/problems.js', (route) => route.abort());
      await page.goto(app.current.url);
      await page.getByRole('heading', { name: 'Loading…' }).waitFor();
      await expect(page.locator('.late').isVisible()).resolves.toBe(false);
      await seeText(page, /^This takes longer than usual/);
      await page.unroute('**/problems.js');
      await page.getByRole('link', { name: 'reload' }).click();
      await seeSignIn();
      pages.errors.splice(0);
    });

    it('needs JavaScript', async () => {
      page = await pages.open({ javaScriptEnabled: false });
      await page.goto(app.current.url);
      await page.locator('noscript').waitFor();
      await expect(page.locator('noscript').innerText()).resolves.toBe(
        'The phone needs JavaScript. Turn it on for this page, then reload it.',
      );
    });

    it('says so on a slow network', async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route('**/sdk/*', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(app.current.url, { waitUntil: 'commit' });
      await page.getByRole('heading', { name: 'Loading…' }).waitFor();
      release();
      await seeSignIn();
    });

    it.each([
      ['**/sdk/*', 'A part of the page did not load.'],
      ['**/session', 'The server cannot be reached. Check your connection, then try again.'],
    ])('offers to reload without %s', async (path, text) => {
      await page.route(path, (route) => route.abort());
      await page.goto(app.current.url);
      await expect(readAlert(page)).resolves.toEqual(['The page could not start', text, 'Reload']);
      await page.unroute(path);
      await press(page, 'Reload');
      await seeSignIn();
      pages.errors.splice(0);
    });
  });

  describe('sign-in', () => {
    it.each([
      ['', 'Enter a name.'],
      ['\u200b\u202e\u3164', 'Enter a name.'],
      ['+15550100', 'This looks like a phone number. Enter a name.'],
      ['911', 'This looks like a phone number. Enter a name.'],
      ['!', 'A name needs at least one letter.'],
      ['é'.repeat(40), 'This name is too long. Choose a shorter one.'],
    ])('explains why nobody can have the name %j', async (name, message) => {
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
      await see(page, 'Connecting…', 'No calls until the phone is connected.');
      await expect(page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).resolves.toBe(true);
      release();
      await seeReady(page);
    });
  });

  describe('sign-out', () => {
    it('ends a call, and leaves nothing of it to the next user', async () => {
      page.on('dialog', (dialog) => void dialog.accept());
      await signIn(page, 'alice', app.current.url);
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await press(page, 'Keypad');
      await press(page, '1');
      await press(page, 'Sign out');
      await seeSignIn();
      await until(() => app.current.gateway.calls.at(-1)?.status === 'completed');
      for (const id of ['token', 'fields', 'twiml', 'pressed', 'note', 'timer']) {
        expect({ id, text: await page.locator(`#${id}`).textContent() }).toEqual({ id, text: '' });
      }
      await page.getByLabel('Your name').fill('bob');
      await press(page, 'Sign in');
      await see(page, 'Ready', 'bob');
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await expect(page.getByLabel('Keypad').isVisible()).resolves.toBe(false);
    });

    it('stops a phone whose token is still on its way', async () => {
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      await page.route('**/token', () => undefined);
      await enterName(page, 'alice', app.current.url);
      await see(page, 'Connecting…', '');
      await press(page, 'Sign out');
      await seeSignIn();
      await page.waitForTimeout(1000);
      expect(sockets).toEqual([]);
    });

    it('turns the phone off even if the server does not answer, and offers to sign out again', async () => {
      await signIn(page, 'alice', app.current.url);
      await page.route('**/session', (route) => route.abort());
      await press(page, 'Sign out');
      await expect(readAlert(page)).resolves.toEqual([
        'You are still signed in',
        'The phone is off, but anyone who reloads this page is signed in as you.',
        'Try again',
      ]);
      await seeSignIn();
      await until(() => !app.current.gateway.isRegistered('alice'));

      await page.unroute('**/session');
      await press(page, 'Try again');
      await page.locator('#alert').waitFor({ state: 'hidden' });
      await page.reload();
      await seeSignIn();
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
      await see(page, 'Ready', 'bob');
      await page.reload();
      await see(page, 'Ready', 'bob');
    });
  });

  describe('another tab of the browser', () => {
    let other: Page;
    beforeEach(async () => {
      await signIn(page, 'alice', app.current.url);
      other = await page.context().newPage();
      await other.goto(app.current.url);
      await seeReady(other);
    });

    it('signs this one out too', async () => {
      await press(other, 'Sign out');
      await seeSignIn();
      await expect(readAlert(page)).resolves.toEqual(['You are signed out', 'Sign in to use the phone.']);
      await until(() => !app.current.gateway.isRegistered('alice'));
    });

    it('lets this one finish its call', async () => {
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await press(other, 'Sign out');
      await expect(readAlert(page)).resolves.toEqual(['You are signed out', 'You can finish this call.']);
      await page.waitForTimeout(1000);
      await see(page, '+15550100', 'In call');
      await press(page, 'Hang up');
      await seeSignIn();
      await expect(readAlert(page)).resolves.toEqual(['You are signed out', 'Sign in to use the phone.']);
    });

    it('can sign in as somebody else, and this one can continue as well', async () => {
      await other.context().request.delete(`${app.current.url}/session`);
      await other.reload();
      await other.getByLabel('Your name').fill('bob');
      await press(other, 'Sign in');
      await seeSignIn();
      await expect(readAlert(page)).resolves.toEqual([
        'You are signed in under another name',
        'Another tab of this browser signed in under another name.',
        'Continue under that name',
      ]);
      await press(page, 'Continue under that name');
      await see(page, 'Ready', 'bob');
    });
  });

  it('notices by its token that the cookie is of somebody else', async () => {
    const tokens: unknown[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => String(payload).includes('"token":"') && tokens.push(payload)),
    );
    await page.goto(app.current.url);
    await page.route('**/session', (route) =>
      route.fulfill({ json: { user: { name: 'alice', clientName: 'alice' } } }),
    );
    await page.context().request.post(`${app.current.url}/session`, { data: { name: 'bob' } });
    await page.reload();
    await seeSignIn();
    expect((await readAlert(page))[0]).toBe('You are signed in under another name');
    expect(tokens).toEqual([]);
  });

  it('asks to sign in again when the session has ended', async () => {
    await page.route('**/session', (route) =>
      route.fulfill({ json: { user: { name: 'alice', clientName: 'alice' } } }),
    );
    await page.goto(app.current.url);
    await seeSignIn();
    await expect(readAlert(page)).resolves.toEqual(['You are signed out', 'Sign in to use the phone.']);
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  describe('when the server gives no token', () => {
    it.each([
      [
        { status: 429, headers: { 'Retry-After': '42' } },
        /^Too many requests\|The server gives no more tokens at the moment\. The phone tries again in 4[12] s\.\|Try now$/,
      ],
      [
        { status: 502, body: '<h1>Bad gateway</h1>' },
        /^No token\|The server answered with status 502\. The phone tries again in [12] s\.\|Try now$/,
      ],
      [
        { status: 200, body: '<h1>Welcome</h1>' },
        /^No token\|The server answered, but not with a token\. The phone tries again in [12] s\.\|Try now$/,
      ],
      [
        null,
        /^The server cannot be reached\|The phone needs it for a new token\. The phone tries again in [12] s\.\|Try now$/,
      ],
    ])('says why and when it tries again: %j', async (answer, text) => {
      await page.route('**/token', (route) => (answer === null ? route.abort() : route.fulfill(answer)));
      await enterName(page, 'alice', app.current.url);
      expect((await readAlert(page)).join('|')).toMatch(text);
      await see(page, 'Offline', 'No calls until the phone is connected.');
      await page.unroute('**/token');
      await press(page, 'Try now');
      await seeReady(page);
      await page.locator('#alert').waitFor({ state: 'hidden' });
      pages.errors.splice(0);
    });
  });

  it('explains a refused token, and recovers with another one', async () => {
    const foreign = new CapabilitySigner({ ...testCredentials, authToken: 'of-another-account' });
    const token = foreign.sign(new IncomingScope('alice'));
    await page.route('**/token', (route) => route.fulfill({ json: { token, identity: 'alice', ttl: 600 } }));
    await enterName(page, 'alice', app.current.url);
    const alert = (await readAlert(page)).join('|');
    expect(alert).toMatch(
      /^The token was refused\|It was signed with the secret of another account or API key\. The phone tries again in \d+ s\.\|Twilio error 20101\|Try now$/,
    );
    await expect(page.locator('#alert-code').getAttribute('href')).resolves.toBe(
      'https://www.twilio.com/docs/api/errors/20101',
    );
    await see(page, 'Offline', '');
    await page.unroute('**/token');
    await press(page, 'Try now');
    await seeReady(page);
    await page.locator('#alert').waitFor({ state: 'hidden' });
  });

  it('is not ready while the browser is offline or the connection is lost', async () => {
    const line = await useLine(page);
    await signIn(page, 'alice', app.current.url);
    await page.context().setOffline(true);
    await see(page, 'Offline', 'No calls until the phone is connected.');
    await expect(page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).resolves.toBe(true);
    await page.context().setOffline(false);
    await seeReady(page);

    await line.cut();
    await see(page, 'Offline', '');
    line.restore();
    await seeReady(page);
    pages.errors.splice(0);
  });

  describe('with tokens of six seconds', () => {
    const short = useApp({ ttl: 6 });

    it('stays ready, and a call stays open past the end of a token', async () => {
      const other = await pages.open();
      await Promise.all([signIn(page, 'alice', short.current.url), signIn(other, 'bob', short.current.url)]);
      await call(page, 'bob');
      await press(other, 'Answer');
      await see(page, 'bob', 'In call');
      await page.waitForTimeout(7000);
      await see(page, 'bob', 'In call');
      await see(other, 'alice', 'In call');
      await press(other, 'Hang up');
      await seeReady(page);
      await until(
        () => short.current.gateway.isRegistered('alice') && short.current.gateway.isRegistered('bob'),
      );
    });
  });

  describe('with tokens of 15 seconds', () => {
    const short = useApp({ ttl: 15 });

    it('does not drop a call when the session has ended', async () => {
      await signIn(page, 'alice', short.current.url);
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await page.route('**/token', (route) => route.fulfill({ status: 401, json: {} }));
      await seeText(page, 'You can finish this call.');
      // Past the end of the token, too.
      await page.waitForTimeout(4000);
      await see(page, '+15550100', 'In call');
      await press(page, 'Hang up');
      await seeSignIn();
      expect((await readAlert(page))[0]).toBe('You are signed out');
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('401')]);
    });
  });
});
