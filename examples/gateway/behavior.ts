import type { Refusal } from './refusal';

/**
 * What happens to a connection after its token has expired or was refused. The gateway sends the error first.
 *
 * - `send-close`: sends `close`. The SDKs then disconnect and do not come back by themselves.
 * - `keep-socket`: keeps the connection open without a registration. It validates the next token after a moment,
 *   and answers 31204 to a `register` in between.
 * - `close-socket`: closes the WebSocket.
 */
export type AfterRefusal = 'send-close' | 'keep-socket' | 'close-socket';

/** Behavior that a test can change at any time. It applies to what happens from then on. */
export interface Behavior {
  /** Default `send-close`. */
  readonly afterRefusal: AfterRefusal;
  /** Refuses every token with this error. Null validates tokens. Default null. */
  readonly refuseConnections: Refusal | null;
  /** Refuses every outgoing call with this error. Null asks the Voice URL. Default null. */
  readonly refuseCalls: Refusal | null;
  /** Delays every message to the clients by this time. Default 0. */
  readonly delayMs: number;
}

export const DEFAULT_BEHAVIOR: Behavior = {
  afterRefusal: 'send-close',
  refuseConnections: null,
  refuseCalls: null,
  delayMs: 0,
};
