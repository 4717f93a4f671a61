import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway } from './gateway';
import { startVoiceApp, type VoiceApp, type VoiceAppOptions } from './voice-app/server';
import type { Settings } from './voice-app/settings';
import { SettingsError } from './voice-app/settings-error';

/** Settings of the voice app with the library's test account. The gateway calls nobody, so the number is made up. */
export const LOCAL_ENV = {
  TWILIO_ACCOUNT_SID: testCredentials.accountSid,
  TWILIO_AUTH_TOKEN: testCredentials.authToken,
  TWILIO_APPLICATION_SID: testApplicationSid,
  TWILIO_CALLER_ID: '+15550199',
  CALLABLE_PREFIXES: '+1',
  ANSWER_AS: 'alice',
};

/** The voice app behind the gateway. */
export interface LocalVoiceApp extends VoiceApp {
  readonly gateway: Gateway;
}

/** Starts the gateway on the port of the settings, and the voice app behind it. */
export async function startLocalVoiceApp(
  settings: Settings,
  options: VoiceAppOptions = {},
): Promise<LocalVoiceApp> {
  const { account, port } = settings;
  const { sid: accountSid, authToken, apiKey } = account;
  const gateway = await startGateway({ port, accountSid, authToken, apiKey }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new SettingsError(`Port ${port} is in use. Set PORT to another number.`);
  });
  try {
    const behindGateway = { port: 0, publicUrl: undefined, signalingHost: gateway.host, trustProxy: 1 };
    const app = await startVoiceApp({ ...settings, ...behindGateway }, options);
    gateway.attach({ page: app.url, voiceUrl: app.voiceUrl, statusUrl: app.statusUrl });
    return {
      ...app,
      url: gateway.url,
      gateway,
      async close(deadlineMs) {
        await app.close(deadlineMs);
        await gateway.close();
      },
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
