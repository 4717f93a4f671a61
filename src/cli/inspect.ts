import { validateTimes } from '../tokens/claims';
import { decodeToken, type DecodedToken } from '../decode-token';
import { TokenError } from '../errors';
import { validateHeader } from '../tokens/jws';
import { isSid } from '../sid';
import { describeFault, describeToken, faultAsJson, tokenAsJson } from './describe';
import { dialectOf, type Dialect } from './dialect';
import { clockOf } from './environment';
import { readToken } from './input';
import { layOut, styleFor, writeJson, type Row, type Style } from './output';
import type { Command } from './terminal';

/** What there is to see in a token. */
interface Inspection {
  readonly token: DecodedToken;
  readonly problems: readonly TokenError[];
  /** Of a capability token only. */
  readonly dialect?: Dialect;
}

/** Shows what a token says. */
export const inspect: Command = {
  flagTypes: { now: 'one', json: 'boolean' },
  takesToken: true,
  execute: async (args, terminal) => {
    const { stdout, env } = terminal;
    const style = styleFor(stdout, env);
    const now = clockOf(args)();
    const token = await readToken(args, terminal);
    let inspection: Inspection;
    try {
      inspection = look(token, now);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (args.flags['json']) writeJson(stdout, { verified: false, problems: [faultAsJson(error)] });
      else {
        stdout.write(
          `${style.bad('This cannot be read.')}\n\n${layOut([['problem', ...describeFault(error, style)]], style)}`,
        );
      }
      return 1;
    }
    if (args.flags['json']) writeJson(stdout, asJson(inspection));
    else stdout.write(asText(inspection, now, style));
    return 0;
  },
};

function look(text: string, now: number): Inspection {
  const token = decodeToken(text);
  const problems = problemsOf(token, text, now);
  return token.kind === 'capability' ? { token, problems, dialect: dialectOf(text) } : { token, problems };
}

/** Every fault that can be told without a secret; a verifier stops at the first. */
function problemsOf(token: DecodedToken, text: string, now: number): TokenError[] {
  const { header, claims } = token;
  const iss = token.kind === 'capability' ? 'AC' : 'SK';
  const checks = [
    () => {
      validateHeader(header);
    },
    () => {
      if (!text.endsWith('.')) return;
      throw new TokenError('ERR_TOKEN_SIGNATURE', 'The token has no signature.', 'signature');
    },
    () => {
      if (isSid(iss, claims['iss'])) return;
      const what = iss === 'AC' ? 'account' : 'API key';
      throw new TokenError(
        'ERR_TOKEN_ISSUER',
        `The token names no ${what}: its iss is not a SID of one.`,
        'iss',
      );
    },
    () => validateTimes(claims, now, 0),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [error as TokenError];
    }
  });
}

function asText({ token, problems, dialect }: Inspection, now: number, style: Style): string {
  const rows: Row[] = describeToken(token, now, style);
  if (dialect !== undefined) rows.push(...describeDialect(dialect, style));
  const kind = token.kind === 'capability' ? 'Capability token' : 'Access Token';
  const faults = problems.map((problem) => ['problem', ...describeFault(problem, style)] as const);
  return [
    `${style.bold(kind)}, ${style.warn('UNVERIFIED')}: its signature is not checked, so anybody can have written it.\n`,
    layOut(rows, style),
    ...(faults.length === 0 ? [] : [layOut(faults, style)]),
  ].join('\n');
}

function describeDialect({ writers, marks, notes }: Dialect, { dim, warn }: Style): Row[] {
  const by = writers.length === 0 ? 'no SDK known to this command' : writers.join(', or ');
  return [
    ['written by', by, dim(`told by: ${marks.join('; ')}`)],
    ...notes.map((note): Row => ['note', warn(note)]),
  ];
}

function asJson({ token, problems, dialect }: Inspection): object {
  return {
    verified: false,
    ...tokenAsJson(token),
    problems: problems.map(faultAsJson),
    ...(dialect && { dialect }),
  };
}
