import { decodeToken } from '../decode-token';
import { TokenError } from '../errors';
import { toVoiceGrant, type Dropped, type VoiceGrantPlan } from '../access-token/plan-voice-grant';
import { describeFault, faultAsJson } from './describe';
import { readToken } from './input';
import { layOut, shown, styleFor, writeJson, type Row, type Style } from './output';
import type { Command } from './terminal';

/** Shows what a capability token becomes. */
export const migrate: Command = {
  flagTypes: { json: 'boolean' },
  takesToken: true,
  execute: async (args, terminal) => {
    const { stdout, env } = terminal;
    const style = styleFor(stdout, env);
    const token = await readToken(args, terminal);
    try {
      const plan = toVoiceGrant(scopesOf(token));
      if (args.flags['json']) writeJson(stdout, { verified: false, ...plan });
      else {
        stdout.write(`${style.bold('As an Access Token')} ${style.warn('(UNVERIFIED)')}\n\n`);
        stdout.write(layOut(describePlan(plan, style), style));
      }
      return 0;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (args.flags['json']) writeJson(stdout, { verified: false, problem: faultAsJson(error) });
      else
        stdout.write(
          describeFault(error, style)
            .map((line) => `${line}\n`)
            .join(''),
        );
      return 1;
    }
  },
};

function scopesOf(token: string): ReturnType<typeof decodeToken>['scopes'] {
  const { kind, scopes } = decodeToken(token);
  if (kind === 'capability') return scopes;
  throw new TokenError(
    'ERR_TOKEN_HEADER',
    'This is an Access Token already: there is nothing to migrate.',
    'cty',
  );
}

function describePlan({ identity, voice, dropped, notes }: VoiceGrantPlan, style: Style): Row[] {
  const { incoming, outgoing } = voice;
  const rows: Row[] = [
    ['identity', identity === null ? style.bad('none: give one when you sign') : style.bold(shown(identity))],
    ['incoming', incoming === undefined ? 'not allowed' : 'allowed'],
    [
      'outgoing',
      outgoing === undefined ? 'not allowed' : `through ${outgoing.application_sid}`,
      ...params(outgoing?.params),
    ],
    [
      'dropped',
      ...(dropped.length === 0
        ? [style.good('nothing')]
        : dropped.map((one) => style.warn(describeDropped(one)))),
    ],
  ];
  if (notes.length > 0) rows.push(['notes', ...notes]);
  return rows;
}

function params(given: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(given).map(([key, value]) => `  ${shown(key)} = ${shown(value)}`);
}

function describeDropped({ scope, part }: Dropped): string {
  return part === 'clientName' ? `the client name of ${String(scope)}` : String(scope);
}
