/** A setting that whoever starts the app can put right. The message says how; a stack would add nothing. */
export class SettingsError extends Error {}
