import { withDeadline, type Caller, type Outcome } from './deadline';
import { readTokenOptions, type Authorization, type TokenSettings } from './token-options';

/** What to send back. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; not sent in answer to HEAD. */
  readonly body: string;
}

/** What comes of a request: nothing where there is nobody left to answer. */
type Result = TokenAnswer | undefined;

/** An endpoint without its framework. Answers at once where `authorize` does. */
export type TokenAnswerer<R> = (method: string, request: R, caller: Caller) => Result | Promise<Result>;

/** A token is for whoever asked: nothing on the way may keep it, and there is no ETag to ask for it again by. */
const HEADERS = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json; charset=utf-8' } as const;

const UNAUTHORIZED = failure(401, 'unauthorized', 'There is no token for this client. Sign in first.');
const WRONG_METHOD = failure(405, 'method_not_allowed', 'Ask for a token by GET or POST.', 'GET, POST');
const UNAVAILABLE = failure(500, 'token_unavailable', 'There is no token to be had now.');
const TIMED_OUT = failure(503, 'timeout', 'It took too long to find out what this client may do. Try again.');

function failure(status: number, error: string, message: string, allow?: string): TokenAnswer {
  const headers = allow === undefined ? HEADERS : { ...HEADERS, Allow: allow };
  return { status, headers, body: JSON.stringify({ error, message }) };
}

/**
 * The core of every endpoint: from a method, and what `authorize` says of a request, to an answer.
 *
 * @param options - The endpoint's, as its user wrote them.
 * @returns A function that neither throws nor rejects.
 * @throws {SignError} `ERR_OPTIONS_INVALID`, with the field, or `ERR_TTL_INVALID`.
 */
export function tokenAnswerer<R>(options: unknown): TokenAnswerer<R> {
  const settings = readTokenOptions<R>(options);
  const { authorize, timeout } = settings;

  return (method, request, caller) => {
    // HEAD too, which a router hands to the handler of GET: it would mint a token for nobody.
    if (method !== 'GET' && method !== 'POST') return WRONG_METHOD;
    if (caller.isGone()) return undefined;

    const conclude = (outcome: Outcome<Authorization>): Result =>
      caller.isGone() ? undefined : answerTo(outcome, request, settings);
    const fail = (error: unknown): Result => {
      const answer = failed(UNAVAILABLE, error, request, settings);
      return caller.isGone() ? undefined : answer;
    };
    try {
      const outcome = withDeadline((context) => authorize(request, context), timeout, caller);
      return outcome instanceof Promise ? outcome.then(conclude).catch(fail) : conclude(outcome);
    } catch (error) {
      return fail(error);
    }
  };
}

/** Mints the token, if there is to be one. Throws what the signer throws. */
function answerTo<R>(outcome: Outcome<Authorization>, request: R, settings: TokenSettings<R>): TokenAnswer {
  if (outcome.reason !== undefined) return failed(TIMED_OUT, outcome.reason, request, settings);
  if (outcome.value === null || outcome.value === undefined) return UNAUTHORIZED;

  const { token, clientName, ttl, expiresAt } = settings.signer.issue(outcome.value, settings.lifetime);
  const body = JSON.stringify({ token, identity: clientName ?? null, ttl, expiresAt });
  return { status: 200, headers: HEADERS, body };
}

/** Reports an error to the one who runs the endpoint; the client is told no more than the answer. */
function failed<R>(
  answer: TokenAnswer,
  error: unknown,
  request: R,
  { onError }: TokenSettings<R>,
): TokenAnswer {
  try {
    Promise.resolve(onError?.(error, request)).catch(() => undefined);
  } catch {
    // The answer is the same whether it could be reported or not.
  }
  return answer;
}
