import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { CapabilitySigner } from 'twilio-capability';
import { readAccount, type Account } from './account';
import { createApp, type AppOptions } from './app';
import { createCertificate } from './gateway/certificate';
import { attachGateway, SIGNAL_PATH, type Gateway } from './gateway/gateway';
import { createTokenCheck, type TokenCheck } from './gateway/token-check';
import { closeGracefully } from './graceful-close';
import { SettingsError } from './settings-error';

const LAST_PORT = 65_535;
const PORT_FAULTS = new Map<string | undefined, string>([
  ['EADDRINUSE', 'taken'],
  ['EACCES', 'reserved for others'],
]);

export interface VoiceAppOptions {
  /** Default 3000; 0 takes any free one. */
  readonly port?: number | undefined;
  /** How long a token lasts, in seconds. Default 600. A signer that is given has its own. */
  readonly ttl?: number | undefined;
  /** Default: the account in the environment, else a made-up one with a local gateway. */
  readonly account?: Account | undefined;
  readonly signer?: AppOptions['signer'] | undefined;
  /** How the local gateway checks a token. Default: for the account, of either kind, as Twilio does. */
  readonly checkToken?: TokenCheck | undefined;
  /** Signs the session cookie. Default: a random one, with which a restart signs everybody out. */
  readonly sessionSecret?: string | undefined;
}

export interface VoiceApp {
  readonly url: string;
  /** Where the local gateway listens; null when the page uses Twilio itself. */
  readonly gatewayUrl: string | null;
  /** The calls that the local gateway has seen. */
  readonly calls: Gateway['calls'];
  /** Takes nothing new, finishes what it is answering, and ends within `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}

/**
 * Starts the app on loopback.
 *
 * With a made-up account the local gateway starts too, behind the same certificate and port as the page: the
 * browser then asks about the certificate once, and a WebSocket to the same place is trusted along with it.
 */
export async function startVoiceApp(options: VoiceAppOptions = {}): Promise<VoiceApp> {
  const { account = readAccount(), ttl = 600 } = options;
  const signer =
    options.signer ?? new CapabilitySigner({ accountSid: account.sid, authToken: account.authToken, ttl });
  const { sessionSecret = randomBytes(32).toString('base64url') } = options;

  const certificate = account.isLocal ? await createCertificate() : undefined;
  const server = certificate ? https.createServer(certificate) : http.createServer();
  const gateway = certificate
    ? attachGateway(server, {
        checkToken: options.checkToken ?? createTokenCheck(account),
        fingerprint: certificate.fingerprint,
      })
    : undefined;

  const { applicationSid } = account;
  server.on('request', createApp({ signer, applicationSid, sessionSecret, localCalls: gateway?.calls }));
  await listen(server, options.port ?? 3000);

  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    url: `${certificate ? 'https' : 'http'}://${host}`,
    gatewayUrl: gateway ? `wss://${host}${SIGNAL_PATH}` : null,
    calls: gateway?.calls ?? [],
    async close(deadlineMs = 5000) {
      gateway?.close();
      await closeGracefully(server, deadlineMs);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const fault = PORT_FAULTS.get((error as NodeJS.ErrnoException).code);
    if (fault === undefined) throw error;
    const other = port < LAST_PORT ? port + 1 : 3000;
    throw new SettingsError(`Port ${port} is ${fault}. Choose another: PORT=${other} npm run demo`);
  }
}

/** The settings of the environment, checked. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): VoiceAppOptions {
  return {
    account: readAccount(env),
    port: readPort(env['PORT'] ?? '3000'),
    sessionSecret: env['SESSION_SECRET'],
  };
}

function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > LAST_PORT) {
    throw new SettingsError(`PORT must be a number from 0 to ${LAST_PORT}.`);
  }
  return Number(text);
}

/** Starts the app and runs it until it is told to stop. */
export async function runVoiceApp(settings: VoiceAppOptions = readSettings()): Promise<void> {
  // Listened for from the start, so that a signal while the app comes up is not lost. Only the first one is:
  // a second ends the process at once, as Node does by default.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

  const app = await startVoiceApp(settings);
  console.log(`Voice app: ${app.url}`);
  if (app.gatewayUrl) {
    console.log(
      '  Its certificate was made just now on this machine, so the browser warns: choose Advanced, then ' +
        'Proceed to localhost. Sign in with any name; there is no password.',
    );
    console.log(`Local gateway: ${app.gatewayUrl} (no Twilio account is used)`);
  }

  await stopped;
  console.log('Closing.');
  await app.close();
}

async function main(): Promise<void> {
  try {
    await runVoiceApp();
  } catch (error) {
    console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = 1;
  }
}

if (require.main === module) void main();
