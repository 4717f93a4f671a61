/**
 * The SIDs of an account, a TwiML application, an API key and a push credential.
 *
 * Real SIDs have 32 hex digits. Twilio's documentation and most test suites use shorter placeholders, so 1 to 32
 * letters or digits are accepted.
 */
export const SID = {
  AC: /^AC[A-Za-z0-9]{1,32}$/,
  AP: /^AP[A-Za-z0-9]{1,32}$/,
  SK: /^SK[A-Za-z0-9]{1,32}$/,
  CR: /^CR[A-Za-z0-9]{1,32}$/,
} as const;

/** Returns whether a value is a SID with the given prefix. */
export function isSid(prefix: keyof typeof SID, value: unknown): value is string {
  return typeof value === 'string' && SID[prefix].test(value);
}

/** Returns whether text has the exact form of a real SID, which no secret has. */
export function isFullSid(text: string): boolean {
  return /^(?:AC|AP|SK)[0-9A-Fa-f]{32}$/.test(text);
}
