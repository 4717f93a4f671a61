import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startDevice, TokenFetchError } from '../../../src/browser';
import { FakeDevice, installPage, startPage, TTL, type FakePage } from './fake-page';

const REFUSALS = [20101, 20104, 20151, 31202, 31203, 31204, 31205, 31207];
const GENERAL_FAILURE = 53000;
const TOO_MANY_REQUESTS = 31206;
/** Before the end of a token of ten minutes. */
const RESERVE = 60;
const RENEWAL = TTL - RESERVE;

const status = (code: number, retryAfter?: number) => (): Promise<never> =>
  Promise.reject(Object.assign(new TokenFetchError('no token'), { status: code, retryAfter }));
const noNetwork = (): Promise<never> => Promise.reject(new TokenFetchError('no network'));

let globals: ReturnType<typeof installPage>;
let started: FakePage[] = [];
let consoleError: jest.Spied<typeof console.error>;
const unhandled = jest.fn();

async function start(...args: Parameters<typeof startPage>): Promise<FakePage> {
  const page = await startPage(...args);
  started.push(page);
  return page;
}

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  // The shortest waits.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  consoleError = jest.spyOn(console, 'error').mockReturnValue();
  process.on('unhandledRejection', unhandled);
  globals = installPage();
});

afterEach(() => {
  for (const { phone } of started) phone.stop();
  started = [];
  expect(jest.getTimerCount()).toBe(0);
  expect(globals.listeners()).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the first device', () => {
  it('is created with the first token, registered and handed over', async () => {
    const onDevice = jest.fn();
    const page = await start({ onDevice });
    expect(page.device.tokens).toEqual(['t1']);
    expect(page.device.state).toBe('registered');
    expect(page.phone.device).toBe(page.device);
    expect(onDevice.mock.calls).toEqual([[page.device]]);
    expect(page.errors).toEqual([]);
  });

  it('is undefined until the first token arrives', async () => {
    const page = await start({ answer: noNetwork });
    expect(page.phone.device).toBeUndefined();
  });

  it('may be registered by the application too', async () => {
    const page = await start({
      createDevice: (token) => {
        const device = new FakeDevice(token);
        device.register = () => Promise.reject(new Error('InvalidStateError'));
        return device;
      },
    });
    expect(page.phone.device?.tokens).toEqual(['t1']);
    expect(page.errors).toEqual([]);
  });
});

describe('renewal', () => {
  it.each([
    [600, 540],
    [3600, 3540],
    [180, 120],
    [60, 40],
    [30, 20],
    [3, 2],
  ])('of %i seconds happens after %i', async (ttl, renewal) => {
    const page = await start({ answer: () => Promise.resolve({ token: 'a', ttl }) });
    await page.advance(renewal - 0.5);
    expect(page.fetches).toEqual([0]);
    await page.advance(0.5);
    expect(page.fetches).toEqual([0, renewal]);
    expect(page.devices).toHaveLength(1);
  });

  it('updates the token of the device, again and again', async () => {
    const page = await start();
    await page.advance(3 * RENEWAL);
    expect(page.fetches).toEqual([0, RENEWAL, 2 * RENEWAL, 3 * RENEWAL]);
    expect(page.devices).toHaveLength(1);
    expect(page.device.tokens).toEqual(['t1', 't2', 't3', 't4']);
    expect(page.device.destroyed).toBe(0);
  });

  it('counts from the start of the request', async () => {
    const page = await start({
      answer: () =>
        new Promise((resolve) => {
          setTimeout(resolve, 10_000, { token: 'a', ttl: TTL });
        }),
    });
    await page.advance(RENEWAL);
    expect(page.fetches).toEqual([0, RENEWAL]);
    await page.advance(10);
  });

  it('does not depend on the clock of the page, nor on a clock that is set back', async () => {
    const page = await start();
    await page.advance(100);
    page.sleep(-3600);
    await page.advance(RENEWAL - 100);
    expect(page.fetches).toEqual([0, RENEWAL]);
  });

  it('happens at once after a sleep past its time, and replaces the device after one past the end', async () => {
    const page = await start();
    page.sleep(RENEWAL);
    await page.advance(0.5);
    expect(page.device.tokens).toEqual(['t1', 't2']);
    page.sleep(TTL);
    await page.advance(0.5);
    expect(page.devices.map(({ tokens, destroyed }) => [tokens, destroyed])).toEqual([
      [['t1', 't2'], 1],
      [['t3'], 0],
    ]);
    expect(page.errors).toEqual([]);
  });

  it('is tried again until the token expires, and then with a new device', async () => {
    const page = await start();
    await page.advance(RENEWAL - 1);
    page.answer = noNetwork;
    await page.advance(RESERVE);
    expect(page.fetches).toEqual([0, ...[0, 1, 3, 7, 15, 31].map((wait) => RENEWAL + wait)]);
    expect(page.device.destroyed).toBe(0);
    await page.advance(1);
    expect(page.device.destroyed).toBe(1);
    expect(page.phone.device).toBeUndefined();
    page.answer = () => Promise.resolve({ token: 'late', ttl: TTL });
    await page.advance(1);
    expect(page.phone.device?.tokens).toEqual(['late']);
    expect(page.devices).toHaveLength(2);
  });
});

describe('failed requests', () => {
  it('wait 1, 2, 4, 8, 16 and then 30 seconds at least', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(121);
    expect(page.fetches).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
    expect(page.errors.map(([, wait]) => wait)).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
  });

  it('wait up to twice as long, and no longer than 30 seconds', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    const page = await start({ answer: noNetwork });
    await page.advance(130);
    const waits = page.errors.map(([, wait]) => wait!.toFixed(1));
    expect(waits).toEqual(['2.0', '4.0', '8.0', '16.0', '30.0', '30.0', '30.0', '30.0']);
  });

  it('cost at most fifteen requests in five minutes', async () => {
    const page = await start({ answer: status(503) });
    await page.advance(300);
    expect(page.fetches).toHaveLength(14);
  });

  it('start again with one second 30 seconds after a success', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(6);
    page.answer = () => Promise.resolve({ token: 'a', ttl: 30 });
    await page.advance(1);
    expect(page.fetches).toEqual([0, 1, 3, 7]);
    // Every 20 s, so no token is older than 30 s.
    await page.advance(40);
    page.answer = noNetwork;
    await page.advance(20);
    expect(page.fetches.slice(3)).toEqual([7, 27, 47, 67]);
    expect(page.errors.at(-1)).toEqual(['no network', 1]);
  });

  it('do not start again sooner', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(6);
    page.answer = () => Promise.resolve({ token: 'a', ttl: 30 });
    await page.advance(1);
    page.answer = noNetwork;
    await page.advance(20);
    expect(page.errors.at(-1)).toEqual(['no network', 8]);
  });

  it.each([
    ['longer than the wait', 120, 120],
    ['shorter than the wait', 0.1, 1],
  ])('honour a Retry-After that is %s', async (_name, retryAfter, wait) => {
    const page = await start({ answer: status(429, retryAfter) });
    expect(page.errors).toEqual([[429, wait]]);
    await page.advance(wait - 0.5);
    page.event('online');
    await page.advance(0);
    expect(page.fetches).toEqual([0]);
    await page.advance(0.5);
    expect(page.fetches).toEqual([0, wait]);
  });

  it.each([undefined, null, {}, { token: 'a' }, { token: 'a', ttl: NaN }, { token: 1, ttl: 600 }])(
    'include the answer %j of the fetchToken option',
    async (value) => {
      const page = await start({ answer: () => Promise.resolve(value as never) });
      expect(page.errors).toEqual([['fetchToken must resolve to { token, ttl }.', 1]]);
    },
  );

  it('include a function that throws, or that rejects with no error', async () => {
    const page = await start({
      answer: () => {
        throw new Error('thrown');
      },
    });
    page.answer = jest.fn<FakePage['answer']>().mockRejectedValue(undefined);
    await page.advance(1);
    await page.advance(2);
    expect(page.fetches).toEqual([0, 1, 3]);
  });

  it('include a request that takes longer than 15 seconds, also one that ignores the signal', async () => {
    const page = await start({ answer: () => new Promise(() => undefined) });
    await page.advance(14.5);
    expect(page.errors).toEqual([]);
    await page.advance(0.5);
    expect(page.signals[0]?.aborted).toBe(true);
    expect(page.errors).toEqual([['The token did not arrive within 15 seconds.', 1]]);
    await page.advance(1);
    expect(page.fetches).toEqual([0, 16]);
  });

  it('go to the console by default', async () => {
    const error = new TokenFetchError('no token');
    await start({ answer: () => Promise.reject(error), onError: undefined });
    expect(consoleError.mock.calls).toEqual([[error, { retryInMs: 1000 }]]);
  });
});

describe('a status of 401 or 403', () => {
  it.each([401, 403])('%i ends the renewal until renew()', async (code) => {
    const page = await start({ answer: status(code) });
    expect(page.errors).toEqual([[code, undefined]]);
    await page.advance(600);
    page.event('online');
    await page.advance(600);
    expect(page.fetches).toEqual([0]);
    page.answer = () => Promise.resolve({ token: 'again', ttl: TTL });
    await page.phone.renew();
    expect(page.phone.device?.tokens).toEqual(['again']);
    await page.advance(RENEWAL);
    expect(page.fetches).toEqual([0, 1200, 1200 + RENEWAL]);
  });

  it('keeps the device until its token expires', async () => {
    const page = await start();
    page.answer = status(401);
    await page.advance(TTL - 0.5);
    expect(page.fetches).toEqual([0, RENEWAL]);
    expect(page.device.destroyed).toBe(0);
    await page.advance(0.5);
    expect(page.device.destroyed).toBe(1);
    expect(page.phone.device).toBeUndefined();
    expect(page.fetches).toHaveLength(2);
  });
});

describe('a refused token', () => {
  it.each([...REFUSALS])('%i replaces the device at once', async (code) => {
    const page = await start();
    await page.advance(100);
    page.device.fail(code);
    expect(page.device.destroyed).toBe(1);
    await page.advance(0);
    expect(page.fetches).toEqual([0, 100]);
    expect(page.devices.map(({ tokens }) => tokens)).toEqual([['t1'], ['t2']]);
    expect(page.errors).toEqual([[code, 0]]);
  });

  it.each([31000, 31005, 31009, 31402, 31486, 53405, 20103, undefined])('is not %s', async (code) => {
    const page = await start();
    page.device.fail(code as number);
    await page.advance(60);
    expect(page.fetches).toEqual([0]);
    expect(page.device.destroyed).toBe(0);
    expect(page.errors).toEqual([]);
  });

  it('is not an error of a call', async () => {
    const page = await start();
    page.device.fail(GENERAL_FAILURE, {});
    page.device.fail(20104, {});
    expect(page.device.destroyed).toBe(0);
  });

  it.each([undefined, null, 'text'])('is not the error %j', async (error) => {
    const page = await start();
    page.device.listeners[0]!(error);
    expect(page.device.destroyed).toBe(0);
  });

  it('counts as a failed attempt within 30 seconds', async () => {
    const page = await start();
    const refuse = (): void => {
      page.device.fail(20101);
    };
    refuse();
    for (const wait of [1, 2, 4, 8, 16, 30, 30]) {
      expect(page.errors.at(-1)).toEqual([20101, wait]);
      await page.advance(wait);
      refuse();
    }
    expect(page.devices).toHaveLength(8);
    expect(page.devices.every(({ destroyed }) => destroyed === 1)).toBe(true);
  });

  it('does not count after 30 seconds', async () => {
    const page = await start();
    page.device.fail(20101);
    await page.advance(1);
    await page.advance(30);
    page.device.fail(20101);
    expect(page.errors).toEqual([
      [20101, 1],
      [20101, 0],
    ]);
  });

  it('is not news if the token has expired', async () => {
    const page = await start({ answer: () => Promise.resolve({ token: 'a', ttl: 10 }) });
    page.answer = noNetwork;
    await page.advance(9.5);
    const failures = page.errors.length;
    jest.setSystemTime(Date.now() + 600);
    page.device.fail(20104);
    expect(page.device.destroyed).toBe(1);
    expect(page.errors).toHaveLength(failures);
  });

  it('is not news in the last second, since exp is a whole second', async () => {
    const page = await start({ answer: () => Promise.resolve({ token: 'a', ttl: 10 }) });
    page.answer = noNetwork;
    await page.advance(8.5);
    const failures = page.errors.length;
    await page.advance(0.6);
    page.device.fail(20104);
    expect(page.device.destroyed).toBe(1);
    expect(page.errors).toHaveLength(failures);
  });

  it('is reported without a next attempt after a 401', async () => {
    const page = await start();
    page.answer = status(401);
    await page.phone.renew();
    await page.advance(60);
    page.device.fail(20101);
    await page.advance(60);
    expect(page.errors).toEqual([
      [401, undefined],
      [20101, undefined],
    ]);
    expect(page.phone.device).toBeUndefined();
    expect(page.fetches).toEqual([0, 0]);
  });

  it('is ignored if another device has replaced the one that reports it', async () => {
    const page = await start();
    const first = page.device;
    first.fail(20101);
    await page.advance(1);
    first.fail(20101);
    expect(page.device.destroyed).toBe(0);
    expect(page.devices).toHaveLength(2);
  });

  it('costs one request if a renewal is under way', async () => {
    const page = await start();
    await page.advance(RENEWAL - 1);
    page.answer = () =>
      new Promise((resolve) => {
        setTimeout(resolve, 5000, { token: 'late', ttl: TTL });
      });
    await page.advance(1);
    page.device.fail(20104);
    expect(page.device.destroyed).toBe(1);
    await page.advance(5);
    expect(page.fetches).toEqual([0, RENEWAL]);
    expect(page.phone.device?.tokens).toEqual(['late']);
  });
});

describe('53000', () => {
  it('waits twice as long, at most a minute', async () => {
    const page = await start();
    page.device.fail(GENERAL_FAILURE);
    for (const wait of [2, 4, 8, 16, 32, 60, 60]) {
      expect(page.errors.at(-1)).toEqual([GENERAL_FAILURE, wait]);
      await page.advance(wait);
      page.device.fail(GENERAL_FAILURE);
    }
  });

  it.each([0, 0.5, 1, 5, 10, 20, 29, 29.5, 30, 31, 40])(
    'costs at most ten requests in five minutes if it comes after %d seconds',
    async (seconds) => {
      const page = await start();
      for (let time = 0; time < 300; time += 0.5) {
        const { device } = page.phone;
        if (device && time - page.fetches.at(-1)! >= seconds) device.fail(GENERAL_FAILURE);
        await page.advance(0.5);
      }
      expect(page.fetches.length).toBeLessThanOrEqual(10);
      expect(page.fetches.length).toBeGreaterThanOrEqual(7);
    },
  );
});

describe('31206', () => {
  it('waits 30 to 60 seconds and uses the same token for the new device', async () => {
    const page = await start();
    page.device.state = 'registering';
    page.device.fail(TOO_MANY_REQUESTS);
    expect(page.device.destroyed).toBe(1);
    page.event('online');
    await page.advance(29.5);
    expect(page.devices).toHaveLength(1);
    await page.advance(0.5);
    expect(page.devices.map(({ tokens }) => tokens)).toEqual([['t1'], ['t1']]);
    expect(page.fetches).toEqual([0]);
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    page.device.state = 'registering';
    page.device.fail(TOO_MANY_REQUESTS);
    expect(page.errors.map(([code, wait]) => [code, Math.round(wait!)])).toEqual([
      [TOO_MANY_REQUESTS, 30],
      [TOO_MANY_REQUESTS, 60],
    ]);
  });

  it('leaves a registered device alone', async () => {
    const page = await start();
    page.device.fail(TOO_MANY_REQUESTS);
    await page.advance(60);
    expect(page.device.destroyed).toBe(0);
    expect(page.fetches).toEqual([0]);
  });

  it('never fetches in five minutes', async () => {
    const page = await start({ answer: () => Promise.resolve({ token: 'a', ttl: 3600 }) });
    for (let time = 0; time < 300; time += 0.5) {
      if (page.phone.device) {
        page.device.state = 'registering';
        page.device.fail(TOO_MANY_REQUESTS);
      }
      await page.advance(0.5);
    }
    expect(page.fetches).toEqual([0]);
    // At 0, 30, 60 … 300.
    expect(page.devices).toHaveLength(11);
  });
});

describe('a call', () => {
  it('delays the renewal to the middle of the reserve', async () => {
    const page = await start();
    page.device.isBusy = true;
    await page.advance(RENEWAL + RESERVE / 2 - 0.5);
    expect(page.fetches).toEqual([0]);
    await page.advance(0.5);
    expect(page.device.tokens).toEqual(['t1', 't2']);
  });

  it('delays it to its own end, if that is sooner', async () => {
    const page = await start();
    page.device.isBusy = true;
    await page.advance(RENEWAL + 10);
    expect(page.fetches).toEqual([0]);
    page.device.isBusy = false;
    await page.advance(0.5);
    expect(page.fetches).toEqual([0, RENEWAL + 10.5]);
    expect(page.device.tokens).toEqual(['t1', 't2']);
  });

  it('delays it while it rings', async () => {
    const page = await start();
    page.device.calls = [{}];
    await page.advance(RENEWAL + 10);
    expect(page.fetches).toEqual([0]);
  });

  it('is left alone when the token expires, and the device is replaced at its end', async () => {
    const page = await start();
    page.answer = status(503);
    page.device.isBusy = true;
    await page.advance(TTL + 300);
    page.device.fail(20104);
    const requests = page.fetches.length;
    await page.advance(300);
    expect(page.device.destroyed).toBe(0);
    // Nothing to fetch for.
    expect(page.fetches).toHaveLength(requests);
    page.answer = () => Promise.resolve({ token: 'new', ttl: TTL });
    page.device.isBusy = false;
    await page.advance(0.5);
    expect(page.devices.map(({ destroyed }) => destroyed)).toEqual([1, 0]);
    expect(page.phone.device?.tokens).toEqual(['new']);
  });

  it.each([20101, GENERAL_FAILURE])('is left alone when the token is refused with %i', async (code) => {
    const page = await start();
    await page.advance(60);
    page.device.isBusy = true;
    for (let i = 0; i < 20; i++) {
      page.device.fail(code);
      await page.advance(0.1);
    }
    await page.advance(100);
    expect(page.device.destroyed).toBe(0);
    expect(page.errors).toHaveLength(1);
    expect(page.fetches).toEqual([0]);
    page.device.isBusy = false;
    await page.advance(0.5);
    expect(page.devices.map(({ tokens }) => tokens)).toEqual([['t1'], ['t2']]);
  });

  it('keeps a token that arrives too late for the next device', async () => {
    const page = await start({ answer: () => Promise.resolve({ token: 'a', ttl: 10 }) });
    await page.advance(6);
    page.answer = () =>
      new Promise((resolve) => {
        setTimeout(resolve, 5000, { token: 'b', ttl: TTL });
      });
    await page.advance(1);
    page.device.isBusy = true;
    await page.advance(30);
    expect(page.devices.map(({ tokens }) => tokens)).toEqual([['a']]);
    page.device.isBusy = false;
    await page.advance(0.5);
    expect(page.devices.map(({ tokens, destroyed }) => [tokens, destroyed])).toEqual([
      [['a'], 1],
      [['b'], 0],
    ]);
    expect(page.fetches).toEqual([0, 7]);
  });

  it('that rings delays a new device for 30 seconds', async () => {
    const page = await start();
    await page.advance(60);
    page.device.calls = [{}];
    page.device.fail(20101);
    await page.advance(29.5);
    expect(page.devices.map(({ destroyed }) => destroyed)).toEqual([0]);
    await page.advance(0.5);
    expect(page.devices.map(({ destroyed }) => destroyed)).toEqual([1, 0]);
  });
});

describe('a device that is not registered', () => {
  it('is replaced after 30 seconds, with the same token', async () => {
    const page = await start();
    page.device.state = 'unregistered';
    // Noticed after half a second.
    await page.advance(30);
    expect(page.device.destroyed).toBe(0);
    await page.advance(0.5);
    expect(page.devices.map(({ tokens, destroyed }) => [tokens, destroyed])).toEqual([
      [['t1'], 1],
      [['t1'], 0],
    ]);
    expect(page.fetches).toEqual([0]);
  });

  it('is left to the SDK while it registers for the first time', async () => {
    const page = await start();
    page.device.state = 'registering';
    await page.advance(120);
    expect(page.devices).toHaveLength(1);
  });

  it('is left to the SDK if it is registered again within 30 seconds', async () => {
    const page = await start();
    for (let i = 0; i < 5; i++) {
      page.device.state = 'unregistered';
      await page.advance(20);
      page.device.state = 'registered';
      await page.advance(0.5);
    }
    expect(page.devices).toHaveLength(1);
  });

  it.each([
    ['unregistered', 'online', 0],
    ['registering', 'online', 0],
    ['unregistered', 'pageshow', 5],
    ['registering', 'pageshow', 5],
    ['unregistered', 'visibilitychange', 5],
  ] as const)('and is %s is replaced after %s within %d seconds', async (state, type, wait) => {
    const page = await start();
    await page.advance(60);
    page.device.state = state;
    page.event(type);
    if (wait > 0) {
      await page.advance(wait - 0.5);
      expect(page.devices).toHaveLength(1);
      await page.advance(0.5);
    }
    expect(page.devices).toHaveLength(2);
    // Once.
    page.device.state = 'registering';
    await page.advance(60);
    expect(page.devices).toHaveLength(2);
    expect(page.fetches).toEqual([0]);
  });

  it('is left to the SDK on pageshow if it registers', async () => {
    const page = await start();
    page.device.state = 'unregistered';
    page.sleep(60);
    page.event('visibilitychange');
    page.event('pageshow');
    page.device.state = 'registering';
    await page.advance(4);
    page.device.state = 'registered';
    await page.advance(60);
    expect(page.devices).toHaveLength(1);
  });

  it('is replaced at once on pageshow if the SDK has destroyed it, also in a call', async () => {
    const page = await start();
    await page.advance(60);
    page.device.destroy();
    page.device.isBusy = true;
    page.event('pageshow');
    await page.advance(0);
    expect(page.devices.map(({ tokens }) => tokens)).toEqual([['t1'], ['t1']]);
    expect(page.fetches).toEqual([0]);
  });
});

describe('waking up', () => {
  it.each(['online', 'pageshow', 'visibilitychange'] as const)('%s skips the wait', async (type) => {
    const page = await start({ answer: noNetwork });
    await page.advance(20);
    expect(page.fetches).toEqual([0, 1, 3, 7, 15]);
    page.event(type);
    expect(page.fetches).toEqual([0, 1, 3, 7, 15, 20]);
    await page.advance(0);
    // The wait goes on.
    expect(page.errors.at(-1)).toEqual(['no network', 30]);
  });

  it('asks once a second at most', async () => {
    const page = await start({ answer: noNetwork });
    for (let i = 0; i < 100; i++) {
      page.event('online');
      await page.advance(0.1);
    }
    expect(page.fetches.length).toBeLessThanOrEqual(11);
  });

  it('is not hiding the page', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(20);
    page.event('visibilitychange', 'hidden');
    await page.advance(0);
    expect(page.fetches).toHaveLength(5);
    page.event('online', 'hidden');
    expect(page.fetches).toHaveLength(6);
  });

  it('does not renew a valid token', async () => {
    const page = await start();
    await page.advance(60);
    page.event('online');
    page.event('visibilitychange');
    await page.advance(60);
    expect(page.fetches).toEqual([0]);
    expect(page.devices).toHaveLength(1);
  });
});

describe('renew()', () => {
  it('renews a valid token, and resolves when that is done', async () => {
    const page = await start();
    await page.phone.renew();
    expect(page.device.tokens).toEqual(['t1', 't2']);
    await page.advance(RENEWAL);
    expect(page.fetches).toEqual([0, 0, RENEWAL]);
  });

  it('fetches once for five calls, also during a request', async () => {
    const page = await start();
    await Promise.all(Array.from({ length: 5 }, () => page.phone.renew()));
    expect(page.fetches).toEqual([0, 0]);
    expect(page.device.tokens).toEqual(['t1', 't2']);
  });

  it('skips every wait', async () => {
    const page = await start({ answer: status(429, 3600) });
    page.answer = () => Promise.resolve({ token: 'a', ttl: TTL });
    await page.phone.renew();
    expect(page.phone.device?.tokens).toEqual(['a']);
  });

  it('resolves when it fails, and is tried again', async () => {
    const page = await start();
    page.answer = status(503);
    await page.phone.renew();
    expect(page.errors).toEqual([[503, 1]]);
    page.answer = () => Promise.resolve({ token: 'a', ttl: TTL });
    await page.advance(1);
    expect(page.device.tokens).toEqual(['t1', 'a']);
  });

  it('does nothing after stop()', async () => {
    const page = await start();
    page.phone.stop();
    await page.phone.renew();
    expect(page.fetches).toEqual([0]);
  });
});

describe('stop()', () => {
  it('destroys the device, removes listeners and timers, and can be called twice', async () => {
    const page = await start();
    expect(globals.listeners()).toBe(3);
    page.phone.stop();
    page.phone.stop();
    expect(page.device.destroyed).toBe(1);
    expect(page.phone.device).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
    expect(globals.listeners()).toBe(0);
    await page.advance(3600);
    expect(page.fetches).toEqual([0]);
  });

  it('aborts the request, and ignores what arrives later', async () => {
    let resolve: (token: { token: string; ttl: number }) => void = () => undefined;
    const page = await start({
      answer: () =>
        new Promise((done) => {
          resolve = done;
        }),
    });
    const renewed = page.phone.renew();
    page.phone.stop();
    expect(page.signals[0]?.aborted).toBe(true);
    await renewed;
    resolve({ token: 'a', ttl: TTL });
    await page.advance(60);
    expect(page.devices).toEqual([]);
    expect(page.errors).toEqual([]);
  });

  it('works between a response and its use', async () => {
    const page = await start({ answer: () => new Promise(() => undefined) });
    page.answer = () => {
      page.phone.stop();
      return Promise.resolve({ token: 'a', ttl: TTL });
    };
    await page.advance(20);
    expect(page.devices).toEqual([]);
    expect(page.errors).toHaveLength(1);
  });

  it('works in createDevice', async () => {
    const created: FakeDevice[] = [];
    const page = await start({
      answer: () => new Promise((resolve) => setTimeout(resolve, 1, { token: 'a', ttl: TTL })),
      createDevice: (token) => {
        page.phone.stop();
        created.push(new FakeDevice(token));
        return created[0]!;
      },
    });
    await page.advance(1);
    expect(created.map(({ state }) => state)).toEqual(['destroyed']);
    expect(page.phone.device).toBeUndefined();
  });

  it('works in onDevice', async () => {
    const page = await start({
      answer: () => new Promise((resolve) => setTimeout(resolve, 1, { token: 'a', ttl: TTL })),
      onDevice: () => {
        page.phone.stop();
      },
    });
    await page.advance(60);
    expect(page.devices.map(({ state }) => state)).toEqual(['destroyed']);
  });

  it('works in onError', async () => {
    const page = await start({
      onError: () => {
        page.phone.stop();
      },
    });
    page.answer = status(503);
    await page.phone.renew();
    await page.advance(60);
    expect(page.fetches).toEqual([0, 0]);
  });

  it('works during a wait', async () => {
    const page = await start({ answer: noNetwork });
    page.phone.stop();
    await page.advance(60);
    expect(page.fetches).toEqual([0]);
  });
});

describe("errors of the application's functions", () => {
  const thrown = new Error('of the application');
  const fail = (): never => {
    throw thrown;
  };

  it('createDevice: reported, and tried again without another request', async () => {
    let isBroken = true;
    const page = await start({
      createDevice: (token) => {
        if (isBroken) throw thrown;
        return new FakeDevice(token);
      },
    });
    expect(page.errors).toEqual([['of the application', 1]]);
    await page.advance(1);
    isBroken = false;
    await page.advance(2);
    expect(page.phone.device?.tokens).toEqual(['t1']);
    expect(page.fetches).toEqual([0]);
  });

  it('onDevice and onError: written to the console', async () => {
    const page = await start({ onDevice: fail, onError: fail });
    expect(page.phone.device?.state).toBe('registered');
    page.answer = status(503);
    await page.phone.renew();
    page.answer = status(401);
    await page.phone.renew();
    expect(consoleError.mock.calls).toEqual([[thrown], [thrown], [thrown]]);
  });

  it('destroy: written to the console', async () => {
    const page = await start();
    const { device } = page;
    device.destroy = fail;
    device.fail(20101);
    await page.advance(1);
    expect(consoleError.mock.calls).toEqual([[thrown]]);
    expect(page.phone.device?.tokens).toEqual(['t2']);
  });

  it('updateToken: reported, and tried again with the same token', async () => {
    const page = await start();
    page.device.updateToken = fail;
    await page.phone.renew();
    expect(page.errors).toEqual([['of the application', 1]]);
    // @ts-expect-error Restores the method of the class.
    delete page.device.updateToken;
    await page.advance(1);
    expect(page.device.tokens).toEqual(['t1', 't2']);
    expect(page.fetches).toEqual([0, 0]);
  });
});

describe('types', () => {
  it('know the class of the device', () => {
    const phone = startDevice({
      fetchToken: () => new Promise<never>(() => undefined),
      createDevice: (token) => new FakeDevice(token),
    });
    const device: FakeDevice | undefined = phone.device;
    expect(device).toBeUndefined();
    phone.stop();
  });
});
