import { types } from 'node:util';
import { ConfigError, SignError } from './errors';
import { ttlProblem } from './lifetime';
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

/** One rule for each setting; its message is what the caller reads. */
const RULES = {
  accountSid: sidRule('AC', 'An account SID'),
  authToken: secretRule('An auth token'),
  apiKeySid: sidRule('SK', 'An API key SID'),
  apiKeySecret: secretRule('An API key secret'),
  region: stringRule(REGION, 'A region is two lower-case letters and a digit, such as "au1".'),
  pushCredentialSid: sidRule('CR', 'A push credential SID'),
  ttl: z.custom<number>((ttl) => ttlProblem(ttl) === undefined, {
    error: (issue) => ttlProblem(issue.input),
  }),
  clockTolerance: z.custom<number>(
    (seconds) => Number.isInteger(seconds) && seconds >= 0 && seconds <= 300,
    'clockTolerance is a whole number of seconds from 0 to 300.',
  ),
  now: z.custom<() => number>(
    (now) => typeof now === 'function',
    'now is a function that returns milliseconds since the epoch.',
  ),
} as const;

const AUTH_TOKEN_LIST = z
  .array(RULES.authToken)
  .check(z.minLength(1, 'authToken is a string, or a list of at least one.'));

function stringRule(pattern: RegExp, message: string) {
  return z.string(message).check(z.regex(pattern, message));
}

function sidRule(prefix: keyof typeof SID, what: string) {
  return stringRule(SID[prefix], `${what} is "${prefix}" followed by 1 to 32 letters or digits.`);
}

function secretRule(what: string) {
  const message = `${what} is a non-empty, well-formed string without white space or control characters.`;
  return z.string(message).check(
    z.refine((secret) => !secret.startsWith('-----BEGIN'), `${what} is a short word, not a PEM key.`),
    // eslint-disable-next-line no-control-regex -- finding them is the purpose
    z.refine((secret) => secret.isWellFormed() && /^[^\s\u0000-\u001f\u007f-\u009f]+$/.test(secret), message),
    z.refine((secret) => !isFullSid(secret), `${what} is not a SID: it is the secret that goes with one.`),
  );
}

/**
 * Makes the check of some of the settings. Any can be absent: what is required is the caller's to say.
 *
 * @param authTokens - `one`, or for a verifier also a `list`.
 */
export function settingsChecker<K extends keyof Settings>(
  names: readonly K[],
  authTokens: 'one' | 'list' = 'one',
): (values: Unchecked) => Partial<Pick<Settings, K>> {
  const rules = authTokens === 'one' ? RULES : { ...RULES, authToken: AUTH_TOKEN_LIST };
  const schema = z.object(
    Object.fromEntries(names.map((name) => [name, z.optional<z.ZodMiniType>(rules[name])])),
  );
  return (given) => {
    const { authToken } = given;
    const list = authTokens === 'list' && authToken !== undefined ? readList(authToken) : undefined;
    const values = list === undefined ? given : { ...given, authToken: list };
    const result = schema.safeParse(values);
    checkPair(values, 'accountSid', 'AC', 'authToken', list ?? [authToken]);
    checkPair(values, 'apiKeySid', 'SK', 'apiKeySecret', [given.apiKeySecret]);
    if (result.success) return result.data as Partial<Pick<Settings, K>>;

    const { path, message } = result.error.issues[0]!;
    if (path[0] === 'ttl') throw new SignError('ERR_TTL_INVALID', message, 'ttl');
    throw new ConfigError('ERR_CONFIG_INVALID', message, String(path[0]));
  };
}

/** A SID and its secret in each other's place, or a SID in both. Names the slip, shows neither. */
function checkPair(
  values: Unchecked,
  sidName: 'accountSid' | 'apiKeySid',
  prefix: 'AC' | 'SK',
  secretName: 'authToken' | 'apiKeySecret',
  secrets: readonly unknown[],
): void {
  const refuse = (message: string, field: string): never => {
    throw new ConfigError('ERR_CONFIG_INVALID', message, field);
  };
  const sid = values[sidName];
  for (const secret of secrets) {
    if (typeof secret !== 'string') continue;
    if (typeof sid === 'string' && !isSid(prefix, sid) && isSid(prefix, secret)) {
      refuse(`${sidName} and ${secretName} are swapped.`, sidName);
    }
    for (const name of ['accountSid', sidName] as const) {
      if (secret === values[name]) refuse(`${secretName} is the same as ${name}.`, secretName);
    }
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
