import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { testCredentials } from 'twilio-capability/testing';
import { CHROMIUM_FLAGS, describeInBrowser, executablePath } from './support/chromium';
import { PhonePage, WAYS } from './support/phone-page';

/** Short, so that the tests are. Renewed every four seconds. */
const TTL = 6;
const WRONG_SECRET = 'f'.repeat(32);

const document = readFileSync(join(__dirname, '../../../docs/browser.md'), 'utf8');
const [start, recipe] = [...document.matchAll(/^```js\n(import [^]*?)^```$/gm)].map(([, code]) => code!) as [
  string,
  string,
];

// `npm run test:soak` has longer disturbances, and more of them.
describeInBrowser('startDevice with the Voice SDK', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser.close());

  /** Runs a test in each of the three ways of the gateway, at the same time. */
  async function inEachWay(test: (phone: PhonePage) => Promise<void>, application?: string): Promise<void> {
    await Promise.all(
      WAYS.map(async (way) => {
        const phone = await PhonePage.open(browser, way, { ttl: TTL, application });
        try {
          await test(phone);
          expect(phone.uncaught).toEqual([]);
        } catch (error) {
          throw new Error(way, { cause: error });
        } finally {
          await phone.close();
        }
      }),
    );
  }

  it('stays registered through renewals, and calls ring', async () => {
    await inEachWay(async (phone) => {
      await phone.start();
      await phone.registered();
      await expect(phone.gap(3 * TTL)).resolves.toBe(0);
      await phone.rings();
      expect(phone.fetches.length).toBeGreaterThanOrEqual(4);
      expect(phone.fetches.length).toBeLessThanOrEqual(7);
      await expect(phone.evaluate('devices.length')).resolves.toBe(1);
    });
  });

  it('registers when a wrong secret is corrected', async () => {
    await inEachWay(async (phone) => {
      phone.authToken = WRONG_SECRET;
      await phone.start();
      await expect(phone.gap(5)).resolves.toBeGreaterThan(4);
      expect(phone.fetches.length).toBeLessThanOrEqual(4);
      await expect(phone.evaluate('errors[0][0]')).resolves.toBe(20101);
      phone.authToken = testCredentials.authToken;
      await expect(phone.registered()).resolves.toBeLessThan(30);
      await phone.rings();
    });
  });

  it.each([
    ['Start a phone', start],
    ['Without this module', recipe],
  ])(
    'registers again after the endpoint was away past the end of the token: "%s" in docs/browser.md',
    async (_name, application) => {
      await inEachWay(async (phone) => {
        await phone.start();
        await phone.registered();
        await expect(phone.gap(TTL)).resolves.toBe(0);
        phone.break();
        await phone.registered(false);
        await expect(phone.gap(4)).resolves.toBeGreaterThan(3);
        phone.mend();
        await expect(phone.registered()).resolves.toBeLessThan(30);
        await phone.rings();
        expect(phone.registrations).toBe(1);
      }, application);
    },
  );
});
