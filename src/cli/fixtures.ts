import { writeFileSync } from 'node:fs';
import { createFixtures, testApiKey, testCredentials } from '../testing';
import { readMoment, testNow } from '../testing/fixed-clock';
import { valueOf } from './flags';
import { formatJson } from './output';
import { UsageError, type Command } from './terminal';

/** Says which shape the JSON has. It changes if that does, in more than a new fixture or member. */
const FORMAT = 'twilio-capability-fixtures/1';

/** Writes the fixtures. */
export const fixtures: Command = {
  // What it writes is JSON at any rate; the flag is there because the other commands have it.
  flagTypes: { now: 'one', out: 'one', json: 'boolean' },
  takesToken: false,
  execute: (args, { stdout }) => {
    const now = readMoment(valueOf(args, 'now') ?? testNow);
    const text = formatJson({
      format: FORMAT,
      now: new Date(now).toISOString(),
      nowSeconds: Math.floor(now / 1000),
      ...testCredentials,
      apiKeySid: testApiKey.apiKeySid,
      apiKeySecret: testApiKey.apiKeySecret,
      fixtures: createFixtures({ now }),
    });
    const file = valueOf(args, 'out');
    if (file === undefined) stdout.write(text);
    else save(file, text);
    return 0;
  },
};

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file given by --out cannot be written: ${String(code)}.`);
  }
}
