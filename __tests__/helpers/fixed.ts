import type { CapabilityError } from '../../src';

/** Credentials of no account, and a clock that stands still. */
export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const authToken = 'fedcba9876543210fedcba9876543210';
export const applicationSid = 'APabe7650f654fc34655fc81ae71caa3ff';

/** 2023-11-14T22:13:20Z, in Unix seconds. */
export const NOW = 1_700_000_000;
export const now = (): number => NOW * 1000;

export const config = { accountSid, authToken, now };

export const apiKeySid = 'SK859b1b8c411d0e2db9e3b213e648d70c';
export const apiKeySecret = 'dfe2c5255a9fdf14f289a02d25a67e17';
export const apiKeyConfig = { accountSid, apiKeySid, apiKeySecret, now };

/** Half of a surrogate pair. It cannot be encoded as UTF-8. */
export const LONE_SURROGATE = '\ud83d';

/** Returns the error that a call throws. Fails the test if the call does not throw. */
export function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

/** Returns the error of a call as "class code field". Rethrows errors of other libraries. */
export function refusal(act: () => unknown): string {
  const error = thrown(act) as CapabilityError;
  if (!(error as Partial<CapabilityError>).code?.startsWith('ERR_')) throw error;
  // Every message says what is wrong, in a sentence.
  if (!/^\S.{14,}[.?]$/s.test(error.message)) throw new Error(`Not a sentence: "${error.message}"`);
  return [error.name, error.code, error.field].filter((part) => part !== undefined).join(' ');
}

/** Returns values that are not SIDs with the prefix. `wrong` is the prefix of another kind of SID. */
export const BAD_SID = (prefix: string, wrong: string): readonly unknown[] => [
  ...['', prefix, `${prefix.toLowerCase()}123`, `${wrong}123`, `${prefix}${'1'.repeat(33)}`, `${prefix}12-3`],
  ...[` ${prefix}123`, `${prefix}123\n`, `${prefix}１２３`, `${prefix}12${LONE_SURROGATE}`],
  ...[null, 42, true, {}, [`${prefix}123`], new String(`${prefix}123`)],
];

/**
 * Runs a function with a polluted `Object.prototype`, as after an unsafe merge of JSON. Matchers of jest read such
 * names too, so assert on what it returns.
 */
export function withPolluted<T>(properties: Readonly<Record<string, unknown>>, act: () => T): T {
  Object.assign(Object.prototype, properties);
  try {
    return act();
  } finally {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
  }
}

export const BAD_TTL: readonly unknown[] = [
  ...[0, -0, -1, 0.5, 1.5, NaN, Infinity, -Infinity, 86_401, 3_600_000],
  ...['600', '', null, true, [600], 600n, new Date(0), new Number(600)],
];
