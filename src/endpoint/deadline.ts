/** The client that waits for a response. */
export interface Client {
  /** Returns whether the client has disconnected. */
  isGone(): boolean;
  /** Calls a listener when the client leaves, until the returned function is called. */
  onGone(listener: () => void): () => void;
}

/** Ends the wait for a token when the client leaves or the timeout passes. */
export class Deadline {
  /** The reason why the wait ended: a `TimeoutError` or an `AbortError`. Undefined during the wait. */
  reason: DOMException | undefined;
  /** Removes the timer and the listener. */
  readonly clear: () => void;
  #reject: ((reason: unknown) => void) | undefined;
  readonly #controller = new AbortController();

  /** @param timeout - Milliseconds. */
  constructor(timeout: number, client: Client) {
    const timer = setTimeout(() => {
      this.#end(`The token was not issued within ${timeout} ms.`, 'TimeoutError');
    }, timeout);
    const removeListener = client.onGone(() => {
      this.#end('The client disconnected.', 'AbortError');
    });
    this.clear = () => {
      clearTimeout(timer);
      removeListener();
    };
  }

  /** Aborts when the wait ends. Node creates it on first use. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles as `work` does, or rejects with {@link reason} if the wait ends first. */
  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.reason !== undefined) reject(this.reason);
      work.then(resolve, reject);
    });
  }

  #end(message: string, name: string): void {
    this.reason = new DOMException(message, name);
    this.clear();
    this.#reject?.(this.reason);
    this.#controller.abort(this.reason);
  }
}
