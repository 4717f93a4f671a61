import { createHash } from 'node:crypto';
import express, { type Express } from 'express';
import createError from 'http-errors';
import { encodeClientName, IncomingScope, OutgoingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import { findUser } from './auth.js'; // your code: returns the signed-in user, or undefined
import { signerFor, type AccountSecret } from './signers.js';

export interface Services {
  secretOf: (tenantId: string) => Promise<AccountSecret>;
  audit: (entry: object) => void;
  onError?: (error: unknown) => void;
}

export function createApp({ secretOf, audit, onError }: Services): Express {
  const app = express();
  app.post(
    '/token',
    tokenEndpoint(
      async (req, { signal }) => {
        const user = await findUser(req.headers.authorization, signal);
        if (user === undefined) return null; // 401
        if (!user.canCall) throw createError(403, 'Your account cannot make calls.');
        const secret = await secretOf(user.tenantId);
        const name = encodeClientName(user.name);
        const params = { user_id: user.id };
        const scopes = [
          new IncomingScope(name),
          new OutgoingScope(secret.applicationSid, { clientName: name, params }),
        ];
        const issued = signerFor(secret).issue(scopes, { ttl: 600 });
        const { accountSid, clientName, issuedAt, expiresAt } = issued;
        const fingerprint = createHash('sha256').update(issued.token).digest('hex');
        audit({
          tenant: user.tenantId,
          user: user.id,
          accountSid,
          clientName,
          issuedAt,
          expiresAt,
          fingerprint,
        });
        return issued;
      },
      { onError },
    ),
  );
  return app;
}
