import { toVoiceGrant, type Dropped, type VoiceGrantPlan } from '../access-token/plan-voice-grant';
import { decodeToken, type DecodedToken } from '../decode-token';
import { TokenError } from '../errors';
import { parseFlags } from './arguments';
import { NOT_CHECKED, paramLines, shown } from './describe-token';
import { peeledNotes, rawRows } from './inspect';
import { readToken, type Paste } from './read-token';
import { writeJson, writeReport, type ExitCode, type Report, type Row, type Terminal } from './report';
import { describeFailure, failureAsJson } from './verdict';

export const help = `Show what a capability token becomes as an Access Token, and what has no counterpart there. Needs no
credentials and does not check the signature.

Usage: twilio-capability migrate [TOKEN | -] [options]

  --json      write JSON instead of text
  --verbose   also show the header and the payload

The token is the argument, or comes from standard input. Arguments show in the process list.

Exit codes: 0 done, 1 the token cannot be read or is an Access Token already, 2 wrong usage.

Example:
  twilio-capability mint --incoming alice --outgoing AP… | twilio-capability migrate
`;

const OPTIONS = { json: { type: 'boolean' }, verbose: { type: 'boolean' } } as const;

/** Shows what a capability token becomes. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, token: argument } = parseFlags(args, OPTIONS, true);
  const paste = await readToken(argument, 'migrate', terminal);
  const raw = flags.verbose === true ? rawRows(paste.token, []) : [];
  const write = (json: object, report: Report): void => {
    if (flags.json === true) writeJson(terminal, { verified: false, ...json, peeled: paste.peeled });
    else writeReport(terminal, { ...report, tables: [...report.tables, raw] });
  };
  let contents: DecodedToken;
  try {
    contents = decodeToken(paste.token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const verdict = describeFailure(error, paste.token, undefined, Date.now());
    write(
      { problem: failureAsJson(error, paste.token) },
      { ...verdict, tables: [], notes: peeledNotes(paste) },
    );
    return 1;
  }
  if (contents.kind === 'access-token') {
    const error = new TokenError('ERR_TOKEN_HEADER', 'This is an Access Token already.', 'cty');
    write(
      { problem: failureAsJson(error, paste.token) },
      {
        mark: 'unknown',
        verdict: 'NOTHING TO MIGRATE: this is an Access Token already',
        advice: [],
        tables: [],
        notes: peeledNotes(paste),
      },
    );
    return 1;
  }
  const plan = toVoiceGrant(contents.scopes);
  write(plan, asReport(plan, paste));
  return 0;
}

function asReport({ identity, voice, dropped, notes }: VoiceGrantPlan, paste: Paste): Report {
  const { incoming, outgoing } = voice;
  const count = dropped.length;
  const isComplete = count === 0 && identity !== null;
  const rows: Row[] = [
    ['identity', identity === null ? 'none' : shown(identity)],
    ['incoming', incoming === undefined ? 'not allowed' : 'allowed'],
    [
      'outgoing',
      outgoing === undefined ? 'not allowed' : `through ${outgoing.application_sid}`,
      ...paramLines(outgoing?.params),
    ],
    ['dropped', ...(count === 0 ? ['nothing'] : dropped.map(describeDropped))],
  ];
  return {
    mark: isComplete ? 'good' : 'unknown',
    verdict:
      count > 0
        ? `${count} of its parts ${count === 1 ? 'has' : 'have'} no counterpart in an Access Token`
        : identity === null
          ? 'NO IDENTITY: an Access Token needs one'
          : 'Everything has a counterpart in an Access Token',
    advice: notes,
    tables: [rows],
    notes: [NOT_CHECKED, ...peeledNotes(paste)],
  };
}

function describeDropped({ scope, part }: Dropped): string {
  return part === 'clientName' ? `the client name of ${String(scope)}` : String(scope);
}
