import { randomBytes } from 'node:crypto';
import type { Grant } from './token-check';

/** The form fields that Twilio posts to an application's VoiceUrl when a device calls it. */
export type VoiceUrlRequest = Readonly<Record<string, string>>;

export function createCallSid(): string {
  return `CA${randomBytes(16).toString('hex')}`;
}

/**
 * Puts together what Twilio would post for an outgoing call.
 *
 * Whoever comes first keeps a name: Twilio itself, then the token, then the browser. That is what makes
 * `user_id` trustworthy. A page that has been tampered with can add fields of its own, but it cannot call
 * as somebody else. Only `To` is the browser's to choose, as long as the token does not.
 */
export function voiceUrlRequest(
  { accountSid, clientNames }: Grant,
  outgoing: NonNullable<Grant['outgoing']>,
  callSid: string,
  fromBrowser: string,
): VoiceUrlRequest {
  const fromToken = Object.entries(outgoing.params);
  const browserParams = new URLSearchParams(fromBrowser);
  const caller = `client:${outgoing.clientName ?? clientNames[0] ?? 'Anonymous'}`;
  const to = outgoing.params['To'] ?? browserParams.get('To') ?? '';
  const fromTwilio = Object.entries({
    From: caller,
    To: to,
    CallSid: callSid,
    ApplicationSid: outgoing.applicationSid,
    AccountSid: accountSid,
    Caller: caller,
    Called: to,
    Direction: 'inbound',
    CallStatus: 'ringing',
    ApiVersion: '2010-04-01',
  });

  const fields = new Map<string, string>();
  for (const [name, value] of [...fromTwilio, ...fromToken, ...browserParams]) {
    if (!fields.has(name)) fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
