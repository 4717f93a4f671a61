import { TokenError } from '../errors';
import { decodeHeader } from '../tokens/jws';
import { CapabilityVerifier, type VerifiedCapability } from '../capability/capability-verifier';
import type { AccessTokenVerifier, VerifiedAccessToken } from '../access-token/access-token-verifier';
import { describeFault, describeToken, faultAsJson, tokenAsJson } from './describe';
import { clockOf, hasApiKey, loadEnvFile } from './environment';
import { secondsOf } from './flags';
import { readToken } from './input';
import { layOut, styleFor, writeJson } from './output';
import type { Arguments, Command, Terminal } from './terminal';

/** Checks a token. */
export const verify: Command = {
  flagTypes: { 'clock-tolerance': 'one', 'env-file': 'one', now: 'one', json: 'boolean' },
  takesToken: true,
  execute: async (args, terminal) => {
    const { stdout, env } = terminal;
    const style = styleFor(stdout, env);
    const now = clockOf(args);
    loadEnvFile(args, terminal);
    const token = await readToken(args, terminal);
    try {
      const { kind, verified } = check(token, now, args, terminal);
      if (args.flags['json']) writeJson(stdout, { valid: true, kind, ...tokenAsJson(verified) });
      else {
        const what = kind === 'capability' ? 'capability token' : 'Access Token';
        stdout.write(`${style.good(`Valid: a good ${what}.`)}\n\n`);
        stdout.write(layOut(describeToken(verified, now(), style), style));
      }
      return 0;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (args.flags['json']) writeJson(stdout, { valid: false, ...faultAsJson(error) });
      else {
        stdout.write(
          `${style.bad(`Not valid: ${error.code}`)} (Twilio's own number: ${error.twilioCode})\n\n`,
        );
        stdout.write(
          describeFault(error, style)
            .slice(0, 2)
            .map((line) => `  ${line}\n`)
            .join(''),
        );
      }
      return 1;
    }
  },
};

type Checked =
  | { kind: 'capability'; verified: VerifiedCapability }
  | { kind: 'access-token'; verified: VerifiedAccessToken };

function check(token: string, now: () => number, args: Arguments, terminal: Terminal): Checked {
  const config = { now, clockTolerance: secondsOf(args, 'clock-tolerance') };
  // Without an API key there is nothing to check an Access Token with: it is refused for not being the other kind.
  if (hasApiKey(terminal) && isAccessToken(token)) {
    return { kind: 'access-token', verified: new (accessTokenVerifier())(config).verify(token) };
  }
  return { kind: 'capability', verified: new CapabilityVerifier(config).verify(token) };
}

function isAccessToken(token: string): boolean {
  return decodeHeader(token).header['cty'] !== undefined;
}

function accessTokenVerifier(): typeof AccessTokenVerifier {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only for such a token
  const module = require('../access-token/access-token-verifier') as {
    AccessTokenVerifier: typeof AccessTokenVerifier;
  };
  return module.AccessTokenVerifier;
}
