import { randomBytes } from 'node:crypto';
import { readAccount, type Account } from './account';
import { parsePhoneNumber } from './phone-number';
import { SettingsError } from './settings-error';

/** Everything that can be configured. {@link readSettings} reads it from the environment. */
export interface Settings {
  readonly account: Account;
  /** Port of the page. 0 picks a free port. */
  readonly port: number;
  /** Port of the Voice URL. 0 picks a free port. */
  readonly voicePort: number;
  /** Origin under which Twilio reaches the Voice URL, for example `https://calls.example.com`. */
  readonly publicUrl?: string | undefined;
  /** Your Twilio number, shown to the phones that users call. Without it, no phone number can be called. */
  readonly callerId?: string | undefined;
  /** Beginnings of the phone numbers that users may call, for example `+1` and `+4930`. */
  readonly callablePrefixes: readonly string[];
  /** Name of the user who takes calls to your Twilio number. */
  readonly answerAs?: string | undefined;
  /** Host and port that the page's SDK connects to. Default Twilio's. */
  readonly signalingHost?: string | undefined;
  /** Signs the session cookie. All processes of the app need the same one. */
  readonly sessionSecret: string;
  /** Stores the rate limits in Redis, so that several processes share them. */
  readonly redisUrl?: string | undefined;
  /** Number of reverse proxies in front of the app. */
  readonly trustProxy: number;
}

const LAST_PORT = 65_535;
const SECRET_LENGTH = 32;

/** Reads and checks the settings. An empty variable counts as not set. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const redisUrl = readRedisUrl(env['REDIS_URL']);
  if (redisUrl !== undefined && !env['SESSION_SECRET']) {
    throw new SettingsError(
      'REDIS_URL is for several processes, which must share one session secret. Set SESSION_SECRET too.',
    );
  }
  const port = readPort(env, 'PORT', 3000);
  const voicePort = readPort(env, 'VOICE_PORT', 3001);
  if (port === voicePort && port !== 0) {
    throw new SettingsError(`PORT and VOICE_PORT are both ${port}. Set them to different numbers.`);
  }
  return {
    account: readAccount(env),
    port,
    voicePort,
    publicUrl: readPublicUrl(env['PUBLIC_URL']),
    callerId: readCallerId(env['TWILIO_CALLER_ID']),
    callablePrefixes: readPrefixes(env['CALLABLE_PREFIXES']),
    answerAs: nonEmpty(env['ANSWER_AS']),
    signalingHost: readSignalingHost(env['SIGNALING_HOST']),
    sessionSecret: readSecret(env['SESSION_SECRET']),
    redisUrl,
    trustProxy: readCount(env, 'TRUST_PROXY', 0, 10),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readPort(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  return readCount(env, name, fallback, LAST_PORT);
}

function readCount(env: NodeJS.ProcessEnv, name: string, fallback: number, most: number): number {
  const text = nonEmpty(env[name]) ?? String(fallback);
  if (!/^\d{1,5}$/.test(text) || Number(text) > most) {
    throw new SettingsError(`${name} must be a number from 0 to ${most}.`);
  }
  return Number(text);
}

/** A short secret can be guessed from one cookie, and an empty one needs no guessing. */
function readSecret(text: string | undefined): string {
  const secret = nonEmpty(text) ?? randomBytes(SECRET_LENGTH).toString('base64url');
  if (secret.length >= SECRET_LENGTH) return secret;
  throw new SettingsError(
    `SESSION_SECRET must have at least ${SECRET_LENGTH} characters. ` +
      'Leave it out to use a random one, which signs everybody out at each start.',
  );
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isOrigin) return url.origin;
  throw new SettingsError(
    'PUBLIC_URL must be an https address without a path, such as https://calls.example.com.',
  );
}

function readCallerId(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const number = parsePhoneNumber(text);
  if (number !== null) return number;
  throw new SettingsError('TWILIO_CALLER_ID must be a phone number such as +15551234567.');
}

function readPrefixes(text: string | undefined): readonly string[] {
  if (!text) return [];
  const prefixes = text.split(',').map((prefix) => prefix.trim());
  if (prefixes.every((prefix) => /^\+[1-9]\d{0,6}$/.test(prefix))) return prefixes;
  throw new SettingsError('CALLABLE_PREFIXES must be a list such as +1,+4930.');
}

/** The host goes into the Content-Security-Policy, so it can have no other characters. */
function readSignalingHost(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (/^[a-z0-9.-]+(:\d{1,5})?$/i.test(text)) return text;
  throw new SettingsError('SIGNALING_HOST must be a host such as localhost:3000.');
}

function readRedisUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)) return text;
  throw new SettingsError('REDIS_URL must be an address such as redis://localhost:6379.');
}
