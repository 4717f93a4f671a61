import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { FAULTS_OF_LAYOUT } from './in-page';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const RUN_AXE = `axe.run().then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ' ' + nodes.map((node) => node.html).join(' ')))`;
const SET_FONT_SIZE = 'document.documentElement.style.fontSize = ';
const SIZES = [
  ['', 320],
  ['', 360],
  ['200%', 360],
  ['200%', 768],
] as const;
/** `SCREENSHOTS=folder npm run test:browser` saves a picture of every state. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

export const SCHEMES = ['light', 'dark'] as const;

/** Requires that axe-core finds nothing in light and dark, and that all text fits at 360 pixels and at 200 %. */
export async function checkState(tab: Page, state: string): Promise<void> {
  const found: string[] = [];
  await tab.evaluate(AXE);
  for (const colorScheme of SCHEMES) {
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await tab.evaluate<string[]>(RUN_AXE)).map((violation) => `${colorScheme}: ${violation}`));
  }
  const size = tab.viewportSize()!;
  for (const [fontSize, width] of SIZES) {
    await tab.evaluate(`${SET_FONT_SIZE}'${fontSize}'`);
    await tab.setViewportSize({ width, height: 800 });
    found.push(
      ...(await tab.evaluate<string[]>(FAULTS_OF_LAYOUT)).map((fault) => `${width} ${fontSize}: ${fault}`),
    );
  }
  await tab.evaluate(`${SET_FONT_SIZE}''`);
  if (SCREENSHOTS !== undefined) await photograph(tab, `${SCREENSHOTS}/${state}`);
  await tab.setViewportSize(size);
  expect({ state, found }).toEqual({ state, found: [] });
}

async function photograph(tab: Page, path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  for (const [name, media, script] of [
    ['light', { colorScheme: 'light' }, ''],
    ['dark', { colorScheme: 'dark' }, ''],
    ['forced', { forcedColors: 'active' }, ''],
    ['rtl', { colorScheme: 'light', forcedColors: 'none' }, "document.documentElement.dir = 'rtl'"],
    ['large', {}, `document.documentElement.dir = ''; ${SET_FONT_SIZE}'200%'`],
  ] as const) {
    await tab.emulateMedia(media);
    await tab.evaluate(script);
    for (const width of [360, 768, 1280]) {
      await tab.setViewportSize({ width, height: 800 });
      await tab.screenshot({ path: `${path}/${name}-${width}.png`, fullPage: true });
    }
  }
  await tab.evaluate(`${SET_FONT_SIZE}''`);
}
