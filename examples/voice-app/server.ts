import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getExpectedTwilioSignature } from 'twilio';
import { CapabilityError } from 'twilio-capability';
import { createApp } from './app';
import { readSettings, SettingsError, type Settings } from './settings';
import { createVoiceUrl, type LatestCalls } from './voice-url';

export interface VoiceApp {
  /** Addresses on this machine. */
  readonly url: string;
  readonly voiceUrl: string;
  /** Stops accepting connections and finishes pending requests within `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}

/** Starts the page and the Voice URL. */
export async function startVoiceApp(settings: Settings, log = console.log): Promise<VoiceApp> {
  const latestCalls: LatestCalls = new Map();
  const page = http.createServer(createApp(settings, latestCalls));
  const voice = http.createServer();
  const close = async (deadlineMs = 5000): Promise<void> => {
    await Promise.all([page, voice].map((server) => closeServer(server, deadlineMs)));
  };
  try {
    const voiceOrigin = `http://localhost:${await listen(voice, settings, 'VOICE_PORT')}`;
    voice.on('request', createVoiceUrl(settings, settings.publicUrl ?? voiceOrigin, latestCalls, log));
    const url = `http://localhost:${await listen(page, settings, 'PORT')}`;
    return { url, voiceUrl: `${voiceOrigin}/voice`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts the app and runs it until SIGINT or SIGTERM. */
export async function runVoiceApp(settings: Settings): Promise<void> {
  // The listeners are set up first, so that a signal during the start is not lost. A second signal ends the
  // process at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const app = await startVoiceApp(settings);
  const { publicUrl, callerId, callablePrefixes, answerAs } = settings;
  console.log(`Voice URL: ${publicUrl ? `${publicUrl}/voice` : app.voiceUrl}`);
  if (!publicUrl) console.log('Without PUBLIC_URL, Twilio cannot reach it, and no call goes through.');
  else console.log(await checkVoiceUrl(`${publicUrl}/voice`, settings.authToken));
  if (!callerId || callablePrefixes.length === 0) {
    console.log('Without TWILIO_CALLER_ID and CALLABLE_PREFIXES, users cannot call phone numbers.');
  }
  if (!answerAs) console.log('Without ANSWER_AS, nobody answers calls to your Twilio number.');
  console.log(`${settings.apiKey ? 'Access Tokens' : 'Capability tokens'} for ${settings.accountSid}`);
  console.log(`Open ${app.url}`);
  await stopped;
  console.log('Closing.');
  await app.close();
}

/** Adds the variables of `.env` in the current folder to the environment, which has precedence. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

async function listen(
  server: Server,
  { host, ...ports }: Settings,
  variable: 'PORT' | 'VOICE_PORT',
): Promise<number> {
  const port = variable === 'PORT' ? ports.port : ports.voicePort;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EADDRINUSE', 'EACCES'].includes(code)) throw error;
    throw new SettingsError(`Port ${port} is in use or reserved. Set ${variable} to another number.`);
  }
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs);
  await closed;
  clearTimeout(deadline);
}

/** Posts a signed request to the Voice URL, as Twilio does for a call from outside. Nobody's phone rings. */
async function checkVoiceUrl(url: string, authToken: string): Promise<string> {
  try {
    const headers = { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, {}) };
    const response = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(10_000) });
    const body = await response.text();
    if (body.includes('<Response>')) return 'It can be reached. The TwiML app must have the same address.';
    return `It answers with status ${response.status} and no TwiML, so no call goes through. Check the tunnel.`;
  } catch {
    return 'It cannot be reached, so no call goes through. Check the tunnel.';
  }
}

/** Explains what the user can correct, without a stack trace. */
export function reportStartError(error: unknown): void {
  const isExplained = error instanceof SettingsError || error instanceof CapabilityError;
  console.error(isExplained ? error.message : error);
  process.exitCode = 1;
}

if (require.main === module) {
  loadDotEnv();
  Promise.resolve()
    .then(() => runVoiceApp(readSettings()))
    .catch(reportStartError);
}
