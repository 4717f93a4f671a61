import type { Request } from 'express';
import twilio from 'twilio';
import type { AccountSecret } from './signers.js';

/** Checks the signature of a request from Twilio. `url` is the public URL of the route; `req.body` must be parsed. */
export function isFromTwilio(req: Request, url: string, secret: AccountSecret): boolean {
  const signature = req.get('x-twilio-signature') ?? '';
  return [secret.authToken, secret.previousAuthToken].some(
    (authToken) =>
      authToken !== undefined &&
      twilio.validateRequest(authToken, signature, url, req.body as Record<string, unknown>),
  );
}
