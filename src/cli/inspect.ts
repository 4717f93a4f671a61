import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { decodeToken, type DecodedToken } from '../decode-token';
import { TokenError, type TokenErrorCode } from '../errors';
import { isSid } from '../sid';
import { validateTimes } from '../tokens/claims';
import { openToken, validateHeader, type JsonObject } from '../tokens/jws';
import { writeAnswer } from './answer';
import { parseFlags, parseNow, TOKEN_OPTIONS } from './arguments';
import { contentsAsJson, describeGood, NOT_CHECKED, shown, tokenRows, type Clock } from './describe-token';
import { readToken } from './read-token';
import type { ExitCode, Report, Terminal } from './report';
import { describeFailure, failureAsJson, signatureFault } from './verdict';

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
  const { token } = paste;
  const inspection = inspectToken(token, clock.now);
  const { contents, problems, notes } = inspection;
  return writeAnswer(terminal, flags, paste, {
    exitCode: contents === undefined ? 1 : 0,
    json: {
      verified: false,
      ...(contents && contentsAsJson(contents)),
      problems: problems.map((problem) => failureAsJson(problem, token)),
      notes,
    },
    report: asReport(inspection, token, clock),
    problems,
  });
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
  return errorsOf(() => {
    validateHeader(openToken(token).header);
  }).filter(({ code }) => code === 'ERR_TOKEN_ALGORITHM');
}

function findProblems(contents: DecodedToken, token: string, now: number, tolerance: number): TokenError[] {
  const { kind, header, claims } = contents;
  const problems = errorsOf(() => {
    validateHeader(header);
  });
  const add = (code: TokenErrorCode, message: string, field: string): void => {
    problems.push(new TokenError(code, message, field));
  };
  const fault = signatureFault(token)?.kind;
  if (token.endsWith('.') || fault === 'cut') {
    add('ERR_TOKEN_SIGNATURE', 'Token has no complete signature.', 'signature');
  }
  // Other algorithms have longer signatures.
  if (header['alg'] === 'HS256' && fault === 'long') {
    add('ERR_TOKEN_SIGNATURE', 'Token signature is too long for HS256.', 'signature');
  }
  if (kind === 'capability' && !isSid('AC', claims['iss'])) {
    add('ERR_TOKEN_ISSUER', 'Token iss is not an account SID.', 'iss');
  }
  if (kind === 'access-token' && !isSid('SK', claims['iss'])) {
    add('ERR_TOKEN_ISSUER', 'Token iss is not an API key SID.', 'iss');
  }
  problems.push(...errorsOf(() => validateTimes(claims, now, tolerance)));
  if (kind === 'access-token') {
    const grants = claims['grants'] as JsonObject;
    for (const name of ['identity', 'voice']) {
      if (name in grants) continue;
      add('ERR_TOKEN_CLAIMS', `Token grants.${name} is missing. Voice SDKs need it.`, `grants.${name}`);
    }
  }
  return problems;
}

/** Returns the error that a check throws, if any. */
function errorsOf(check: () => unknown): TokenError[] {
  try {
    check();
    return [];
  } catch (error) {
    return [error as TokenError];
  }
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

function asReport({ contents, problems, notes }: Inspection, token: string, clock: Clock): Report {
  const [first, ...others] = problems;
  const verdict =
    first === undefined
      ? ({
          mark: 'unknown',
          verdict: `UNVERIFIED ${describeGood(contents!, clock)}`,
          advice: [`No problem found. ${NOT_CHECKED}`],
        } as const)
      : describeFailure(first, token, contents, clock.now);
  return {
    ...verdict,
    advice: [...verdict.advice, ...others.map(({ message }) => `Also: ${message}`)],
    tables: [tokenRows(contents, clock)],
    notes: [
      contents && first && NOT_CHECKED,
      ...notes,
      contents?.kind === 'capability' && describeMigration(contents),
    ],
  };
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
