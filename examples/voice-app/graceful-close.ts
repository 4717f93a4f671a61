import { once } from 'node:events';
import type { Server } from 'node:http';

const IDLE_CHECK_MS = 50;

/** Stops accepting connections and finishes pending requests. Cuts them off after `deadlineMs`. */
export async function closeGracefully(server: Server, deadlineMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A keep-alive connection becomes idle after its answer and would keep the server open.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs);

  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}
