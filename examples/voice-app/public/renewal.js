const CHECK_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/**
 * Keeps a token fresh. Fetches the first token at once and the next one before it expires. After a failure, it
 * waits 1, 2, 4 … 30 s, and tries at once when the browser is online again.
 *
 * The page's own clock decides, since the SDKs do not always announce that a token expires. It is compared with
 * the time of day, because timers stop while a computer sleeps.
 *
 * @param {object} options
 * @param {() => Promise<{ token: string, ttl: number }>} options.fetchToken
 * @param {(token: string, ttl: number) => unknown} options.onToken
 * @param {(error: Error) => boolean} options.onFailure  returns whether to try again
 */
export function startRenewal({ fetchToken, onToken, onFailure }) {
  let dueAt = Date.now();
  let failures = 0;
  let refusals = 0;
  let isFetching = false;
  let isStopped = false;

  async function renew() {
    if (isFetching || isStopped) return;
    isFetching = true;
    try {
      const { token, ttl } = await fetchToken();
      if (isStopped) return;
      await onToken(token, ttl);
      failures = 0;
      dueAt = Date.now() + ttl * 1000 - reserveMs(ttl);
    } catch (error) {
      if (isStopped) return;
      dueAt = Date.now() + waitMs(failures);
      failures += 1;
      if (!onFailure(error)) dueAt = Infinity;
    } finally {
      isFetching = false;
    }
  }

  function onOnline() {
    if (failures > 0 && dueAt !== Infinity) void renew();
  }

  const timer = setInterval(() => {
    if (Date.now() >= dueAt) void renew();
  }, CHECK_MS);
  window.addEventListener('online', onOnline);
  void renew();

  return {
    /** Fetches a token now. */
    renew,
    /** Fetches another token after a refusal, with a longer wait for each refusal in a row. */
    renewAfterRefusal() {
      if (dueAt === Infinity) return;
      dueAt = Math.min(dueAt, Date.now() + waitMs(refusals));
      refusals += 1;
    },
    /** Resets the wait after refusals, once a token was accepted. */
    accepted() {
      refusals = 0;
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      window.removeEventListener('online', onOnline);
    },
  };
}

/** 1, 2, 4 … 30 s */
function waitMs(attempts) {
  return Math.min(1000 * 2 ** attempts, LONGEST_WAIT_MS);
}

/** Long enough for a slow network, but at most a third of the lifetime of a short token. */
export function reserveMs(ttl) {
  return Math.min(30_000, (ttl * 1000) / 3);
}
