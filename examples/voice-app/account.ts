import { SettingsError } from './settings-error';

/** The API key that signs Access Tokens. */
export interface ApiKey {
  readonly sid: string;
  readonly secret: string;
}

/** The Twilio account that issues the tokens. */
export interface Account {
  readonly sid: string;
  /** Signs capability tokens. Twilio signs its requests to the Voice URL with it. */
  readonly authToken: string;
  /** The TwiML app that outgoing calls go through. */
  readonly applicationSid: string;
  /** When set, the app issues Access Tokens instead of capability tokens. */
  readonly apiKey?: ApiKey | undefined;
}

/** Reads the account from the environment. */
export function readAccount(env: NodeJS.ProcessEnv): Account {
  const sid = env['TWILIO_ACCOUNT_SID'];
  const authToken = env['TWILIO_AUTH_TOKEN'];
  const applicationSid = env['TWILIO_APPLICATION_SID'];
  const apiKey = readApiKey(env);

  if (sid && authToken && applicationSid) return { sid, authToken, applicationSid, apiKey };
  throw new SettingsError('Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID, all three.');
}

function readApiKey(env: NodeJS.ProcessEnv): ApiKey | undefined {
  const sid = env['TWILIO_API_KEY_SID'];
  const secret = env['TWILIO_API_KEY_SECRET'];
  if (sid && secret) return { sid, secret };
  if (!sid && !secret) return undefined;
  throw new SettingsError(
    'TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together. ' +
      'Set both to issue Access Tokens, or neither to issue capability tokens.',
  );
}
