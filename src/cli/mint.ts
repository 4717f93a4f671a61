import { AccessTokenSigner } from '../access-token/access-token-signer';
import { CapabilitySigner } from '../capability/capability-signer';
import { MAX_TTL } from '../limits';
import { encodeClientName } from '../scopes/client-name';
import { EventStreamScope } from '../scopes/event-stream-scope';
import { IncomingScope } from '../scopes/incoming-scope';
import { OutgoingScope } from '../scopes/outgoing-scope';
import type { Scope } from '../scopes/parse-scope';
import type { IssuedToken } from '../tokens/issued-token';
import { parseFlags, parseNow, parsePairs, parseSeconds, UsageError } from './arguments';
import { describeInvalid, describeMissing, loadCredentials, type Credentials } from './credentials';
import { writeJson, type ExitCode, type Terminal } from './report';

export const help = `Create a token and write it to standard output: the token and nothing else.

Usage: twilio-capability mint [options]

  --incoming NAME       receive calls as this client name; can be repeated
  --outgoing AP…        make calls through this TwiML app
  --client-name NAME    the name that outgoing calls come from; default: the last incoming name
  --param KEY=VALUE     a parameter for the TwiML app; can be repeated
  --event-stream        subscribe to the account's events
  --filter KEY=VALUE    which events; can be repeated
  --encode-name         encode names such as ann@x.com as ann_40x_2Ecom
  --allow-any-name      accept names of other characters and send them unchanged
  --ttl SECONDS         lifetime, 1 to 86400; default: 3600
  --access-token        create an Access Token instead
  --identity NAME       its identity; default: the client name
  --region REGION       its region, such as au1
  --push-credential CR… its push credential, for mobile apps
  --drop-unmappable     leave out what has no counterpart in an Access Token
  --dotenv FILE         read the credentials from this file instead of the environment
  --now ISO             the time of creation, such as 2026-01-01T00:00:00Z; default: the clock
  --json                write the token with its account, scopes and times, as JSON

Exit codes: 0 done, 2 wrong usage, or the token could not be written.

Example:
  export TWILIO_ACCOUNT_SID=AC… TWILIO_AUTH_TOKEN=…
  twilio-capability mint --incoming alice --outgoing AP… --param user_id=42 --ttl 600
`;

const OPTIONS = {
  incoming: { type: 'string', multiple: true },
  outgoing: { type: 'string' },
  'client-name': { type: 'string' },
  param: { type: 'string', multiple: true },
  'event-stream': { type: 'boolean' },
  filter: { type: 'string', multiple: true },
  'encode-name': { type: 'boolean' },
  'allow-any-name': { type: 'boolean' },
  ttl: { type: 'string' },
  'access-token': { type: 'boolean' },
  identity: { type: 'string' },
  region: { type: 'string' },
  'push-credential': { type: 'string' },
  'drop-unmappable': { type: 'boolean' },
  dotenv: { type: 'string' },
  now: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Flags = ReturnType<typeof parseFlags<typeof OPTIONS>>['flags'];

/** Flags that mean nothing without another. */
const NEEDS = [
  ['param', 'outgoing'],
  ['client-name', 'outgoing'],
  ['filter', 'event-stream'],
  ['identity', 'access-token'],
  ['region', 'access-token'],
  ['push-credential', 'access-token'],
  ['drop-unmappable', 'access-token'],
] as const;

/** Creates a token. */
export function run(args: readonly string[], terminal: Terminal): ExitCode {
  const { flags } = parseFlags(args, OPTIONS);
  rejectCombinations(flags);
  const scopes = createScopes(flags);
  const credentials = loadCredentials(flags.dotenv, terminal.env);
  const missing = describeMissing(credentials, flags['access-token'] === true);
  if (missing !== undefined) throw new UsageError(missing);
  let issued: IssuedToken;
  try {
    issued = issue(scopes, flags, credentials);
  } catch (error) {
    const invalid = describeInvalid(error, credentials);
    throw invalid === undefined ? error : new UsageError(invalid);
  }
  if (flags.json === true) writeJson(terminal, issued);
  else terminal.stdout.write(`${issued.token}\n`);
  return 0;
}

/** @throws {UsageError} */
function rejectCombinations(flags: Flags): void {
  for (const [name, needed] of NEEDS) {
    if (flags[name] !== undefined && flags[needed] === undefined) {
      throw new UsageError(`--${name} needs --${needed}.`);
    }
  }
  if (flags['encode-name'] === true && flags['allow-any-name'] === true) {
    throw new UsageError('Use either --encode-name or --allow-any-name, not both.');
  }
  if ((flags.incoming ?? flags.outgoing ?? flags['event-stream']) === undefined) {
    throw new UsageError('A token must allow something. Use --incoming, --outgoing or --event-stream.');
  }
}

function createScopes(flags: Flags): Scope[] {
  const allowAnyName = flags['allow-any-name'];
  const incoming = (flags.incoming ?? []).map((name) => encodeName(name, flags));
  const clientName = flags['client-name'] === undefined ? undefined : encodeName(flags['client-name'], flags);
  const scopes: Scope[] = incoming.map((name) => new IncomingScope(name, { allowAnyName }));
  if (flags['event-stream'] === true) scopes.push(new EventStreamScope(parsePairs('--filter', flags.filter)));
  if (flags.outgoing !== undefined) {
    // Last, and linked to the incoming name, as a Capability does. An Access Token has one name for both
    // directions.
    const linked = flags['access-token'] === true ? undefined : incoming.at(-1);
    const params = parsePairs('--param', flags.param);
    scopes.push(
      new OutgoingScope(flags.outgoing, { clientName: clientName ?? linked, params, allowAnyName }),
    );
  }
  return scopes;
}

function encodeName(name: string, flags: Flags): string {
  return flags['encode-name'] === true ? encodeClientName(name) : name;
}

function issue(scopes: Scope[], flags: Flags, credentials: Credentials): IssuedToken {
  const { accountSid, authToken, apiKeySid, apiKeySecret } = credentials;
  const ttl = parseSeconds('--ttl', flags.ttl, MAX_TTL);
  const now = parseNow(flags.now);
  if (flags['access-token'] !== true) {
    return new CapabilitySigner({ accountSid, authToken, ttl, now }).issue(scopes);
  }
  const { region, 'push-credential': pushCredentialSid } = flags;
  const signer = new AccessTokenSigner({ accountSid, apiKeySid, apiKeySecret, region, ttl, now });
  return signer.issue(scopes, {
    pushCredentialSid,
    identity: flags.identity === undefined ? undefined : encodeName(flags.identity, flags),
    allowAnyIdentity: flags['allow-any-name'],
    dropUnmappable: flags['drop-unmappable'],
  });
}
