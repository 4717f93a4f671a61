import express, { type Request } from 'express';
import { CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';

const { TWILIO_APPLICATION_SID = '', PORT = '3000' } = process.env;

// Reads TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. Create one signer and use it for every request.
const signer = new CapabilitySigner({ ttl: 600 });

/** Replace this with your own login: the user of the session, or null. */
function currentUser(req: Request): { id: string; clientName: string } | null {
  return req.get('Authorization') === 'Bearer demo' ? { id: '42', clientName: 'alice' } : null;
}

const app = express();

app.post(
  '/token',
  tokenEndpoint((req) => {
    const user = currentUser(req);
    if (user === null) return null; // 401
    return signer.issue([
      new IncomingScope(user.clientName),
      new OutgoingScope(TWILIO_APPLICATION_SID, {
        clientName: user.clientName,
        params: { user_id: user.id },
      }),
    ]);
  }),
);

app.listen(Number(PORT), 'localhost', () => {
  console.log(`Try: curl -X POST -H 'Authorization: Bearer demo' http://localhost:${PORT}/token`);
});
