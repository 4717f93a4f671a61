import * as z from 'zod/mini';
import { AccessTokenVerifier } from '../access-token/access-token-verifier';
import { CapabilityVerifier } from '../capability/capability-verifier';
import type { DecodedToken } from '../decode-token';
import { ConfigError, TokenError } from '../errors';
import { parseConfig, toleranceSchema } from '../settings';
import { isSid } from '../sid';
import { decodeSegments } from '../tokens/jws';
import { writeAnswer } from './answer';
import { parseFlags, parseSeconds, TOKEN_OPTIONS } from './arguments';
import { loadCredentials, type CredentialSource } from './credentials';
import {
  contentsAsJson,
  describeGood,
  NOT_CHECKED,
  shown,
  tokenRows,
  type Clock,
  type TokenContents,
} from './describe-token';
import { inspectToken, parseClock, type Inspection } from './inspect';
import { readToken } from './read-token';
import type { ExitCode, Report, Row, Terminal } from './report';
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

/** Validated by itself: a verifier without credentials would only say that they are missing. */
const toleranceConfigSchema = z.strictObject({ clockTolerance: toleranceSchema });

/** The verifier of either kind of token. Messages name its SIDs. */
type Verifier = CapabilityVerifier | AccessTokenVerifier;

/** The result of a check. Without a failure or a missing setting, the token is valid. */
interface Result {
  readonly failure?: TokenError;
  /** The setting without which the token cannot be checked. */
  readonly missing?: string;
  /** The verifier that rejected the token. */
  readonly verifier?: Verifier;
}

/** Checks a token. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token: argument } = parseFlags(args, OPTIONS, true);
  const readClock = parseClock(flags.now);
  const { clockTolerance } = parseConfig(toleranceConfigSchema, {
    clockTolerance: parseSeconds('--clock-tolerance', flags['clock-tolerance']),
  });
  const credentials = loadCredentials(flags.dotenv, terminal);
  const paste = await readToken(argument, 'verify', terminal);
  const clock = readClock();
  const { token } = paste;
  const inspection = inspectToken(token, clock.now, clockTolerance);
  const result = check(token, inspection, { clockTolerance, now: () => clock.now });
  const { failure, missing } = result;
  return writeAnswer(terminal, flags, paste, {
    exitCode: missing !== undefined ? 2 : failure === undefined ? 0 : 1,
    json: {
      valid: missing === undefined ? failure === undefined : null,
      ...(failure ? failureAsJson(failure, token) : { missing, ...contentsAsJson(inspection.contents!) }),
      notes: inspection.notes,
    },
    report: asReport(result, inspection, token, clock, credentials),
    problems: failure ? [failure] : [],
  });
}

function check(
  token: string,
  { contents, problems }: Inspection,
  config: { readonly clockTolerance: number; readonly now: () => number },
): Result {
  let verifier: Verifier;
  try {
    verifier = isAccessToken(token) ? new AccessTokenVerifier(config) : new CapabilityVerifier(config);
  } catch (error) {
    if (!(error instanceof ConfigError && error.code === 'ERR_CONFIG_MISSING')) throw error;
    const [failure] = problems;
    // An expired token is not valid, whichever account signed it.
    return failure === undefined ? { missing: error.field! } : { failure };
  }
  try {
    verifier.verify(token);
    return {};
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { failure: explainSignature(error, contents, verifier), verifier };
  }
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

function asReport(
  { failure, missing, verifier }: Result,
  { contents, notes }: Inspection,
  token: string,
  clock: Clock,
  credentials: CredentialSource,
): Report {
  const verdict: Verdict =
    missing !== undefined
      ? notChecked(contents!, missing, credentials)
      : failure !== undefined
        ? describeFailure(failure, token, contents, clock.now)
        : { mark: 'good', verdict: `VALID ${describeGood(contents!, clock)}`, advice: [] };
  const isUnchecked = contents !== undefined && verifier === undefined && verdict.mark !== 'good';
  return {
    ...verdict,
    tables: [
      failure && contents && verifier ? compare(failure, contents, verifier, credentials) : [],
      tokenRows(contents, clock),
    ],
    notes: [isUnchecked && NOT_CHECKED, ...notes],
  };
}

function notChecked(contents: DecodedToken, missing: string, { keyVariables }: CredentialSource): Verdict {
  const assign = (name: string, prefix: 'AC' | 'SK', sid: string | undefined): string =>
    isSid(prefix, sid) ? `${name}=${sid}` : name;
  const account = assign('TWILIO_ACCOUNT_SID', 'AC', contents.accountSid);
  const [need, settings] =
    contents.kind === 'capability'
      ? ['a capability token needs the auth token of its account', `${account} and its TWILIO_AUTH_TOKEN`]
      : missing === 'accountSid'
        ? ['an Access Token needs the SID of its account', account]
        : [
            'an Access Token needs the API key that signed it',
            `${assign(keyVariables[0], 'SK', contents.apiKeySid)} and its ${keyVariables[1]}`,
          ];
  return {
    mark: 'unknown',
    verdict: `NOT CHECKED: ${need}`,
    advice: [`Set ${settings}.`, 'Use the environment, or a file given with --dotenv.'],
  };
}

/** Compares the SIDs of the token with those of the credentials. */
function compare(
  { code, field }: TokenError,
  contents: TokenContents,
  verifier: Verifier,
  { source, keyVariables }: CredentialSource,
): Row[] {
  const [keySid, keySecret] = keyVariables;
  if (code === 'ERR_TOKEN_SIGNATURE') {
    const secret = 'apiKeySid' in verifier ? keySecret : 'TWILIO_AUTH_TOKEN';
    return [['checked with', `${secret} (${source})`]];
  }
  if (code !== 'ERR_TOKEN_ISSUER') return [];
  if ('apiKeySid' in verifier && field !== 'sub') {
    return [
      ['the token is signed with', shown(contents.apiKeySid ?? 'none')],
      [`${keySid} is`, `${verifier.apiKeySid} (${source})`],
    ];
  }
  return [
    ['the token is for', shown(contents.accountSid ?? 'none')],
    ['TWILIO_ACCOUNT_SID is', `${verifier.accountSid} (${source})`],
  ];
}
