import { mkdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';
import { call, enterName, press, READY, seeStatus, seeText, signIn, useApp, useLine } from './support/app';
import { describeInBrowser, usePages } from './support/chromium';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** `SCREENSHOTS=folder npm run test:browser -- accessibility` saves a picture of every state. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const WIDTHS = [360, 768, 1280];

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
    if (SCREENSHOTS !== undefined) {
      await tab.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
      await photograph(tab, `${state}-forced`);
      await tab.emulateMedia({ forcedColors: 'none' });
      await tab.evaluate("document.documentElement.style.fontSize = '200%'");
      await photograph(tab, `${state}-large`);
      await tab.evaluate("document.documentElement.style.fontSize = ''");
    }
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

  it('has no violations from sign-in to sign-out', async () => {
    await page.goto(app.current.url);
    await page.getByLabel('Your name').waitFor();
    await check('signed-out');
    await press(page, 'Sign in');
    await seeText(page, 'Enter a name.');
    await check('name-error');

    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/token', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByLabel('Your name').fill('Ann Veal');
    await press(page, 'Sign in');
    await seeStatus(page, 'Connecting…');
    await check('connecting');
    release();
    await seeStatus(page, READY);
    await check('ready');
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('422')]);

    await page.route('**/session', (route) => route.abort());
    await press(page, 'Sign out');
    await seeText(page, 'You are still signed in');
    await check('sign-out-failed');
    await page.setViewportSize({ width: 768, height: 800 });
    const [text, button] = await Promise.all(
      ['#alert > div', '#alert-action'].map((part) => page.locator(part).boundingBox()),
    );
    expect(button!.y).toBeLessThan(text!.y + text!.height);
    expect(pages.errors.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
  });

  it('has no violations during calls', async () => {
    const other = await pages.open();
    const line = await useLine(page);
    await signIn(page, 'Ann Veal', app.current.url);
    await signIn(other, 'bob@example.com', app.current.url);
    await call(page, 'bob@example.com');
    await seeStatus(page, 'Ringing bob@example.com…');
    await seeStatus(other, 'Ann Veal is calling');
    await check('ringing');
    await check('incoming', other);
    await press(other, 'Answer');
    await seeStatus(page, 'In call with bob@example.com');
    await page.locator('#request').waitFor();
    await check('in-call');
    await press(page, 'Mute');
    await press(page, 'Keypad');
    await press(page, '5');
    await check('keypad');
    await line.cut();
    await seeStatus(page, 'Reconnecting the call with bob@example.com…');
    await check('call-reconnecting');
    await press(other, 'Hang up');
    await seeStatus(other, READY);
    await check('call-ended', other);
    pages.errors.splice(0);
  });

  it('has no violations when the connection or the microphone is missing', async () => {
    const line = await useLine(page);
    await page.addInitScript(refuseMicrophone);
    await signIn(page, 'Ann Veal', app.current.url);
    await call(page, 'bob@example.com');
    await seeText(page, 'No microphone');
    await check('no-microphone');
    await line.cut();
    await seeStatus(page, 'Reconnecting…');
    await seeText(page, 'Connection lost');
    await check('reconnecting');
    pages.errors.splice(0);
  });

  it('has no violations when the session ends during a call', async () => {
    const body = { error: 'unauthorized', message: 'Nobody is signed in.' };
    let isFirst = true;
    await page.route('**/token', async (route) => {
      if (!isFirst) {
        await route.fulfill({ status: 401, json: body });
        return;
      }
      isFirst = false;
      const response = await route.fetch();
      // The page renews its token after two thirds of this time.
      await route.fulfill({ json: { ...((await response.json()) as object), ttl: 3 } });
    });
    await signIn(page, 'Ann Veal', app.current.url);
    await call(page, '+15550100');
    await seeText(page, 'You can finish this call.');
    await seeStatus(page, 'In call with +15550100');
    await check('session-ended-in-call');
    pages.errors.splice(0);
  });

  it('has no violations when something is wrong', async () => {
    const foreign = new CapabilitySigner({ ...testCredentials, authToken: 'of-another-account' });
    const token = foreign.sign(new IncomingScope('alice'));
    await page.route('**/token', (route) => route.fulfill({ json: { token, identity: 'alice', ttl: 600 } }));
    await enterName(page, 'alice', app.current.url);
    await seeText(page, 'The token was refused');
    await check('token-refused');

    const late = await pages.open();
    await late.route('**/token', (route) => route.abort());
    await enterName(late, 'alice', app.current.url);
    await seeText(late, 'The server cannot be reached');
    await check('unreachable', late);

    const ended = await pages.open();
    const body = { error: 'unauthorized', message: 'Nobody is signed in.' };
    await ended.route('**/token', (route) => route.fulfill({ status: 401, json: body }));
    await enterName(ended, 'alice', app.current.url);
    await seeText(ended, 'You are signed out');
    await check('session-ended', ended);

    const receiver = await pages.open();
    const incomingOnly = new CapabilitySigner(testCredentials).sign(new IncomingScope('alice'));
    await receiver.route('**/token', (route) =>
      route.fulfill({ json: { token: incomingOnly, identity: 'alice', ttl: 600 } }),
    );
    await enterName(receiver, 'alice', app.current.url);
    await seeStatus(receiver, 'Ready to receive calls');
    await check('incoming-only', receiver);
    pages.errors.splice(0);
  });

  it('keeps SIDs on one line, and everything in a window 360 or 320 pixels wide', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await signIn(page, 'Ann Veal', app.current.url);
    await call(page, '+15550100');
    await seeStatus(page, 'In call with +15550100');
    await page.locator('#request').waitFor();
    const sids = page.getByText(/^(AC|AP|CA)\w{32}$/);
    expect(await sids.count()).toBeGreaterThanOrEqual(4);
    for (const sid of await sids.all()) expect(await sid.evaluate(countLines)).toBe(1);
    await press(page, 'Keypad');
    const width = async (id: string) => (await page.locator(id).boundingBox())!.width;
    expect(await width('#keypad')).toBe(await width('#in-call'));
    for (const id of ['#mute', '#keypad-toggle']) {
      expect((await page.locator(id).boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
    expect(await page.evaluate('document.getElementById("twiml").scrollWidth')).toBe(
      await page.evaluate('document.getElementById("twiml").clientWidth'),
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it.each([360, 768, 1280])(
    'keeps everything in its card with text at 200 %%, %i pixels wide',
    async (width) => {
      await page.setViewportSize({ width, height: 800 });
      await signIn(page, 'bob@example.com', app.current.url);
      await page.evaluate("document.documentElement.style.fontSize = '200%'");
      expect(await page.evaluate(findOverflow)).toEqual([]);
      await call(page, '+15550100');
      await seeStatus(page, 'In call with +15550100');
      await page.locator('#request').waitFor();
      await press(page, 'Keypad');
      expect(await page.evaluate(findOverflow)).toEqual([]);
      if (SCREENSHOTS !== undefined) {
        await page.screenshot({ path: `${SCREENSHOTS}/text-200-${width}.png`, fullPage: true });
      }
    },
  );

  it('shows the status dot and the lifetime bar in forced colors', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await signIn(page, 'alice', app.current.url);
    const { dot, page: background, edge } = await page.evaluate(forcedColors);
    expect(dot).not.toBe(background);
    expect(edge).toBe('1px');
    if (SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${SCREENSHOTS}/forced-colors.png`, fullPage: true });
    }
    // The filled part looks different from the rest. The page updates its own bar, so the empty one is a copy.
    const full = await page.locator('#lifetime').screenshot();
    await page.evaluate(addEmptyBar);
    expect(full.equals(await page.locator('#empty').screenshot())).toBe(false);
  });

  it.each(['light', 'dark'] as const)('has input borders with a contrast of 3:1, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await signIn(page, 'alice', app.current.url);
    for (const contrast of await page.evaluate(borderContrasts)) expect(contrast).toBeGreaterThanOrEqual(3);
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
  clientWidth: number;
  scrollWidth: number;
  getBoundingClientRect(): Box;
  closest(selector: string): PageElement | null;
  getClientRects(): { length: number };
}

interface PageGlobals {
  document: {
    body: PageElement;
    querySelectorAll(selector: string): PageElement[];
    createRange(): { selectNodeContents(node: object): void; getClientRects(): Iterable<{ top: number }> };
  };
  getComputedStyle(element: PageElement, pseudo?: string): Record<string, string>;
}

function countLines(element: object): number {
  const { document } = globalThis as unknown as PageGlobals;
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
}

/** Visible elements that stick out of their card, or text that sticks out of its element. */
function findOverflow(): string[] {
  const { document } = globalThis as unknown as PageGlobals;
  const found: string[] = [];
  for (const element of document.querySelectorAll('.card *, header *, footer *')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || element.closest('.visually-hidden') !== null) continue;
    const card = (element.closest('.card') ?? document.body).getBoundingClientRect();
    const isOut = box.left < card.left - 1 || box.right > card.right + 1;
    const isCut = element.tagName === 'BUTTON' && element.scrollWidth > element.clientWidth + 1;
    if (isOut || isCut) found.push(`${element.tagName} ${element.id} ${element.textContent.slice(0, 20)}`);
  }
  return found;
}

function addEmptyBar(): void {
  const { document } = globalThis as unknown as {
    document: {
      getElementById(id: string): { cloneNode(): { id: string; value: number }; after(node: object): void };
    };
  };
  const bar = document.getElementById('lifetime');
  bar.after(Object.assign(bar.cloneNode(), { id: 'empty', value: 0 }));
}

function forcedColors(): Record<string, string> {
  const page = globalThis as unknown as PageGlobals;
  const [status] = page.document.querySelectorAll('#status');
  const [bar] = page.document.querySelectorAll('progress');
  return {
    dot: page.getComputedStyle(status!, '::before')['borderTopColor']!,
    page: page.getComputedStyle(page.document.body)['backgroundColor']!,
    edge: page.getComputedStyle(bar!)['borderTopWidth']!,
  };
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
