import { configReader } from '../config';
import { ConfigError } from '../errors';
import { hmacKeys } from '../tokens/jws';
import { DEFAULT_TTL, readClock } from '../tokens/lifetime';
import { readOptions } from '../options';
import { readScopeList } from '../scopes/scope-list';
import { IncomingScope, OutgoingScope, type Scope } from '../scopes/scope';
import { CapabilitySigner, signPayload } from '../capability/capability-signer';
import { readMoment, testNow, type Moment } from './fixed-clock';
import { testApiKey, testApplicationSid, testCredentials } from './credentials';
import { claimsOf } from './forge';

/** Whose tokens the fixtures are. Never looked up in `configure` or the environment. */
export interface FixtureCredentials {
  /** Goes with `authToken`: both or neither. Default: {@link testCredentials}. */
  readonly accountSid?: string | undefined;
  /** Goes with `accountSid`. */
  readonly authToken?: string | undefined;
  /** Goes with `apiKeySecret`; for the fixture `accessToken`. Default: {@link testApiKey}. */
  readonly apiKeySid?: string | undefined;
  /** Goes with `apiKeySid`. */
  readonly apiKeySecret?: string | undefined;
}

/** What the fixtures are made from. What is left out has a fixed value. */
export interface FixtureOptions {
  /** Whose they are. Default: {@link testCredentials} and {@link testApiKey}. */
  readonly credentials?: FixtureCredentials | undefined;
  /** The moment they are made for, or a clock to read it from once. Default: {@link testNow}. */
  readonly now?: Moment | (() => number) | undefined;
  /** What those allow whose description names no scope. Default: incoming and outgoing calls as `alice`. */
  readonly scopes?: Scope | Iterable<Scope> | undefined;
  /** Seconds that the good ones live, 1 to 86,400. Default: 3600. */
  readonly ttl?: number | undefined;
}

/** What fixtures are made with. */
export interface Workshop extends Ingredients {
  /** Signs on the production path, with some of that changed. */
  readonly sign: (change?: Partial<Ingredients>) => string;
  /** Signs the claims of a good token with some of them changed; undefined takes one out. */
  readonly signClaims: (change: object) => string;
}

interface Ingredients {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
  readonly ttl: number;
  readonly scopes: readonly Scope[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The name that the fixtures receive calls under, and place them from. */
export const CLIENT_NAME = 'alice';
const SCOPES = [
  new IncomingScope(CLIENT_NAME),
  new OutgoingScope(testApplicationSid, { clientName: CLIENT_NAME }),
];

/** Reads credentials that are all given: nothing is looked up anywhere. */
const readCredentials = configReader(['accountSid', 'authToken', 'apiKeySid', 'apiKeySecret'], ['ttl']) as (
  config: object,
) => Omit<Ingredients, 'scopes' | 'now'>;

/** Reads the options of the fixtures, and lays out what they are made with. */
export function openWorkshop(options: unknown): Workshop {
  const given = readOptions(options, ['credentials', 'now', 'scopes', 'ttl']);
  const credentials = readCredentials({ ...readPairs(given.credentials), ttl: given.ttl ?? DEFAULT_TTL });
  const good = {
    ...credentials,
    scopes: given.scopes === undefined ? SCOPES : readScopeList(given.scopes).scopes,
    now: readMoment(
      typeof given.now === 'function' ? readClock(given.now as () => number) : (given.now ?? testNow),
    ),
  };
  const sign: Workshop['sign'] = (change) => {
    const { accountSid, authToken, ttl, scopes, now } = { ...good, ...change };
    return new CapabilitySigner({ accountSid, authToken, ttl, now: () => now }).sign(scopes);
  };
  const signClaims: Workshop['signClaims'] = (change) =>
    signPayload(JSON.stringify({ ...claimsOf(sign()), ...change }), hmacKeys(good.authToken)[0]);
  return { ...good, sign, signClaims };
}

function readPairs(credentials: unknown): object {
  const given = readOptions(credentials, ['accountSid', 'authToken', 'apiKeySid', 'apiKeySecret'], 'config');
  const pairs: Record<keyof typeof given, unknown> = { ...testCredentials, ...testApiKey };
  for (const [sid, secret] of [
    ['accountSid', 'authToken'],
    ['apiKeySid', 'apiKeySecret'],
  ] as const) {
    if (given[sid] === undefined && given[secret] === undefined) continue;
    for (const name of [sid, secret]) {
      if (given[name] === undefined) throw half(name, `${sid} and ${secret}`);
      pairs[name] = given[name];
    }
  }
  return pairs;
}

function half(name: string, pair: string): ConfigError {
  return new ConfigError(
    'ERR_CONFIG_MISSING',
    `${name} is missing: credentials are a pair, so give both ${pair}, or neither for the test ones.`,
    name,
  );
}
