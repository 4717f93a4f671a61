import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import {
  call,
  callNumber,
  enterName,
  NUMBER,
  press,
  readAlert,
  see,
  seeReady,
  seeSignIn,
  seeText,
  signIn,
  useApp,
  useLine,
} from './support/app';
import { checkState } from './support/accessibility';
import { describeInBrowser, usePages } from './support/chromium';
import { until } from './support/until';

describeInBrowser('the page', () => {
  const pages = usePages();
  const app = useApp();
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  it('works by keyboard alone', async () => {
    await page.goto(app.current.url);
    await seeSignIn(page);
    await checkState(page, 'signed-out');
    await page.keyboard.type('ann.veal@example.com');
    await page.keyboard.press('Enter');
    await seeReady(page);
    await checkState(page, 'ready');
    await page.keyboard.type('+1 555 010 0123');
    await page.keyboard.press('Enter');
    await see(page, '+1 555 010 0123', 'In call');
    for (let count = 0; count < 3; count += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await seeReady(page);
  });

  it('shows developers the token, and where each field of the Voice URL comes from', async () => {
    await signIn(page, 'Ann Veal', app.current.url);
    await expect(page.locator('#token').isVisible()).resolves.toBe(false);
    await page.locator('summary').press('Enter');
    expect(JSON.parse(await page.locator('#token').innerText())).toEqual({
      scope: [
        'scope:client:incoming?clientName=Ann_20Veal',
        `scope:client:outgoing?appSid=${testApplicationSid}&clientName=Ann_20Veal&appParams=user_id%3Ddd971c05687a`,
      ],
      iss: testCredentials.accountSid,
      exp: expect.any(Number),
    });
    await callNumber(page);
    const terms = await page.locator('#fields dt').allInnerTexts();
    expect(terms.map((term) => term.replaceAll(/\s+/g, ' '))).toEqual([
      ...['From token', 'To page', 'CallSid Twilio', 'ApplicationSid token', 'AccountSid token'],
      ...['Caller token', 'Called page', 'Direction Twilio', 'CallStatus Twilio', 'ApiVersion Twilio'],
      'user_id token',
    ]);
    await expect(page.locator('#fields dd').last().innerText()).resolves.toBe('dd971c05687a');
    await expect(page.locator('#twiml').innerText()).resolves.toContain(`<Number>${NUMBER}</Number>`);
    await checkState(page, 'inspector');
  });

  describe('while it loads', () => {
    it('says so, and offers to reload if a module is missing', async () => {
      await page.route('**/problems.js', (route) => route.abort());
      await page.goto(app.current.url);
      await page.getByRole('heading', { name: 'Loading…' }).waitFor();
      await expect(page.locator('.late').isVisible()).resolves.toBe(false);
      await seeText(page, /^This takes longer than usual/);
      await checkState(page, 'loading');
      await page.unroute('**/problems.js');
      await page.getByRole('link', { name: 'reload' }).click();
      await seeSignIn(page);
      pages.errors.splice(0);
    });

    it('says that it needs JavaScript', async () => {
      page = await pages.open({ javaScriptEnabled: false });
      await page.goto(app.current.url);
      await expect(page.locator('noscript').innerText()).resolves.toMatch(/^The phone needs JavaScript\./);
    });

    it.each(['**/sdk/*', '**/session'])('offers to reload without %s', async (path) => {
      await page.route(path, (route) => route.abort());
      await page.goto(app.current.url);
      await expect(readAlert(page)).resolves.toEqual([
        'The page could not start',
        expect.any(String),
        'Reload',
      ]);
      await checkState(page, 'not-started');
      await page.unroute(path);
      await press(page, 'Reload');
      await seeSignIn(page);
      pages.errors.splice(0);
    });
  });

  describe('at sign-in', () => {
    it('explains why nobody can have a name', async () => {
      await page.goto(app.current.url);
      for (const name of ['', '\u200b\u202e\u3164', '+15550100', '911', '!', 'é'.repeat(40)]) {
        await page.getByLabel('Your name').fill(name);
        await press(page, 'Sign in');
        await seeText(
          page,
          /^[\u200b\u202e\u3164]*$/.test(name) ? 'Enter a name.' : /^A name has at least one letter/,
        );
        await expect(page.getByLabel('Your name').getAttribute('aria-invalid')).resolves.toBe('true');
      }
      await checkState(page, 'name-error');
      pages.errors.splice(0);
    });

    it('does not blame the name if the server refuses for another reason', async () => {
      await page.goto(app.current.url);
      await page.route('**/session', (route) =>
        route.fulfill({ status: 429, json: { message: 'Too many.' } }),
      );
      await page.getByLabel('Your name').fill('alice');
      await press(page, 'Sign in');
      await seeText(page, 'Too many.');
      await expect(page.getByLabel('Your name').getAttribute('aria-invalid')).resolves.toBe('false');
      pages.errors.splice(0);
    });
  });

  describe('at sign-out', () => {
    it('ends a call, and leaves nothing of it to the next user', async () => {
      page.on('dialog', (dialog) => void dialog.accept());
      await signIn(page, 'alice', app.current.url);
      await callNumber(page);
      await press(page, 'Sign out');
      await seeSignIn(page);
      await until(() => app.current.gateway.calls.at(-1)?.status === 'completed');
      for (const id of ['token', 'fields', 'twiml', 'note', 'who']) {
        await expect(page.locator(`#${id}`).textContent()).resolves.toBe('');
      }
    });

    it('stops a phone whose token is still on its way', async () => {
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      await page.route('**/token', () => undefined);
      await enterName(page, 'alice', app.current.url);
      await see(page, 'Connecting…', 'No calls until');
      await checkState(page, 'connecting');
      await expect(page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).resolves.toBe(true);
      await press(page, 'Sign out');
      await seeSignIn(page);
      expect(sockets).toEqual([]);
    });

    it('turns the phone off even if the server does not answer, and offers to sign out again', async () => {
      await signIn(page, 'alice', app.current.url);
      await page.route('**/session', (route) => route.abort());
      await press(page, 'Sign out');
      expect((await readAlert(page))[0]).toBe('You are still signed in');
      await checkState(page, 'sign-out-failed');
      await until(() => !app.current.gateway.isRegistered('alice'));
      await page.unroute('**/session');
      await press(page, 'Try again');
      await seeSignIn(page);
      pages.errors.splice(0);
    });
  });

  describe('when another tab of the browser', () => {
    let other: Page;
    beforeEach(async () => {
      await signIn(page, 'alice', app.current.url);
      other = await page.context().newPage();
      await other.goto(app.current.url);
      await seeReady(other);
    });

    it('signs out, signs out too', async () => {
      await press(other, 'Sign out');
      await expect(readAlert(page)).resolves.toEqual(['You are signed out', expect.any(String), 'Sign in']);
      await checkState(page, 'session-ended');
      await until(() => !app.current.gateway.isRegistered('alice'));
      await press(page, 'Sign in');
      await seeSignIn(page);
      pages.errors.splice(0);
    });

    it('signs out during a call, lets it finish', async () => {
      await callNumber(page);
      await press(other, 'Sign out');
      await expect(readAlert(page)).resolves.toEqual(['You are signed out', 'You can finish this call.']);
      await checkState(page, 'signed-out-in-call');
      await see(page, NUMBER, 'In call');
      await press(page, 'Hang up');
      await press(page, 'Sign in');
      await seeSignIn(page);
      pages.errors.splice(0);
    });

    it('signs in as somebody else, offers to continue as well', async () => {
      await page.context().request.delete(`${app.current.url}/session`);
      await other.reload();
      await other.getByLabel('Your name').fill('bob');
      await press(other, 'Sign in');
      expect((await readAlert(page))[0]).toBe('You are signed in under another name');
      await press(page, 'Continue under that name');
      await see(page, 'Ready', 'bob');
    });
  });

  it.each([
    ['of somebody else', 'You are signed in under another name'],
    ['gone', 'You are signed out'],
  ])('notices that the cookie is %s, and connects with no token', async (cookie, title) => {
    const tokens: unknown[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => String(payload).includes('"token":"') && tokens.push(payload)),
    );
    if (cookie !== 'gone')
      await page.context().request.post(`${app.current.url}/session`, { data: { name: 'bob' } });
    await page.route('**/session', (route) =>
      route.fulfill({ json: { user: { name: 'alice', clientName: 'alice' } } }),
    );
    await page.goto(app.current.url);
    expect((await readAlert(page))[0]).toBe(title);
    expect(tokens).toEqual([]);
    pages.errors.splice(0);
  });

  const foreign = new CapabilitySigner({ ...testCredentials, authToken: 'of-another-account' });
  const token = foreign.sign(new IncomingScope('alice'));
  it.each([
    ['no answer', null, 'could not be reached', '[12] s'],
    ['too many requests', { status: 429, headers: { 'Retry-After': '42' } }, 'status 429', '4[12] s'],
    ['a bad gateway', { status: 502, body: '<h1>Bad gateway</h1>' }, 'status 502', '[12] s'],
    ['no token', { status: 200, body: '<h1>Welcome</h1>' }, 'JSON', '[12] s'],
    ['a bad token', { json: { token, identity: 'alice', ttl: 600 } }, 'another secret', String.raw`\d+ s`],
  ])('says why the phone is offline and when it tries again: %s', async (_name, answer, reason, wait) => {
    await page.route('**/token', (route) => (answer === null ? route.abort() : route.fulfill(answer)));
    await enterName(page, 'alice', app.current.url);
    const text = expect.stringMatching(`${reason}.* The phone tries again in ${wait}\\.$`);
    const [title, ...code] =
      answer && 'json' in answer ? ['The token was refused', 'Twilio error 20101'] : ['No token'];
    await expect(readAlert(page)).resolves.toEqual([title, text, ...code, 'Try now']);
    await see(page, 'Offline', 'No calls until the phone is connected.');
    if (answer === null) await checkState(page, 'no-token');
    await page.unroute('**/token');
    await press(page, 'Try now');
    await seeReady(page);
    await page.locator('#alert').waitFor({ state: 'hidden' });
    pages.errors.splice(0);
  });

  it('is not ready while the browser is offline or the connection is lost', async () => {
    const line = await useLine(page);
    await signIn(page, 'alice', app.current.url);
    await page.context().setOffline(true);
    await see(page, 'Offline', 'No calls until the phone is connected.');
    await expect(page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).resolves.toBe(true);
    await checkState(page, 'offline');
    await page.context().setOffline(false);
    await seeReady(page);
    await line.cut();
    await see(page, 'Offline');
    line.restore();
    await seeReady(page);
    pages.errors.splice(0);
  });

  describe('with tokens of fifteen seconds', () => {
    // During a call, the renewal comes 2.5 seconds before the end: room for a slow machine.
    const short = useApp({ ttl: 15 });

    it('stays ready, and keeps a call past the end of a token and of the session', async () => {
      const other = await pages.open();
      await Promise.all([signIn(page, 'alice', short.current.url), signIn(other, 'bob', short.current.url)]);
      await call(page, 'bob');
      await press(other, 'Answer');
      await see(page, 'bob', 'In call');
      await page.route('**/token', (route) => route.fulfill({ status: 401, json: {} }));
      await seeText(page, 'You can finish this call.');
      await page.waitForTimeout(7000);
      await see(page, 'bob', 'In call');
      await see(other, 'alice', 'In call');
      await press(page, 'Hang up');
      expect((await readAlert(page))[0]).toBe('You are signed out');
      await seeReady(other);
      await until(() => short.current.gateway.isRegistered('bob'));
      pages.errors.splice(0);
    });
  });
});
