import type { CapabilityError } from '../../src';

/** Credentials that are nobody's, and a clock that stands still. */
export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const authToken = 'fedcba9876543210fedcba9876543210';
export const applicationSid = 'APabe7650f654fc34655fc81ae71caa3ff';

/** 2023-11-14T22:13:20Z, in Unix seconds. */
export const NOW = 1_700_000_000;
export const now = (): number => NOW * 1000;

export const config = { accountSid, authToken, now };

/** Half of a character beyond U+FFFF: no UTF-8 has it. */
export const LONE_SURROGATE = '\ud83d';

/** What a call throws; the test fails where it throws nothing. */
export function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

/** What a call is refused with, as "class code field"; any other error is passed on. */
export function refusal(act: () => unknown): string {
  const error = thrown(act) as CapabilityError;
  if (!(error as Partial<CapabilityError>).code?.startsWith('ERR_')) throw error;
  return [error.name, error.code, error.field].filter((part) => part !== undefined).join(' ');
}
