import type { TokenErrorCode } from '../errors';

/** What to do about each fault of a token, in a sentence. */
export const ADVICE: Readonly<Record<TokenErrorCode, string>> = {
  ERR_TOKEN_TOO_LARGE: 'Put less into the params: they travel in every token.',
  ERR_TOKEN_MALFORMED: 'Copy the whole token: three parts joined by two dots, without quotes or line breaks.',
  ERR_TOKEN_ALGORITHM: 'Have it signed with HS256; where another party made it, do not trust it.',
  ERR_TOKEN_HEADER:
    'Check that it is the kind of token the client asks for; an Access Token is verified where an API key is set.',
  ERR_TOKEN_SIGNATURE:
    'Check that the secret is that of the account that made it, whole and not rotated since. If it is, the token was changed on its way.',
  ERR_TOKEN_ISSUER:
    'Set the account, or API key, that the token was made for, and the secret that goes with it.',
  ERR_TOKEN_EXPIRED: 'Fetch a new token; let the client do so before the old one ends.',
  ERR_TOKEN_NOT_YET_VALID: "Set the clock of the server that made it: it is ahead of this machine's.",
  ERR_TOKEN_LIFETIME: 'Make it live 24 hours (86400 seconds) at most; see that its ttl is in seconds.',
  ERR_TOKEN_CLAIMS: 'Have it made by an SDK or this command: a claim is missing or has a wrong type.',
  ERR_TOKEN_SCOPE: 'Have it made by an SDK or this command: its scope is not written as Twilio reads it.',
};
