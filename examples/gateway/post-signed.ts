import { getExpectedTwilioSignature } from 'twilio';
import type { Fields } from './fields';

/** Twilio waits 15 seconds for an answer: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const ANSWER_MS = 15_000;

/**
 * Posts form fields to a URL, signed as Twilio signs them.
 *
 * @returns The body of the response.
 * @throws {Error} For a response other than 2xx.
 */
export async function postSigned(url: string, authToken: string, fields: Fields): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, fields) },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} responded with ${response.status}.`);
  return body;
}
