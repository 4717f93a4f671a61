import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { SettingsError } from './settings-error';

/** The Twilio account that the app's tokens are for. */
export interface Account {
  readonly sid: string;
  readonly authToken: string;
  readonly applicationSid: string;
  readonly apiKeySid?: string | undefined;
  readonly apiKeySecret?: string | undefined;
  /** A made-up account, known to the local gateway only. */
  readonly isLocal: boolean;
}

/** The account that the environment names, or else a made-up one that only the local gateway knows. */
export function readAccount(env: NodeJS.ProcessEnv = process.env): Account {
  const sid = env['TWILIO_ACCOUNT_SID'];
  const authToken = env['TWILIO_AUTH_TOKEN'];
  const applicationSid = env['TWILIO_APPLICATION_SID'];

  if (sid && authToken && applicationSid) {
    const apiKeySid = env['TWILIO_API_KEY_SID'];
    const apiKeySecret = env['TWILIO_API_KEY_SECRET'];
    return { sid, authToken, applicationSid, apiKeySid, apiKeySecret, isLocal: false };
  }
  if (sid || authToken || applicationSid) {
    throw new SettingsError(
      'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID belong together: ' +
        'set all three to use Twilio, or none to use the local gateway.',
    );
  }
  return {
    sid: testCredentials.accountSid,
    authToken: testCredentials.authToken,
    applicationSid: testApplicationSid,
    apiKeySid: testApiKey.apiKeySid,
    apiKeySecret: testApiKey.apiKeySecret,
    isLocal: true,
  };
}
