import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getExpectedTwilioSignature } from 'twilio';
import { CapabilityError } from 'twilio-capability';
import { createApp } from './app';
import { readSettings, SettingsError, type Settings } from './settings';
import { createVoiceUrl, type LatestCalls } from './voice-url';

export type VoiceApp = Awaited<ReturnType<typeof startVoiceApp>>;

/** Starts the page and the Voice URL. Returns their addresses on this machine. */
export async function startVoiceApp(settings: Settings, log = console.log) {
  const latestCalls: LatestCalls = new Map();
  const page = http.createServer(createApp(settings, latestCalls));
  const voice = http.createServer();
  const voiceOrigin = await listen(voice, settings.host, settings.voicePort, 'VOICE_PORT');
  voice.on('request', createVoiceUrl(settings, settings.publicUrl ?? voiceOrigin, latestCalls, log));
  const url = await listen(page, settings.host, settings.port, 'PORT');

  /** Stops accepting connections, and finishes pending requests within `deadlineMs`. */
  async function close(deadlineMs = 5000): Promise<void> {
    await Promise.all([closeServer(page, deadlineMs), closeServer(voice, deadlineMs)]);
  }
  return { url, voiceUrl: `${voiceOrigin}/voice`, close };
}

/** Starts the app and runs it until SIGINT or SIGTERM. */
export async function runVoiceApp(settings: Settings): Promise<void> {
  const app = await startVoiceApp(settings);
  closeOnSignal(app);
  const { publicUrl, callerId, callablePrefixes, answerAs } = settings;
  console.log(`${settings.apiKey ? 'Access Tokens' : 'Capability tokens'} for ${settings.accountSid}`);
  console.log(`Voice URL: ${publicUrl ? `${publicUrl}/voice` : app.voiceUrl}`);
  if (publicUrl) console.log(await checkVoiceUrl(`${publicUrl}/voice`, settings.authToken));
  else console.log('Without PUBLIC_URL, Twilio cannot reach it, and no call goes through.');
  if (!callerId || callablePrefixes.length === 0) {
    console.log('Without TWILIO_CALLER_ID and CALLABLE_PREFIXES, users cannot call phone numbers.');
  }
  if (!answerAs) console.log('Without ANSWER_AS, nobody answers calls to your Twilio number.');
  console.log(`Open ${app.url}`);
}

/** The process ends when everything is closed, or at once with a second signal. */
export function closeOnSignal(app: Pick<VoiceApp, 'close'>): void {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void app.close());
}

async function listen(server: Server, host: string, port: number, variable: string): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new SettingsError(`Port ${port} is in use or reserved. Set ${variable} to another number.`);
  }
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  server.close();
  setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs).unref();
  await once(server, 'close');
}

/** Posts a signed request to the Voice URL, as Twilio does for a call from outside. Nobody's phone rings. */
export async function checkVoiceUrl(url: string, authToken: string): Promise<string> {
  try {
    const headers = { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, {}) };
    const response = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(10_000) });
    if ((await response.text()).includes('<Response>')) {
      return 'It can be reached. The TwiML app must have the same address.';
    }
    return `It answers with status ${response.status} and no TwiML, so no call goes through. Check the tunnel.`;
  } catch {
    return 'It cannot be reached, so no call goes through. Check the tunnel.';
  }
}

/** Adds the variables of `.env` in the current folder to the environment, which has precedence. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** Ends the process, and explains what the user can correct without a stack trace. */
export function failToStart(error: unknown): never {
  console.error(error instanceof SettingsError || error instanceof CapabilityError ? error.message : error);
  process.exit(1);
}

async function main(): Promise<void> {
  loadDotEnv();
  await runVoiceApp(readSettings());
}

if (require.main === module) main().catch(failToStart);
