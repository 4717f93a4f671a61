/** A token and its lifetime, as `tokenEndpoint` sends them. */
export interface FetchedToken {
  /** The token, for `new Device(token)`. */
  readonly token: string;
  /** Lifetime in seconds. */
  readonly ttl: number;
  /** The client name. Null if the token has none, undefined if the endpoint does not send it. */
  readonly identity?: string | null | undefined;
}

/** Thrown when the token endpoint did not send a token. */
export class TokenFetchError extends Error {
  /** The name of the class. */
  override readonly name = 'TokenFetchError';
  /** The HTTP status. Undefined if there was no response. */
  readonly status: number | undefined;
  /** The seconds to wait before the next request, from the `Retry-After` header. */
  readonly retryAfter: number | undefined;

  /** @internal */
  constructor(message: string, response?: Response, options?: ErrorOptions) {
    super(message, options);
    this.status = response?.status;
    this.retryAfter = response && readRetryAfter(response.headers);
  }
}

/**
 * Fetches a token from a token endpoint with a POST request.
 *
 * @param init - Options for `fetch`, such as `headers` and `signal`
 * @throws {@link TokenFetchError} if the endpoint cannot be reached, answers with another status than 200 to 299,
 *   or does not answer with JSON that contains `token` and `ttl`. If `init.signal` aborts, the error is the
 *   signal's reason.
 */
export async function fetchToken(url: string, init?: RequestInit): Promise<FetchedToken> {
  let response: Response | undefined;
  let body: unknown;
  try {
    response = await fetch(url, { method: 'POST', ...init });
    body = await response.json();
  } catch (cause) {
    if (init?.signal?.aborted) throw cause;
    if (!response)
      throw new TokenFetchError('The token endpoint could not be reached.', undefined, { cause });
  }

  if (!response.ok) {
    throw new TokenFetchError(`The token endpoint answered with status ${response.status}.`, response);
  }
  if (!isFetchedToken(body)) {
    throw new TokenFetchError('The token endpoint did not answer with JSON of "token" and "ttl".', response);
  }
  return body;
}

/** @internal */
export function isFetchedToken(value: unknown): value is FetchedToken {
  const { token, ttl } = Object(value) as Partial<FetchedToken>;
  return typeof token === 'string' && typeof ttl === 'number' && ttl > 0;
}

/** Reads seconds or a date, which is compared with the server's clock rather than the page's. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds;
  const serverTime = headers.get('date');
  const waitMs = Date.parse(value) - (serverTime === null ? Date.now() : Date.parse(serverTime));
  return waitMs >= 0 ? waitMs / 1000 : undefined;
}
