import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TokenFetchError } from '../../../src/browser';
import {
  FakeDevice,
  FakePage,
  hangs,
  installPage,
  noNetwork,
  sends,
  sendsLater,
  status,
  TTL,
  type Step,
} from './fake-page';

const REFUSALS = [20101, 20104, 20151, 31202, 31203, 31204, 31205, 31207];
const GENERAL_FAILURE = 53000;
const TOO_MANY_REQUESTS = 31206;
/** A token of ten minutes is renewed a minute before its end. */
const RENEWAL = TTL - 60;

const thrown = new Error('of the application');
const fail = (): never => {
  throw thrown;
};

let listened: Set<string>;
let started: FakePage[] = [];
let consoleError: jest.Spied<typeof console.error>;
const unhandled = jest.fn();

type Options = ConstructorParameters<typeof FakePage>[0];

async function start(options: Options = {}): Promise<FakePage> {
  const page = new FakePage(options);
  started.push(page);
  await page.advance(0);
  return page;
}

/** Tests with a first token of ten minutes: what happens, and the log after that token. */
function timelines(rows: [rule: string, steps: Step[], log: string][]): void {
  it.each(rows)('%s', async (_rule, steps, log) => {
    const page = await start();
    await page.play(steps);
    expect(page.log).toBe(`0 fetch new(t1)${log}`);
  });
}

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  // The shortest waits.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  consoleError = jest.spyOn(console, 'error').mockReturnValue();
  process.on('unhandledRejection', unhandled);
  listened = installPage();
});

afterEach(() => {
  for (const { phone } of started) phone.stop();
  started = [];
  expect(jest.getTimerCount()).toBe(0);
  expect(listened.size).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the first device', () => {
  it('is created with the first token, registered and handed over', async () => {
    const onDevice = jest.fn();
    const page = await start({ onDevice });
    expect(page.log).toBe('0 fetch new(t1)');
    expect(page.device.state).toBe('registered');
    expect(page.phone.device).toBe(page.device);
    expect(onDevice.mock.calls).toEqual([[page.device]]);
    expect(page.errors).toEqual([]);
  });

  it('may be registered by the application too', async () => {
    const register = (): Promise<never> => Promise.reject(new Error('InvalidStateError'));
    const page = await start({ createDevice: (token) => Object.assign(new FakeDevice(token), { register }) });
    expect(page.phone.device).toBeInstanceOf(FakeDevice);
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
  ])('of %i seconds happens after %i, again and again', async (ttl, renewal) => {
    const page = await start({ answer: sends('a', ttl) });
    await page.advance(2 * renewal);
    expect(page.log).toBe(`0 fetch new(a) ${renewal} fetch update(a) ${2 * renewal} fetch update(a)`);
  });

  it('counts from the start of the request', async () => {
    const page = await start({ answer: sendsLater(10, 'a') });
    await page.advance(RENEWAL + 10);
    expect(page.log).toBe('0 fetch 10 new(a) 540 fetch 550 update(a)');
  });

  timelines([
    ['does not depend on a clock that is set back', [100, { sleeps: -3600 }, 440], ' 540 fetch update(t2)'],
    ['happens at once after a sleep past its time', [{ sleeps: 540 }, 0.5], ' 0.5 fetch update(t2)'],
    ['replaces the device after a sleep past the end', [{ sleeps: TTL }, 0.5], ' 0.5 destroy fetch new(t2)'],
    ['is tried again until the token expires', [{ answer: noNetwork }, TTL, { answer: sends('late') }, 1], ' 540 fetch 541 fetch 543 fetch 547 fetch 555 fetch 571 fetch 600 destroy 601 fetch new(late)'],
  ]); // prettier-ignore
});

describe('failed requests', () => {
  it('wait 1, 2, 4, 8, 16 and then 30 seconds at least, so five minutes cost at most fifteen', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(300);
    expect(page.fetches).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181, 211, 241, 271]);
    expect(page.errors.map(([, wait]) => wait)).toEqual([1, 2, 4, 8, 16, ...Array<number>(9).fill(30)]);
    expect(page.phone.device).toBeUndefined();
  });

  it('wait up to twice as long, and no longer than 30 seconds', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    const page = await start({ answer: noNetwork });
    await page.advance(70);
    expect(page.errors.map(([, wait]) => Math.round(wait!))).toEqual([2, 4, 8, 16, 30, 30]);
  });

  // Renewals happen every 20 s, so no token is older than 30 s.
  it.each([
    [60, [27, 47, 67], 1],
    [20, [27], 8],
  ])('%d s after a success: the next wait', async (seconds, renewals, wait) => {
    const page = await start({ answer: noNetwork });
    await page.advance(6);
    page.answer = sends('a', 30);
    await page.advance(1 + seconds - 20);
    page.answer = noNetwork;
    await page.advance(20);
    expect(page.fetches).toEqual([0, 1, 3, 7, ...renewals]);
    expect(page.errors.at(-1)).toEqual(['no network', wait]);
  });

  it.each([
    ['longer than the wait', 120, 120],
    ['shorter than the wait', 0.1, 1],
  ])('honour a Retry-After that is %s', async (_name, retryAfter, wait) => {
    const page = await start({ answer: status(429, retryAfter) });
    expect(page.errors).toEqual([[429, wait]]);
    await page.advance(wait - 0.5);
    page.event('online');
    await page.advance(0.5);
    expect(page.fetches).toEqual([0, wait]);
  });

  const malformed = [undefined, null, {}, { token: 'a' }, { token: 'a', ttl: NaN }, { token: 1, ttl: 600 }];
  it.each(malformed)('include the answer %j', async (value) => {
    const page = await start({ answer: () => Promise.resolve(value as never) });
    await page.advance(1);
    expect(page.errors[0]).toEqual(['fetchToken must resolve to { token, ttl }.', 1]);
    expect(page.log).toBe('0 fetch 1 fetch');
  });

  it.each([
    ['a rejection without an error', () => Promise.reject(undefined as unknown as Error), undefined],
    ['a function that throws', fail, 'of the application'],
  ])('include %s', async (_name, answer, error) => {
    const page = await start({ answer });
    expect(page.errors).toEqual([[error, 1]]);
  });

  it('include a request that takes longer than 15 seconds, also one that ignores the signal', async () => {
    const page = await start({ answer: hangs });
    await page.advance(14.5);
    expect(page.errors).toEqual([]);
    await page.advance(1.5);
    expect(page.signals[0]?.aborted).toBe(true);
    expect(page.errors).toEqual([['The token did not arrive within 15 seconds.', 1]]);
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
    await page.advance(600);
    page.event('online');
    await page.advance(600);
    expect(page.errors).toEqual([[code, undefined]]);
    page.answer = sends('again');
    await page.phone.renew();
    await page.advance(RENEWAL);
    expect(page.log).toBe('0 fetch 1200 fetch new(again) 1740 fetch update(again)');
  });

  timelines([
    ['keeps the device until its token expires', [{ answer: status(401) }, 1200], ' 540 fetch 600 destroy'],
  ]);
});

describe('a refused token', () => {
  it.each(REFUSALS)('%i replaces the device at once', async (code) => {
    const page = await start();
    await page.advance(100);
    page.device.fail(code);
    await page.advance(0);
    expect(page.log).toBe('0 fetch new(t1) 100 destroy fetch new(t2)');
    expect(page.errors).toEqual([[code, 0]]);
  });

  it.each([31000, 31005, 31009, 31402, 31486, 53405, 20103, undefined])('is not %s', async (code) => {
    const page = await start();
    await page.play([{ fails: code }, 60]);
    expect(page.log).toBe('0 fetch new(t1)');
    expect(page.errors).toEqual([]);
  });

  it('is not an error of a call, nor an error without a number', async () => {
    const page = await start();
    page.device.fail(GENERAL_FAILURE, {});
    page.device.fail(20104, {});
    for (const error of [undefined, null, 'text']) page.device.listeners[0]!(error);
    expect(page.log).toBe('0 fetch new(t1)');
  });

  it.each([
    [20101, [1, 2, 4, 8, 16, 30, 30]],
    // It is also a general failure: twice as long, at most a minute.
    [GENERAL_FAILURE, [2, 4, 8, 16, 32, 60, 60]],
  ])('%i counts as a failed attempt within 30 seconds', async (code, waits) => {
    const page = await start();
    for (const wait of waits) {
      page.device.fail(code);
      expect(page.errors.at(-1)).toEqual([code, wait]);
      await page.advance(wait);
    }
    expect(page.fetches).toHaveLength(1 + waits.length);
  });

  it('does not count after 30 seconds', async () => {
    const page = await start();
    await page.play([{ fails: 20101 }, 31, { fails: 20101 }]);
    expect(page.errors.map(([, wait]) => wait)).toEqual([1, 0]);
  });

  // In the last second too, since exp is a whole second.
  it.each([9.1, 10.1])('is not news %d s into a token of ten seconds', async (time) => {
    const page = await start({ answer: sends('a', 10) });
    page.answer = noNetwork;
    await page.advance(8.5);
    const failures = page.errors.length;
    page.sleep(time - 8.5);
    page.device.fail(20104);
    expect(page.log).toMatch(/ 8.5 destroy/);
    expect(page.errors).toHaveLength(failures);
  });

  it('is reported without a next attempt after a 401', async () => {
    const page = await start();
    await page.play([{ answer: status(401) }, RENEWAL, { fails: 20101 }, 60]);
    expect(page.log).toBe('0 fetch new(t1) 540 fetch destroy');
    expect(page.errors.at(-1)).toEqual([20101, undefined]);
  });

  it('is ignored if another device has replaced the one that reports it', async () => {
    const page = await start();
    const first = page.device;
    first.fail(20101);
    await page.advance(1);
    first.fail(20101);
    expect(page.log).toBe('0 fetch new(t1) destroy 1 fetch new(t2)');
  });

  timelines([
    ['costs one request if a renewal is under way', [{ answer: sendsLater(5, 'late') }, 540, { fails: 20104 }, 5], ' 540 fetch destroy 545 new(late)'],
  ]); // prettier-ignore
});

describe('53000', () => {
  it.each([0, 0.5, 1, 5, 10, 20, 29, 29.5, 30, 31, 40])(
    'costs at most ten requests in five minutes if it comes after %d seconds',
    async (seconds) => {
      const page = await start();
      for (let time = 0; time < 300; time += 0.5) {
        if (time >= page.fetches.at(-1)! + seconds) page.phone.device?.fail(GENERAL_FAILURE);
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
    const refused = { state: 'registering', fails: TOO_MANY_REQUESTS };
    await page.play([refused, 'online', 30]);
    jest.spyOn(Math, 'random').mockReturnValue(1);
    await page.play([refused, 60]);
    expect(page.log).toBe('0 fetch new(t1) destroy 30 new(t1) destroy 90 new(t1)');
    expect(page.errors).toEqual([
      [TOO_MANY_REQUESTS, 30],
      [TOO_MANY_REQUESTS, 60],
    ]);
  });

  timelines([['leaves a registered device alone', [{ fails: TOO_MANY_REQUESTS }, 60], '']]);
});

describe('a call', () => {
  const hangUp = { isBusy: false };
  timelines([
    ['delays the renewal to the middle of the last minute', [{ isBusy: true }, TTL], ' 570 fetch update(t2)'],
    ['delays the renewal to its own end', [{ isBusy: true }, 550, hangUp, 0.5], ' 550.5 fetch update(t2)'],
    ['delays it while it rings', [{ calls: [{}] }, 550, { calls: [] }, 0.5], ' 550.5 fetch update(t2)'],
    ['that rings delays a new device for 30 seconds', [60, { calls: [{}], fails: 20101 }, 30], ' 90 destroy fetch new(t2)'],
    ['is left alone when the token expires, and the device is replaced at its end', [{ answer: status(401), isBusy: true }, 900, { fails: 20104 }, 300, hangUp, 0.5], ' 570 fetch 1200.5 destroy'],
    ['leaves nothing to fetch for while the token has expired', [{ answer: status(503), isBusy: true }, 900, { answer: sends('new'), ...hangUp }, 0.5], ' 570 fetch 571 fetch 573 fetch 577 fetch 585 fetch 900.5 destroy fetch new(new)'],
  ]); // prettier-ignore

  it.each([20101, GENERAL_FAILURE])('is left alone when the token is refused with %i', async (code) => {
    const page = await start();
    const refusals = Array.from({ length: 20 }, (): Step[] => [{ fails: code }, 0.5]).flat();
    await page.play([60, { isBusy: true }, ...refusals, 100, hangUp, 0.5]);
    expect(page.log).toBe('0 fetch new(t1) 170.5 destroy fetch new(t2)');
    expect(page.errors).toHaveLength(1);
  });

  it('keeps a token that arrives too late for the next device', async () => {
    const page = await start({ answer: sends('a', 10) });
    await page.play([{ answer: sendsLater(5, 'b') }, 7, { isBusy: true }, 30, hangUp, 0.5]);
    expect(page.log).toBe('0 fetch new(a) 7 fetch 37.5 destroy new(b)');
  });
});

describe('a device that is not registered', () => {
  const registering = { state: 'registering' };
  const registered = { state: 'registered' };
  const unregistered = { state: 'unregistered' };
  timelines([
    // Noticed after half a second.
    ['is replaced after 30 seconds, with the same token', [unregistered, 31], ' 30.5 destroy new(t1)'],
    ['is left to the SDK while it registers for the first time', [registering, 120], ''],
    ['is left to the SDK if it registers within 30 seconds', [unregistered, 29, registered, 0.5, unregistered, 29], ''],
    ['is left to the SDK on pageshow if it registers', [unregistered, { sleeps: 60 }, 'visibilitychange', 'pageshow', registering, 4, registered, 60], ''],
    ['is replaced at once on pageshow if the SDK has destroyed it, also in a call', [60, { state: 'destroyed', isBusy: true }, 'pageshow', 0], ' 60 destroy new(t1)'],
  ]); // prettier-ignore

  it.each([
    ['unregistered', 'online', 0],
    ['registering', 'online', 0],
    ['unregistered', 'pageshow', 5],
    ['registering', 'pageshow', 5],
    ['unregistered', 'visibilitychange', 5],
  ] as const)('and is %s is replaced once, after %s within %d seconds', async (state, type, wait) => {
    const page = await start();
    await page.advance(60);
    page.device.state = state;
    page.event(type);
    await page.advance(wait);
    page.device.state = 'registering';
    await page.advance(60);
    expect(page.log).toBe(`0 fetch new(t1) ${60 + wait} destroy new(t1)`);
  });
});

describe('waking up', () => {
  it.each(['online', 'pageshow', 'visibilitychange'] as const)('%s skips the wait', async (type) => {
    const page = await start({ answer: noNetwork });
    await page.advance(20);
    page.event(type);
    await page.advance(0);
    expect(page.fetches).toEqual([0, 1, 3, 7, 15, 20]);
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

  it('is not hiding the page, but also coming online while it is hidden', async () => {
    const page = await start({ answer: noNetwork });
    await page.advance(20);
    page.event('visibilitychange', 'hidden');
    expect(page.fetches).toHaveLength(5);
    page.event('online', 'hidden');
    expect(page.fetches).toHaveLength(6);
  });

  timelines([['does not renew a valid token', [60, 'online', 'visibilitychange', 60], '']]);
});

describe('renew()', () => {
  it('renews a valid token, and resolves when that is done', async () => {
    const page = await start();
    await page.phone.renew();
    expect(page.log).toBe('0 fetch new(t1) fetch update(t2)');
    await page.advance(RENEWAL);
    expect(page.fetches).toEqual([0, 0, RENEWAL]);
  });

  it('fetches once for five calls, also during a request', async () => {
    const page = await start();
    await Promise.all(Array.from({ length: 5 }, () => page.phone.renew()));
    expect(page.log).toBe('0 fetch new(t1) fetch update(t2)');
  });

  it('skips every wait', async () => {
    const page = await start({ answer: status(429, 3600) });
    page.answer = sends('a');
    await page.phone.renew();
    expect(page.log).toBe('0 fetch fetch new(a)');
  });

  it('resolves when it fails, and is tried again', async () => {
    const page = await start();
    page.answer = status(503);
    await page.phone.renew();
    expect(page.errors).toEqual([[503, 1]]);
    page.answer = sends('a');
    await page.advance(1);
    expect(page.log).toBe('0 fetch new(t1) fetch 1 fetch update(a)');
  });
});

describe('stop()', () => {
  it('destroys the device, removes listeners and timers, and ends renew()', async () => {
    const page = await start();
    expect([...listened]).toEqual(['online', 'pageshow', 'visibilitychange']);
    // The end of each test stops its phone once more, and checks what is left.
    page.phone.stop();
    expect(page.phone.device).toBeUndefined();
    await page.phone.renew();
    await page.advance(3600);
    expect(page.log).toBe('0 fetch new(t1) destroy');
  });

  it('aborts the request, and ignores what arrives later', async () => {
    const page = await start({ answer: sendsLater(10, 'a') });
    const renewed = page.phone.renew();
    page.phone.stop();
    expect(page.signals[0]?.aborted).toBe(true);
    await renewed;
    await page.advance(60);
    expect(page.log).toBe('0 fetch');
    expect(page.errors).toEqual([]);
  });

  const stop = (): void => {
    started[0]!.phone.stop();
  };
  const later = sendsLater(1, 'a');
  it.each<[string, Options, string]>([
    ['a wait', { answer: () => noNetwork().finally(stop) }, '0 fetch'],
    ['the use of a response', { answer: () => later().finally(stop) }, '0 fetch'],
    ['onDevice', { answer: later, onDevice: stop }, '0 fetch 1 new(a) destroy'],
    ['onError', { answer: () => later().then(noNetwork), onError: stop }, '0 fetch'],
  ])('works during %s', async (_name, options, log) => {
    const page = await start(options);
    await page.advance(60);
    expect(page.log).toBe(log);
  });

  it('works during createDevice', async () => {
    const device = new FakeDevice('a');
    const createDevice = (): FakeDevice => {
      stop();
      return device;
    };
    const page = await start({ answer: later, createDevice });
    await page.advance(1);
    expect(device.state).toBe('destroyed');
    expect(page.phone.device).toBeUndefined();
  });
});

describe("errors of the application's functions", () => {
  it('createDevice: reported, and tried again without another request', async () => {
    const createDevice = jest.fn((token: string) => new FakeDevice(token)).mockImplementationOnce(fail);
    const page = await start({ createDevice });
    expect(page.errors).toEqual([['of the application', 1]]);
    await page.advance(1);
    expect(createDevice.mock.calls).toEqual([['t1'], ['t1']]);
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
    page.device.destroy = fail;
    page.device.fail(20101);
    await page.advance(1);
    expect(consoleError.mock.calls).toEqual([[thrown]]);
    expect(page.log).toBe('0 fetch new(t1) 1 fetch new(t2)');
  });

  it('updateToken: reported, and tried again with the same token', async () => {
    const page = await start();
    jest.spyOn(page.device, 'updateToken').mockImplementationOnce(fail);
    await page.phone.renew();
    expect(page.errors).toEqual([['of the application', 1]]);
    await page.advance(1);
    expect(page.log).toBe('0 fetch new(t1) fetch 1 update(t2)');
  });
});
