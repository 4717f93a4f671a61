import { beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { callNumber, focused, press, see, seeReady, signIn, useApp } from './support/app';
import { checkState, SCHEMES } from './support/accessibility';
import { describeInBrowser, usePages } from './support/chromium';
import { INVISIBLE_BUTTONS, IS_PLUS_FIRST } from './support/in-page';

/** As long as a name can be, without a space. */
const LONG_NAME = 'Donaudampfschifffahrtsgesellschaftskapitaen'.repeat(3).slice(0, 121);

const styleOf = (page: Page, id: string, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.getElementById('${id}')).${property}`);

// The tests of calls and of the page check every state with checkState().
describeInBrowser('accessibility', () => {
  const pages = usePages();
  const app = useApp();
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  it('holds for the longest name', async () => {
    await signIn(page, LONG_NAME, app.current.url);
    await checkState(page, 'long-name');
    const ringing = app.current.gateway.ring(LONG_NAME, `client:${LONG_NAME}`)!;
    await see(page, LONG_NAME, 'Incoming call');
    await checkState(page, 'long-name-incoming');
    await press(page, 'Answer');
    await see(page, LONG_NAME, 'In call');
    await checkState(page, 'long-name-in-call');
    ringing.hangUp();
    await seeReady(page);
    await checkState(page, 'long-name-ended');
  });

  it('keeps the order of the keypad and the direction of numbers and code on a right-to-left page', async () => {
    await signIn(page, 'דנה', app.current.url);
    await page.evaluate("document.documentElement.dir = 'rtl'");
    await callNumber(page, '+1 555 010 0123');
    // A leading plus stays on the left of its digits.
    await expect(page.evaluate(IS_PLUS_FIRST)).resolves.toBe(true);
    await press(page, 'Keypad');
    const left = await Promise.all(
      ['1', '2', '3'].map(
        async (name) => (await page.getByRole('button', { name, exact: true }).boundingBox())!.x,
      ),
    );
    expect(left).toEqual([...left].sort((a, b) => a - b));
    for (const id of ['token', 'fields', 'twiml', 'keypad']) {
      await expect(styleOf(page, id, 'direction')).resolves.toBe('ltr');
    }
  });

  it('moves the focus to the group of an incoming call, before Decline and Answer', async () => {
    await signIn(page, 'alice', app.current.url);
    const ringing = app.current.gateway.ring('alice')!;
    await see(page, '+15550111', 'Incoming call');
    // Keys that were meant for the input neither answer nor decline. Hang up comes last.
    for (const id of ['controls', 'decline', 'answer']) {
      await expect(focused(page)).resolves.toBe(id);
      if (id === 'controls') await page.keyboard.press('Enter');
      if (id !== 'answer') await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await see(page, '+15550111', 'In call');
    for (const id of ['controls', 'mute', 'keypad-toggle', 'hang-up']) {
      await expect(focused(page)).resolves.toBe(id);
      await page.keyboard.press('Tab');
    }
    ringing.hangUp();
    await seeReady(page);
  });

  it('shows buttons and pressed buttons in forced colors', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await signIn(page, 'alice', app.current.url);
    await callNumber(page);
    await expect(page.evaluate(INVISIBLE_BUTTONS)).resolves.toEqual([]);
    const released = await page.locator('#mute').screenshot();
    await press(page, 'Mute');
    expect(released.equals(await page.locator('#mute').screenshot())).toBe(false);
  });

  it('has large text and buttons, and a red Hang up in light and dark', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await signIn(page, 'alice', app.current.url);
    await callNumber(page);
    await press(page, 'Keypad');
    for (const id of ['who', 'timer']) {
      await expect(styleOf(page, id, 'fontSize')).resolves.toBe('28px');
    }
    for (const button of await page.getByRole('button').all()) {
      const { width, height } = (await button.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    }
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const color = await styleOf(page, 'hang-up', 'backgroundColor');
      const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
      expect(red).toBeGreaterThan(180);
      expect(Math.max(green, blue)).toBeLessThan(80);
    }
  });
});
