import type { RequestHandler } from 'express';
import { validateRequest } from 'twilio';

const ONE_MINUTE = 60_000;

/**
 * Rejects requests that are not from Twilio with 403.
 *
 * Twilio signs the full address and all form fields with the auth token, so a signed request cannot be changed
 * or sent to another address. The address must be the one in the Twilio console. It cannot be taken from the
 * request, which only shows what the tunnel or proxy asked for.
 */
export function fromTwilioOnly(authToken: string, publicUrl: string): RequestHandler {
  let loggedAt = -Infinity;

  return (req, res, next) => {
    const signature = req.get('X-Twilio-Signature') ?? '';
    const fields = (req.body ?? {}) as Record<string, unknown>;
    if (validateRequest(authToken, signature, publicUrl + req.originalUrl, fields)) {
      next();
      return;
    }
    // Once a minute, so that strangers cannot fill the log.
    if (Date.now() - loggedAt >= ONE_MINUTE) {
      loggedAt = Date.now();
      console.error(
        `Voice URL: rejected a request with a bad signature. If Twilio sent it, check TWILIO_AUTH_TOKEN, and that ` +
          `the Twilio console has exactly ${publicUrl}${req.path}.`,
      );
    }
    res.status(403).type('text').send('Bad signature\n');
  };
}
