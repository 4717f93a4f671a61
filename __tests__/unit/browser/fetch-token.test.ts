import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fetchToken, TokenFetchError } from '../../../src/browser';

const fetchMock = jest.fn<typeof fetch>();
const realFetch = globalThis.fetch;
beforeEach(() => {
  globalThis.fetch = fetchMock;
});
afterEach(() => {
  fetchMock.mockReset();
  globalThis.fetch = realFetch;
});

const answer = (body: string, status = 200, headers: Record<string, string> = {}): unknown =>
  fetchMock.mockResolvedValue(new Response(body, { status, headers }));

async function failure(init?: RequestInit): Promise<unknown> {
  return fetchToken('/token', init).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('fetchToken', () => {
  it('posts, with the headers and the signal of the caller', async () => {
    answer('{"token":"a.b.c","identity":"alice","ttl":600}');
    const { signal } = new AbortController();
    const headers = { 'X-CSRF': '1' };
    await expect(fetchToken('/token', { headers, signal })).resolves.toMatchObject({
      token: 'a.b.c',
      ttl: 600,
    });
    expect(fetchMock.mock.calls).toEqual([['/token', { method: 'POST', headers, signal }]]);
  });

  it('lets the caller use GET', async () => {
    answer('{"token":"a.b.c","ttl":600}');
    await fetchToken('/token', { method: 'GET' });
    expect(fetchMock.mock.calls).toEqual([['/token', { method: 'GET' }]]);
  });

  it.each([401, 403, 429, 500, 503])('rejects the status %i', async (status) => {
    answer('{"token":"a.b.c","ttl":600}', status);
    const error = await failure();
    expect(error).toBeInstanceOf(TokenFetchError);
    expect(error).toMatchObject({
      name: 'TokenFetchError',
      message: `The token endpoint answered with status ${status}.`,
      status,
      retryAfter: undefined,
    });
  });

  it.each([
    '<!doctype html>',
    '',
    'null',
    '"a.b.c"',
    '{}',
    '{"token":"a.b.c"}',
    '{"ttl":600}',
    '{"token":1,"ttl":600}',
    '{"token":"a.b.c","ttl":"600"}',
    '{"token":"a.b.c","ttl":0}',
    '{"token":"a.b.c","ttl":-1}',
  ])('rejects the answer %j', async (body) => {
    answer(body);
    const error = await failure();
    expect(error).toBeInstanceOf(TokenFetchError);
    expect(error).toMatchObject({
      message: 'The token endpoint did not answer with JSON of "token" and "ttl".',
      status: 200,
    });
    expect(String(error)).not.toContain('a.b.c');
  });

  it('rejects without a status if there is no network', async () => {
    const cause = new TypeError('Failed to fetch');
    fetchMock.mockRejectedValue(cause);
    const error = await failure();
    expect(error).toBeInstanceOf(TokenFetchError);
    expect(error).toMatchObject({
      message: 'The token endpoint could not be reached.',
      status: undefined,
      retryAfter: undefined,
      cause,
    });
  });

  it('rejects with the reason of the signal', async () => {
    const reason = new DOMException('Aborted', 'AbortError');
    fetchMock.mockRejectedValue(reason);
    await expect(failure({ signal: AbortSignal.abort(reason) })).resolves.toBe(reason);
  });

  describe('Retry-After', () => {
    beforeEach(() => {
      jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it.each([
      ['seconds', { 'Retry-After': '120' }, 120],
      ['zero', { 'Retry-After': '0' }, 0],
      [
        "a date by the server's clock",
        { 'Retry-After': 'Thu, 01 Jan 2026 05:00:30 GMT', Date: 'Thu, 01 Jan 2026 05:00:00 GMT' },
        30,
      ],
      ["a date by the page's clock", { 'Retry-After': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
      ['a date that has passed', { 'Retry-After': 'Wed, 31 Dec 2025 23:59:00 GMT' }, undefined],
      ['other text', { 'Retry-After': 'soon' }, undefined],
      ['a negative number', { 'Retry-After': '-5' }, undefined],
    ])('reads %s', async (_name, headers, retryAfter) => {
      answer('', 503, headers);
      await expect(failure()).resolves.toMatchObject({ status: 503, retryAfter });
    });
  });
});
