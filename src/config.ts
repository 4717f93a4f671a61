import { settingsChecker, type Settings, type Unchecked } from './settings';
import { ConfigError } from './errors';
import { DEFAULT_TTL } from './tokens/lifetime';
import { readOptions } from './options';

/** Who signs, for how long, and by which clock. What is left out is looked up: see {@link configure}. */
export interface CapabilityConfig {
  /** `AC` and 1 to 32 letters or digits. Default: that of `configure`, else `TWILIO_ACCOUNT_SID`. */
  readonly accountSid?: string | undefined;
  /** The account's auth token: the secret. Default: that of `configure`, else `TWILIO_AUTH_TOKEN`. */
  readonly authToken?: string | undefined;
  /** Seconds that a token lives, 1 to 86,400. Default: 3600, one hour. */
  readonly ttl?: number | undefined;
  /** The time, in milliseconds since the epoch; read at each call. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A setting that says who signs: looked up where it is left out, and never defaulted. */
export type Credential = 'accountSid' | 'authToken' | 'apiKeySid' | 'apiKeySecret';

/** A setting that has a default, or can be absent. */
type Preference = Exclude<keyof Settings, Credential>;

/** Which identifiers a credential belongs to. Where two sources differ in those, it is somebody else's. */
const BELONGS_TO: Readonly<Record<Credential, readonly Credential[]>> = {
  accountSid: [],
  authToken: ['accountSid'],
  apiKeySid: ['accountSid'],
  apiKeySecret: ['accountSid', 'apiKeySid'],
};

const ENVIRONMENT: Readonly<Record<Credential, readonly string[]>> = {
  accountSid: ['TWILIO_ACCOUNT_SID'],
  authToken: ['TWILIO_AUTH_TOKEN'],
  apiKeySid: ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY'],
  apiKeySecret: ['TWILIO_API_KEY_SECRET', 'TWILIO_API_SECRET'],
};

/** What to say of the secret that signs the other kind of token: the slip to expect of an app that changes over. */
const MISPLACED = {
  authToken:
    "An Access Token is signed with an API key, not with the account's auth token: pass apiKeySid and apiKeySecret.",
  apiKeySecret:
    "A capability token is signed with the account's auth token, not with an API key: pass authToken.",
} satisfies Partial<Record<Credential, string>>;

const DEFAULTS = { ttl: DEFAULT_TTL, clockTolerance: 0, now: (): number => Date.now() };

/** The preferences of whoever gives none: those of {@link configure}, else the defaults. */
export let preferred: Readonly<typeof DEFAULTS> = DEFAULTS;

/** What a class's reader gives: credentials for certain, preferences if given. */
export type Resolved<C extends Credential, P extends Preference> = Pick<Settings, C> &
  Partial<Pick<Settings, P>>;

const CONFIGURABLE = ['accountSid', 'authToken', 'ttl', 'now'] as const;
const checkConfigurable = settingsChecker(CONFIGURABLE);
let configured: Unchecked = {};

/**
 * Sets the process-wide defaults, for whatever is built afterwards. Replaces the earlier ones:
 * `configure({})` clears them. What neither a constructor nor `configure` gives comes from the environment.
 *
 * Credentials are a pair: an auth token is used only for the account it was given for. Where a constructor
 * names one account and `configure` or the environment another, the latter's auth token is not used.
 *
 * @throws {ConfigError} `ERR_CONFIG_INVALID`; the earlier defaults stay.
 * @throws {SignError} `ERR_TTL_INVALID`; likewise.
 * @example
 * configure({ accountSid: 'ACXXXXXXXXXXXXXXXXX', authToken: 'YYYYYYYYYYYYYYYYYY' });
 * const capability = new Capability();
 */
export function configure(config: CapabilityConfig): void {
  // readOptions takes undefined for "none given"; here that would clear the defaults by accident.
  configured = checkConfigurable(readOptions((config as unknown) ?? null, CONFIGURABLE, 'config'));
  const { ttl = DEFAULTS.ttl, now = DEFAULTS.now } = configured as CapabilityConfig;
  preferred = { ...DEFAULTS, ttl, now };
}

/**
 * Makes the reader of one class's config, all validated. Credentials are the explicit ones, then those of
 * {@link configure}, then the environment's. Preferences are the explicit ones; else see {@link preferred}.
 *
 * @param credentials - What the class cannot do without, identifiers before their secrets.
 * @param preferences - What else it takes.
 */
export function configReader<C extends Credential, P extends Preference>(
  credentials: readonly C[],
  preferences: readonly P[],
  authTokens: 'one' | 'list' = 'one',
): (config: unknown) => Resolved<C, P> {
  const names = [...credentials, ...preferences];
  const check = settingsChecker(names, authTokens);
  return (config) => {
    const values: Unchecked = readOptions(config, names, 'config', MISPLACED);
    const absent = absentFrom(values, credentials);
    if (absent.length > 0) lookUp(absent, values);
    const checked: Unchecked = check(values);
    for (const name of absent) if (checked[name] === undefined) throw missing(name);
    return checked as Resolved<C, P>;
  };
}

function absentFrom(values: Unchecked, credentials: readonly Credential[]): Credential[] {
  return credentials.filter((name) => values[name] === undefined);
}

/** Fills in the credentials that are not there from the farther sources, as far as they belong together. */
function lookUp(absent: readonly Credential[], values: Unchecked): void {
  complete(absent, values, configured);
  const stillAbsent = absentFrom(values, absent);
  if (stillAbsent.length > 0) complete(stillAbsent, values, environment());
}

function complete(absent: readonly Credential[], values: Unchecked, found: Unchecked): void {
  const contradicts = (name: Credential): boolean =>
    found[name] !== undefined && found[name] !== values[name];
  for (const name of absent) if (!BELONGS_TO[name].some(contradicts)) values[name] = found[name];
}

function environment(): Unchecked {
  const found: Unchecked = {};
  for (const [name, variables] of Object.entries(ENVIRONMENT) as [Credential, string[]][]) {
    // A variable that is set to nothing counts as not set, as in a shell's ${VARIABLE:-default}.
    found[name] = variables.map((variable) => process.env[variable]).find(Boolean);
  }
  return found;
}

function missing(name: Credential): ConfigError {
  const identifiers = BELONGS_TO[name].join(' and ');
  const condition = identifiers === '' ? '' : ` One that is set beside another ${identifiers} is not used.`;
  return new ConfigError(
    'ERR_CONFIG_MISSING',
    `${name} is missing: pass it, or set ${ENVIRONMENT[name][0]!} in the environment${
      (CONFIGURABLE as readonly string[]).includes(name) ? ', or call configure() once' : ''
    }.${condition}`,
    name,
  );
}
