import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Writes the module that replaces port 3000 by any free one, and prints which. */
export function writeFreePort(folder: string): void {
  writeFileSync(
    join(folder, 'free-port.mjs'),
    `import { Server } from 'node:net';
     const { listen } = Server.prototype;
     Server.prototype.listen = function (...args) {
       const port = args[0]?.port ?? args[0];
       if (Number(port) !== 3000) return listen.apply(this, args);
       this.once('listening', () => console.log('PORT ' + this.address().port));
       const [first, ...rest] = args;
       return listen.call(this, typeof first === 'object' ? { ...first, port: 0 } : 0, ...rest);
     };`,
  );
}

/** Flags of Node that load this module. */
export const freePortFlags = (folder: string): string[] => ['--import', join(folder, 'free-port.mjs')];

/** Waits until a server listens, and returns its address. */
export async function addressOf(server: ChildProcess): Promise<string> {
  server.stderr?.pipe(process.stderr);
  for await (const line of createInterface(server.stdout!)) {
    const [, port] = /^PORT (\d+)$/.exec(line) ?? [];
    if (port === undefined) continue;
    server.stdout!.resume();
    return `http://127.0.0.1:${port}`;
  }
  await once(server, 'exit');
  throw new Error('The server ended before it listened.');
}
