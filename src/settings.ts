import { types } from 'node:util';
import { ConfigError, SignError } from './errors';
import { ttlProblem } from './tokens/lifetime';
import { isFullSid, isSid, SID } from './sid';
import * as z from './zod';

/** Every setting there is, as it is once validated. */
export interface Settings {
  accountSid: string;
  /** One secret; for a verifier several, since an account has two while they are rotated. */
  authToken: string | readonly string[];
  apiKeySid: string;
  apiKeySecret: string;
  region: string;
  pushCredentialSid: string;
  ttl: number;
  clockTolerance: number;
  now: () => number;
}

/** Settings as the caller gave them. */
export type Unchecked = { [K in keyof Settings]?: unknown };

/** A Twilio region: https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions */
export const REGION = /^[a-z]{2}[0-9]$/;

/** Tells what is wrong with a setting, in the sentence that the caller reads; nothing where it is good. */
type Problem = (value: unknown) => string | undefined;

function sidProblem(prefix: keyof typeof SID, what: string): Problem {
  const message = `${what} is "${prefix}" followed by 1 to 32 letters or digits.`;
  return (sid) => (isSid(prefix, sid) ? undefined : message);
}

// eslint-disable-next-line no-control-regex -- finding them is the purpose
const WORD = /^[^\s\u0000-\u001f\u007f-\u009f]+$/;

function secretProblem(what: string): Problem {
  return (secret) => {
    if (typeof secret === 'string' && WORD.test(secret) && secret.isWellFormed()) {
      return isFullSid(secret) ? `${what} is not a SID: it is the secret that goes with one.` : undefined;
    }
    return typeof secret === 'string' && secret.startsWith('-----BEGIN')
      ? `${what} is a short word, not a PEM key.`
      : `${what} is a non-empty, well-formed string without white space or control characters.`;
  };
}

function regionProblem(region: unknown): string | undefined {
  return typeof region === 'string' && REGION.test(region)
    ? undefined
    : 'A region is two lower-case letters and a digit, such as "au1".';
}

function toleranceProblem(seconds: unknown): string | undefined {
  return Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 300
    ? undefined
    : 'clockTolerance is a whole number of seconds from 0 to 300.';
}

function clockProblem(now: unknown): string | undefined {
  return typeof now === 'function'
    ? undefined
    : 'now is a function that returns milliseconds since the epoch.';
}

function listProblem(secrets: unknown): string | undefined {
  const list = secrets as readonly unknown[];
  if (list.length === 0) return 'authToken is a string, or a list of at least one.';
  return list.map(RULES.authToken).find((problem) => problem !== undefined);
}

const RULES: Readonly<Record<keyof Settings, Problem>> = {
  accountSid: sidProblem('AC', 'An account SID'),
  authToken: secretProblem('An auth token'),
  apiKeySid: sidProblem('SK', 'An API key SID'),
  apiKeySecret: secretProblem('An API key secret'),
  region: regionProblem,
  pushCredentialSid: sidProblem('CR', 'A push credential SID'),
  ttl: ttlProblem,
  clockTolerance: toleranceProblem,
  now: clockProblem,
};

/**
 * Makes the check of some of the settings. Any can be absent: what is required is the caller's to say.
 *
 * @param authTokens - `one`, or for a verifier also a `list`.
 */
export function settingsChecker<K extends keyof Settings>(
  names: readonly K[],
  authTokens: 'one' | 'list' = 'one',
): (values: Unchecked) => Partial<Pick<Settings, K>> {
  const rules = names.map((name) => ({
    name,
    problem: name === 'authToken' && authTokens === 'list' ? listProblem : RULES[name],
  }));
  const schema = z.unknown().check(({ value, issues }) => {
    const values = value as Unchecked;
    for (const { name, problem } of rules) {
      const setting = values[name];
      const message = setting === undefined ? undefined : problem(setting);
      if (message !== undefined) issues.push({ code: 'custom', path: [name], message, input: undefined });
    }
  });
  return (given) => {
    const { authToken } = given;
    const list = authTokens === 'list' && authToken !== undefined ? readList(authToken) : undefined;
    const values = list === undefined ? given : { ...given, authToken: list };
    checkPair(values, 'accountSid', 'AC', 'authToken', list ?? [authToken]);
    checkPair(values, 'apiKeySid', 'SK', 'apiKeySecret', [given.apiKeySecret]);
    const result = schema.safeParse(values);
    if (result.success) return values as Partial<Pick<Settings, K>>;
    const [{ path, message }] = result.error.issues as [(typeof result.error.issues)[number]];
    throw refusal(path[0] as K, message);
  };
}

function refusal(name: keyof Settings, message: string): ConfigError | SignError {
  return name === 'ttl'
    ? new SignError('ERR_TTL_INVALID', message, name)
    : new ConfigError('ERR_CONFIG_INVALID', message, name);
}

/** A SID and its secret in each other's place, or a SID in both. Names the slip, shows neither. */
function checkPair(
  values: Unchecked,
  sidName: 'accountSid' | 'apiKeySid',
  prefix: 'AC' | 'SK',
  secretName: 'authToken' | 'apiKeySecret',
  secrets: readonly unknown[],
): void {
  const sid = values[sidName];
  for (const secret of secrets) {
    if (typeof secret !== 'string') continue;
    if (typeof sid === 'string' && isSid(prefix, secret) && !isSid(prefix, sid)) {
      throw refusal(sidName, `${sidName} and ${secretName} are swapped.`);
    }
    if (secret === values.accountSid) throw refusal(secretName, `${secretName} is the same as accountSid.`);
    if (secret === sid) throw refusal(secretName, `${secretName} is the same as ${sidName}.`);
  }
}

/**
 * A value, or the entries of an array, as an array of our own, up to the first that is no string. Getters are
 * not called and an iterator is not asked: either could throw, or give one secret to the rules and another to
 * the key.
 */
function readList(value: unknown): unknown[] {
  if (types.isProxy(value) || !Array.isArray(value)) return [value];
  const list: unknown[] = [];
  for (let index = 0; index < value.length; index++) {
    const entry: unknown = Object.getOwnPropertyDescriptor(value, index)?.value;
    list.push(entry);
    if (typeof entry !== 'string') break;
  }
  return list;
}
