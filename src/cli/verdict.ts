import type { DecodedToken } from '../decode-token';
import type { TokenError, TokenErrorCode } from '../errors';
import { isSid } from '../sid';
import { fromNow } from './describe-token';
import type { Report } from './report';

/** Advice for each failure. */
const ADVICE: Readonly<Record<TokenErrorCode, string>> = {
  ERR_TOKEN_TOO_LARGE: 'Put less into the params: they travel in every token.',
  ERR_TOKEN_MALFORMED: 'Copy the whole token: three parts joined by two dots.',
  ERR_TOKEN_ALGORITHM: 'Sign the token with HS256. Do not trust it if you did not create it.',
  ERR_TOKEN_HEADER: 'Check which kind of token your server creates.',
  ERR_TOKEN_SIGNATURE:
    'Check that the secret belongs to the account that signed the token and was not rotated. If it does, the token was changed.',
  ERR_TOKEN_ISSUER: 'Set the credentials of the account that the token was made for.',
  ERR_TOKEN_EXPIRED: 'Fetch a new token, and refresh it before it expires.',
  ERR_TOKEN_NOT_YET_VALID: 'Set the clock of the server that created the token: it is fast.',
  ERR_TOKEN_LIFETIME: 'Use a lifetime of at most 86399 seconds, just under 24 hours.',
  ERR_TOKEN_CLAIMS: 'Create the token with an SDK or with twilio-capability mint.',
  ERR_TOKEN_SCOPE: 'Create the token with an SDK or with twilio-capability mint.',
};

/** The numbers that `@twilio/voice-sdk` 2.x shows instead of those of Twilio's gateway. */
const VOICE_SDK_CODES: Readonly<Record<number, number>> = { 31204: 20101, 31205: 20104 };

/** The number that it shows for all others, unless its option for precise errors is on. */
const VOICE_SDK_GENERAL = 31000;

/** Returns the number that a page with `@twilio/voice-sdk` sees. */
function voiceSdkCode(twilioCode: number): number {
  return VOICE_SDK_CODES[twilioCode] ?? VOICE_SDK_GENERAL;
}

/** The part of a report that comes from a failure. */
export type Verdict = Pick<Report, 'mark' | 'verdict' | 'numbers' | 'advice'>;

/**
 * Describes a failure: the verdict, the numbers that a client shows, and what to do.
 *
 * @param token - The token as text, to say how much of it is there.
 * @param contents - What could be decoded of it.
 * @param now - Milliseconds since the epoch.
 */
export function describeFailure(
  error: TokenError,
  token: string,
  contents: DecodedToken | undefined,
  now: number,
): Verdict {
  const { code, twilioCode, message } = error;
  const sdkCode = voiceSdkCode(twilioCode);
  return {
    mark: 'bad',
    verdict: titleOf(error, token, contents, now) ?? `NOT VALID: ${firstPhrase(message)}`,
    numbers: `Twilio error ${twilioCode} (${sdkCode} in @twilio/voice-sdk)`,
    advice: [
      adviceFor(code, token),
      sdkCode === VOICE_SDK_GENERAL &&
        `@twilio/voice-sdk shows ${twilioCode} with enableImprovedSignalingErrorPrecision: true.`,
    ],
  };
}

function adviceFor(code: TokenErrorCode, token: string): string {
  if (code === 'ERR_TOKEN_SIGNATURE' && token.endsWith('.'))
    return 'Do not trust it: anyone can write a token without a signature.';
  const isOfForm = code === 'ERR_TOKEN_SIGNATURE' || code === 'ERR_TOKEN_MALFORMED';
  return (isOfForm ? signatureFault(token)?.advice : undefined) ?? ADVICE[code];
}

function titleOf(
  { code, field }: TokenError,
  token: string,
  contents: DecodedToken | undefined,
  now: number,
): string | undefined {
  // An exp after the last Date is never a time to show.
  const expiry = contents?.expiresAt === undefined ? 'in the far future' : fromNow(contents.expiresAt, now);
  switch (code) {
    case 'ERR_TOKEN_EXPIRED':
      return `EXPIRED ${expiry}`;
    case 'ERR_TOKEN_NOT_YET_VALID': {
      const start = Math.max(contents?.notBefore?.getTime() ?? 0, contents?.issuedAt?.getTime() ?? 0);
      return `NOT YET VALID: starts ${fromNow(new Date(start), now)}`;
    }
    case 'ERR_TOKEN_LIFETIME':
      return `NOT VALID: expires ${expiry}, more than 24 hours from now`;
    case 'ERR_TOKEN_SIGNATURE':
      if (token.endsWith('.')) return 'NOT SIGNED';
      return signatureFault(token)?.title ?? 'NOT VALID: the signature does not match';
    case 'ERR_TOKEN_ISSUER':
      if (field === 'iss' && !hasIssuer(contents)) {
        return `NOT VALID: token iss is not an ${contents?.kind === 'capability' ? 'account' : 'API key'} SID`;
      }
      return field === 'sub' || contents?.kind === 'capability'
        ? 'NOT VALID: made for another account'
        : 'NOT VALID: signed with another API key';
    case 'ERR_TOKEN_TOO_LARGE':
      return `TOO LARGE: ${token.length} characters`;
    case 'ERR_TOKEN_MALFORMED':
      return malformedTitle(token);
    default:
      return undefined;
  }
}

/** Returns whether the iss is a SID. */
function hasIssuer(contents: DecodedToken | undefined): boolean {
  return contents?.kind === 'capability'
    ? isSid('AC', contents.accountSid)
    : isSid('SK', contents?.apiKeySid);
}

function malformedTitle(token: string): string {
  const parts = token.split('.');
  const size = `${token.length} character${token.length === 1 ? '' : 's'}`;
  if (!token.startsWith('ey')) return `NOT A TOKEN: ${size} of other text`;
  if (parts.length < 3) return `NOT VALID: ${parts.length} of 3 parts, ${size}: cut off`;
  if (parts.length > 3) return `NOT VALID: ${parts.length} parts instead of 3`;
  return signatureFault(token)?.title ?? 'NOT VALID: damaged, not base64url';
}

/** Length of an HS256 signature in base64url. */
const SIGNATURE_LENGTH = 43;

/** Describes a signature of the wrong length for HS256, of a token with three parts. */
export function signatureFault(token: string): Record<'kind' | 'title' | 'advice', string> | undefined {
  const parts = token.split('.');
  const length = parts[2]?.length ?? 0;
  if (!token.startsWith('ey') || parts.length !== 3) return undefined;
  if (length === 0 || length === SIGNATURE_LENGTH) return undefined;
  return length < SIGNATURE_LENGTH
    ? {
        kind: 'cut',
        title: `NOT VALID: the signature has ${length} of ${SIGNATURE_LENGTH} characters: cut off`,
        advice: ADVICE.ERR_TOKEN_MALFORMED,
      }
    : {
        kind: 'long',
        title: `NOT VALID: the signature has ${length} characters instead of ${SIGNATURE_LENGTH}`,
        advice: 'Copy the token again, without the characters that follow it.',
      };
}

/** Returns the first sentence of a message as the end of another one. */
function firstPhrase(message: string): string {
  const text = message.split(/(?<=[.?]) (?=[A-Z])/)[0]!.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

/** Describes a failure for JSON. */
export function failureAsJson({ code, twilioCode, field, message }: TokenError, token: string): object {
  const advice = adviceFor(code, token);
  return { code, twilioCode, voiceSdkCode: voiceSdkCode(twilioCode), field, message, advice };
}
