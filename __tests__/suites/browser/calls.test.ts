import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  call,
  press,
  readAlert,
  see,
  seeReady,
  seeText,
  signIn,
  until,
  useApp,
  useLine,
} from './support/app';
import { describeInBrowser, usePages } from './support/chromium';

describeInBrowser('calls through the Voice URL', () => {
  const pages = usePages();
  const app = useApp();

  /** Two people who are ready to call each other. */
  async function signInBoth(one: string, other: string): Promise<[Page, Page]> {
    const [a, b] = await Promise.all([pages.open(), pages.open()]);
    await Promise.all([signIn(a, one, app.current.url), signIn(b, other, app.current.url)]);
    return [a, b];
  }

  async function talk(caller: Page, callerName: string, callee: Page, calleeName: string): Promise<void> {
    await call(caller, calleeName);
    await see(callee, callerName, 'Incoming call');
    await see(caller, calleeName, 'Ringing…');
    await press(callee, 'Answer');
    await see(caller, calleeName, 'In call');
    await see(callee, callerName, 'In call');
    await press(callee, 'Hang up');
    await seeReady(caller);
    await seeReady(callee);
  }

  it('connects Ann Veal and bob@example.com both ways', async () => {
    const [ann, bob] = await signInBoth('Ann Veal', 'bob@example.com');
    await talk(ann, 'Ann Veal', bob, 'bob@example.com');
    await talk(bob, 'bob@example.com', ann, 'Ann Veal');
  });

  it('does not mistake ann_veal for Ann Veal', async () => {
    const [ann, other] = await signInBoth('ann_veal', 'Ann Veal');
    const caller = await pages.open();
    await signIn(caller, 'carol', app.current.url);
    await talk(caller, 'carol', ann, 'ann_veal');
    await talk(caller, 'carol', other, 'Ann Veal');
  });

  it('leaves a note of declined, missed, canceled and unanswered calls', async () => {
    const [alice, bob] = await signInBoth('alice', 'bob');
    await call(alice, 'bob');
    await press(bob, 'Decline');
    await seeText(alice, 'bob did not answer.');
    await seeText(bob, 'You declined a call from alice.');

    await call(bob, 'alice');
    await see(alice, 'bob', 'Incoming call');
    await press(bob, 'Hang up');
    await seeText(bob, 'You canceled the call to alice.');
    await seeText(alice, 'You missed a call from bob.');

    await call(alice, 'nobody');
    await seeText(alice, 'nobody did not answer.');
    const statuses = (): unknown[] => app.current.gateway.calls.slice(-3).map(({ status }) => status);
    await until(() => statuses()[2] !== undefined);
    expect(statuses()).toEqual(['busy', 'canceled', 'no-answer']);
  });

  describe('when the connection is cut', () => {
    it('reconnects a call under way, for the caller and for the callee', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const lines = { alice: await useLine(alice), bob: await useLine(bob) };
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      await call(alice, 'bob');
      await press(bob, 'Answer');
      await see(alice, 'bob', 'In call');

      for (const [page, line, peer, isHalfOpen] of [
        [alice, lines.alice, 'bob', true],
        [bob, lines.bob, 'alice', false],
      ] as const) {
        await press(page, 'Keypad');
        await press(page, '1');
        await line.cut({ isHalfOpen });
        await see(page, peer, 'Reconnecting…');
        // The SDK gives up a call whose keys are pressed now. Mute needs no connection.
        const key = page.getByRole('button', { name: '1', exact: true });
        await expect(key.isDisabled()).resolves.toBe(true);
        expect(await focused(page)).toBe('controls');
        await press(page, 'Mute');
        line.restore();
        await see(page, peer, 'In call, muted');
      }
      await see(alice, 'bob', 'In call, muted');
      await press(alice, '7');
      await press(bob, 'Hang up');
      await seeReady(alice);
      await seeReady(bob);
      expect(app.current.gateway.calls.at(-1)).toMatchObject({ status: 'completed', digits: '17' });
      pages.errors.splice(0);
    });

    it('says that a call was lost that nobody has answered, and frees both phones', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const lines = { alice: await useLine(alice), bob: await useLine(bob) };
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      const LOST = 'The connection was lost before the call began.';
      await call(alice, 'bob');
      await see(bob, 'alice', 'Incoming call');
      await lines.bob.cut();
      await seeText(bob, LOST);
      await seeText(alice, 'bob did not answer.');
      lines.bob.restore();
      await seeReady(bob);

      await call(alice, 'bob');
      await see(bob, 'alice', 'Incoming call');
      await lines.alice.cut();
      await seeText(alice, LOST);
      await seeText(bob, 'You missed a call from alice.');
      lines.alice.restore();
      await seeReady(alice);
      await talk(bob, 'bob', alice, 'alice');
      pages.errors.splice(0);
    });

    it('ends a call that the other side has hung up in the meantime', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const line = await useLine(alice);
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      await call(alice, 'bob');
      await press(bob, 'Answer');
      await see(alice, 'bob', 'In call');
      await line.cut();
      await see(alice, 'bob', 'Reconnecting…');
      await press(bob, 'Hang up');
      line.restore();
      await seeReady(alice);
      await seeText(alice, /^Call with bob ended after/);
      pages.errors.splice(0);
    });
  });

  it('hangs up neither when Answer is clicked twice nor when Call is', async () => {
    const [alice, bob] = await signInBoth('alice', 'bob');
    await alice.getByLabel('Call a person or a phone number').fill('bob');
    await alice.getByRole('button', { name: 'Call', exact: true }).dblclick();
    await see(bob, 'alice', 'Incoming call');
    await bob.waitForTimeout(1000);
    const answer = (await bob.locator('#answer').boundingBox())!;
    await bob.mouse.dblclick(answer.x + answer.width / 2, answer.y + answer.height / 2);
    await see(bob, 'alice', 'In call');
    // A click right after the call opens is ignored, wherever it goes.
    await bob.locator('#hang-up').click();
    await bob.waitForTimeout(1000);
    await see(bob, 'alice', 'In call');

    const hangUp = (await bob.locator('#hang-up').boundingBox())!;
    expect(hangUp.x + hangUp.width).toBeLessThanOrEqual(answer.x);
    await bob.locator('#hang-up').click();
    await seeReady(alice);
  });

  describe('alone', () => {
    let page: Page;
    const calls = (): number => app.current.gateway.calls.length;
    beforeEach(async () => {
      page = await pages.open();
      await signIn(page, 'alice', app.current.url);
    });

    it('is not connected to oneself, and shows the reason of the Voice URL', async () => {
      await page.evaluate(recordStates);
      await call(page, 'alice');
      await seeText(page, 'Not connected: You cannot call yourself.');
      await seeReady(page);
      expect(await page.evaluate('states')).not.toContain('In call');
      await page.locator('summary').click();
      await seeText(page, /<Say>You cannot call yourself\.<\/Say>/);
    });

    it.each(['(555) 010-0123', '5550100', '911', '555\u200b0100', '+1', '+44 20x', '٩١١'])(
      'does not dial %j',
      async (number) => {
        const before = calls();
        await call(page, number);
        await seeText(page, 'Start with + and the country code, for example +1 555 010 0123.');
        expect(await focused(page)).toBe('to');
        await expect(page.locator('#to').getAttribute('aria-invalid')).resolves.toBe('true');
        expect(calls()).toBe(before);
      },
    );

    it('dials a complete number, however it is written', async () => {
      await call(page, '\u202a+1 (555) 010\u20110123\u202c');
      await see(page, '+1 (555) 010\u20110123', 'In call');
      expect(app.current.gateway.calls.at(-1)?.twiml).toContain('>+15550100123</Number>');
      await press(page, 'Hang up');
      await seeText(page, /^Call with \+1 \(555\) 010.0123 ended after 0:0\d\.$/);

      await call(page, '+44 20 7946 0000');
      await seeText(page, 'Not connected: This phone number cannot be called from here.');
    });

    it('asks for a destination', async () => {
      await call(page, '  \u200b ');
      await seeText(page, 'Enter a name or a phone number.');
      expect(await focused(page)).toBe('to');
    });

    it('rings when somebody calls the Twilio number, also in the title of the page', async () => {
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await see(page, '+15550111', 'Incoming call');
      await expect(page.title()).resolves.toBe('+15550111 is calling');
      await press(page, 'Answer');
      await see(page, '+15550111', 'In call');
      await expect(page.title()).resolves.toBe('Voice app');
      hangUp();
      await seeText(page, /^Call with \+15550111 ended after/);
    });

    it.each([
      ['\u202ekcaJ', 'kcaJ'],
      ['Ann\u200b Veal', 'Ann Veal'],
      ['\u200b\u2060', 'Unknown caller'],
    ])('shows a caller named %j as %j', async (name, shown) => {
      const encoded = encodeURIComponent(name).replaceAll('%', '_');
      const ringing = app.current.gateway.ring('alice', `client:${encoded}`)!;
      await see(page, shown, 'Incoming call');
      ringing.hangUp();
      await seeText(page, `You missed a call from ${shown}.`);
    });

    it('moves the focus to the group of an incoming call, before Decline and Answer', async () => {
      await page.getByLabel('Call a person or a phone number').focus();
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await see(page, '+15550111', 'Incoming call');
      expect(await focused(page)).toBe('incoming');
      // A key that was meant for the input does not answer.
      await page.keyboard.press('Enter');
      await see(page, '+15550111', 'Incoming call');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('decline');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('answer');
      await page.keyboard.press('Enter');
      await see(page, '+15550111', 'In call');
      // Enter that is held does not hang up, and Hang up comes last.
      expect(await focused(page)).toBe('controls');
      for (const id of ['mute', 'keypad-toggle', 'hang-up']) {
        await page.keyboard.press('Tab');
        expect(await focused(page)).toBe(id);
      }
      hangUp();
      await seeReady(page);
      expect(await focused(page)).toBe('to');
    });

    it('mutes, and sends keys by mouse and keyboard', async () => {
      await page.addInitScript(keepStreams);
      await page.reload();
      await seeReady(page);
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      const mute = page.getByRole('button', { name: 'Mute' });
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(true);
      await press(page, 'Mute');
      await see(page, '+15550100', 'In call, muted');
      await expect(mute.getAttribute('aria-pressed')).resolves.toBe('true');
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(false);
      await press(page, 'Mute');
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(true);

      await page.keyboard.press('9');
      await press(page, 'Keypad');
      await press(page, '1');
      await page.keyboard.type('2#');
      await expect(page.getByLabel('Keys pressed').innerText()).resolves.toBe('12#');
      await press(page, 'Hang up');
      await seeReady(page);
      await expect(mute.isVisible()).resolves.toBe(false);
      await until(() => app.current.gateway.calls.at(-1)?.status !== undefined);
      expect(app.current.gateway.calls.at(-1)?.digits).toBe('12#');
      // The next call starts without the keys of the last one.
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await expect(page.getByLabel('Keypad').isVisible()).resolves.toBe(false);
    });

    it('counts hours', async () => {
      await page.clock.install();
      await page.reload();
      await seeReady(page);
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await page.clock.fastForward('03:00:05');
      await page
        .getByRole('timer')
        .filter({ hasText: /^3:00:\d\d$/ })
        .waitFor();
    });

    it('asks before it is left or signed out during a call, and not otherwise', async () => {
      const questions: string[] = [];
      page.on('dialog', (dialog) => {
        questions.push(`${dialog.type()}: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await call(page, '+15550100');
      await see(page, '+15550100', 'In call');
      await press(page, 'Sign out');
      await page.mouse.click(1, 1);
      await page.close({ runBeforeUnload: true });
      await until(() => questions.length === 2);
      expect(questions).toEqual(['confirm: End the call and sign out?', 'beforeunload: ']);
      await see(page, '+15550100', 'In call');

      await press(page, 'Hang up');
      await seeReady(page);
      await press(page, 'Sign out');
      await page.getByLabel('Your name').waitFor();
      expect(questions).toHaveLength(2);
    });

    it.each([
      ['NotFoundError', ['No microphone was found', 'Connect one, then call again.', 'Twilio error 31402']],
      [
        'NotReadableError',
        [
          'The microphone is in use',
          'Close the application that uses it, then call again.',
          'Twilio error 31402',
        ],
      ],
      [
        'NotAllowedError',
        [
          'No access to the microphone',
          'Allow this page to use the microphone, then call again.',
          'Twilio error 31401',
        ],
      ],
    ])('explains the microphone fault %s', async (name, texts) => {
      await page.addInitScript(refuseMicrophone, name);
      await page.reload();
      await seeReady(page);
      await call(page, '+15550100');
      await expect(readAlert(page)).resolves.toEqual(texts);
      await seeReady(page);
      await seeText(page, 'The call to +15550100 failed.');
    });

    it('explains a call that Twilio declines', async () => {
      app.current.gateway.behave({ refuseCalls: { code: 31002, message: 'Connection declined' } });
      await call(page, 'bob');
      await expect(readAlert(page)).resolves.toEqual([
        'The call was declined',
        'The token does not allow calls, or another call is under way.',
        'Twilio error 31002',
      ]);
      app.current.gateway.behave({ refuseCalls: null });
      await seeReady(page);
    });
  });
});

const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.id');

// These functions run in the page, as text.

interface PageGlobals {
  states: string[];
  document: { getElementById(id: string): { textContent: string } };
  MutationObserver: new (listener: () => void) => { observe(target: object, options: object): void };
  DOMException: new (message: string, name: string) => Error;
  streams: { getAudioTracks(): { enabled: boolean }[] }[];
  navigator: { mediaDevices: { getUserMedia: (constraints: object) => Promise<PageGlobals['streams'][0]> } };
}

function recordStates(): void {
  const page = globalThis as unknown as PageGlobals;
  const state = page.document.getElementById('state');
  page.states = [];
  new page.MutationObserver(() => {
    page.states.push(state.textContent);
  }).observe(state, { childList: true });
}

function refuseMicrophone(name: string): void {
  const { navigator, DOMException } = globalThis as unknown as PageGlobals;
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
}

function keepStreams(): void {
  const page = globalThis as unknown as PageGlobals;
  const { mediaDevices } = page.navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  page.streams = [];
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    page.streams.push(stream);
    return stream;
  };
}

function isMicrophoneOn(): boolean | undefined {
  const { streams } = globalThis as unknown as PageGlobals;
  return streams.at(-1)?.getAudioTracks()[0]?.enabled;
}
