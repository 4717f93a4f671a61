/**
 * The SIDs this library meets: an account, a TwiML application, an API key, a push credential. Two letters,
 * then 1 to 32 ASCII letters or digits: real ones have 32 hex digits, but Twilio's documentation and most
 * test suites use shorter placeholders.
 */
export const SID = {
  AC: /^AC[A-Za-z0-9]{1,32}$/,
  AP: /^AP[A-Za-z0-9]{1,32}$/,
  SK: /^SK[A-Za-z0-9]{1,32}$/,
  CR: /^CR[A-Za-z0-9]{1,32}$/,
} as const;

/** Whether a value is a SID of a kind. */
export function isSid(prefix: keyof typeof SID, value: unknown): value is string {
  return typeof value === 'string' && SID[prefix].test(value);
}

/** Whether text is a real SID, with 32 hex digits: what nobody has as a secret. */
export function isFullSid(text: string): boolean {
  return /^(?:AC|AP|SK)[0-9A-Fa-f]{32}$/.test(text);
}
