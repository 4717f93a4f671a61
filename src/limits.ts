/** Default lifetime of a token in seconds: one hour, as in `Twilio::Util::Capability`. */
export const DEFAULT_TTL = 3600;

/** Longest lifetime of a token in seconds. Twilio rejects tokens that live longer: errors 31207 and 20157. */
export const MAX_TTL = 86_400;

/** Largest accepted clock skew in seconds. */
export const MAX_CLOCK_TOLERANCE = 300;

/**
 * Longest token in characters. Clients send it in a header or a URL, and servers often reject longer ones. A `scope`
 * claim, which is a part of a token, has the same limit.
 */
export const MAX_TOKEN_LENGTH = 8192;

/** Most secrets or API keys that a verifier accepts. Key rotation needs two. */
export const MAX_KEYS = 100;
