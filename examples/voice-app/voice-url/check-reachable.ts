import { postSigned } from './post-signed';

/**
 * Posts a signed request to the Voice URL, as Twilio does for a call from outside. The Voice URL only answers with
 * TwiML, so nobody's phone rings.
 *
 * @returns What is wrong, or null.
 */
export async function checkReachable(
  voiceUrl: string,
  authToken: string,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const answer = await postSigned(voiceUrl, authToken, {}, signal);
    return answer.includes('<Response>') ? null : `${voiceUrl} answered, but not with TwiML.`;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    // An answer other than 2xx. The messages of `fetch` do not name the URL.
    return message.startsWith(voiceUrl) ? message : `${voiceUrl} cannot be reached.`;
  }
}
