import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { decodeToken, type DecodedToken } from '../decode-token';
import { TokenError } from '../errors';
import { isSid } from '../sid';
import { validateTimes } from '../tokens/claims';
import { decodeSegments, validateHeader } from '../tokens/jws';
import { parseFlags, parseNow, TOKEN_OPTIONS } from './arguments';
import { contentsAsJson, describeExpiry, NOT_CHECKED, shown, tokenRows, type Clock } from './describe-token';
import { readToken, type Paste } from './read-token';
import { writeJson, writeReport, type ExitCode, type Report, type Row, type Terminal } from './report';
import { describeFailure, failureAsJson, isCut, isTooLong } from './verdict';

export const help = `Show what a token allows, for whom and until when, and what is wrong with it. Needs no credentials and
does not check the signature: anyone could have written the token.

Usage: twilio-capability inspect [TOKEN | -] [options]

  --now ISO   the time to compare with, such as 2026-01-01T00:00:00Z; default: the clock
  --json      write JSON instead of text
  --verbose   also show the error code, the header and the payload

The token is the argument, or comes from standard input. Arguments show in the process list.
A "Bearer", quotes, line breaks or the JSON around the token are removed.

Exit codes: 0 the token can be read, 1 it cannot, 2 wrong usage.

Example:
  twilio-capability inspect - < token.txt
`;

/** What is known about a token without its key. */
export interface Inspection {
  /** Undefined if the token cannot be decoded. */
  readonly contents: DecodedToken | undefined;
  /** Every failure, in the order of a verifier, which stops at the first. */
  readonly problems: readonly TokenError[];
  /** Notes on the token, one sentence each. */
  readonly notes: readonly string[];
}

/** Shows the contents of a token. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token: argument } = parseFlags(args, TOKEN_OPTIONS, true);
  const readClock = parseClock(flags.now);
  const paste = await readToken(argument, 'inspect', terminal);
  const clock = readClock();
  const inspection = inspectToken(paste.token, clock.now);
  if (flags.json === true) writeJson(terminal, asJson(inspection, paste));
  else writeReport(terminal, asReport(inspection, paste, clock, flags.verbose === true));
  return inspection.contents === undefined ? 1 : 0;
}

/** Returns a function that reads the clock. Read it after the token: a slow pipe takes time too. */
export function parseClock(now: string | undefined): () => Clock {
  const readTime = parseNow(now);
  return () => ({ now: readTime(), source: now === undefined ? "this machine's clock" : '--now' });
}

/**
 * Decodes a token and collects its failures.
 *
 * @param tolerance - Accepted clock skew in seconds.
 */
export function inspectToken(token: string, now: number, tolerance = 0): Inspection {
  let contents: DecodedToken;
  try {
    contents = decodeToken(token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { contents: undefined, problems: [...findAlgorithmProblem(token), error], notes: [] };
  }
  return {
    contents,
    problems: findProblems(contents, token, now, tolerance),
    notes: describeLosses(contents),
  };
}

/** Tokens of other services often have another algorithm. A verifier rejects it before it reads the claims. */
function findAlgorithmProblem(token: string): TokenError[] {
  const checkHeader = (): void => {
    validateHeader(decodeSegments(token).header);
  };
  return collectProblems([checkHeader]).filter(({ code }) => code === 'ERR_TOKEN_ALGORITHM');
}

function findProblems(contents: DecodedToken, token: string, now: number, tolerance: number): TokenError[] {
  const { header, claims } = contents;
  const checks: (() => unknown)[] = [
    () => {
      validateHeader(header);
    },
    () => {
      if (!token.endsWith('.') && !isCut(token)) return;
      throw new TokenError('ERR_TOKEN_SIGNATURE', 'Token has no complete signature.', 'signature');
    },
    () => {
      // Other algorithms have longer signatures.
      if (header['alg'] !== 'HS256' || !isTooLong(token)) return;
      throw new TokenError('ERR_TOKEN_SIGNATURE', 'Token signature is too long for HS256.', 'signature');
    },
    () => {
      if (isSid(contents.kind === 'capability' ? 'AC' : 'SK', claims['iss'])) return;
      const what = contents.kind === 'capability' ? 'an account SID' : 'an API key SID';
      throw new TokenError('ERR_TOKEN_ISSUER', `Token iss is not ${what}.`, 'iss');
    },
    () => validateTimes(claims, now, tolerance),
  ];
  if (contents.kind === 'access-token') {
    const { identity } = contents;
    const grants = claims['grants'] as object;
    for (const [name, isThere] of [
      ['identity', identity !== undefined],
      ['voice', 'voice' in grants],
    ] as const) {
      checks.push(() => {
        if (isThere) return;
        const field = `grants.${name}`;
        throw new TokenError('ERR_TOKEN_CLAIMS', `Token ${field} is missing. Voice SDKs need it.`, field);
      });
    }
  }
  return collectProblems(checks);
}

function collectProblems(checks: readonly (() => unknown)[]): TokenError[] {
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [error as TokenError];
    }
  });
}

/** Lists what a token has lost, and what Twilio may reject. */
function describeLosses(contents: DecodedToken): string[] {
  const { claims, issuedAt, expiresAt } = contents;
  const notes: string[] = [];
  const scope = contents.kind === 'capability' ? (claims['scope'] as string) : '';
  const params = [...scope.matchAll(/[?&](?:appParams|params)=([^& ]*)/g)].map((match) => match[1]!);
  if (params.some(isEncodedOnce)) {
    notes.push(
      'The params are encoded once instead of twice: values with "&" or "=" are cut off (twilio-ruby 5 and newer).',
    );
  }
  if (/clientName=[^& ]*(?: (?!scope:)|[^\x21-\x7e ])/.test(scope)) {
    notes.push('A client name is not percent-encoded (twilio-java and twilio-csharp).');
  }
  if (issuedAt && expiresAt && expiresAt.getTime() - issuedAt.getTime() > 86_400_000) {
    notes.push('The token lives longer than 24 hours from its iat. Twilio may reject it (error 20157).');
  }
  return notes;
}

/** Returns whether params show marks that a second encoding would have removed, or a value that lost its key. */
function isEncodedOnce(params: string): boolean {
  if (/\+|%(?!2[5-9ABDE]|3D|5F|7E)[0-9A-F]{2}/i.test(params)) return true;
  return params !== '' && params.split(/&|%26/i).some((part) => !/=|%(?:25)*3D/i.test(part));
}

function asReport(
  { contents, problems, notes }: Inspection,
  paste: Paste,
  clock: Clock,
  verbose: boolean,
): Report {
  const [first, ...others] = problems;
  const verdict =
    first === undefined
      ? ({
          mark: 'unknown',
          verdict: `UNVERIFIED ${kindOf(contents!)}, ${describeExpiry(contents!, clock)}`,
          advice: [`No problem found. ${NOT_CHECKED}`],
        } as const)
      : describeFailure(first, paste.token, contents, clock.now);
  return {
    ...verdict,
    advice: [...verdict.advice, ...others.map(({ message }) => `Also: ${message}`)],
    tables: [tokenRows(contents, clock), verbose ? rawRows(paste.token, problems) : []],
    notes: [
      ...(contents !== undefined && first !== undefined ? [NOT_CHECKED] : []),
      ...notes,
      ...peeledNotes(paste),
      ...(contents?.kind === 'capability' ? [describeMigration(contents)] : []),
    ],
  };
}

/** Returns the name of a kind of token. */
export function kindOf({ kind }: DecodedToken): string {
  return kind === 'capability' ? 'capability token' : 'Access Token';
}

/** Lists the text that was removed around a token, as notes. */
export function peeledNotes({ peeled }: Paste): string[] {
  return peeled === undefined ? [] : [peeled];
}

/** Describes what a capability token becomes as an Access Token, in one line. */
function describeMigration({ scopes }: DecodedToken): string {
  const { identity, voice, dropped } = toVoiceGrant(scopes);
  const parts = [
    identity === null ? 'no identity' : `identity ${shown(identity)}`,
    ...(voice.incoming === undefined ? [] : ['incoming calls']),
    ...(voice.outgoing === undefined ? [] : ['outgoing calls']),
    ...(dropped.length === 0 ? [] : [`${dropped.length} without a counterpart`]),
  ];
  return `As an Access Token: ${parts.join(', ')}. See twilio-capability migrate.`;
}

/** Rows for maintainers: the errors with their codes, and the token as it is. */
export function rawRows(token: string, problems: readonly TokenError[]): Row[] {
  const [header = '', payload = ''] = token
    .split('.')
    .map((segment) => Buffer.from(segment, 'base64url').toString('utf8'));
  return [
    ...problems.map(
      ({ code, field, message }) => ['error', `${code}, field ${field ?? 'none'}`, message] as const,
    ),
    ['header', header],
    ['payload', payload],
  ];
}

function asJson({ contents, problems, notes }: Inspection, { token, peeled }: Paste): object {
  return {
    verified: false,
    ...(contents && contentsAsJson(contents)),
    problems: problems.map((problem) => failureAsJson(problem, token)),
    notes,
    peeled,
  };
}
