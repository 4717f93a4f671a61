/** The client that waits for a response. */
export interface Client {
  /** Returns whether the client has disconnected or has its response. */
  isGone(): boolean;
  /** Calls a listener when the client leaves, until the returned function is called. */
  onGone(listener: () => void): () => void;
}

/** Ends the wait for a token when the client leaves or time is up. */
export class Deadline {
  /** Rejects with {@link reason}. */
  readonly over: Promise<never>;
  /** The reason why the wait ended: a `TimeoutError` or an `AbortError`. Undefined during the wait. */
  reason: DOMException | undefined;
  readonly #clear: () => void;
  #controller: AbortController | undefined;

  /** @param timeout - Milliseconds. */
  constructor(timeout: number, client: Client) {
    const { promise, reject } = withResolvers();
    this.over = promise;
    const end = (message: string, name: string): void => {
      this.reason = new DOMException(message, name);
      this.clear();
      reject(this.reason);
      this.#controller?.abort(this.reason);
    };
    const timer = setTimeout(end, timeout, `The token was not issued within ${timeout} ms.`, 'TimeoutError');
    const removeListener = client.onGone(() => {
      end('The client disconnected.', 'AbortError');
    });
    this.#clear = () => {
      clearTimeout(timer);
      removeListener();
    };
  }

  /** Whether the wait has ended. */
  get isOver(): boolean {
    return this.reason !== undefined;
  }

  /** Aborts when the wait ends. Created on first use, since most applications do not need it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isOver) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  /** Removes the timer and the listener. */
  clear(): void {
    this.#clear();
  }
}

/** `Promise.withResolvers` for Node 20. A rejection without a handler is ignored. */
function withResolvers(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject!: (reason: unknown) => void;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}
