import { MAX_CLOCK_TOLERANCE } from '../limits';
import { describeUsage, parseFlags, parseNow, parseSeconds } from './arguments';
import { loadCredentials, secretsOf } from './credentials';
import { diagnose } from './diagnosis';
import { examine, type Settings } from './examine';
import { misplacedSecrets } from './faults';
import { findToken, readInput } from './find-token';
import { writeJson, writeReport, type ExitCode, type Terminal } from './report';
import { emptyResult, toResult } from './result';
import { tokenTables } from './token-tables';

const INPUT_HELP = `The token is the argument, or comes from standard input. Arguments show in the process list.
It may stand in JSON, a log or other text.`;

export const inspectHelp = `Show what a token allows, for whom and until when, what is wrong with it, and what it becomes as an
Access Token. Needs no credentials and does not check the signature: anyone could have written the token.

Usage: twilio-capability inspect [TOKEN | -] [options]

  --now ISO   the time to compare with, such as 2026-01-01T00:00:00Z; default: the clock
  --json      write JSON, with the whole header and payload

${INPUT_HELP}

Exit codes: 0 nothing wrong was found, 1 the token is not valid, 2 wrong usage or no input.

Example:
  twilio-capability inspect - < token.txt
`;

export const verifyHelp = `Check a token as Twilio does: form, signature, account, times and scopes.

Usage: twilio-capability verify [TOKEN | -] [options]

  --clock-tolerance S  accepted clock skew in seconds, 0 to 300; default: 0
  --dotenv FILE        read the credentials from this file instead of the environment
  --now ISO            the time to compare with, such as 2026-01-01T00:00:00Z; default: the clock
  --json               write JSON, with the whole header and payload

${INPUT_HELP}

Exit codes: 0 valid, 1 not valid, 2 not checked (other or no credentials), wrong usage or no input.

Example:
  twilio-capability verify --dotenv .env - < token.txt
`;

const INSPECT_OPTIONS = { now: { type: 'string' }, json: { type: 'boolean' } } as const;
const VERIFY_OPTIONS = {
  ...INSPECT_OPTIONS,
  'clock-tolerance': { type: 'string' },
  dotenv: { type: 'string' },
} as const;

/** Shows what a token allows and what is wrong with it. */
export async function inspect(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token } = parseFlags(args, INSPECT_OPTIONS, true);
  const settings = { now: parseNow(flags.now), clockTolerance: 0, credentials: undefined };
  return answer(token, settings, flags, terminal);
}

/** Does the same with the signature. */
export async function verify(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token } = parseFlags(args, VERIFY_OPTIONS, true);
  const settings = {
    now: parseNow(flags.now),
    clockTolerance: parseSeconds('--clock-tolerance', flags['clock-tolerance'], MAX_CLOCK_TOLERANCE) ?? 0,
    credentials: loadCredentials(flags.dotenv, terminal.env),
  };
  return answer(token, settings, flags, terminal);
}

async function answer(
  argument: string | undefined,
  settings: Settings,
  { now, json }: { readonly now?: string | undefined; readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  let input: string;
  try {
    input = await readInput(argument, terminal);
  } catch (error) {
    if (json === true) writeJson(terminal, emptyResult(describeUsage(error)));
    else throw error;
    return 2;
  }
  const paste = findToken(input);
  const secrets = secretsOf(settings.credentials ?? loadCredentials(undefined, terminal.env));
  const subject = examine(paste, settings, secrets);
  const result = toResult(subject, diagnose(subject));
  const hidden = [...secrets, ...misplacedSecrets(subject)];
  if (json === true) writeJson(terminal, result, hidden);
  else {
    const clock = now === undefined ? "this machine's clock" : '--now';
    writeReport(terminal, result, tokenTables(subject, clock), hidden);
  }
  if (result.valid === false) return 1;
  return result.valid === null && settings.credentials !== undefined ? 2 : 0;
}
