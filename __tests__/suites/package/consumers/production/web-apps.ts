import fastify, { type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { IncomingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/web';
import type { Services } from './services.js';
import { signerFor } from './signers.js';

/** The route of app.ts for the Fetch API. In Next.js: `export const POST = createRoute(services);` */
export function createRoute({ findUser, secretOf, audit, onError }: Services) {
  return tokenEndpoint(
    async (request, { signal }) => {
      const user = await findUser(request.headers.get('authorization'), signal);
      if (user === null) return null;
      if (!user.canCall) throw Object.assign(new Error('No calls.'), { status: 403, expose: true });
      const signer = signerFor(await secretOf(user.tenant, signal));
      const issued = signer.issue(new IncomingScope(user.name), { ttl: 600 });
      const { accountSid, clientName, issuedAt, expiresAt } = issued;
      await audit({ tenant: user.tenant, accountSid, clientName, issuedAt, expiresAt });
      return issued;
    },
    { onError },
  );
}

export function createHono(services: Services): Hono {
  const route = createRoute(services);
  return new Hono().post('/token', (context) => route(context.req.raw));
}

export function createFastify(services: Services): FastifyInstance {
  const route = createRoute(services);
  const app = fastify();
  app.post('/token', async ({ url, host, headers: { authorization = '' } }) =>
    route(new Request(`http://${host}${url}`, { method: 'POST', headers: { authorization } })),
  );
  return app;
}
