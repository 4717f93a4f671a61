import { parseArgs } from 'node:util';
import { Capability } from 'twilio-capability';
import { testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { LOCAL_ENV, startLocalVoiceApp } from './local-voice-app';
import { closeOnSignal, failToStart, loadDotEnv, runVoiceApp } from './voice-app/server';
import { readSettings, type Settings } from './voice-app/settings';

const USAGE = `npm run demo -- [flags]

Prints a token and what it allows, then runs the voice app until Ctrl-C.

  --once   print the token only
  --help   print this text

Without a Twilio account, calls go through a local mock of Twilio's gateway (examples/gateway). To use your account, put
its settings into .env in the current folder, as examples/voice-app/.env.example shows. No token is printed then.
`;

const ACCOUNT_VARIABLES = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_APPLICATION_SID'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  loadDotEnv();
  if (ACCOUNT_VARIABLES.some((name) => process.env[name])) {
    if (values.once) console.log('No token is printed, since it would be one of your account.');
    else await runVoiceApp(readSettings());
    return;
  }
  const settings = readSettings({ ...process.env, ...LOCAL_ENV });
  printToken();
  if (!values.once) await runLocalVoiceApp(settings);
}

function printToken(): void {
  const capability = new Capability(testCredentials);
  capability.allowClientIncoming('alice');
  capability.allowClientOutgoing(testApplicationSid, { user_id: '42' });
  console.log(`A capability token of a made-up account:\n\n${capability.generate()}\n`);
  console.log('For one hour, its holder can receive calls as alice, and make calls through the TwiML app');
  console.log(`${testApplicationSid}, each with user_id=42.`);
}

/** Runs the voice app behind the gateway until SIGINT or SIGTERM. */
async function runLocalVoiceApp(settings: Settings): Promise<void> {
  const app = await startLocalVoiceApp(settings);
  closeOnSignal(app);
  console.log(`
The voice app runs with a local mock of Twilio's gateway. Calls are silent, and any name can sign in.

Open ${app.url}
Your browser warns about the certificate, which this machine has just made. In Chrome and Edge, choose Advanced, then
Proceed to localhost. In Firefox, choose Advanced, then Accept the Risk.`);
}

main().catch((error: unknown) => {
  const { code } = error as { code?: unknown };
  if (!(error instanceof Error && String(code).startsWith('ERR_PARSE_ARGS'))) {
    failToStart(error);
  }
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
});
