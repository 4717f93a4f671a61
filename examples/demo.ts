import { CapabilityError } from 'twilio-capability';
import { credentials, readTourOptions, tour } from './tour';
import { readSettings, runVoiceApp } from './voice-app/server';
import { SettingsError } from './voice-app/settings-error';

/** `npm run demo`: the tour of a token, then the voice app until Ctrl-C; with `--once` the tour alone. */
async function main(): Promise<void> {
  const options = readTourOptions(process.argv.slice(2));
  // Read before anything is printed, so that what is wrong with them is not below a page of something else.
  const settings = options.once ? undefined : readSettings();
  for (const line of tour(credentials(), options)) console.log(line);
  if (settings === undefined) return;
  console.log('');
  await runVoiceApp(settings);
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});

/** One sentence for what the user can put right; anything else keeps its stack. */
function explain(error: unknown): unknown {
  if (error instanceof CapabilityError) return `${error.code}: ${error.message}`;
  return error instanceof SettingsError ? error.message : error;
}
