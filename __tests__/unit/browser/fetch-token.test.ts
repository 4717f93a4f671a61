import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fetchToken, TokenFetchError, type FetchedToken } from '../../../src/browser';

const fetchMock = jest.spyOn(globalThis, 'fetch');
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

const GOOD = '{"token":"a.b.c","identity":"alice","ttl":600}';

function answer(body: string, status = 200, headers: Record<string, string> = {}): void {
  fetchMock.mockResolvedValue(new Response(body, { status, headers }));
}

const failure = (init?: RequestInit): Promise<unknown> =>
  fetchToken('/token', init).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Requires a TokenFetchError with these properties, which does not show the token. */
async function expectFailure(properties: object): Promise<void> {
  const error = await failure();
  expect(error).toBeInstanceOf(TokenFetchError);
  expect(error).toMatchObject({ name: 'TokenFetchError', retryAfter: undefined, ...properties });
  expect(String(error)).not.toContain('a.b.c');
}

describe('fetchToken', () => {
  const { signal } = new AbortController();
  it.each([{ headers: { 'X-CSRF': '1' }, signal }, { method: 'GET' }, undefined])(
    'posts, with the options of the caller (%#)',
    async (init) => {
      answer(GOOD);
      await expect(fetchToken('/token', init)).resolves.toMatchObject({ token: 'a.b.c', ttl: 600 });
      expect(fetchMock.mock.lastCall).toEqual(['/token', { method: 'POST', ...init }]);
    },
  );

  it.each([
    ['alice', GOOD],
    [null, '{"token":"a.b.c","identity":null,"ttl":600}'],
    [undefined, '{"token":"a.b.c","ttl":600}'],
  ])('returns the identity %j', async (identity, body) => {
    answer(body);
    const fetched: FetchedToken = await fetchToken('/token');
    expect(fetched.identity).toBe(identity);
  });

  it.each([401, 403, 429, 500, 503])('rejects the status %i', async (status) => {
    answer(GOOD, status);
    await expectFailure({ message: `The token endpoint answered with status ${status}.`, status });
  });

  it.each([
    ...['<!doctype html>', '', 'null', '"a.b.c"', '{}', '{"token":"a.b.c"}', '{"ttl":600}'],
    ...['{"token":1,"ttl":600}', '{"token":"a.b.c","ttl":"600"}'],
    ...['{"token":"a.b.c","ttl":0}', '{"token":"a.b.c","ttl":-1}'],
  ])('rejects the answer %j', async (body) => {
    answer(body);
    const message = 'The token endpoint did not answer with JSON of "token" and "ttl".';
    await expectFailure({ message, status: 200 });
  });

  it('rejects without a status if there is no network', async () => {
    const cause = new TypeError('Failed to fetch');
    fetchMock.mockRejectedValue(cause);
    await expectFailure({ message: 'The token endpoint could not be reached.', status: undefined, cause });
  });

  it('rejects with the reason of the signal', async () => {
    const reason = new DOMException('Aborted', 'AbortError');
    fetchMock.mockRejectedValue(reason);
    await expect(failure({ signal: AbortSignal.abort(reason) })).resolves.toBe(reason);
  });

  const serverTime = 'Thu, 01 Jan 2026 05:00:00 GMT';
  it.each([
    ['seconds', { 'Retry-After': '120' }, 120],
    ['zero', { 'Retry-After': '0' }, 0],
    [
      "a date by the server's clock",
      { 'Retry-After': 'Thu, 01 Jan 2026 05:00:30 GMT', Date: serverTime },
      30,
    ],
    ["a date by the page's clock", { 'Retry-After': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
    ['a date that has passed', { 'Retry-After': 'Wed, 31 Dec 2025 23:59:00 GMT' }, undefined],
    ['other text', { 'Retry-After': 'soon' }, undefined],
    ['a negative number', { 'Retry-After': '-5' }, undefined],
  ])('reads %s in Retry-After', async (_name, headers, retryAfter) => {
    answer('', 503, headers);
    await expectFailure({ status: 503, retryAfter });
  });
});
