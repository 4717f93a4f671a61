import type { TokenError } from '../errors';
import type { Paste } from './read-token';
import { writeJson, writeReport, type ExitCode, type Report, type Row, type Terminal } from './report';

/** What a command answers about a token. */
export interface Answer {
  readonly exitCode: ExitCode;
  readonly json: object;
  readonly report: Report;
  /** The errors that `--verbose` shows. */
  readonly problems?: readonly TokenError[];
}

/** Writes an answer as text or JSON, with what was removed around the token. */
export function writeAnswer(
  terminal: Terminal,
  flags: { readonly json?: boolean | undefined; readonly verbose?: boolean | undefined },
  { token, peeled }: Paste,
  { exitCode, json, report, problems = [] }: Answer,
): ExitCode {
  if (flags.json === true) writeJson(terminal, { ...json, peeled });
  else {
    const raw = flags.verbose === true ? rawRows(token, problems) : [];
    writeReport(terminal, { ...report, tables: [...report.tables, raw], notes: [...report.notes, peeled] });
  }
  return exitCode;
}

/** Rows for maintainers: the errors with their codes, and the token as it is. */
function rawRows(token: string, problems: readonly TokenError[]): Row[] {
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
