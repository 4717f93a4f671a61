import { beforeEach, expect, it, describe } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  call,
  OLDER_SDK,
  press,
  READY,
  seeStatus,
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
  async function signInBoth(one: string, other: string, otherQuery = ''): Promise<[Page, Page]> {
    const [a, b] = await Promise.all([pages.open(), pages.open()]);
    await Promise.all([
      signIn(a, one, app.current.url),
      signIn(b, other, `${app.current.url}/${otherQuery}`),
    ]);
    return [a, b];
  }

  async function talk(caller: Page, callerName: string, callee: Page, calleeName: string): Promise<void> {
    await call(caller, calleeName);
    await seeStatus(callee, `${callerName} is calling`);
    await seeStatus(caller, `Ringing ${calleeName}…`);
    await press(callee, 'Answer');
    await seeStatus(caller, `In call with ${calleeName}`);
    await seeStatus(callee, `In call with ${callerName}`);
    for (const tab of [caller, callee]) {
      await expect(tab.getByLabel('Call a person or a phone number').isVisible()).resolves.toBe(false);
    }
    await press(callee, 'Hang up');
    await seeStatus(caller, READY);
    await seeStatus(callee, READY);
  }

  it.each([
    ['@twilio/voice-sdk', ''],
    ['twilio-client', OLDER_SDK],
  ])('connects Ann Veal and bob@example.com both ways, the other on %s', async (_sdk, query) => {
    const [ann, bob] = await signInBoth('Ann Veal', 'bob@example.com', query);
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

  it('leaves a trace of declined, missed, canceled and unanswered calls', async () => {
    const [alice, bob] = await signInBoth('alice', 'bob');
    await call(alice, 'bob');
    await press(bob, 'Decline');
    await seeText(alice, 'bob did not answer.');
    await seeText(bob, 'You declined a call from alice.');

    await seeStatus(bob, READY);
    await call(bob, 'alice');
    await seeStatus(alice, 'bob is calling');
    await press(bob, 'Hang up');
    await seeText(bob, 'You canceled the call to alice.');
    await seeText(alice, 'You missed a call from bob.');

    await call(alice, 'nobody');
    await seeText(alice, 'nobody did not answer.');
    expect(app.current.gateway.calls.slice(-3).map(({ status }) => status)).toEqual([
      'busy',
      'canceled',
      'no-answer',
    ]);
  });

  describe('when the connection is cut', () => {
    it('reconnects a call under way, for the caller and for the callee', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const lines = { alice: await useLine(alice), bob: await useLine(bob) };
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      await call(alice, 'bob');
      await press(bob, 'Answer');
      await seeStatus(alice, 'In call with bob');

      for (const [page, line, peer, isHalfOpen] of [
        [alice, lines.alice, 'bob', true],
        [bob, lines.bob, 'alice', false],
      ] as const) {
        await press(page, 'Keypad');
        await press(page, '1');
        await line.cut({ isHalfOpen });
        await seeStatus(page, `Reconnecting the call with ${peer}…`);
        await seeText(page, 'Connection lost');
        // The SDK gives up a call whose keys are pressed now. Mute needs no connection.
        const key = page.getByRole('button', { name: '1', exact: true });
        await expect(key.isDisabled()).resolves.toBe(true);
        expect(await focused(page)).toBe('under-way');
        await press(page, 'Mute');
        line.restore();
        await seeStatus(page, `In call with ${peer}`);
        await page.locator('#alert').waitFor({ state: 'hidden' });
      }
      await seeStatus(alice, 'In call with bob');
      await press(alice, '7');
      await press(bob, 'Hang up');
      await seeStatus(alice, READY);
      await seeStatus(bob, READY);
      expect(app.current.gateway.calls.at(-1)).toMatchObject({ status: 'completed', digits: '17' });
      pages.errors.splice(0);
    });

    it('ends a call that nobody has answered, on both sides', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const lines = { alice: await useLine(alice), bob: await useLine(bob) };
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      await call(alice, 'bob');
      await seeStatus(bob, 'alice is calling');
      await lines.bob.cut();
      await seeText(bob, 'You missed a call from alice.');
      await seeText(alice, 'bob did not answer.');
      lines.bob.restore();
      await seeStatus(bob, READY);

      await call(alice, 'bob');
      await seeStatus(bob, 'alice is calling');
      await lines.alice.cut();
      await seeText(alice, 'bob did not answer.');
      await seeText(bob, 'You missed a call from alice.');
      lines.alice.restore();
      await seeStatus(alice, READY);
      // Both phones are free again.
      await talk(bob, 'bob', alice, 'alice');
      pages.errors.splice(0);
    });

    it('ends a call that the other side has hung up in the meantime', async () => {
      const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
      const line = await useLine(alice);
      await Promise.all([signIn(alice, 'alice', app.current.url), signIn(bob, 'bob', app.current.url)]);
      await call(alice, 'bob');
      await press(bob, 'Answer');
      await seeStatus(alice, 'In call with bob');
      await line.cut();
      await seeStatus(alice, 'Reconnecting the call with bob…');
      await press(bob, 'Hang up');
      line.restore();
      await seeStatus(alice, READY);
      await alice.getByText(/^Call with bob ended after/).waitFor();
      pages.errors.splice(0);
    });
  });

  describe('alone', () => {
    let page: Page;
    beforeEach(async () => {
      page = await pages.open();
      await signIn(page, 'alice', app.current.url);
    });

    it('cannot call oneself, and shows what the Voice URL answered', async () => {
      const answer = 'The answer was: "You cannot call yourself."';
      await call(page, 'alice');
      await seeText(page, answer);
      await seeText(page, 'What your Voice URL received');
      await page.getByText(new RegExp(`^Call with alice ended after 0:0\\d\\. ${answer}$`)).waitFor();
      await seeText(page, 'What your Voice URL received for the last call');
      await seeStatus(page, READY);

      // The answer belonged to the caller.
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await press(page, 'Answer');
      await seeStatus(page, 'In call with +15550111');
      hangUp();
      await page.getByText(/^Call with \+15550111 ended after 0:0\d\.$/).waitFor();
      await expect(page.locator('#request').isVisible()).resolves.toBe(false);
    });

    it('returns to the field if the destination is empty', async () => {
      await call(page, '   ');
      expect(await focused(page)).toBe('destination');
    });

    it('calls a phone number with an allowed prefix only', async () => {
      await call(page, '+1 555 010-0123');
      await seeStatus(page, 'In call with +1 555 010-0123');
      await page.getByText('>+15550100123</Number>').waitFor();
      await press(page, 'Hang up');
      await seeStatus(page, READY);

      await call(page, '+44 20 7946 0000');
      await seeText(page, 'The answer was: "This phone number cannot be called from here."');
      await page.getByText(/^Call with \+44 20 7946 0000 ended/).waitFor();
    });

    it('rings when somebody calls the Twilio number', async () => {
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await seeStatus(page, '+15550111 is calling');
      await press(page, 'Answer');
      await seeStatus(page, 'In call with +15550111');
      hangUp();
      await page.getByText(/^Call with \+15550111 ended after/).waitFor();
    });

    it('moves the focus to the group of an incoming call, one Tab before Answer', async () => {
      await page.getByLabel('Call a person or a phone number').focus();
      const hangUp = app.current.gateway.callFromOutside('+15550111', '+15550199');
      await seeStatus(page, '+15550111 is calling');
      expect(await focused(page)).toBe('incoming');
      // A key that was meant for the input does not answer.
      await page.keyboard.press('Enter');
      await seeStatus(page, '+15550111 is calling');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('answer');
      await page.keyboard.press('Enter');
      await seeStatus(page, 'In call with +15550111');
      // Enter that is held does not hang up.
      expect(await focused(page)).toBe('under-way');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('hang-up');
      hangUp();
      await seeStatus(page, READY);
      expect(await focused(page)).toBe('destination');
    });

    it('mutes, sends keys and changes the microphone during a call', async () => {
      await page.addInitScript(keepStreams);
      await page.reload();
      await seeStatus(page, READY);
      await call(page, '+15550100');
      await seeStatus(page, 'In call with +15550100');
      const mute = page.getByRole('button', { name: 'Mute' });
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(true);
      await mute.click();
      await expect(mute.getAttribute('aria-pressed')).resolves.toBe('true');
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(false);
      await mute.click();
      await expect(page.evaluate(isMicrophoneOn)).resolves.toBe(true);

      await press(page, 'Keypad');
      for (const key of ['1', '2', '#']) await press(page, key);
      await expect(page.getByLabel('Keys pressed').innerText()).resolves.toBe('12#');

      const menu = page.getByLabel('Microphone');
      const streams = await page.evaluate(countStreams);
      await menu.selectOption({ index: 1 });
      await until(async () => (await page.evaluate(countStreams)) > streams);
      await seeStatus(page, 'In call with +15550100');
      await press(page, 'Hang up');
      await seeStatus(page, READY);
      await expect(mute.isVisible()).resolves.toBe(false);
      expect(app.current.gateway.calls.at(-1)?.digits).toBe('12#');
    });
  });
});

const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.id');

// These functions run in the page, as text.

interface PageGlobals {
  streams: { getAudioTracks(): { enabled: boolean }[] }[];
  navigator: { mediaDevices: { getUserMedia: (constraints: object) => Promise<PageGlobals['streams'][0]> } };
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

function countStreams(): number {
  return (globalThis as unknown as PageGlobals).streams.length;
}

function isMicrophoneOn(): boolean | undefined {
  const { streams } = globalThis as unknown as PageGlobals;
  return streams.at(-1)?.getAudioTracks()[0]?.enabled;
}
