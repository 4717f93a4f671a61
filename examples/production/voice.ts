import express, { Router } from 'express';
import twilio from 'twilio';
import { encodeClientName } from 'twilio-capability';
import type { AccountSecret } from './signers.js';
import { isFromTwilio } from './webhooks.js';

/** Answers calls of all tenants. The Voice URL of a tenant's TwiML app is `${origin}/voice/<tenant>`. */
export function voiceRoute(origin: string, secretOf: (tenantId: string) => Promise<AccountSecret>): Router {
  const router = Router();
  router.post('/voice/:tenantId', express.urlencoded({ extended: false }), async (req, res) => {
    const secret = await secretOf(req.params.tenantId);
    if (!isFromTwilio(req, origin + req.originalUrl, secret)) return res.sendStatus(403);
    const response = new twilio.twiml.VoiceResponse();
    try {
      const { To = '' } = req.body as Partial<Record<string, string>>; // what the page sent
      response.dial().client(encodeClientName(To));
    } catch {
      response.say('This name cannot be called.'); // empty or too long
    }
    return res.type('text/xml').send(response.toString());
  });
  return router;
}
