/** The app that endpoint.ts measures, in a process of its own. It sends its port to the parent. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { jwt } from 'twilio';
import { CapabilitySigner, IncomingScope, OutgoingScope } from '../src';
import { tokenEndpoint } from '../src/endpoint/express';

const accountSid = 'AC00000000000000000000000000000001';
const authToken = 'not-a-real-auth-token-0000000000';
const applicationSid = 'AP00000000000000000000000000000001';

const signer = new CapabilitySigner({ accountSid, authToken });
const authorize = () => [
  new IncomingScope('alice'),
  new OutgoingScope(applicationSid, { clientName: 'alice', params: { user_id: 42 } }),
];
const { token, clientName, ttl, expiresAt } = signer.issue(authorize());
const constant = { token, identity: clientName, ttl, expiresAt };

const app = express();
app.post('/token', tokenEndpoint({ signer, authorize }));
app.post('/constant', (_req, res) => {
  res.json(constant);
});
app.post('/twilio', (_req, res) => {
  const capability = new jwt.ClientCapability({ accountSid, authToken, ttl });
  capability.addScope(new jwt.ClientCapability.IncomingClientScope('alice'));
  capability.addScope(
    new jwt.ClientCapability.OutgoingClientScope({
      applicationSid,
      clientName: 'alice',
      params: { user_id: '42' },
    }),
  );
  res.json({ token: capability.toJwt(), identity: 'alice', ttl, expiresAt });
});

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
