import { randomBytes } from 'node:crypto';
import { parsePhoneNumber, userNamed } from './user';

/** A setting that the user can correct. The message says how, so no stack trace is printed. */
export class SettingsError extends Error {}

export type Settings = Readonly<ReturnType<typeof readSettings>>;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Reads and checks the settings, which `.env.example` explains. An empty variable counts as not set. */
export function readSettings(env: NodeJS.ProcessEnv = process.env) {
  function read(name: string, form: RegExp, expected: string): string | undefined {
    const text = env[name]?.trim();
    if (!text || form.test(text)) return text || undefined;
    throw new SettingsError(`${name} must be ${expected}.`);
  }
  const readSid = (name: string, prefix: string): string | undefined =>
    read(name, new RegExp(`^${prefix}[0-9a-f]{32}$`, 'i'), `${prefix} and 32 characters from 0-9 and a-f`);
  const readSecret = (name: string): string | undefined => read(name, /^\S+$/, 'one word');
  function readPort(name: string, fallback: number): number {
    const expected = 'a number from 0 to 65535';
    const port = Number(read(name, /^\d{1,5}$/, expected) ?? fallback);
    if (port > 65_535) throw new SettingsError(`${name} must be ${expected}.`);
    return port;
  }

  const accountSid = readSid('TWILIO_ACCOUNT_SID', 'AC');
  const authToken = readSecret('TWILIO_AUTH_TOKEN');
  const applicationSid = readSid('TWILIO_APPLICATION_SID', 'AP');
  if (!accountSid || !authToken || !applicationSid) {
    throw new SettingsError(
      'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID in .env, as .env.example shows.',
    );
  }
  const apiKeySid = readSid('TWILIO_API_KEY_SID', 'SK');
  const apiKeySecret = readSecret('TWILIO_API_KEY_SECRET');
  if (!apiKeySid !== !apiKeySecret) {
    throw new SettingsError('Set both TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or neither.');
  }

  const port = readPort('PORT', 3000);
  const voicePort = readPort('VOICE_PORT', 3001);
  if (port === voicePort && port !== 0) {
    throw new SettingsError(`PORT and VOICE_PORT are both ${port}. Set them to different numbers.`);
  }
  const host = read('HOST', /^[\w.:-]+$/, 'a host name or an IP address') ?? '127.0.0.1';
  const publicUrl = read('PUBLIC_URL', /^https:\/\/[\w.-]+(:\d+)?\/?$/, 'an https address without a path');
  const publicHosts = read(
    'PUBLIC_HOSTS',
    /^[\w.:[\]-]+(, *[\w.:[\]-]+)*$/,
    'a list of host names without ports',
  );
  if (![...LOOPBACK, '::1'].includes(host) && !publicUrl && !publicHosts) {
    throw new SettingsError(
      `With HOST=${host}, set PUBLIC_HOSTS to the host names that people open the page with.`,
    );
  }

  const number = env['TWILIO_CALLER_ID'];
  const callerId = number ? parsePhoneNumber(number) : undefined;
  if (callerId === null) throw new SettingsError('TWILIO_CALLER_ID must be a number such as +15551234567.');
  const prefixes = read(
    'CALLABLE_PREFIXES',
    /^\+[1-9]\d{0,6}(, *\+[1-9]\d{0,6})*$/,
    'a list such as +1,+4930',
  );
  const answerAs = env['ANSWER_AS'] || undefined;
  if (answerAs && !userNamed(answerAs)) throw new SettingsError('ANSWER_AS must be a name to sign in with.');

  return {
    accountSid,
    authToken,
    applicationSid,
    /** With an API key, the app issues Access Tokens instead of capability tokens. */
    apiKey: apiKeySid && apiKeySecret ? { sid: apiKeySid, secret: apiKeySecret } : undefined,
    /** Lifetime of a token in seconds. */
    ttl: 600,
    host,
    port,
    voicePort,
    /** Origin under which Twilio reaches the Voice URL. */
    publicUrl: publicUrl && new URL(publicUrl).origin,
    /** Host names under which the app answers. */
    hosts: [
      ...LOOPBACK,
      ...split(publicHosts?.toLowerCase()),
      ...(publicUrl ? [new URL(publicUrl).hostname] : []),
    ],
    callerId,
    callablePrefixes: split(prefixes),
    answerAs,
    sessionSecret:
      read('SESSION_SECRET', /^.{32,}$/, '32 characters or longer') ?? randomBytes(32).toString('hex'),
    trustProxy: Number(read('TRUST_PROXY', /^\d$/, 'a digit, the number of reverse proxies') ?? 0),
    signalingHost: read('SIGNALING_HOST', /^[\w.:-]+$/, 'a host such as localhost:3000'),
    /** Requests that one IP address can make in a minute. */
    limits: { signIns: 10, tokens: 30 },
  };
}

const split = (list = ''): string[] => list.split(/, */).filter((part) => part !== '');
