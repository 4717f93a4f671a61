import { once } from 'node:events';
import type { Server } from 'node:http';

const IDLE_CHECK_MS = 50;

/**
 * Closes a server: no new connections from now on; requests that are being answered get to finish, but no
 * longer than `deadlineMs`.
 */
export async function closeGracefully(server: Server, deadlineMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that is kept alive turns idle after its answer, and would then hold the server open.
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
