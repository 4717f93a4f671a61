import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsError } from './settings-error';

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
    throw new SettingsError(`Port ${port} is ${fault}. Set ${variable} to another number.`);
  }
  return (server.address() as AddressInfo).port;
}
