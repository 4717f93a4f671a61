import type { AccessTokenVerifier } from '../access-token/access-token-verifier';
import { CapabilityVerifier } from '../capability/capability-verifier';
import type { DecodedToken } from '../decode-token';
import { ConfigError, TokenError } from '../errors';
import { isSid } from '../sid';
import { decodeSegments } from '../tokens/jws';
import { parseFlags, parseSeconds, TOKEN_OPTIONS } from './arguments';
import { apiKeyVariables, loadCredentials } from './credentials';
import { contentsAsJson, describeExpiry, NOT_CHECKED, shown, tokenRows, type Clock } from './describe-token';
import { inspectToken, kindOf, parseClock, peeledNotes, rawRows, type Inspection } from './inspect';
import { readToken, type Paste } from './read-token';
import { writeJson, writeReport, type ExitCode, type Report, type Row, type Terminal } from './report';
import { describeFailure, failureAsJson, type Verdict } from './verdict';

export const help = `Check a token: form, signature, account, times and scopes. The verdict comes with Twilio's error numbers.

Usage: twilio-capability verify [TOKEN | -] [options]

  --clock-tolerance S  accepted clock skew in seconds, 0 to 300; default: 0
  --dotenv FILE        read the credentials from this file instead of the environment
  --now ISO            the time to compare with, such as 2026-01-01T00:00:00Z; default: the clock
  --json               write JSON instead of text
  --verbose            also show the error code, the header and the payload

The token is the argument, or comes from standard input. Arguments show in the process list.
A "Bearer", quotes, line breaks or the JSON around the token are removed.

Exit codes: 0 valid, 1 not valid, 2 not checked (credentials are missing) or wrong usage.

Example:
  twilio-capability verify --dotenv .env - < token.txt
`;

const OPTIONS = {
  ...TOKEN_OPTIONS,
  'clock-tolerance': { type: 'string' },
  dotenv: { type: 'string' },
} as const;

/** The verifier of either kind of token. Messages name its SIDs. */
type Verifier = CapabilityVerifier | AccessTokenVerifier;

/** The result of a check: valid, not valid, or credentials are missing. */
type Result =
  | { readonly isValid: true }
  | { readonly isValid: false; readonly failure: TokenError; readonly verifier?: Verifier }
  | { readonly isValid: null; readonly missing: string };

/** Checks a token. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token: argument } = parseFlags(args, OPTIONS, true);
  const readClock = parseClock(flags.now);
  const clockTolerance = parseSeconds('--clock-tolerance', flags['clock-tolerance']);
  const source = loadCredentials(flags.dotenv, terminal);
  const paste = await readToken(argument, 'verify', terminal);
  const clock = readClock();
  const inspection = inspectToken(paste.token, clock.now, clockTolerance);
  const result = check(paste.token, inspection, { clockTolerance, now: () => clock.now });
  if (flags.json === true) writeJson(terminal, asJson(result, inspection, paste));
  else {
    const report = asReport(result, inspection, paste, clock, {
      source,
      variables: apiKeyVariables(terminal),
    });
    const failures = result.isValid === false ? [result.failure] : [];
    const raw = flags.verbose === true ? rawRows(paste.token, failures) : [];
    writeReport(terminal, { ...report, tables: [...report.tables, raw] });
  }
  return result.isValid === null ? 2 : result.isValid ? 0 : 1;
}

function check(
  token: string,
  { contents, problems }: Inspection,
  config: { clockTolerance: number | undefined; now: () => number },
): Result {
  let verifier: Verifier | undefined;
  try {
    verifier = createVerifier(token, config);
    verifier.verify(token);
    return { isValid: true };
  } catch (error) {
    if (error instanceof TokenError) {
      return { isValid: false, failure: explainSignature(error, contents, verifier!), verifier: verifier! };
    }
    if (!(error instanceof ConfigError && error.code === 'ERR_CONFIG_MISSING')) throw error;
    const [failure] = problems;
    // An expired token is not valid, whichever account signed it.
    return failure === undefined ? { isValid: null, missing: error.field! } : { isValid: false, failure };
  }
}

function createVerifier(
  token: string,
  config: { clockTolerance: number | undefined; now: () => number },
): Verifier {
  if (!isAccessToken(token)) return new CapabilityVerifier(config);
  const module =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only for Access Tokens
    require('../access-token/access-token-verifier') as typeof import('../access-token/access-token-verifier');
  return new module.AccessTokenVerifier(config);
}

function isAccessToken(token: string): boolean {
  try {
    return decodeSegments(token).header['cty'] !== undefined;
  } catch {
    return false;
  }
}

/**
 * A signature cannot match the secret of another account or key. The mismatch of the SID is then the failure
 * to report.
 */
function explainSignature(
  error: TokenError,
  contents: DecodedToken | undefined,
  verifier: Verifier,
): TokenError {
  if (error.code !== 'ERR_TOKEN_SIGNATURE' || contents === undefined) return error;
  const iss = contents.claims['iss'];
  if (contents.kind === 'capability' && isSid('AC', iss) && iss !== verifier.accountSid) {
    return new TokenError('ERR_TOKEN_ISSUER', 'Token was issued by another account.', 'iss');
  }
  if ('apiKeySid' in verifier && isSid('SK', iss) && iss !== verifier.apiKeySid) {
    return new TokenError('ERR_TOKEN_ISSUER', 'Token was signed with another API key.', 'iss');
  }
  return error;
}

/** Where the credentials come from, for messages. */
interface CredentialSource {
  readonly source: string;
  /** The names of the API key's variables. */
  readonly variables: readonly [sid: string, secret: string];
}

function asReport(
  result: Result,
  { contents, notes }: Inspection,
  paste: Paste,
  clock: Clock,
  credentials: CredentialSource,
): Report {
  const rows = tokenRows(contents, clock);
  const common = { tables: [rows], notes: [...notes, ...peeledNotes(paste)] };
  if (result.isValid === true) {
    const verdict = `VALID ${kindOf(contents!)}, ${describeExpiry(contents!, clock)}`;
    return { mark: 'good', verdict, advice: [], ...common };
  }
  const isUnchecked = contents !== undefined && !('verifier' in result);
  const more = isUnchecked ? [NOT_CHECKED] : [];
  const withMore = { ...common, notes: [...more, ...common.notes] };
  if (result.isValid === null) return { ...notChecked(contents!, result.missing, credentials), ...withMore };
  const verdict = describeFailure(result.failure, paste.token, contents, clock.now);
  const decisive =
    result.verifier === undefined ? [] : compare(result.failure, contents, result.verifier, credentials);
  return { ...verdict, ...withMore, tables: [decisive, rows] };
}

function notChecked(contents: DecodedToken, missing: string, { variables }: CredentialSource): Verdict {
  const place = 'Use the environment, or a file given with --dotenv.';
  const assign = (name: string, prefix: 'AC' | 'SK', sid: string | undefined): string =>
    isSid(prefix, sid) ? `${name}=${sid}` : name;
  const account = assign('TWILIO_ACCOUNT_SID', 'AC', contents.accountSid);
  if (contents.kind === 'capability') {
    return {
      mark: 'unknown',
      verdict: 'NOT CHECKED: a capability token needs the auth token of its account',
      advice: [`Set ${account} and its TWILIO_AUTH_TOKEN.`, place],
    };
  }
  if (missing === 'accountSid') {
    return {
      mark: 'unknown',
      verdict: 'NOT CHECKED: an Access Token needs the SID of its account',
      advice: [`Set ${account}.`, place],
    };
  }
  const key = assign(variables[0], 'SK', contents.apiKeySid);
  return {
    mark: 'unknown',
    verdict: 'NOT CHECKED: an Access Token needs the API key that signed it',
    advice: [`Set ${key} and its ${variables[1]}.`, place],
  };
}

/** Compares the SIDs of the token with those of the credentials. */
function compare(
  { code, field }: TokenError,
  contents: DecodedToken | undefined,
  verifier: Verifier,
  { source, variables }: CredentialSource,
): Row[] {
  if (contents === undefined) return [];
  if (code === 'ERR_TOKEN_SIGNATURE') {
    const secret = 'apiKeySid' in verifier ? variables[1] : 'TWILIO_AUTH_TOKEN';
    return [['checked with', `${secret} (${source})`]];
  }
  if (code !== 'ERR_TOKEN_ISSUER') return [];
  const isOfKey = 'apiKeySid' in verifier && field !== 'sub';
  const iss = isOfKey ? contents.claims['iss'] : contents.accountSid;
  const found = typeof iss === 'string' ? shown(iss) : 'none';
  const [variable, expected] = isOfKey
    ? [variables[0], verifier.apiKeySid]
    : ['TWILIO_ACCOUNT_SID', verifier.accountSid];
  return [
    [isOfKey ? 'the token is signed with' : 'the token is for', found],
    [`${variable} is`, `${expected} (${source})`],
  ];
}

function asJson(result: Result, { contents, notes }: Inspection, { token, peeled }: Paste): object {
  const isChecked = result.isValid !== null;
  return {
    valid: result.isValid,
    ...(result.isValid === false && failureAsJson(result.failure, token)),
    ...(!isChecked && { missing: result.missing }),
    ...(result.isValid !== false && contentsAsJson(contents!)),
    notes,
    peeled,
  };
}
