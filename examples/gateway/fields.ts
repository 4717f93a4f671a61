/** The form fields that Twilio posts to a Voice URL. */
export type Fields = Readonly<Record<string, string>>;
