import type { WebSocket } from 'ws';
import type { Behavior } from './behavior';
import { createConnection, type Connection, type ConnectionOptions } from './connection';
import { parseMessage } from './message';

export interface SocketOptions extends Omit<ConnectionOptions, 'send' | 'closeSocket'> {
  readonly heartbeatMs: number;
}

// The SDKs expect a message every 15 seconds (`CONNECT_TIMEOUT` and `HEARTBEAT` in their `wstransport`).
const HEARTBEAT = '\n';
/** Between two heartbeats. A call with the SDKs needs about ten messages. */
const MAX_MESSAGES = 1000;
/** Messages that a client has not read yet. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const NORMAL = 1000;
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
const CLOSE_MS = 1000;

/**
 * Serves one client. Whatever the client sends or whatever fails, at most this connection closes.
 *
 * @param onClose - Called once, when the connection is gone.
 */
export function serveSocket(socket: WebSocket, options: SocketOptions, onClose: () => void): Connection {
  const { behavior, heartbeatMs } = options;
  let messages = 0;
  let isAlive = true;

  const connection = createConnection({
    ...options,
    send(type, payload) {
      write(JSON.stringify({ type, payload }));
    },
    closeSocket() {
      later(behavior(), () => {
        closeSocket(socket, NORMAL);
      });
    },
  });

  function write(text: string): void {
    later(behavior(), () => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
      else socket.send(text);
    });
  }

  const heartbeat = setInterval(() => {
    // A client that did not answer the last ping is gone, even if its socket looks open.
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    messages = 0;
    socket.ping();
    write(HEARTBEAT);
  }, heartbeatMs);

  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('message', (data: Buffer) => {
    messages += 1;
    if (messages > MAX_MESSAGES) {
      closeSocket(socket, POLICY_VIOLATION);
      return;
    }
    const message = parseMessage(data.toString());
    if (message === null) return;
    try {
      connection.receive(message.type, message.payload);
    } catch (error) {
      console.error('Gateway: closed a connection after an error:', error);
      closeSocket(socket, INTERNAL_ERROR);
    }
  });
  // A broken socket closes too. Without this listener, the error would end the process.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(heartbeat);
    connection.disconnect();
    onClose();
  });
  return connection;
}

/** Closes a WebSocket. Cuts it off if the client does not answer. */
export function closeSocket(socket: WebSocket, code: number): void {
  socket.close(code);
  setTimeout(() => {
    socket.terminate();
  }, CLOSE_MS).unref();
}

function later({ delayMs }: Behavior, action: () => void): void {
  if (delayMs === 0) action();
  else setTimeout(action, delayMs);
}
