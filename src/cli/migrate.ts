import { toVoiceGrant, type Dropped, type VoiceGrantPlan } from '../access-token/plan-voice-grant';
import { TokenError } from '../errors';
import { writeAnswer, type Answer } from './answer';
import { parseFlags } from './arguments';
import { NOT_CHECKED, paramLines, shown } from './describe-token';
import { inspectToken } from './inspect';
import { readToken } from './read-token';
import type { ExitCode, Report, Terminal } from './report';
import { describeFailure, failureAsJson, type Verdict } from './verdict';

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
  return writeAnswer(terminal, flags, paste, migrate(paste.token));
}

function migrate(token: string): Answer {
  const now = Date.now();
  const { contents, problems } = inspectToken(token, now);
  const fail = (problem: TokenError, verdict: Verdict): Answer => ({
    exitCode: 1,
    json: { verified: false, problem: failureAsJson(problem, token) },
    report: { ...verdict, tables: [], notes: [] },
  });
  if (contents === undefined) {
    return fail(problems[0]!, describeFailure(problems[0]!, token, contents, now));
  }
  if (contents.kind === 'access-token') {
    return fail(new TokenError('ERR_TOKEN_HEADER', 'This is an Access Token already.', 'cty'), {
      mark: 'unknown',
      verdict: 'NOTHING TO MIGRATE: this is an Access Token already',
      advice: [],
    });
  }
  const plan = toVoiceGrant(contents.scopes);
  return { exitCode: 0, json: { verified: false, ...plan }, report: asReport(plan) };
}

function asReport({ identity, voice, dropped, notes }: VoiceGrantPlan): Report {
  const { incoming, outgoing } = voice;
  const count = dropped.length;
  const [mark, verdict] =
    count > 0
      ? ([
          'unknown',
          `${count} of its parts ${count === 1 ? 'has' : 'have'} no counterpart in an Access Token`,
        ] as const)
      : identity === null
        ? (['unknown', 'NO IDENTITY: an Access Token needs one'] as const)
        : (['good', 'Everything has a counterpart in an Access Token'] as const);
  return {
    mark,
    verdict,
    advice: notes,
    tables: [
      [
        ['identity', shown(identity ?? 'none')],
        ['incoming', incoming === undefined ? 'not allowed' : 'allowed'],
        [
          'outgoing',
          outgoing === undefined ? 'not allowed' : `through ${outgoing.application_sid}`,
          ...paramLines(outgoing?.params),
        ],
        ['dropped', ...(count === 0 ? ['nothing'] : dropped.map(describeDropped))],
      ],
    ],
    notes: [NOT_CHECKED],
  };
}

function describeDropped({ scope, part }: Dropped): string {
  return part === 'clientName' ? `the client name of ${String(scope)}` : String(scope);
}
