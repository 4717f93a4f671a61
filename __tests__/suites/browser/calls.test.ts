import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  call,
  callNumber,
  focused,
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
  type Line,
} from './support/app';
import { checkState } from './support/accessibility';
import { describeInBrowser, usePages } from './support/chromium';
import { breakMicrophone, KEEP_STREAMS, RECORD_STATES } from './support/in-page';
import { until } from './support/until';

const IS_MICROPHONE_ON = 'streams.at(-1).getAudioTracks()[0].enabled';

describeInBrowser('calls', () => {
  const pages = usePages();
  const app = useApp();
  const latestCall = () => app.current.gateway.calls.at(-1);

  describe('between two', () => {
    let alice: Page;
    let bob: Page;
    let lines: { alice: Line; bob: Line };
    beforeEach(async () => {
      [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      lines = { alice: await useLine(alice), bob: await useLine(bob) };
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
    });

    async function connect(): Promise<void> {
      await call(alice, 'bob');
      await press(bob, 'Answer');
      await see(alice, 'bob', 'In call');
    }

    it('leave a note when they are declined, missed, canceled or not answered', async () => {
      await call(alice, 'bob');
      await see(alice, 'bob', 'Ringing…');
      await checkState(alice, 'ringing');
      await press(bob, 'Decline');
      await seeText(alice, 'bob: No answer.');
      await seeText(bob, 'alice: Declined.');
      await checkState(bob, 'call-ended');
      await call(bob, 'alice');
      await see(alice, 'bob', 'Incoming call');
      await press(bob, 'Hang up');
      await seeText(bob, 'alice: Canceled.');
      await seeText(alice, 'bob: Missed call.');
      await call(alice, 'nobody');
      await seeText(alice, 'nobody: No answer.');
      await until(() => latestCall()?.status !== undefined);
      expect(app.current.gateway.calls.slice(-3).map(({ status }) => status)).toEqual([
        'busy',
        'canceled',
        'no-answer',
      ]);
    });

    it('reconnect when the connection is cut, for the caller and for the callee', async () => {
      await connect();
      for (const [page, line, peer, isHalfOpen] of [
        [alice, lines.alice, 'bob', true],
        [bob, lines.bob, 'alice', false],
      ] as const) {
        await press(page, 'Keypad');
        await press(page, '1');
        await line.cut({ isHalfOpen });
        await see(page, peer, 'Reconnecting…');
        // The SDK gives up a call whose keys are pressed now. Mute needs no connection.
        await expect(page.getByRole('button', { name: '1', exact: true }).isDisabled()).resolves.toBe(true);
        await expect(focused(page)).resolves.toBe('controls');
        if (page === alice) await checkState(page, 'reconnecting');
        await press(page, 'Mute');
        line.restore();
        await see(page, peer, 'In call, muted');
      }
      await press(alice, '7');
      await press(bob, 'Hang up');
      await seeReady(alice);
      await seeReady(bob);
      expect(latestCall()).toMatchObject({ status: 'completed', digits: '17' });
      pages.errors.splice(0);
    });

    it('end when the other side hangs up while the connection is cut', async () => {
      await connect();
      await lines.alice.cut();
      await see(alice, 'bob', 'Reconnecting…');
      await press(bob, 'Hang up');
      lines.alice.restore();
      await seeReady(alice);
      await seeText(alice, /^bob: Call ended after 00:\d\d\.$/);
      pages.errors.splice(0);
    });

    it('say that the connection was lost before the call began, and free both phones', async () => {
      const LOST = 'The connection was lost before the call began.';
      for (const [tab, line, note, other, otherNote] of [
        [bob, lines.bob, `alice: ${LOST}`, alice, 'bob: No answer.'],
        [alice, lines.alice, `bob: ${LOST}`, bob, 'alice: Missed call.'],
      ] as const) {
        await call(alice, 'bob');
        await see(bob, 'alice', 'Incoming call');
        await line.cut();
        await seeText(tab, note);
        await seeText(other, otherNote);
        line.restore();
        await seeReady(tab);
      }
      await connect();
      pages.errors.splice(0);
    });

    it('do not end when Call or Answer is clicked twice', async () => {
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

    it('decline a second call while the phone rings, and do not show one during a call', async () => {
      await call(alice, 'bob');
      await see(bob, 'alice', 'Incoming call');
      // The gateway calls no busy device, but Twilio does. Any SDP will do, since nobody answers.
      const second = (callsid: string): void => {
        const parameters = { CallSid: callsid, From: 'client:carol' };
        lines.bob.inject('invite', { callsid, sdp: 'v=0', parameters });
      };
      const rejected = (): unknown[] =>
        lines.bob.sent.filter(({ type }) => type === 'reject').map(({ payload }) => payload['callsid']);
      second('CA2');
      await until(() => rejected().length > 0);
      await see(bob, 'alice', 'Incoming call');
      await press(bob, 'Answer');
      await see(bob, 'alice', 'In call');
      second('CA3');
      await bob.waitForTimeout(1000);
      await see(bob, 'alice', 'In call');
      expect(rejected()).toEqual(['CA2']);
      await press(alice, 'Hang up');
      await seeText(bob, /^alice: Call ended after/);

      // The caller hangs up before the SDK reports the call.
      second('CA4');
      lines.bob.inject('cancel', { callsid: 'CA4' });
      await bob.waitForTimeout(1000);
      await seeReady(bob);
    });
  });

  describe('of one', () => {
    let page: Page;
    beforeEach(async () => {
      page = await pages.open();
      await page.addInitScript(KEEP_STREAMS);
      await signIn(page, 'alice', app.current.url);
    });

    it('show why the Voice URL refused them, and never look connected', async () => {
      await page.evaluate(RECORD_STATES);
      await call(page, 'alice');
      await seeText(page, 'alice: Not connected. You cannot call yourself.');
      await seeReady(page);
      await checkState(page, 'not-connected');
      expect(await page.evaluate('states')).not.toContain('In call');
      await page.locator('summary').click();
      await seeText(page, /<Say>You cannot call yourself\.<\/Say>/);
    });

    it('need a name or a complete number', async () => {
      const before = app.current.gateway.calls.length;
      for (const number of [
        '(555) 010-0123',
        '5550100',
        '911',
        '555\u200b0100',
        '+1',
        '+44 20x',
        '٩١١',
        ' \u200b ',
      ]) {
        await call(page, number);
        await seeText(page, /^\s/.test(number) ? 'Enter a name or a phone number.' : /^Start with \+ and/);
        await expect(focused(page)).resolves.toBe('to');
        await expect(page.locator('#to').getAttribute('aria-invalid')).resolves.toBe('true');
      }
      expect(app.current.gateway.calls).toHaveLength(before);
      await checkState(page, 'number-error');
      await call(page, '\u202a+1 (555) 010\u20110123\u202c');
      await see(page, '+1 (555) 010\u20110123', 'In call');
      expect(latestCall()?.twiml).toContain('>+15550100123</Number>');
    });

    it('show who calls, also in the title of the page', async () => {
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await see(page, '+15550111', 'Incoming call');
      await expect(page.title()).resolves.toBe('+15550111 is calling');
      hangUp();
      await seeReady(page);
      await expect(page.title()).resolves.toBe('Voice app');
      for (const [name, shown] of [
        ['\u202ekcaJ', 'kcaJ'],
        ['Ann\u200b Veal', 'Ann Veal'],
        ['\u200b\u2060', 'Unknown caller'],
      ] as const) {
        const ringing = app.current.gateway.ring(
          'alice',
          `client:${encodeURIComponent(name).replaceAll('%', '_')}`,
        )!;
        await see(page, shown, 'Incoming call');
        if (shown === 'Ann Veal') await checkState(page, 'incoming');
        ringing.hangUp();
        await seeText(page, `${shown}: Missed call.`);
      }
    });

    it('can be muted, and take keys from mouse and keyboard', async () => {
      await callNumber(page);
      await checkState(page, 'in-call');
      for (const isOn of [true, false, true]) {
        await expect(page.evaluate(IS_MICROPHONE_ON)).resolves.toBe(isOn);
        await expect(page.locator('#mute').getAttribute('aria-pressed')).resolves.toBe(String(!isOn));
        await see(page, NUMBER, isOn ? 'In call' : 'In call, muted');
        await press(page, 'Mute');
      }
      await page.keyboard.press('9');
      await press(page, 'Keypad');
      await press(page, '1');
      await page.keyboard.type('2#');
      await expect(page.getByLabel('Keys pressed').innerText()).resolves.toBe('12#');
      await checkState(page, 'keypad');
      await press(page, 'Hang up');
      await until(() => latestCall()?.status !== undefined);
      expect(latestCall()?.digits).toBe('12#');
      await callNumber(page);
      await expect(page.getByLabel('Keypad').isVisible()).resolves.toBe(false);
    });

    it('count hours', async () => {
      await page.clock.install();
      await page.reload();
      await seeReady(page);
      await callNumber(page);
      await page.clock.fastForward('03:00:05');
      await page
        .getByRole('timer')
        .filter({ hasText: /^03:00:\d\d$/ })
        .waitFor();
    });

    it('make the page ask before it is left or signed out', async () => {
      const questions: string[] = [];
      page.on('dialog', (dialog) => {
        questions.push(`${dialog.type()}: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await callNumber(page);
      await press(page, 'Sign out');
      await page.mouse.click(1, 1);
      await page.close({ runBeforeUnload: true });
      await until(() => questions.length === 2);
      expect(questions).toEqual(['confirm: End the call and sign out?', 'beforeunload: ']);
      await see(page, NUMBER, 'In call');
      await press(page, 'Hang up');
      await seeReady(page);
      await press(page, 'Sign out');
      await seeSignIn(page);
      expect(questions).toHaveLength(2);
    });

    it('explain what is wrong with the microphone, and a call that Twilio declines', async () => {
      for (const [fault, title, code] of [
        ['NotFoundError', 'No microphone', 31402],
        ['NotReadableError', 'No microphone', 31402],
        ['NotAllowedError', 'No access to the microphone', 31401],
      ] as const) {
        await page.evaluate(breakMicrophone(fault));
        await call(page, NUMBER);
        await expect(readAlert(page)).resolves.toEqual([title, expect.any(String), `Twilio error ${code}`]);
        await seeReady(page);
        await seeText(page, `${NUMBER}: The call failed.`);
      }
      await checkState(page, 'no-microphone');
      app.current.gateway.behave({ refuseCalls: { code: 31002, message: 'Connection declined' } });
      await page.reload();
      await seeReady(page);
      await call(page, 'bob');
      expect((await readAlert(page))[0]).toBe('The call was declined');
      app.current.gateway.behave({ refuseCalls: null });
      await seeReady(page);
    });
  });
});
