import { CapabilityError } from 'twilio-capability';
import { credentials, readTourOptions, tour } from './tour';
import { runVoiceApp } from './voice-app/server';

/** `npm run demo`: the tour of a token, then the voice app until Ctrl-C; with `--once` the tour alone. */
async function main(): Promise<void> {
  const options = readTourOptions(process.argv.slice(2));
  for (const line of tour(credentials(), options)) console.log(line);
  if (options.once) return;
  console.log('');
  await runVoiceApp();
}

main().catch((error: unknown) => {
  console.error(error instanceof CapabilityError ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
});
