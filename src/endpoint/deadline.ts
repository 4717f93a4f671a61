/** Whoever waits for an answer, and may stop waiting. */
export interface Caller {
  /** Whether there is nobody left to answer. */
  isGone(): boolean;
  /** Calls the listener when the caller leaves, until the function that it returns is called. */
  onGone(listener: () => void): () => void;
}

/** What became of a task: its value, or why it was not waited for any longer. */
export type Outcome<T> =
  { readonly value: T; readonly reason?: undefined } | { readonly reason: DOMException };

/**
 * Runs a task until it settles, its time is up or the caller has gone, whichever comes first. What comes
 * later, a rejection too, is dropped.
 *
 * @param task - Gets a signal that aborts when nobody waits for it any more.
 * @param timeout - Milliseconds.
 * @returns The value, or the reason of the signal: a `DOMException` named `TimeoutError` or `AbortError`. At
 *   once, for a task that is done at once: to wait a turn costs more than the token.
 * @throws What the task throws; it rejects with what the task rejects with.
 */
export function withDeadline<T>(
  task: (context: { readonly signal: AbortSignal }) => T | PromiseLike<T>,
  timeout: number,
  caller: Caller,
): Outcome<T> | Promise<Outcome<T>> {
  let controller: AbortController | undefined;
  let reason: DOMException | undefined;
  const running = task({
    // Made when it is asked for: it costs about as much as a token, and few tasks look at it.
    get signal() {
      controller ??= new AbortController();
      if (reason !== undefined) controller.abort(reason);
      return controller.signal;
    },
  });
  if (!isThenable(running)) return { value: running };

  return new Promise((resolve, reject) => {
    const end = (name: 'TimeoutError' | 'AbortError', message: string): void => {
      reason = new DOMException(message, name);
      stopWaiting();
      resolve({ reason });
      controller?.abort(reason);
    };
    const timer = setTimeout(() => {
      end('TimeoutError', `It took longer than ${timeout} ms.`);
    }, timeout);
    const stopListening = caller.onGone(() => {
      end('AbortError', 'The client has gone.');
    });
    const stopWaiting = (): void => {
      clearTimeout(timer);
      stopListening();
    };
    Promise.resolve(running).then(
      (value) => {
        stopWaiting();
        resolve({ value });
      },
      (error: unknown) => {
        stopWaiting();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is passed on as it is
        reject(error);
      },
    );
  });
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as Partial<PromiseLike<T>>).then === 'function'
  );
}
