import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createApp, type AppOptions } from './app';
import { createCertificate } from '../gateway/certificate';
import { attachGateway, SIGNAL_PATH, type Gateway } from '../gateway/gateway';
import { createTokenCheck } from '../gateway/token-check';
import { closeGracefully } from './graceful-close';
import { listen } from './listen';
import { missingSettings } from './missing-settings';
import { connectRedis } from './redis';
import { readSettings, type Settings } from './settings';
import { SettingsError } from './settings-error';
import { createSigner } from './signer';
import { checkReachable } from './voice-url/check-reachable';
import { createVoiceUrl, STATUS_PATH, VOICE_PATH } from './voice-url/voice-url';

export interface VoiceAppOptions {
  /** Lifetime of a token in seconds. Default 600. */
  readonly ttl?: number | undefined;
  /** Replaces the signer of the account. */
  readonly signer?: AppOptions['signer'] | undefined;
  readonly limits?: AppOptions['limits'];
  /** Gets one line for each call that ended. Default `console.log`. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface VoiceApp {
  /** Address of the page. */
  readonly url: string;
  /** Address of the Voice URL on this machine. */
  readonly voiceUrl: string;
  /** The local gateway. Null if the page uses Twilio. */
  readonly gateway: Gateway | null;
  /** Stops accepting connections and finishes pending requests within `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}

const DEFAULT_TTL = 600;

/**
 * Starts the page and the Voice URL on loopback.
 *
 * With the test account, the local gateway starts too, with the same certificate and port as the page. The
 * browser asks about the certificate once and then also trusts the WebSocket.
 */
export async function startVoiceApp(settings: Settings, options: VoiceAppOptions = {}): Promise<VoiceApp> {
  const { account } = settings;
  const { log = console.log } = options;
  const signer = options.signer ?? createSigner(account, options.ttl ?? DEFAULT_TTL);
  const redis = settings.redisUrl === undefined ? undefined : await connectRedis(settings.redisUrl);

  const voiceServer = http.createServer();
  const certificate = account.isLocal ? await createCertificate() : undefined;
  const server = certificate ? https.createServer(certificate) : http.createServer();
  let gateway: Gateway | null = null;
  async function close(deadlineMs = 5000): Promise<void> {
    gateway?.close();
    await Promise.all([closeGracefully(server, deadlineMs), closeGracefully(voiceServer, deadlineMs)]);
    redis?.close();
  }

  try {
    const voicePort = await listen(voiceServer, settings.voicePort, 'VOICE_PORT');
    const voiceOrigin = `http://localhost:${voicePort}`;
    const publicUrl = account.isLocal ? voiceOrigin : (settings.publicUrl ?? voiceOrigin);
    voiceServer.on(
      'request',
      createVoiceUrl({ authToken: account.authToken, publicUrl, rules: settings, log }),
    );

    if (certificate) {
      gateway = attachGateway(server, {
        account,
        checkToken: createTokenCheck(account),
        fingerprint: certificate.fingerprint,
        voiceUrl: voiceOrigin + VOICE_PATH,
        statusUrl: voiceOrigin + STATUS_PATH,
      });
    }
    const app = createApp({
      signer,
      applicationSid: account.applicationSid,
      sessionSecret: settings.sessionSecret,
      trustProxy: settings.trustProxy,
      limits: options.limits,
      redis,
      localCalls: gateway?.calls,
    });
    server.on('request', app);
    const port = await listen(server, settings.port, 'PORT');
    return {
      url: `${certificate ? 'https' : 'http'}://localhost:${port}`,
      voiceUrl: voiceOrigin + VOICE_PATH,
      gateway,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Adds the variables of `.env` in the current folder to the environment, which has precedence. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** Starts the app and runs it until SIGINT or SIGTERM. */
export async function runVoiceApp(settings: Settings): Promise<void> {
  // Both listeners are set up before the start, so that a signal during the start is not lost. A second signal
  // ends the process at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

  const app = await startVoiceApp(settings);
  for (const line of describeStart(app, settings)) console.log(line);
  const closing = new AbortController();
  if (!app.gateway && settings.publicUrl !== undefined) {
    void reportReachability(settings.publicUrl, settings.account.authToken, closing.signal);
  }
  await stopped;
  console.log('Closing.');
  closing.abort();
  await app.close();
}

async function reportReachability(publicUrl: string, authToken: string, signal: AbortSignal): Promise<void> {
  const fault = await checkReachable(publicUrl + VOICE_PATH, authToken, signal);
  if (signal.aborted) return;
  console.log(
    fault === null
      ? 'The Voice URL answers at this address. The TwiML app must have the same address.'
      : `${fault} No call goes through. Check that the tunnel runs and leads to VOICE_PORT.`,
  );
}

function describeStart(app: VoiceApp, settings: Settings): string[] {
  const { account } = settings;
  const lines = [`Voice app: ${app.url}`];
  if (app.gateway) {
    lines.push(
      '  Your browser warns about the certificate, which this machine has just made: choose Advanced, then ' +
        'Proceed to localhost. Sign in with any name. There is no password.',
      `Local gateway: ${app.url.replace('https', 'wss')}${SIGNAL_PATH} (no Twilio account is used)`,
    );
  } else {
    lines.push(
      `Tokens: ${account.apiKey ? 'Access Tokens' : 'capability tokens'} for account ${account.sid}`,
    );
  }
  lines.push(`Voice URL: ${settings.publicUrl ? settings.publicUrl + VOICE_PATH : app.voiceUrl}`);
  const missing = missingSettings(settings);
  if (missing.length > 0) lines.push('Not set:', ...missing.map((line) => `  ${line}`));
  return lines;
}

async function main(): Promise<void> {
  try {
    loadDotEnv();
    await runVoiceApp(readSettings());
  } catch (error) {
    console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = 1;
  }
}

if (require.main === module) void main();
