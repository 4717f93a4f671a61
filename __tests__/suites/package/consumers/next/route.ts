import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/web';

const signer = new CapabilitySigner({ accountSid: 'AC123', authToken: 'secret' });

export const POST = tokenEndpoint(({ headers }) => {
  const [, name] = /^Bearer (\w+)$/.exec(headers.get('authorization') ?? '') ?? [];
  return name === undefined ? null : signer.issue(new IncomingScope(name), { ttl: 600 });
});
