import { setImmediate as nextTurn } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { afterAll, expect, jest, test } from '@jest/globals';
import { fetchToken, startDevice, type FetchedToken, type Phone } from 'twilio-capability/browser';
import { readPage } from './support';

/** The short blocks of docs/browser.md. The browser suite runs the two that are whole programs. */

const { text } = readPage('docs/browser.md');

/** Runs the block below a heading. Returns the constant that it declares. */
function runBlock(heading: string, given: Readonly<Record<string, unknown>>): unknown {
  const block = new RegExp(`^## ${heading}$(?:(?!^## )[^])*?^\`\`\`js\n(const (\\w+) = [^]*?)^\`\`\`$`, 'm');
  const [, code, constant] = block.exec(text)!;
  const names = Object.keys(given).join();
  const program = runInThisContext(`({ ${names} }) => { ${code} return ${constant}; }`) as (
    _: object,
  ) => unknown;
  return program(given);
}

const fetched = jest.spyOn(globalThis, 'fetch');
const createDevice = jest.fn(() => ({
  state: 'unregistered',
  isBusy: false,
  calls: [],
  on: jest.fn(),
  register: jest.fn(() => Promise.resolve()),
  updateToken: jest.fn(),
  destroy: jest.fn(),
}));
let phone: Phone<ReturnType<typeof createDevice>> | undefined;

afterAll(() => phone?.stop());

test('"Sign-in and sign-out" asks for the same user after 401, and shows other problems', async () => {
  Object.assign(globalThis, { window: new EventTarget(), document: new EventTarget() });
  fetched.mockImplementationOnce(() => Promise.resolve(new Response(null, { status: 401 })));
  fetched.mockImplementationOnce(() => Promise.resolve(new Response(null, { status: 503 })));
  for (const identity of ['bob', 'alice']) {
    const body = { token: `of-${identity}`, ttl: 600, identity };
    fetched.mockImplementationOnce(() => Promise.resolve(Response.json(body)));
  }
  const showProblem = jest.fn();
  const showSignIn = jest.fn<(options: { onSignedIn: () => Promise<void> }) => void>();
  const { onSignedIn } = await new Promise<{ onSignedIn: () => Promise<void> }>((resolve) => {
    showSignIn.mockImplementation(resolve);
    phone = runBlock('Sign-in and sign-out', {
      fetchToken,
      startDevice,
      createDevice,
      showSignIn,
      showProblem,
      myClientName: 'alice',
    }) as typeof phone;
  });
  expect(showProblem).not.toHaveBeenCalled();
  // The first attempt ends before a user can sign in.
  await nextTurn();
  await onSignedIn();
  expect(showProblem.mock.calls).toEqual([[expect.objectContaining({ status: 503 }), expect.any(Number)]]);
  await onSignedIn(); // of bob
  expect(showSignIn).toHaveBeenCalledTimes(2);
  expect(createDevice).not.toHaveBeenCalled();
  await onSignedIn();
  expect(createDevice.mock.calls).toEqual([['of-alice']]);
  expect(createDevice.mock.results[0]!.value).toBe(phone!.device);
});

test('"Fetch a token" sends the session', async () => {
  const token = { token: 'of-alice', ttl: 600 };
  fetched.mockImplementationOnce(() => Promise.resolve(Response.json(token)));
  const { signal } = new AbortController();
  const fetchMyToken = runBlock('Fetch a token', {
    fetchToken,
    sessionToken: 'session-of-alice',
  }) as (signal: AbortSignal) => Promise<FetchedToken>;
  await expect(fetchMyToken(signal)).resolves.toEqual(token);
  const headers = { authorization: 'Bearer session-of-alice' };
  expect(fetched).toHaveBeenLastCalledWith('/token', { method: 'POST', headers, signal });
});
