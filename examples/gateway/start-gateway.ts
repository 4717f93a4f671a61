import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { DEFAULT_BEHAVIOR, type Behavior } from './behavior';
import { createCallRunner, type CallRecord, type VoiceUrls } from './call-runner';
import { createCertificate } from './certificate';
import type { Call, Connection, ConnectionState } from './connection';
import { forwardTo, type Front } from './front';
import { createSilentMedia } from './silent-media';
import { closeSocket, serveSocket } from './socket';
import { createTokenCheck, type Credentials } from './token-check';
import { outsideRequest } from './voice-url-request';

export interface GatewayOptions extends Credentials, Partial<Behavior> {
  /** Port on loopback. Default 0, a free port. */
  readonly port?: number | undefined;
  /** Time between two heartbeats, and time in which a client must answer one. Default 10,000. */
  readonly heartbeatMs?: number | undefined;
}

/** The application behind the gateway. */
export interface Application extends VoiceUrls, Front {}

/** A call from the gateway to a device. */
export interface IncomingCall {
  readonly status: 'ringing' | 'answered' | 'ended';
  hangUp(): void;
}

export interface Gateway {
  /** `localhost` and the port: the SDKs' option `chunderw`. */
  readonly host: string;
  /** Origin of the gateway, and of the page if one is attached. */
  readonly url: string;
  /** The open connections, oldest first. */
  readonly connections: readonly ConnectionState[];
  /** The latest 100 calls that went to the Voice URL, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Whether a connection is registered under this client name, with a token that is valid now. */
  isRegistered(clientName: string): boolean;
  /** Sets the application. It can be set after the start, since the application needs `host`. */
  attach(application: Application): void;
  /** Changes the behavior. What is not given stays. */
  behave(changes: Partial<Behavior>): void;
  /** Replaces the account or rotates its secrets. Registrations stay until their token expires. */
  setCredentials(credentials: Credentials): void;
  /** Rings one registered device that is not in a call. Returns null if there is none. */
  ring(clientName: string, from?: string): IncomingCall | null;
  /** Calls the account's number from a phone, through the Voice URL. Returns a function to hang up. */
  callFromOutside(from: string, to: string): () => void;
  /** Cuts all connections, as a network failure does. The clients can connect again. */
  dropConnections(): void;
  /** Cuts all connections and accepts none until {@link comeBack}. An attached page stays reachable. */
  goAway(): void;
  comeBack(): void;
  /** Closes all connections and the server. */
  close(): Promise<void>;
}

/** The SDKs connect to this path on any host they are given (`createSignalingEndpointURL` in their `regions`). */
export const SIGNAL_PATH = '/signal';

const HEARTBEAT_MS = 10_000;
// The largest message is the WebRTC offer of a call, about 5 kB.
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 200;
const GOING_AWAY = 1001;

/**
 * Starts a local mock of Twilio's signaling gateway, with a self-signed certificate.
 *
 * It verifies tokens, registers devices and connects their calls as the Voice URL says. It carries no sound.
 *
 * @throws {Error} With the code `EADDRINUSE` if the port is in use.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { port = 0, heartbeatMs = HEARTBEAT_MS, accountSid, authToken, apiKey, ...changes } = options;
  let credentials: Credentials = { accountSid, authToken, apiKey };
  let checkToken = createTokenCheck(credentials);
  let behavior: Behavior = { ...DEFAULT_BEHAVIOR, ...changes };
  let application: Application = {};
  let isAway = false;

  const certificate = await createCertificate();
  const server = createServer(
    certificate,
    forwardTo(() => application),
  );
  const sockets = new WebSocketServer({ noServer: true, path: SIGNAL_PATH, maxPayload: MAX_MESSAGE_BYTES });
  const connections = new Set<Connection>();
  const deviceCalls = new Map<string, Call>();
  const media = createSilentMedia(certificate.fingerprint);
  const runner = createCallRunner({
    authToken: () => credentials.authToken,
    urls: () => application,
    findDevice,
  });

  function findDevice(clientName: string): Connection | undefined {
    return [...connections].find((connection) => {
      const { isRegistered, isInCall, clientNames } = connection.state();
      return isRegistered && !isInCall && clientNames.includes(clientName);
    });
  }

  server.on('upgrade', (request, socket, head) => {
    if (isAway || sockets.clients.size >= MAX_CONNECTIONS) socket.destroy();
    else sockets.handleUpgrade(request, socket, head, accept);
  });

  function accept(socket: Parameters<typeof serveSocket>[0]): void {
    const connection = serveSocket(
      socket,
      {
        checkToken: (token) => checkToken(token),
        behavior: () => behavior,
        media,
        connect: (request, caller) => runner.connect(request, caller),
        calls: deviceCalls,
        heartbeatMs,
      },
      () => connections.delete(connection),
    );
    connections.add(connection);
  }

  function dropConnections(): void {
    for (const socket of sockets.clients) socket.terminate();
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;

  return {
    host,
    url: `https://${host}`,
    get connections() {
      return [...connections].map((connection) => connection.state());
    },
    calls: runner.calls,
    isRegistered: (clientName) =>
      [...connections].some((connection) => {
        const { isRegistered, isTokenValid, clientNames } = connection.state();
        return isRegistered && isTokenValid && clientNames.includes(clientName);
      }),
    attach(next) {
      application = next;
    },
    behave(next) {
      behavior = { ...behavior, ...next };
    },
    setCredentials(next) {
      checkToken = createTokenCheck(next);
      credentials = next;
    },
    ring(clientName, from = '+15550111') {
      const device = findDevice(clientName);
      return device === undefined ? null : ring(device, { From: from, To: `client:${clientName}` });
    },
    callFromOutside(from, to) {
      const ignore = (): undefined => undefined;
      const caller = { ring: ignore, answer: ignore, end: ignore };
      return runner.connect(outsideRequest(credentials.accountSid, from, to), caller).hangUp;
    },
    dropConnections,
    goAway() {
      isAway = true;
      dropConnections();
    },
    comeBack() {
      isAway = false;
    },
    async close() {
      isAway = true;
      runner.close();
      for (const socket of sockets.clients) closeSocket(socket, GOING_AWAY);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };

  function ring(device: Connection, parties: { From: string; To: string }): IncomingCall {
    let status: IncomingCall['status'] = 'ringing';
    const hangUp = device.ring(
      { ...parties, AccountSid: credentials.accountSid },
      {
        answer() {
          status = 'answered';
        },
        end() {
          status = 'ended';
        },
      },
    );
    return {
      get status() {
        return status;
      },
      hangUp() {
        if (status === 'ended') return;
        status = 'ended';
        hangUp();
      },
    };
  }
}
