import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { testCredentials } from 'twilio-capability/testing';
import { CHROMIUM_FLAGS, executablePath } from '../browser/support/chromium';
import { faults, PhonePage, WAYS, type EndpointFault } from '../browser/support/phone-page';

/**
 * Disturbs a phone in every way, against the gateway in each of its three ways, and writes the table in
 * docs/browser.md. Takes about fifteen minutes. For some rows, add `-t` and a part of their names.
 */

/** Seconds until the gateway held a registration again, or a text. */
type Result = number | string;
type Scenario = (phone: PhonePage) => Promise<Result>;
type Step = (phone: PhonePage) => unknown;

const NEW_SECRET = 'e'.repeat(32);
const WRONG_SECRET = 'f'.repeat(32);
const FIVE_MINUTES = 300;
/** Longer than a token. */
const PAST_EXPIRY = 25;

const seconds = (count: number): Promise<void> => delay(count * 1000);

/** For scenarios without any time without a registration. */
const gapless =
  (length: number): Scenario =>
  async (phone) => {
    await expect(phone.gap(length)).resolves.toBe(0);
    return 'no gap';
  };

/** Disturbs a phone for a time, or until some time after its token has expired. */
const between =
  (disturb: Step, time: number | 'past expiry', mend: Step): Scenario =>
  async (phone) => {
    await disturb(phone);
    if (time === 'past expiry') await phone.registered(false);
    await seconds(time === 'past expiry' ? 10 : time);
    await mend(phone);
    return phone.registered();
  };

const dropConnections: Step = ({ gateway }) => gateway.dropConnections();
const goAway: Step = ({ gateway }) => gateway.goAway();
const comeBack: Step = ({ gateway }) => gateway.comeBack();
const setOffline =
  (isOffline: boolean): Step =>
  ({ gateway, context }) => {
    if (isOffline) gateway.goAway();
    else gateway.comeBack();
    return context.setOffline(isOffline);
  };
const rotateAtGateway: Step = ({ gateway }) =>
  gateway.setCredentials({ ...testCredentials, authToken: NEW_SECRET });
const signWithNewSecret: Step = (phone) => (phone.authToken = NEW_SECRET);
const evaluate =
  (script: string): Step =>
  (phone) =>
    phone.evaluate(script);

const mend: Step = (phone) => phone.mend();

const endpointFails = (fault: EndpointFault): Scenario =>
  between((phone) => phone.break(fault), 'past expiry', mend);

/** A status that ends the renewal until the application calls renew(). */
const signedOut =
  (status: number): Scenario =>
  async (phone) => {
    phone.break(faults.status(status));
    await phone.registered(false);
    const requests = phone.fetches.length;
    await seconds(40);
    expect(phone.fetches).toHaveLength(requests);
    await expect(phone.evaluate('errors.at(-1)')).resolves.toEqual([status, null]);
    phone.mend();
    void phone.evaluate('phone.renew()');
    return phone.registered();
  };

const setClock = (hours: number): string =>
  `{ const now = Date.now; Date.now = () => now() + ${hours} * 3600000 }`;
const clockIsSet =
  (hours: number): Scenario =>
  async (phone) => {
    const result = await between(evaluate(setClock(hours)), 1, () => undefined)(phone);
    await gapless(45)(phone);
    return result;
  };

/** Headless Chromium freezes no visible page, so the debugger stops it. */
const stoppedPage: Scenario = async (phone) => {
  const session = await phone.context.newCDPSession(phone.page);
  await session.send('Debugger.enable');
  const freeze = (): unknown => session.send('Debugger.pause');
  return between(freeze, 'past expiry', () => session.send('Debugger.resume'))(phone);
};

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
const hidden = between(evaluate('hide(true)'), 'past expiry', evaluate('hide(false)'));

/** Leaves the page and goes back, from the back/forward cache. */
const historyRoundTrip =
  (away: number, devices?: number): Scenario =>
  async (phone) => {
    await phone.page.goto(`${phone.server.url}/elsewhere`);
    await seconds(away);
    await phone.evaluate('history.back()');
    const result = await phone.registered();
    await expect(phone.evaluate('shown.at(-1)')).resolves.toBe(true);
    await seconds(5);
    expect(phone.registrations).toBe(1);
    expect(phone.gateway.connections).toHaveLength(1);
    if (devices !== undefined) await expect(phone.evaluate('devices.length')).resolves.toBe(devices);
    return result;
  };

const historyWithCall: Scenario = async (phone) => {
  await phone.answer();
  return historyRoundTrip(3, 2)(phone);
};

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

const brokenConnections: Scenario = async (phone) => {
  let isBroken = false;
  await phone.page.routeWebSocket(/\/signal$/, async (socket) => {
    if (isBroken) await socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  await phone.start();
  await phone.registered();
  isBroken = true;
  const mend = (): unknown => (isBroken = false);
  return between(dropConnections, 10, mend)(phone);
};

const hiddenForFiveMinutes: Scenario = async (phone) => {
  await phone.evaluate('hide(true)');
  const minutes = setInterval(() => void phone.evaluate('minute()'), 60_000);
  // The renewal is a minute before the end, and so can the timer be late.
  const gap = await phone.gap(FIVE_MINUTES).finally(() => {
    clearInterval(minutes);
  });
  expect(gap).toBeLessThan(1);
  return gap === 0 ? 'no gap' : `gap of ${gap.toFixed(1)} s`;
};

const callThroughRenewal: Scenario = async (phone) => {
  const call = await phone.answer();
  await gapless(PAST_EXPIRY)(phone);
  expect(call.status).toBe('answered');
  await expect(phone.evaluate('devices.length')).resolves.toBe(1);
  call.hangUp();
  await seconds(1);
  return 'no gap';
};

const callPastExpiry: Scenario = async (phone) => {
  const call = await phone.answer();
  phone.break();
  await phone.registered(false);
  await seconds(10);
  await expect(phone.evaluate('phone.device.isBusy')).resolves.toBe(true);
  phone.mend();
  await seconds(5);
  expect(call.status).toBe('answered');
  call.hangUp();
  return phone.registered();
};

const refusedWhileRinging: Scenario = async (phone) => {
  await phone.ring();
  rotateAtGateway(phone);
  phone.authToken = NEW_SECRET;
  phone.gateway.behave({ refuseConnections: { code: 31204, message: 'JWT is invalid' } });
  await phone.evaluate('phone.device.updateToken(phone.device.token)');
  await seconds(1);
  phone.gateway.behave({ refuseConnections: null });
  return phone.registered();
};

const fiveRenewals: Scenario = async (phone) => {
  const before = phone.fetches.length;
  await phone.evaluate('Promise.all(Array.from({ length: 5 }, () => phone.renew()))');
  expect(phone.fetches).toHaveLength(before + 1);
  return gapless(5)(phone);
};

const wrongSecret: Scenario = async (phone) => {
  phone.authToken = WRONG_SECRET;
  await phone.start();
  await seconds(20);
  expect(phone.fetches.length).toBeLessThanOrEqual(6);
  phone.authToken = testCredentials.authToken;
  return phone.registered();
};

const deadEndpoint: Scenario = async (phone) => {
  phone.break();
  await phone.start();
  await seconds(FIVE_MINUTES);
  const requests = phone.fetches.length;
  expect(requests).toBeLessThanOrEqual(15);
  phone.mend();
  return `${format(await phone.registered())}, ${requests} requests`;
};

/** Stops a phone at several moments: what happens before it starts, and after. */
const MOMENTS: readonly (readonly [Step, Step])[] = [
  [() => undefined, (phone) => phone.registered()],
  [(phone) => phone.break(faults.hang), () => seconds(1)],
  [(phone) => phone.break(), () => seconds(2)],
  [(phone) => phone.mend(), (phone) => phone.registered().then(() => phone.answer())],
];
const stops: Scenario = async (phone) => {
  for (const [before, after] of MOMENTS) {
    before(phone);
    await phone.start();
    await after(phone);
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
  return 'stopped';
};

const twoTabs: Scenario = async (phone) => {
  const other = await phone.context.newPage();
  await phone.start(other);
  await seconds(PAST_EXPIRY);
  expect(phone.registrations).toBe(2);
  await other.close();
  await seconds(1);
  expect(phone.registrations).toBe(1);
  return gapless(5)(phone);
};

const restartsAndFailures: Scenario = async (phone) => {
  const end = performance.now() + FIVE_MINUTES * 1000;
  let slowest = 0;
  for (let round = 0; performance.now() < end; round++) {
    await seconds(5);
    if (round % 3 !== 1) phone.gateway.goAway();
    if (round % 3 !== 0) phone.break(round % 2 === 0 ? faults.status(503) : faults.noNetwork);
    await seconds(10);
    phone.gateway.comeBack();
    phone.mend();
    const mended = performance.now();
    await phone.rings();
    slowest = Math.max(slowest, (performance.now() - mended) / 1000);
  }
  return `at most ${format(slowest)}`;
};

interface Options {
  /** Lifetime of the tokens in seconds. Default 20. */
  readonly ttl?: number;
  /** A script that the page runs first. */
  readonly script?: string;
  /** Whether the scenario starts the phone by itself. */
  readonly startsItself?: true;
  /** Most seconds until the phone is registered. Default 30. */
  readonly atMost?: number;
}

const AT_ONCE: Options = { atMost: 10 };

const ROWS: readonly (readonly [name: string, run: Scenario, options?: Options])[] = [
  ['no disturbance for a minute', gapless(60)],
  ['token endpoint: 503', endpointFails(faults.status(503))],
  ['token endpoint: HTML with 200', endpointFails(faults.html)],
  ['token endpoint: no network', endpointFails(faults.noNetwork)],
  ['token endpoint: no answer', endpointFails(faults.hang)],
  ['token endpoint: 429 with Retry-After: 5', endpointFails(faults.status(429, { 'Retry-After': '5' }))],
  ['token endpoint: 401, then renew()', signedOut(401), { atMost: 2 }],
  ['token endpoint: 403, then renew()', signedOut(403), { atMost: 2 }],
  ['gateway restarted, away for 10 s', between(goAway, 10, comeBack)],
  ['gateway away for 60 s', between(goAway, 60, comeBack)],
  ['gateway accepts connections and closes them, 10 s', brokenConnections, { startsItself: true }],
  ['socket cut', between(dropConnections, 0, (phone) => phone.registered(false))],
  ['offline for 5 s', between(setOffline(true), 5, setOffline(false)), AT_ONCE],
  ['offline past the end of the token', between(setOffline(true), PAST_EXPIRY, setOffline(false)), AT_ONCE],
  ['page stopped past the end of the token', stoppedPage, AT_ONCE],
  ['hidden tab, timers once a minute, then visible', hidden, { script: SLOW_TIMERS, atMost: 10 }],
  [
    'hidden tab, timers once a minute, tokens of 3 minutes',
    hiddenForFiveMinutes,
    { script: SLOW_TIMERS, ttl: 180 },
  ],
  ["page's clock an hour ahead", gapless(60), { script: setClock(1) }],
  ["page's clock an hour behind", gapless(60), { script: setClock(-1) }],
  ["page's clock set an hour ahead", clockIsSet(1), AT_ONCE],
  ["page's clock set an hour back", clockIsSet(-1), AT_ONCE],
  ['back/forward cache, 3 s', historyRoundTrip(3, 1), AT_ONCE],
  ['back/forward cache past the end of the token', historyRoundTrip(PAST_EXPIRY), AT_ONCE],
  ['back/forward cache with a call', historyWithCall, AT_ONCE],
  ['call through a renewal', callThroughRenewal],
  ['call past the end of the token, after its end', callPastExpiry, AT_ONCE],
  ['token refused while a call rings', refusedWhileRinging, { atMost: 40 }],
  ['renew() five times at once', fiveRenewals],
  ['wrong secret for 20 s', wrongSecret, { startsItself: true }],
  ['secret rotated, endpoint 20 s late', between(rotateAtGateway, 20, signWithNewSecret)],
  ['53000 for five minutes', refusedForFiveMinutes(53000, 10), { ttl: 600, atMost: 60 }],
  ['31206 for five minutes', refusedForFiveMinutes(31206, 0), { ttl: 3600, atMost: 60 }],
  ['token endpoint dead for five minutes', deadEndpoint, { startsItself: true }],
  ['stop() while registered, fetching, waiting, calling', stops, { startsItself: true }],
  ['two tabs', twoTabs],
  ['five minutes of restarts and failures', restartsAndFailures],
];

const format = (result: Result): string => (typeof result === 'number' ? `${result.toFixed(1)} s` : result);

/** The long ones come first. */
const CASES = ROWS.flatMap(([name, run, options]) =>
  WAYS.map((way) => ({ name, way, run, ...options })),
).reverse();
const results = new Map<string, string>();

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: executablePath!,
    args: CHROMIUM_FLAGS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
});
afterAll(async () => {
  await browser.close();
  if (results.size === CASES.length) writeTable();
});

it.concurrent.each(CASES)(
  '$name: $way',
  async ({ name, way, run, script, ttl = 20, startsItself, atMost = 30 }) => {
    const cell = `${name}: ${way}`;
    results.set(cell, 'failed');
    const phone = await PhonePage.open(browser, way, { ttl });
    try {
      if (script !== undefined) await phone.page.addInitScript(script);
      if (!startsItself) {
        await phone.start();
        await phone.registered();
      }
      const result = await run(phone);
      if (typeof result === 'number') expect(result).toBeLessThanOrEqual(atMost);
      if (result !== 'stopped') await phone.rings();
      expect(phone.uncaught).toEqual([]);
      results.set(cell, format(result));
      process.stderr.write(`${cell}: ${format(result)}\n`);
    } finally {
      await phone.close();
    }
  },
  15 * 60_000,
);

const PAGE = join(__dirname, '../../../docs/browser.md');

function writeTable(): void {
  const rows = [
    ['disturbance', ...WAYS.map((way) => `\`${way}\``)],
    ['---', ...WAYS.map(() => '---')],
    ...ROWS.map(([name]) => [name, ...WAYS.map((way) => results.get(`${name}: ${way}`)!)]),
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.replace(/(?<=<!-- soak -->\n)[^]*(?=<!-- \/soak -->)/, `\n${table}\n`));
}
