import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsError } from './settings-error';

const LAST_PORT = 65_535;
const PORT_FAULTS = new Map<string | undefined, string>([
  ['EADDRINUSE', 'in use'],
  ['EACCES', 'reserved'],
]);

/**
 * Listens on loopback and returns the port.
 *
 * @param variable - Name of the setting that the port comes from.
 * @throws {SettingsError} If the port is in use.
 */
export async function listen(server: Server, port: number, variable: string): Promise<number> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const fault = PORT_FAULTS.get((error as NodeJS.ErrnoException).code);
    if (fault === undefined) throw error;
    const other = port + 10 <= LAST_PORT ? port + 10 : 3010;
    throw new SettingsError(`Port ${port} is ${fault}. Choose another: ${variable}=${other} npm run demo`);
  }
  return (server.address() as AddressInfo).port;
}
