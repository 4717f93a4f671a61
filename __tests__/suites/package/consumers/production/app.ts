import express, { type Express } from 'express';
import { IncomingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import type { Services } from './services.js';
import { signerFor } from './signers.js';

export function createApp({ findUser, secretOf, audit, onError }: Services): Express {
  const app = express();
  // route
  app.post(
    '/token',
    tokenEndpoint(
      async (req, { signal }) => {
        const user = await findUser(req.headers.authorization, signal);
        if (user === null) return null;
        if (!user.canCall) throw Object.assign(new Error('No calls.'), { status: 403, expose: true });
        const signer = signerFor(await secretOf(user.tenant, signal));
        const issued = signer.issue(new IncomingScope(user.name), { ttl: 600 });
        const { accountSid, clientName, issuedAt, expiresAt } = issued;
        await audit({ tenant: user.tenant, accountSid, clientName, issuedAt, expiresAt });
        return issued;
      },
      { onError },
    ),
  );
  // end of route
  return app;
}
