import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { createApp, type AppOptions } from './app';
import { closeGracefully } from './graceful-close';
import { listen } from './listen';
import { missingSettings } from './missing-settings';
import { connectRedis } from './redis';
import { readSettings, type Settings } from './settings';
import { SettingsError } from './settings-error';
import { createSigner } from './signer';
import { checkReachable } from './voice-url/check-reachable';
import { createRecentCalls } from './voice-url/recent-calls';
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
  /** Address that gets how each call ended. */
  readonly statusUrl: string;
  /** Stops accepting connections and finishes pending requests within `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}

const DEFAULT_TTL = 600;

/** Starts the page and the Voice URL on loopback. */
export async function startVoiceApp(settings: Settings, options: VoiceAppOptions = {}): Promise<VoiceApp> {
  const { account } = settings;
  const { log = console.log } = options;
  const signer = options.signer ?? createSigner(account, options.ttl ?? DEFAULT_TTL);
  const redis = settings.redisUrl === undefined ? undefined : await connectRedis(settings.redisUrl);

  const voiceServer = http.createServer();
  const server = http.createServer();
  const calls = createRecentCalls();
  async function close(deadlineMs = 5000): Promise<void> {
    await Promise.all([closeGracefully(server, deadlineMs), closeGracefully(voiceServer, deadlineMs)]);
    redis?.close();
  }

  try {
    const voicePort = await listen(voiceServer, settings.voicePort, 'VOICE_PORT');
    const voiceOrigin = `http://localhost:${voicePort}`;
    const publicUrl = settings.publicUrl ?? voiceOrigin;
    voiceServer.on(
      'request',
      createVoiceUrl({ authToken: account.authToken, publicUrl, rules: settings, calls, log }),
    );

    const app = createApp({
      signer,
      applicationSid: account.applicationSid,
      sessionSecret: settings.sessionSecret,
      trustProxy: settings.trustProxy,
      limits: options.limits,
      redis,
      signalingHost: settings.signalingHost,
      calls,
    });
    server.on('request', app);
    const port = await listen(server, settings.port, 'PORT');
    return {
      url: `http://localhost:${port}`,
      voiceUrl: voiceOrigin + VOICE_PATH,
      statusUrl: voiceOrigin + STATUS_PATH,
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
  const stopped = stopSignal();
  const app = await startVoiceApp(settings);
  for (const line of describeStart(app, settings)) console.log(line);
  const closing = new AbortController();
  if (settings.publicUrl !== undefined) {
    void reportReachability(settings.publicUrl, settings.account.authToken, closing.signal);
  }
  await stopped;
  console.log('Closing.');
  closing.abort();
  await app.close();
}

/**
 * Resolves at SIGINT or SIGTERM. Call it before the start, so that a signal during the start is not lost. A
 * second signal ends the process at once.
 */
export async function stopSignal(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
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
  const lines = [
    `Voice app: ${app.url}`,
    `Tokens: ${account.apiKey ? 'Access Tokens' : 'capability tokens'} for account ${account.sid}`,
    `Voice URL: ${settings.publicUrl ? settings.publicUrl + VOICE_PATH : app.voiceUrl}`,
  ];
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
