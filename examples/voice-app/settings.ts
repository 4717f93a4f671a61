import { randomBytes } from 'node:crypto';
import { userNamed } from './user';

/** A setting that the user can correct. The message says how, so no stack trace is printed. */
export class SettingsError extends Error {}

export type Settings = Readonly<ReturnType<typeof readSettings>>;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];
const HEX = '32 characters from 0-9 and a-f';

/** The form of each setting. `.env.example` explains them. */
const FORMS = {
  TWILIO_ACCOUNT_SID: [/^AC[0-9a-f]{32}$/i, `AC and ${HEX}`],
  TWILIO_AUTH_TOKEN: [/^\S+$/, 'one word'],
  TWILIO_APPLICATION_SID: [/^AP[0-9a-f]{32}$/i, `AP and ${HEX}`],
  PUBLIC_URL: [/^https:\/\/[\w.-]+(:\d+)?\/?$/, 'an https address without a path'],
  TWILIO_API_KEY_SID: [/^SK[0-9a-f]{32}$/i, `SK and ${HEX}`],
  TWILIO_API_KEY_SECRET: [/^\S+$/, 'one word'],
  TWILIO_CALLER_ID: [/^\+[1-9]\d{6,14}$/, 'a number such as +15551234567'],
  CALLABLE_PREFIXES: [/^\+[1-9]\d{0,6}(, *\+[1-9]\d{0,6})*$/, 'a list such as +1,+4930'],
  ANSWER_AS: [{ test: userNamed }, 'a name to sign in with'],
  HOST: [/^[\w.:-]+$/, 'a host name or an IP address'],
  PORT: [/^[1-5]?\d{1,4}$/, 'a number from 0 to 59999'],
  VOICE_PORT: [/^[1-5]?\d{1,4}$/, 'a number from 0 to 59999'],
  PUBLIC_HOSTS: [/^[\w.:[\]-]+(, *[\w.:[\]-]+)*$/, 'a list of host names without ports'],
  TRUST_PROXY: [/^\d$/, 'a digit, the number of reverse proxies'],
  SESSION_SECRET: [/^.{32,}$/, '32 characters or longer'],
} as const;

/** Reads and checks the settings. An empty variable counts as not set. */
export function readSettings(env: NodeJS.ProcessEnv = process.env) {
  function read(name: keyof typeof FORMS): string | undefined {
    const [form, expected] = FORMS[name];
    const text = env[name]?.trim();
    if (text && !form.test(text)) throw new SettingsError(`${name} must be ${expected}.`);
    return text || undefined;
  }
  const readList = (name: keyof typeof FORMS): string[] => read(name)?.split(/, */) ?? [];

  const accountSid = read('TWILIO_ACCOUNT_SID');
  const authToken = read('TWILIO_AUTH_TOKEN');
  const applicationSid = read('TWILIO_APPLICATION_SID');
  if (!accountSid || !authToken || !applicationSid) {
    throw new SettingsError(
      'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID in .env, as .env.example shows.',
    );
  }
  const apiKeySid = read('TWILIO_API_KEY_SID');
  const apiKeySecret = read('TWILIO_API_KEY_SECRET');
  if (!apiKeySid !== !apiKeySecret) {
    throw new SettingsError('Set both TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or neither.');
  }
  const publicUrl = read('PUBLIC_URL');
  const host = read('HOST') ?? '127.0.0.1';
  const publicHosts = readList('PUBLIC_HOSTS').map((name) => name.toLowerCase());
  if (publicUrl) publicHosts.push(new URL(publicUrl).hostname);
  if (!LOOPBACK.includes(host) && publicHosts.length === 0) {
    throw new SettingsError(
      `With HOST=${host}, set PUBLIC_HOSTS to the host names that people open the page with.`,
    );
  }

  return {
    accountSid,
    authToken,
    applicationSid,
    /** With an API key, the app issues Access Tokens instead of capability tokens. */
    apiKey: apiKeySid && apiKeySecret ? { sid: apiKeySid, secret: apiKeySecret } : undefined,
    /** Lifetime of a token in seconds. */
    ttl: 600,
    host,
    port: Number(read('PORT') ?? 3000),
    voicePort: Number(read('VOICE_PORT') ?? 3001),
    /** Origin under which Twilio reaches the Voice URL. */
    publicUrl: publicUrl && new URL(publicUrl).origin,
    /** Host names under which the app answers. */
    hosts: [...LOOPBACK, ...publicHosts],
    callerId: read('TWILIO_CALLER_ID'),
    callablePrefixes: readList('CALLABLE_PREFIXES'),
    answerAs: read('ANSWER_AS'),
    sessionSecret: read('SESSION_SECRET') ?? randomBytes(32).toString('hex'),
    trustProxy: Number(read('TRUST_PROXY') ?? 0),
    /** Requests that one IP address can make in a minute. */
    limits: { signIns: 10, tokens: 30 },
  };
}
