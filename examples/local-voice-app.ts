import { readFileSync } from 'node:fs';
import path from 'node:path';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway } from './gateway';
import { startVoiceApp, type VoiceApp } from './voice-app/server';
import { SettingsError, type Settings } from './voice-app/settings';

/** The voice app behind the gateway. `url` is the gateway's, which the page is opened with. */
export interface LocalVoiceApp extends VoiceApp {
  readonly gateway: Gateway;
}

/** Settings of the library's test account. The gateway calls nobody, so the phone number is made up. */
export const LOCAL_ENV = {
  TWILIO_ACCOUNT_SID: testCredentials.accountSid,
  TWILIO_AUTH_TOKEN: testCredentials.authToken,
  TWILIO_APPLICATION_SID: testApplicationSid,
  TWILIO_CALLER_ID: '+15550100199',
  CALLABLE_PREFIXES: '+1',
  ANSWER_AS: 'alice',
};

/** Starts the gateway on the port of the settings, and the voice app behind it. */
export async function startLocalVoiceApp(
  settings: Settings,
  log?: (line: string) => void,
): Promise<LocalVoiceApp> {
  const { port } = settings;
  const gateway = await startGateway(settings).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new SettingsError(`Port ${port} is in use or reserved. Set PORT to another number.`);
  });
  try {
    const behindGateway = { port: 0, publicUrl: undefined, trustProxy: 1 };
    const app = await startVoiceApp({ ...settings, ...behindGateway }, log);
    gateway.attach({ page: app.url, files: sdkFiles(), voiceUrl: app.voiceUrl });
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

/** Twilio's SDK, changed to connect to the gateway, without sounds. The voice app does not know about the gateway. */
function sdkFiles() {
  const sdk = path.join(require.resolve('@twilio/voice-sdk'), '../../dist/twilio.min.js');
  const content = `${readFileSync(sdk, 'utf8')}
    Twilio.Device = class extends Twilio.Device {
      constructor(token, options) {
        const sounds = Object.values(Twilio.Device.SoundName).map((name) => [name, '/silence.wav']);
        const local = { chunderw: location.host, publishEvents: false, sounds: Object.fromEntries(sounds) };
        super(token, { ...options, ...local });
      }
    };`;
  const silence = readFileSync(path.join(__dirname, 'gateway/silence.wav'));
  return {
    '/sdk/twilio.min.js': { type: 'text/javascript', content },
    '/silence.wav': { type: 'audio/wav', content: silence },
  };
}
