import { writeFileSync } from 'node:fs';
import { createAccessTokenFixtures, createFixtures, testApiKey, testCredentials, testNow } from '../testing';
import { parseFlags, parseNow, UsageError } from './arguments';
import { formatJson, type ExitCode, type Terminal } from './report';

export const help = `Write valid and invalid tokens as JSON, for a test suite in any language: with the credentials and the
time that they were created for, the outcome of each, and its claims. The output is the same on every run and machine.

Usage: twilio-capability fixtures [options]

  --access-token  Access Tokens in place of capability tokens
  --now ISO       the time of creation; default: 2026-01-01T00:00:00Z
  --out FILE      write to this file instead of standard output

The JSON has "format", "now" (ISO 8601), "nowSeconds" (Unix time), "accountSid", "authToken",
"apiKeySid", "apiKeySecret", and "fixtures": by name, each with "name", "description", "token",
"outcome" ("valid", or the code that a verifier rejects it with) and "claims" (the payload, or null).
The credentials belong to no account.

Exit codes: 0 done, 2 wrong usage, or the file could not be written.

Example:
  twilio-capability fixtures --out spec/fixtures/capability-tokens.json
`;

/** The version of the JSON's shape. A new fixture or member does not change it. */
const FORMAT = 'twilio-capability-fixtures/1';

/** The output is always JSON. The flag is accepted because the other commands have it. */
const OPTIONS = {
  'access-token': { type: 'boolean' },
  now: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Writes the fixtures. */
export function run(args: readonly string[], { stdout }: Terminal): ExitCode {
  const { flags } = parseFlags(args, OPTIONS);
  const now = flags.now === undefined ? testNow : parseNow(flags.now)();
  const create = flags['access-token'] === true ? createAccessTokenFixtures : createFixtures;
  const text = formatJson({
    format: FORMAT,
    now: new Date(now).toISOString(),
    nowSeconds: Math.floor(now / 1000),
    ...testCredentials,
    apiKeySid: testApiKey.apiKeySid,
    apiKeySecret: testApiKey.apiKeySecret,
    fixtures: create({ now }),
  });
  if (flags.out === undefined) stdout.write(text);
  else save(flags.out, text);
  return 0;
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file given with --out cannot be written: ${String(code)}.`);
  }
}
