import { mkdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { call, enterName, press, see, seeReady, seeText, signIn, useApp, useLine } from './support/app';
import { describeInBrowser, usePages } from './support/chromium';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** `SCREENSHOTS=folder npm run test:browser -- accessibility` saves a picture of every state. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const WIDTHS = [360, 768, 1280];
// axe-core runs twice in each of some ten states.
const TIMEOUT = 300_000;
/** As long as a name can be, without a space. */
const LONG_NAME = 'Donaudampfschifffahrtsgesellschaftskapitaen'.repeat(3).slice(0, 121);

describeInBrowser('accessibility', () => {
  const pages = usePages();
  const app = useApp();
  let page: Page;
  beforeEach(async () => {
    page = await pages.open();
  });

  /** Runs axe-core in light and dark, and takes the screenshots of this state. */
  async function check(state: string, tab = page): Promise<void> {
    await tab.evaluate(AXE);
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const violations = await tab.evaluate<string[]>(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map((node) => node.html).join(' ')))`,
      );
      expect({ state, colorScheme, violations }).toEqual({ state, colorScheme, violations: [] });
      if (SCREENSHOTS !== undefined) await photograph(tab, `${state}-${colorScheme}`);
    }
    expect({ state, ...(await overflow(tab)) }).toEqual({ state, width: [], text: [] });
    if (SCREENSHOTS === undefined) return;
    await tab.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    await photograph(tab, `${state}-forced`);
    await tab.emulateMedia({ forcedColors: 'none' });
    await tab.evaluate("document.documentElement.dir = 'rtl'");
    await photograph(tab, `${state}-rtl`);
    await tab.evaluate("document.documentElement.dir = ''; document.documentElement.style.fontSize = '200%'");
    await photograph(tab, `${state}-large`);
    await tab.evaluate("document.documentElement.style.fontSize = ''");
  }

  async function photograph(tab: Page, name: string): Promise<void> {
    mkdirSync(SCREENSHOTS!, { recursive: true });
    const size = tab.viewportSize()!;
    for (const width of WIDTHS) {
      await tab.setViewportSize({ width, height: 800 });
      await tab.screenshot({ path: `${SCREENSHOTS!}/${name}-${width}.png`, fullPage: true });
    }
    await tab.setViewportSize(size);
  }

  /** Widths at which the page scrolls sideways or an element sticks out of its card, also with text at 200 %. */
  async function overflow(tab: Page): Promise<{ width: string[]; text: string[] }> {
    const found = { width: [] as string[], text: [] as string[] };
    const size = tab.viewportSize()!;
    for (const [kind, fontSize, widths] of [
      ['width', '', [320, 360]],
      ['text', '200%', [360, 768]],
    ] as const) {
      await tab.evaluate(`document.documentElement.style.fontSize = '${fontSize}'`);
      for (const width of widths) {
        await tab.setViewportSize({ width, height: 800 });
        found[kind].push(...(await tab.evaluate(findOverflow)).map((text) => `${width}: ${text}`));
      }
    }
    await tab.evaluate("document.documentElement.style.fontSize = ''");
    await tab.setViewportSize(size);
    return found;
  }

  it(
    'has no violations from sign-in to sign-out',
    async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route('**/token', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(app.current.url);
      await page.getByLabel('Your name').waitFor();
      await check('signed-out');
      await press(page, 'Sign in');
      await seeText(page, 'Enter a name.');
      await check('name-error');
      await page.getByLabel('Your name').fill('Ann Veal');
      await press(page, 'Sign in');
      await see(page, 'Connecting…', '');
      await check('connecting');
      release();
      await seeReady(page);
      await check('ready');
      await call(page, '911');
      await seeText(page, /^Start with \+/);
      await check('number-error');
      await page.context().setOffline(true);
      await see(page, 'Offline', '');
      await check('offline');
      await page.context().setOffline(false);
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('422')]);

      await page.route('**/session', (route) => route.abort());
      await press(page, 'Sign out');
      await seeText(page, 'You are still signed in');
      await check('sign-out-failed');
      expect(pages.errors.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
    },
    TIMEOUT,
  );

  it(
    'has no violations during calls',
    async () => {
      const other = await pages.open();
      const line = await useLine(page);
      await signIn(page, 'Ann Veal', app.current.url);
      await signIn(other, 'bob@example.com', app.current.url);
      await call(page, 'bob@example.com');
      await see(page, 'bob@example.com', 'Ringing…');
      await see(other, 'Ann Veal', 'Incoming call');
      await check('ringing');
      await check('incoming', other);
      await press(other, 'Answer');
      await see(page, 'bob@example.com', 'In call');
      await check('in-call');
      await press(page, 'Mute');
      await press(page, 'Keypad');
      await press(page, '5');
      await check('keypad');
      await page.locator('summary').press('Enter');
      await check('inspector');
      await page.locator('summary').press('Enter');
      await line.cut();
      await see(page, 'bob@example.com', 'Reconnecting…');
      await check('reconnecting');
      await press(other, 'Hang up');
      await seeReady(other);
      await check('call-ended', other);
      await call(other, 'bob@example.com');
      await seeText(other, 'Not connected: You cannot call yourself.');
      await check('not-connected', other);
      pages.errors.splice(0);
    },
    TIMEOUT,
  );

  it(
    'has no violations and no overflow with the longest name',
    async () => {
      await signIn(page, LONG_NAME, app.current.url);
      await check('long-name');
      const ringing = app.current.gateway.ring(LONG_NAME, `client:${LONG_NAME}`)!;
      await see(page, LONG_NAME, 'Incoming call');
      await check('long-name-incoming');
      await press(page, 'Answer');
      await see(page, LONG_NAME, 'In call');
      await check('long-name-in-call');
      ringing.hangUp();
      await seeReady(page);
      await check('long-name-ended');
    },
    TIMEOUT,
  );

  it(
    'has no violations when something is wrong',
    async () => {
      await page.addInitScript(refuseMicrophone);
      await signIn(page, 'Ann Veal', app.current.url);
      await call(page, 'bob@example.com');
      await seeText(page, 'No access to the microphone');
      await check('no-microphone');

      const late = await pages.open();
      await late.route('**/token', (route) => route.abort());
      await enterName(late, 'alice', app.current.url);
      await seeText(late, 'The server cannot be reached');
      await check('no-token', late);

      const elsewhere = await pages.open();
      await signIn(elsewhere, 'alice', app.current.url);
      await call(elsewhere, '+15550100');
      await see(elsewhere, '+15550100', 'In call');
      const tab = await elsewhere.context().newPage();
      await tab.goto(app.current.url);
      await press(tab, 'Sign out');
      await seeText(elsewhere, 'You can finish this call.');
      await check('signed-out-in-call', elsewhere);
      await tab.getByLabel('Your name').fill('bob');
      await press(tab, 'Sign in');
      await press(elsewhere, 'Hang up');
      await elsewhere.getByLabel('Your name').waitFor();
      await check('session-ended', elsewhere);

      const stuck = await pages.open();
      await stuck.route('**/problems.js', (route) => route.abort());
      await stuck.goto(app.current.url);
      await seeText(stuck, /^This takes longer/);
      await check('loading', stuck);
      const broken = await pages.open();
      await broken.route('**/sdk/*', (route) => route.abort());
      await broken.goto(app.current.url);
      await seeText(broken, 'The page could not start');
      await check('not-started', broken);
      pages.errors.splice(0);
    },
    TIMEOUT,
  );

  it('keeps the order of the keypad and the direction of numbers and code on a right-to-left page', async () => {
    await signIn(page, 'דנה', app.current.url);
    await page.evaluate("document.documentElement.dir = 'rtl'");
    await call(page, '+1 555 010 0123');
    await see(page, '+1 555 010 0123', 'In call');
    await press(page, 'Keypad');
    const x = async (name: string): Promise<number> =>
      (await page.getByRole('button', { name, exact: true }).boundingBox())!.x;
    expect(await x('1')).toBeLessThan(await x('2'));
    expect(await x('2')).toBeLessThan(await x('3'));
    // A leading plus stays on the left of its digits.
    expect(await page.evaluate(isPlusFirst)).toBe(true);
    await page.locator('summary').press('Enter');
    for (const id of ['token', 'fields', 'twiml', 'keypad']) {
      expect(await page.evaluate(`getComputedStyle(document.getElementById('${id}')).direction`)).toBe('ltr');
    }
  });

  it('shows pressed buttons and states in forced colors', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await signIn(page, 'alice', app.current.url);
    await call(page, '+15550100');
    await see(page, '+15550100', 'In call');
    const mute = page.locator('#mute');
    const released = await mute.screenshot();
    await press(page, 'Mute');
    expect(released.equals(await mute.screenshot())).toBe(false);
  });

  it('gives the person and the timer 28 pixels, and every button 44', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await signIn(page, 'alice', app.current.url);
    await call(page, '+15550100');
    await see(page, '+15550100', 'In call');
    await press(page, 'Keypad');
    for (const id of ['who', 'timer']) {
      expect(await page.evaluate(`getComputedStyle(document.getElementById('${id}')).fontSize`)).toBe('28px');
    }
    for (const button of await page.getByRole('button').all()) {
      const { width, height } = (await button.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    }
  });

  it.each(['light', 'dark'] as const)('has input borders with a contrast of 3:1, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await signIn(page, 'alice', app.current.url);
    for (const contrast of await page.evaluate(borderContrasts)) expect(contrast).toBeGreaterThanOrEqual(3);
  });

  it.each(['light', 'dark'] as const)('has a red that is red, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await signIn(page, 'alice', app.current.url);
    await call(page, 'nobody');
    const color = await page.evaluate(
      "getComputedStyle(document.querySelector('#hang-up svg')).backgroundColor",
    );
    const [red = 0, green = 0, blue = 0] = (String(color).match(/\d+/g) ?? []).map(Number);
    expect(red).toBeGreaterThan(180);
    expect(Math.max(green, blue)).toBeLessThan(80);
  });
});

// These functions run in the page, as text.

function refuseMicrophone(): void {
  const { navigator, DOMException } = globalThis as unknown as {
    navigator: { mediaDevices: { getUserMedia: () => Promise<never> } };
    DOMException: new (message: string, name: string) => Error;
  };
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
}

interface Box {
  left: number;
  right: number;
  width: number;
}

interface PageElement {
  id: string;
  tagName: string;
  textContent: string;
  firstChild: object | null;
  clientWidth: number;
  scrollWidth: number;
  getBoundingClientRect(): Box;
  closest(selector: string): PageElement | null;
  getClientRects(): { length: number };
}

interface PageRange {
  setStart(node: object, offset: number): void;
  setEnd(node: object, offset: number): void;
  getBoundingClientRect(): Box;
}

interface PageGlobals {
  document: {
    documentElement: PageElement;
    querySelectorAll(selector: string): PageElement[];
    createRange(): PageRange;
  };
  getComputedStyle(element: PageElement, pseudo?: string): Record<string, string>;
}

/** Visible elements that stick out of their card, or text that sticks out of its button. */
function findOverflow(): string[] {
  const { document } = globalThis as unknown as PageGlobals;
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? ['page'] : [];
  for (const element of document.querySelectorAll('.card *, header *')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0) continue;
    const card = (element.closest('.card') ?? document.documentElement).getBoundingClientRect();
    const isOut = box.left < card.left - 1 || box.right > card.right + 1;
    const isCut = element.tagName === 'BUTTON' && element.scrollWidth > element.clientWidth + 1;
    if (isOut || isCut) found.push(`${element.tagName} ${element.id} ${element.textContent.slice(0, 20)}`);
  }
  return found;
}

function isPlusFirst(): boolean {
  const { document } = globalThis as unknown as PageGlobals;
  const text = [...document.querySelectorAll('#who')][0]!.firstChild!;
  const left = (offset: number): number => {
    const range = document.createRange();
    range.setStart(text, offset);
    range.setEnd(text, offset + 1);
    return range.getBoundingClientRect().left;
  };
  return left(0) < left(1) && left(1) < left(5);
}

/** Contrast of each input's border with its card and with its own background, as WCAG defines it. */
function borderContrasts(): number[] {
  const page = globalThis as unknown as PageGlobals;
  const luminance = (color: string): number => {
    const channels = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((channel) => Number(channel) / 255);
    const [red = 0, green = 0, blue = 0] = channels.map((value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string): number => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  return [...page.document.querySelectorAll('.card input, .card select')]
    .filter((input) => input.getClientRects().length > 0)
    .map((input) => {
      const card = page.getComputedStyle(input.closest('.card')!)['backgroundColor']!;
      return contrast(page.getComputedStyle(input)['borderTopColor']!, card);
    });
}
