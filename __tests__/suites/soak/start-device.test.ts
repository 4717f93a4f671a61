import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { testCredentials } from 'twilio-capability/testing';
import type { AfterRefusal } from '../../../examples/gateway';
import { CHROMIUM_FLAGS, executablePath } from '../browser/support/chromium';
import { PhonePage, WAYS } from '../browser/support/phone-page';

/**
 * Disturbs a phone in every way, against the gateway in each of its three ways, and writes the table in
 * docs/browser.md. Takes about fifteen minutes.
 */

/** Seconds until the gateway held a registration again, or a text. */
type Result = number | string;
type Scenario = (phone: PhonePage) => Promise<Result>;

const NEW_SECRET = 'e'.repeat(32);
const WRONG_SECRET = 'f'.repeat(32);
const FIVE_MINUTES = 300;
/** Longer than a token. */
const PAST_EXPIRY = 25;

/** For scenarios without any time without a registration. */
function gapless(gap: number): string {
  expect(gap).toBe(0);
  return 'no gap';
}

const seconds = (count: number): Promise<void> => delay(count * 1000);

/** The endpoint fails until some time after the token has expired. */
const endpointFails =
  (...fault: Parameters<PhonePage['break']>): Scenario =>
  async (phone) => {
    phone.break(...fault);
    await phone.registered(false);
    await seconds(10);
    phone.mend();
    return phone.registered();
  };

/** As above, for a status that ends the renewal until the application calls renew(). */
const signedOut =
  (status: number): Scenario =>
  async (phone) => {
    phone.break('status', status);
    await phone.registered(false);
    const requests = phone.fetches.length;
    await seconds(40);
    expect(phone.fetches).toHaveLength(requests);
    await expect(phone.evaluate('errors.at(-1)')).resolves.toEqual([status, null]);
    phone.mend();
    void phone.evaluate('phone.renew()');
    return phone.registered();
  };

const clockIsOff =
  (hours: number): Scenario =>
  async (phone) => {
    await phone.page.addInitScript(`const now = Date.now; Date.now = () => now() + ${hours} * 3600000`);
    await phone.start();
    await phone.registered();
    return gapless(await phone.gap(60));
  };

const clockIsSet =
  (hours: number): Scenario =>
  async (phone) => {
    await phone.evaluate(`{ const now = Date.now; Date.now = () => now() + ${hours} * 3600000 }`);
    await seconds(1);
    const result = await phone.registered();
    await expect(phone.gap(45)).resolves.toBe(0);
    return result;
  };

/** Headless Chromium freezes no visible page, so the debugger stops it. */
async function freeze(phone: PhonePage): Promise<() => Promise<unknown>> {
  const session = await phone.context.newCDPSession(phone.page);
  await session.send('Debugger.enable');
  await session.send('Debugger.pause');
  return () => session.send('Debugger.resume');
}

/** A hidden tab whose timers fire once a minute. Headless Chromium hides no tab, so the page imitates it. */
const SLOW_TIMERS = `{
  const queue = new Set();
  let isSlow = false;
  for (const name of ['setTimeout', 'setInterval']) {
    const real = window[name];
    window[name] = (callback, ms, ...args) => real(() => (isSlow ? queue.add(callback) : callback(...args)), ms);
  }
  const flush = () => {
    for (const callback of [...queue]) {
      queue.delete(callback);
      callback();
    }
  };
  window.hide = (hidden) => {
    Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
    isSlow = hidden;
    if (!hidden) flush();
    document.dispatchEvent(new Event('visibilitychange'));
  };
  window.minute = flush;
}`;

async function historyRoundTrip(phone: PhonePage, away: number): Promise<number> {
  await phone.page.goto(`${phone.url}/elsewhere`);
  await seconds(away);
  await phone.evaluate('history.back()');
  const result = await phone.registered();
  await expect(phone.evaluate('shown.at(-1)')).resolves.toBe(true);
  await seconds(5);
  expect(phone.registrations).toBe(1);
  expect(phone.gateway.connections).toHaveLength(1);
  return result;
}

/** Refuses every token for five minutes. Returns the requests and the time until the phone is registered. */
const refusedForFiveMinutes =
  (code: number, most: number): Scenario =>
  async (phone) => {
    phone.gateway.behave({ refuseConnections: { code, message: 'Refused' } });
    phone.gateway.dropConnections();
    const before = phone.fetches.length;
    await seconds(FIVE_MINUTES);
    const requests = phone.fetches.length - before;
    expect(requests).toBeLessThanOrEqual(most);
    phone.gateway.behave({ refuseConnections: null });
    return `${format(await phone.registered(true, 90))}, ${requests} requests`;
  };

async function stopped(phone: PhonePage): Promise<void> {
  await phone.evaluate('phone.stop()');
  await phone.evaluate('phone.stop()');
  const requests = phone.fetches.length;
  await seconds(1);
  expect(phone.gateway.connections).toEqual([]);
  await expect(phone.evaluate('phone.device === undefined')).resolves.toBe(true);
  await seconds(PAST_EXPIRY);
  expect(phone.fetches).toHaveLength(requests);
  expect(phone.gateway.connections).toEqual([]);
}

interface Row {
  readonly name: string;
  readonly run: Scenario;
  /** Lifetime of the tokens in seconds. Default 20. */
  readonly ttl?: number;
  /** Whether the scenario starts the phone by itself. */
  readonly startsItself?: boolean;
  /** Most seconds until the phone is registered. Default 30. */
  readonly atMost?: number;
}

const ROWS: readonly Row[] = [
  {
    name: 'no disturbance for a minute',
    run: async (phone) => gapless(await phone.gap(60)),
  },
  { name: 'token endpoint: 503', run: endpointFails('status', 503) },
  { name: 'token endpoint: HTML with 200', run: endpointFails('html') },
  { name: 'token endpoint: no network', run: endpointFails('no network') },
  { name: 'token endpoint: no answer', run: endpointFails('hang') },
  {
    name: 'token endpoint: 429 with Retry-After: 5',
    run: endpointFails('status', 429, { 'Retry-After': '5' }),
  },
  { name: 'token endpoint: 401, then renew()', run: signedOut(401), atMost: 2 },
  { name: 'token endpoint: 403, then renew()', run: signedOut(403), atMost: 2 },
  {
    name: 'gateway restarted, away for 10 s',
    run: async (phone) => {
      phone.gateway.goAway();
      await seconds(10);
      phone.gateway.comeBack();
      return phone.registered();
    },
  },
  {
    name: 'gateway away for 60 s',
    run: async (phone) => {
      phone.gateway.goAway();
      await seconds(60);
      phone.gateway.comeBack();
      return phone.registered();
    },
  },
  {
    name: 'gateway accepts connections and closes them, 10 s',
    startsItself: true,
    run: async (phone) => {
      let isBroken = false;
      await phone.page.routeWebSocket(/\/signal$/, async (socket) => {
        if (isBroken) await socket.close({ code: 1011 });
        else socket.connectToServer();
      });
      await phone.start();
      await phone.registered();
      isBroken = true;
      phone.gateway.dropConnections();
      await seconds(10);
      isBroken = false;
      return phone.registered();
    },
  },
  {
    name: 'socket cut',
    run: async (phone) => {
      phone.gateway.dropConnections();
      await phone.registered(false);
      return phone.registered();
    },
  },
  {
    name: 'offline for 5 s',
    atMost: 10,
    run: async (phone) => {
      phone.gateway.goAway();
      await phone.context.setOffline(true);
      await seconds(5);
      phone.gateway.comeBack();
      await phone.context.setOffline(false);
      return phone.registered();
    },
  },
  {
    name: 'offline past the end of the token',
    atMost: 10,
    run: async (phone) => {
      phone.gateway.goAway();
      await phone.context.setOffline(true);
      await seconds(PAST_EXPIRY);
      phone.gateway.comeBack();
      await phone.context.setOffline(false);
      return phone.registered();
    },
  },
  {
    name: 'page stopped past the end of the token',
    atMost: 10,
    run: async (phone) => {
      const resume = await freeze(phone);
      await phone.registered(false);
      await seconds(10);
      await resume();
      return phone.registered();
    },
  },
  {
    name: 'hidden tab, timers once a minute, then visible',
    startsItself: true,
    atMost: 10,
    run: async (phone) => {
      await phone.page.addInitScript(SLOW_TIMERS);
      await phone.start();
      await phone.registered();
      await phone.evaluate('hide(true)');
      await phone.registered(false);
      await seconds(10);
      await phone.evaluate('hide(false)');
      return phone.registered();
    },
  },
  {
    name: 'hidden tab, timers once a minute, tokens of 3 minutes',
    startsItself: true,
    ttl: 180,
    run: async (phone) => {
      await phone.page.addInitScript(SLOW_TIMERS);
      await phone.start();
      await phone.registered();
      await phone.evaluate('hide(true)');
      const minutes = setInterval(() => void phone.evaluate('minute()'), 60_000);
      try {
        // The renewal is a minute before the end, and so can the timer be late.
        const gap = await phone.gap(FIVE_MINUTES);
        expect(gap).toBeLessThan(1);
        return gap === 0 ? 'no gap' : `gap of ${gap.toFixed(1)} s`;
      } finally {
        clearInterval(minutes);
      }
    },
  },
  { name: "page's clock an hour ahead", startsItself: true, run: clockIsOff(1) },
  { name: "page's clock an hour behind", startsItself: true, run: clockIsOff(-1) },
  { name: "page's clock set an hour ahead", run: clockIsSet(1), atMost: 10 },
  { name: "page's clock set an hour back", run: clockIsSet(-1), atMost: 10 },
  {
    name: 'back/forward cache, 3 s',
    atMost: 10,
    run: async (phone) => {
      const result = await historyRoundTrip(phone, 3);
      await expect(phone.evaluate('devices.length')).resolves.toBe(1);
      return result;
    },
  },
  {
    name: 'back/forward cache past the end of the token',
    atMost: 10,
    run: (phone) => historyRoundTrip(phone, PAST_EXPIRY),
  },
  {
    name: 'back/forward cache with a call',
    atMost: 10,
    run: async (phone) => {
      await phone.answer();
      const result = await historyRoundTrip(phone, 3);
      await expect(phone.evaluate('devices.length')).resolves.toBe(2);
      return result;
    },
  },
  {
    name: 'call through a renewal',
    run: async (phone) => {
      const call = await phone.answer();
      const gap = await phone.gap(PAST_EXPIRY);
      expect(call.isOpen()).toBe(true);
      await expect(phone.evaluate('devices.length')).resolves.toBe(1);
      call.hangUp();
      await seconds(1);
      return gapless(gap);
    },
  },
  {
    name: 'call past the end of the token, after its end',
    atMost: 10,
    run: async (phone) => {
      const call = await phone.answer();
      phone.break();
      await phone.registered(false);
      await seconds(10);
      expect(call.isOpen()).toBe(true);
      await expect(phone.evaluate('phone.device.isBusy')).resolves.toBe(true);
      phone.mend();
      await seconds(5);
      expect(call.isOpen()).toBe(true);
      call.hangUp();
      return phone.registered();
    },
  },
  {
    name: 'token refused while a call rings',
    atMost: 40,
    run: async (phone) => {
      await phone.ring();
      phone.gateway.setCredentials({ ...testCredentials, authToken: NEW_SECRET });
      phone.authToken = NEW_SECRET;
      phone.gateway.behave({ refuseConnections: { code: 31204, message: 'JWT is invalid' } });
      await phone.evaluate('phone.device.updateToken(phone.device.token)');
      await seconds(1);
      phone.gateway.behave({ refuseConnections: null });
      return phone.registered();
    },
  },
  {
    name: 'renew() five times at once',
    run: async (phone) => {
      const before = phone.fetches.length;
      await phone.evaluate('Promise.all(Array.from({ length: 5 }, () => phone.renew()))');
      expect(phone.fetches).toHaveLength(before + 1);
      return gapless(await phone.gap(5));
    },
  },
  {
    name: 'wrong secret for 20 s',
    startsItself: true,
    run: async (phone) => {
      phone.authToken = WRONG_SECRET;
      await phone.start();
      await seconds(20);
      expect(phone.fetches.length).toBeLessThanOrEqual(6);
      phone.authToken = testCredentials.authToken;
      return phone.registered();
    },
  },
  {
    name: 'secret rotated, endpoint 20 s late',
    run: async (phone) => {
      phone.gateway.setCredentials({ ...testCredentials, authToken: NEW_SECRET });
      await seconds(20);
      phone.authToken = NEW_SECRET;
      return phone.registered();
    },
  },
  { name: '53000 for five minutes', ttl: 600, run: refusedForFiveMinutes(53000, 10), atMost: 60 },
  { name: '31206 for five minutes', ttl: 3600, run: refusedForFiveMinutes(31206, 0), atMost: 60 },
  {
    name: 'token endpoint dead for five minutes',
    startsItself: true,
    run: async (phone) => {
      phone.break();
      await phone.start();
      await seconds(FIVE_MINUTES);
      const requests = phone.fetches.length;
      expect(requests).toBeLessThanOrEqual(15);
      phone.mend();
      return `${format(await phone.registered())}, ${requests} requests`;
    },
  },
  {
    name: 'stop() while registered, fetching, waiting, calling',
    startsItself: true,
    run: async (phone) => {
      await phone.start();
      await phone.registered();
      await stopped(phone);

      phone.break('hang');
      await phone.start();
      await seconds(1);
      await stopped(phone);

      phone.break();
      await phone.start();
      await seconds(2);
      await stopped(phone);

      phone.mend();
      await phone.start();
      await phone.registered();
      await phone.answer();
      await stopped(phone);
      return 'stopped';
    },
  },
  {
    name: 'two tabs',
    run: async (phone) => {
      const other = await phone.context.newPage();
      await phone.start(other);
      await seconds(PAST_EXPIRY);
      expect(phone.registrations).toBe(2);
      await other.close();
      await seconds(1);
      expect(phone.registrations).toBe(1);
      return gapless(await phone.gap(5));
    },
  },
  {
    name: 'five minutes of restarts and failures',
    run: async (phone) => {
      const end = performance.now() + FIVE_MINUTES * 1000;
      let slowest = 0;
      for (let round = 0; performance.now() < end; round++) {
        await seconds(5);
        if (round % 3 !== 1) phone.gateway.goAway();
        if (round % 3 !== 0) phone.break(round % 2 === 0 ? 'status' : 'no network');
        await seconds(10);
        phone.gateway.comeBack();
        phone.mend();
        const mended = performance.now();
        await phone.rings();
        slowest = Math.max(slowest, (performance.now() - mended) / 1000);
      }
      return `at most ${format(slowest)}`;
    },
  },
];

const CONCURRENT = 10;
const results = new Map<string, Map<AfterRefusal, string>>();

const format = (result: Result): string => (typeof result === 'number' ? `${result.toFixed(1)} s` : result);

async function runRow(browser: Browser, row: Row, way: AfterRefusal): Promise<void> {
  const { name, run, ttl = 20, startsItself = false, atMost = 30 } = row;
  const phone = await PhonePage.open(browser, way, { ttl });
  try {
    if (!startsItself) {
      await phone.start();
      await phone.registered();
    }
    const result = await run(phone);
    const row = results.get(name) ?? new Map<AfterRefusal, string>();
    results.set(name, row.set(way, format(result)));
    process.stderr.write(`${name} | ${way} | ${format(result)}\n`);
    if (typeof result === 'number') expect(result).toBeLessThanOrEqual(atMost);
    if (result !== 'stopped') await phone.rings();
    expect(phone.uncaught).toEqual([]);
  } catch (error) {
    process.stderr.write(`${name} | ${way} | FAILED ${String(error)}\n`);
    throw error;
  } finally {
    await phone.close();
  }
}

const filter = process.env['SOAK'] ?? '';

describe('startDevice', () => {
  afterAll(() => {
    if (filter === '') writeTable();
  });

  it(
    'is registered again after each disturbance',
    async () => {
      const browser = await chromium.launch({
        executablePath: executablePath!,
        args: CHROMIUM_FLAGS,
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      });
      // The long ones first.
      const queue = ROWS.filter(({ name }) => new RegExp(filter).test(name))
        .flatMap((row) => WAYS.map((way) => ({ row, way })))
        .reverse();
      const errors: unknown[] = [];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          await runRow(browser, next.row, next.way).catch((error: unknown) => {
            errors.push(new Error(`${next.row.name}, ${next.way}`, { cause: error }));
          });
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT }, worker));
      await browser.close();
      expect(errors).toEqual([]);
    },
    60 * 60_000,
  );
});

const PAGE = join(__dirname, '../../../docs/browser.md');

function writeTable(): void {
  const lines = ROWS.map(({ name }) =>
    ['', name, ...WAYS.map((way) => results.get(name)?.get(way) ?? 'failed'), ''].join(' | ').trim(),
  );
  const table = [
    `| disturbance | ${WAYS.map((way) => `\`${way}\``).join(' | ')} |`,
    `| --- | --- | --- | --- |`,
    ...lines,
  ].join('\n');
  process.stderr.write(`${table}\n`);
  const document = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    document.replace(
      /(<!-- soak -->\n)[^]*(<!-- \/soak -->)/,
      (_all, start: string, end: string) => `${start}\n${table}\n\n${end}`,
    ),
  );
}
