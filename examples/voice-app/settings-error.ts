/** A setting that the user can correct. The message says how, so no stack trace is printed. */
export class SettingsError extends Error {}
