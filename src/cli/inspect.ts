import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { decodeOpenToken, type DecodedToken } from '../decode-token';
import { TokenError } from '../errors';
import { MAX_CLOCK_TOLERANCE } from '../limits';
import { openToken, type OpenToken } from '../tokens/jws';
import { kindOf } from '../tokens/token-kind';
import { parseFlags, parseNow, parseSeconds } from './arguments';
import { checkUnverified, checkVerified, errorOf } from './check-token';
import { loadCredentials, secretsOf, type Credentials } from './credentials';
import { diagnose, type Diagnosis, type Subject } from './diagnosis';
import { misplacedSecrets } from './faults';
import { findToken, readInput, type Paste } from './find-token';
import pageNumbers from './page-numbers.json';
import { quote, writeJson, writeReport, type ExitCode, type Report, type Terminal } from './report';
import { describeGood, tokenTables } from './token-tables';

export const inspectHelp = `Show what a token allows, for whom and until when, what is wrong with it, and what it becomes as an
Access Token. Needs no credentials and does not check the signature: anyone could have written the token.

Usage: twilio-capability inspect [TOKEN | -] [options]

  --now ISO   the time to compare with, such as 2026-01-01T00:00:00Z; default: the clock
  --json      write JSON, with the whole header and payload

The token is the argument, or comes from standard input. Arguments show in the process list.
It may stand in JSON, a log or other text.

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

The token is the argument, or comes from standard input. Arguments show in the process list.
It may stand in JSON, a log or other text.

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

/** What a token is checked against. */
interface Settings {
  readonly now: string | undefined;
  readonly json: boolean | undefined;
  readonly clockTolerance: number;
  /** Undefined if the signature is not to be checked. */
  readonly credentials?: Credentials;
}

/** Shows what a token allows and what is wrong with it. */
export async function inspect(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token } = parseFlags(args, INSPECT_OPTIONS, true);
  return answer(token, { now: flags.now, json: flags.json, clockTolerance: 0 }, terminal);
}

/** Does the same with the signature. */
export async function verify(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token } = parseFlags(args, VERIFY_OPTIONS, true);
  const { now, json, dotenv, 'clock-tolerance': tolerance } = flags;
  const clockTolerance = parseSeconds('--clock-tolerance', tolerance, MAX_CLOCK_TOLERANCE) ?? 0;
  const credentials = loadCredentials(dotenv, terminal.env);
  return answer(token, { now, json, clockTolerance, credentials }, terminal);
}

async function answer(
  argument: string | undefined,
  settings: Settings,
  terminal: Terminal,
): Promise<ExitCode> {
  const readTime = parseNow(settings.now);
  const paste = findToken(await readInput(argument, terminal));
  const secrets = secretsOf(settings.credentials ?? loadCredentials(undefined, terminal.env));
  // The clock is read after the input: a slow pipe takes time too.
  const subject = examine(paste, settings, readTime(), secrets);
  const diagnosis = diagnose(subject);
  const hidden = [...secrets, ...misplacedSecrets(subject)];
  if (settings.json === true) writeJson(terminal, asJson(subject, diagnosis), hidden);
  else {
    const clock = settings.now === undefined ? "this machine's clock" : '--now';
    writeReport(terminal, asReport(subject, diagnosis, clock), hidden);
  }
  return subject.error !== undefined ? 1 : isUndecided(subject) ? 2 : 0;
}

/** Opens the token once, and asks the library about it. */
function examine(paste: Paste, settings: Settings, now: number, secrets: readonly string[]): Subject {
  const common = { paste, secrets, quote: (text: string) => quote(text, secrets) };
  const token = open(paste);
  if (token instanceof TokenError) return { ...common, token: undefined, error: token };
  const { credentials, clockTolerance } = settings;
  const clock = { clockTolerance, now: () => now };
  let contents: DecodedToken | undefined;
  errorOf(() => (contents = decodeOpenToken(token)));
  return {
    ...common,
    token,
    isAccessToken: kindOf(token).startsWith('access-token'),
    claims: token.claims ?? {},
    contents,
    now,
    credentials,
    ...(credentials === undefined ? checkUnverified(token, clock) : checkVerified(token, clock, credentials)),
  };
}

/** Text with several tokens is not opened: any of them could be meant. */
function open({ text, count }: Paste): OpenToken | TokenError {
  if (count > 1) return new TokenError('ERR_TOKEN_MALFORMED', 'The input has several tokens.', 'token');
  let token: OpenToken | undefined;
  return errorOf(() => (token = openToken(text))) ?? token!;
}

/** Returns whether credentials were given but could not decide. */
function isUndecided(subject: Subject): boolean {
  return subject.token !== undefined && (subject.missing ?? subject.mismatch) !== undefined;
}

/** At most 60 characters. */
function verdictOf(subject: Subject, { verdict }: Diagnosis): string {
  const { token, paste, error } = subject;
  if (token === undefined && paste.count < 2 && !paste.text.startsWith('ey'))
    return `NOT A TOKEN: ${verdict!}`;
  if (token === undefined || error !== undefined) return `NOT VALID: ${verdict!}`;
  if (isUndecided(subject)) return `NOT CHECKED: ${verdict!}`;
  if (subject.credentials === undefined) {
    return verdict === undefined ? `UNVERIFIED ${describeGood(subject)}` : `UNVERIFIED, and ${verdict}`;
  }
  return verdict === undefined ? `VALID ${describeGood(subject)}` : `VALID, but ${verdict}`;
}

/** A number that Twilio's gateway sends, and what a page shows for it. */
interface ShownNumber {
  readonly gateway: number;
  readonly twilioClient: number;
  readonly voiceSdk: number;
  /** With `enableImprovedSignalingErrorPrecision`. */
  readonly voiceSdkPrecise: number;
}

function numbersOf({ error }: Subject, { numbers }: Diagnosis): ShownNumber[] {
  // Twilio's pages name two numbers for a wrong issuer.
  const ofError = error?.code === 'ERR_TOKEN_ISSUER' ? [31203, 31204] : error && [error.twilioCode];
  return (numbers ?? ofError ?? []).map((gateway) => {
    const shown = pageNumbers.numbers[String(gateway) as keyof typeof pageNumbers.numbers];
    const [voiceSdk, voiceSdkPrecise, , , twilioClient] = shown as [number, number, number, number, number];
    return { gateway, twilioClient, voiceSdk, voiceSdkPrecise };
  });
}

function describeNumbers(numbers: readonly ShownNumber[]): string | undefined {
  if (numbers.length === 0) return undefined;
  const join = (list: number[]): string => [...new Set(list)].join(' or ');
  return (
    `Twilio error ${join(numbers.map(({ gateway }) => gateway))} ` +
    `(${join(numbers.map(({ voiceSdk }) => voiceSdk))} in @twilio/voice-sdk)`
  );
}

function asReport(subject: Subject, diagnosis: Diagnosis, clock: string): Report {
  const isUnverified =
    subject.token !== undefined && (subject.credentials === undefined || isUndecided(subject));
  const isFine = diagnosis.verdict === undefined && subject.error === undefined;
  return {
    mark: subject.error !== undefined ? 'bad' : isUnverified ? 'unknown' : 'good',
    verdict: verdictOf(subject, diagnosis),
    numbers: describeNumbers(numbersOf(subject, diagnosis)),
    advice: [
      ...diagnosis.advice,
      ...(isUnverified
        ? [`${isFine ? 'No problem found. ' : ''}Signature not checked: anyone could have written it.`]
        : []),
    ],
    tables: subject.token === undefined ? [] : tokenTables(subject, clock),
    notes: diagnosis.notes,
  };
}

/** The whole result, of one shape for every input. */
function asJson(subject: Subject, diagnosis: Diagnosis): object {
  const { error } = subject;
  const isDecided = subject.token === undefined || subject.credentials !== undefined;
  const contents = subject.token === undefined ? undefined : subject.contents;
  return {
    valid: error !== undefined ? false : isDecided && !isUndecided(subject) ? true : null,
    verdict: verdictOf(subject, diagnosis),
    code: error?.code ?? null,
    field: error?.field ?? null,
    numbers: numbersOf(subject, diagnosis),
    advice: diagnosis.advice,
    notes: diagnosis.notes,
    token: contents === undefined ? null : describeContents(contents),
    header: subject.token?.header ?? null,
    claims: subject.token?.claims ?? null,
    accessToken: contents?.kind === 'capability' ? toVoiceGrant(contents.scopes) : null,
  };
}

/** Each scope with its properties and its URI. */
function describeContents({ scopes, ...contents }: DecodedToken): object {
  const described = scopes.map((scope) => Object.assign({}, scope, { uri: String(scope) }));
  // `outgoing` repeats one of the scopes; header and claims stand beside the token.
  return { ...contents, outgoing: undefined, header: undefined, claims: undefined, scopes: described };
}
