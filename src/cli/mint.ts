import { EventStreamScope } from '../scopes/event-stream-scope';
import { IncomingScope } from '../scopes/incoming-scope';
import { OutgoingScope } from '../scopes/outgoing-scope';
import type { Scope } from '../scopes/scope';
import { CapabilitySigner } from '../capability/capability-signer';
import type { IssuedToken } from '../tokens/issued-token';
import { clockOf, loadEnvFile } from './environment';
import { pairsOf, secondsOf, valueOf, valuesOf } from './flags';
import { writeJson } from './output';
import { UsageError, type Arguments, type Command, type Terminal } from './terminal';

/** Makes a token. */
export const mint: Command = {
  flagTypes: {
    incoming: 'many',
    outgoing: 'one',
    'client-name': 'one',
    param: 'many',
    'event-stream': 'boolean',
    filter: 'many',
    'allow-any-name': 'boolean',
    ttl: 'one',
    'access-token': 'boolean',
    identity: 'one',
    region: 'one',
    'drop-unmappable': 'boolean',
    'env-file': 'one',
    now: 'one',
    json: 'boolean',
  },
  takesToken: false,
  execute: (args, terminal) => {
    const issued = issue(readScopes(args), args, terminal);
    if (args.flags['json']) writeJson(terminal.stdout, issued);
    else terminal.stdout.write(`${issued.token}\n`);
    return 0;
  },
};

function issue(scopes: Scope[], args: Arguments, terminal: Terminal): IssuedToken {
  const dropUnmappable = args.flags['drop-unmappable'] !== undefined;
  const [identity, region] = [valueOf(args, 'identity'), valueOf(args, 'region')];
  const ttl = secondsOf(args, 'ttl');
  const now = clockOf(args);
  loadEnvFile(args, terminal);
  if (args.flags['access-token'] === undefined) {
    if (identity !== undefined || region !== undefined || dropUnmappable) {
      throw new UsageError('--identity, --region and --drop-unmappable go with --access-token.');
    }
    return new CapabilitySigner({ ttl, now }).issue(scopes);
  }
  const { AccessTokenSigner } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only where one is asked for
    require('../access-token/access-token-signer') as typeof import('../access-token/access-token-signer');
  return new AccessTokenSigner({ region, ttl, now }).issue(scopes, { identity, dropUnmappable });
}

/** @throws {UsageError} Flags that do not go together, or none that allows anything. */
function readScopes(args: Arguments): Scope[] {
  const [incoming, applicationSid] = [valuesOf(args, 'incoming'), valueOf(args, 'outgoing')];
  const [params, filters] = [pairsOf(args, 'param'), pairsOf(args, 'filter')];
  const clientName = valueOf(args, 'client-name');
  const eventStream = args.flags['event-stream'];
  if (applicationSid === undefined && (params !== undefined || clientName !== undefined)) {
    throw new UsageError('--param and --client-name go with --outgoing.');
  }
  if (filters !== undefined && eventStream === undefined) {
    throw new UsageError('--filter goes with --event-stream.');
  }
  const allowAnyName = args.flags['allow-any-name'] !== undefined;
  // As a Capability has it. An Access Token has one name for both ways.
  const callsFrom = args.flags['access-token'] === undefined ? (clientName ?? incoming.at(-1)) : clientName;
  const scopes: Scope[] = incoming.map((name) => new IncomingScope(name, { allowAnyName }));
  if (applicationSid !== undefined) {
    scopes.push(new OutgoingScope(applicationSid, { clientName: callsFrom, params, allowAnyName }));
  }
  if (eventStream !== undefined) scopes.push(new EventStreamScope(filters));
  if (scopes.length > 0) return scopes;
  throw new UsageError(
    'A token that allows nothing is of no use: give --incoming, --outgoing or --event-stream.',
  );
}
