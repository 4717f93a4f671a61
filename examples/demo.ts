import { CapabilityError } from 'twilio-capability';
import { credentials, readDemoOptions, tour } from './tour';
import { readSettings, runVoiceApp } from './voice-app/server';
import { SettingsError } from './voice-app/settings-error';

const USAGE = `npm run demo -- [flags]

Prints the tour of a token, then runs the voice app until Ctrl-C.

  --once             the tour alone
  --incoming NAME    the client name whose calls the token takes (alice)
  --outgoing APSID   the application through which it places calls
  --param NAME=VALUE what that application gets with each call (user_id=42); may be repeated
  --ttl SECONDS      how long the token lasts (3600)
  --help             this text

The environment sets the rest:

  PORT               where the voice app listens (3000); 0 takes any free port
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_APPLICATION_SID
                     all three to use Twilio; without them a gateway on this machine stands in for it
`;

/** `npm run demo`: the tour of a token, then the voice app until Ctrl-C; with `--once` the tour alone. */
async function main(): Promise<void> {
  const options = readDemoOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  // Read before anything is printed, so that what is wrong with them is not below a page of something else.
  const settings = options.once ? undefined : readSettings();
  for (const line of tour(credentials(), options)) console.log(line);
  if (settings === undefined) return;
  console.log('');
  await runVoiceApp(settings);
}

main().catch((error: unknown) => {
  if (isUsageError(error)) {
    // The first sentence says it; Node goes on about flags that are not here.
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

/** One sentence for what the user can put right; anything else keeps its stack. */
function explain(error: unknown): unknown {
  if (error instanceof CapabilityError) return `${error.code}: ${error.message}`;
  return error instanceof SettingsError ? error.message : error;
}
