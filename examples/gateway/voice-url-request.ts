import { randomBytes } from 'node:crypto';
import type { Fields } from './fields';
import type { Grant } from './token-check';

export function createCallSid(): string {
  return `CA${randomBytes(16).toString('hex')}`;
}

/**
 * Returns the form fields that Twilio posts to the Voice URL for an outgoing call.
 *
 * If a name occurs more than once, Twilio's value wins over the token's, and the token's over the page's. This
 * makes `user_id` trustworthy: a page that somebody has changed can add fields, but cannot call as another
 * user. The page chooses only `To`, unless the token does.
 */
export function voiceUrlRequest(
  { accountSid, clientNames }: Grant,
  outgoing: NonNullable<Grant['outgoing']>,
  callSid: string,
  fromBrowser: string,
): Fields {
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

/** Returns the form fields that Twilio posts for a call from a phone to the account's number. */
export function outsideRequest(accountSid: string, from: string, to: string): Fields {
  return {
    From: from,
    To: to,
    CallSid: createCallSid(),
    AccountSid: accountSid,
    Caller: from,
    Called: to,
    Direction: 'inbound',
    CallStatus: 'ringing',
    ApiVersion: '2010-04-01',
  };
}
