import { CapabilityError } from 'twilio-capability';
import { SIGNAL_PATH } from './gateway';
import { LOCAL_ENV, startLocalVoiceApp } from './local-voice-app';
import { credentials, readDemoOptions, tour } from './tour';
import { loadDotEnv, runVoiceApp, stopSignal } from './voice-app/server';
import { readSettings, type Settings } from './voice-app/settings';
import { SettingsError } from './voice-app/settings-error';

const USAGE = `npm run demo -- [flags]

Prints a tour of a token, then runs the voice app until Ctrl-C.

  --once             print the tour only
  --incoming NAME    client name that can receive calls (alice)
  --outgoing APSID   TwiML app for outgoing calls
  --param NAME=VALUE parameter that the app receives with each call (user_id=42); repeatable
  --ttl SECONDS      lifetime of the token (3600)
  --help             print this text

Environment variables, also read from .env in the current folder:

  PORT               port of the page (3000); 0 picks a free port
  VOICE_PORT         port of the Voice URL (3001)
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_APPLICATION_SID
                     set all three to use Twilio; without them, a local mock of Twilio's gateway is used
                     (examples/gateway)

examples/voice-app/README.md lists all variables.
`;

/** If one of these is set, the demo uses Twilio. */
const ACCOUNT_VARIABLES = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_APPLICATION_SID',
  'TWILIO_API_KEY_SID',
  'TWILIO_API_KEY_SECRET',
];

/** Prints a tour of a token, then runs the voice app until Ctrl-C. With `--once`, only prints the tour. */
async function main(): Promise<void> {
  const options = readDemoOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  loadDotEnv();
  // Checked first, so that an error is not lost below the tour.
  const usesTwilio = ACCOUNT_VARIABLES.some((name) => process.env[name]);
  const settings = options.once
    ? undefined
    : readSettings(usesTwilio ? process.env : { ...LOCAL_ENV, ...definedIn(process.env) });
  for (const line of tour(credentials(), options)) console.log(line);
  if (settings === undefined) return;
  console.log('');
  await (usesTwilio ? runVoiceApp : runLocalVoiceApp)(settings);
}

/** Runs the voice app with the gateway until SIGINT or SIGTERM. */
async function runLocalVoiceApp(settings: Settings): Promise<void> {
  const stopped = stopSignal();
  const app = await startLocalVoiceApp(settings);
  console.log(`Voice app: ${app.url}`);
  console.log(
    '  Your browser warns about the certificate, which this machine has just made: choose Advanced, then ' +
      'Proceed to localhost. Sign in with any name. There is no password.',
  );
  console.log(`Local gateway: wss://${app.gateway.host}${SIGNAL_PATH} (no Twilio account is used)`);
  console.log(`Voice URL: ${app.voiceUrl}`);
  await stopped;
  console.log('Closing.');
  await app.close();
}

/** An empty variable counts as not set. */
function definedIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

main().catch((error: unknown) => {
  if (isUsageError(error)) {
    // Node's other sentences are about flags that do not exist here.
    const [fault = ''] = error.message.split(/\.\s/, 1);
    process.stderr.write(`${fault}.\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  console.error(explain(error));
  process.exitCode = 1;
});

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** Returns one sentence for an error that the user can correct, else the error with its stack. */
function explain(error: unknown): unknown {
  if (error instanceof CapabilityError) return `${error.code}: ${error.message}`;
  return error instanceof SettingsError ? error.message : error;
}
