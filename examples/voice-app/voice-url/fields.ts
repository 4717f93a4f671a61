/** The form fields that Twilio posts to the Voice URL. */
export type Fields = Readonly<Record<string, string>>;

/** Reads the form fields from a parsed body. A field that is repeated is left out. */
export function readFields(body: unknown): Fields {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
