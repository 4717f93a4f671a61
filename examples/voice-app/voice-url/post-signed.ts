import { getExpectedTwilioSignature } from 'twilio';
import type { Fields } from './fields';

/** Twilio waits this long for an answer. */
const ANSWER_MS = 15_000;

/**
 * Posts form fields to a URL, signed as Twilio signs them.
 *
 * @returns The body of the answer.
 * @throws {Error} For an answer other than 2xx. Twilio reports it as error 11200.
 */
export async function postSigned(
  url: string,
  authToken: string,
  fields: Fields,
  signal?: AbortSignal,
): Promise<string> {
  const deadline = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, fields) },
    body: new URLSearchParams(fields),
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  });
  const body = await response.text();
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}. Twilio reports this as error 11200.`);
  return body;
}
