import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CapabilityVerifier, configure } from 'twilio-capability';
import { createApp } from './app.js';
import { ACCOUNTS, authTokenOf, Services } from './services.js';
import { LIMIT, signerFor } from './signers.js';
import { createFastify, createHono, createRoute } from './web-apps.js';

// The platform has its own account. No tenant may get a token of this account.
configure({ accountSid: 'AC99999999999999999999999999999999', authToken: 'fake-secret-of-the-platform' });

type Ask = (authorization: string) => Promise<Response>;
interface Body {
  readonly token: string;
  readonly identity: string;
  readonly error?: string;
  readonly message?: string;
}

/** Returns which version of a tenant's secret signed a token. Throws if none did. */
function signedBy(tenant: string, token: string): number {
  for (const version of [1, 2, 3]) {
    const verifier = new CapabilityVerifier({
      accountSid: ACCOUNTS[tenant],
      authToken: authTokenOf(tenant, version),
    });
    try {
      verifier.verify(token);
      return version;
    } catch {
      // Another version signed the token.
    }
  }
  throw new Error('No version of the secret has signed the token.');
}

/** Issues tokens for two tenants while one of them rotates its secret twice. */
async function issueMany(services: Services, ask: Ask): Promise<object> {
  const REQUESTS = 300;
  const used: Record<string, Set<number>> = { acme: new Set(), globex: new Set() };
  const expected: string[] = [];
  let serial = 0;
  const work = async (): Promise<void> => {
    while (serial < REQUESTS) {
      const index = serial++;
      if (index === 100 || index === 200) services.versions.set('globex', index / 100 + 1);
      const oldest = services.versions.get('globex') ?? 0;
      const tenant = index % 2 === 0 ? 'acme' : 'globex';
      const name = `user_${index}`;
      const response = await ask(`Bearer ${name}:${tenant}:agent`);
      const body = (await response.json()) as Body;
      if (response.status !== 200 || body.identity !== name) throw new Error(JSON.stringify(body));
      const version = signedBy(tenant, body.token);
      if (tenant === 'globex' && version < oldest) throw new Error('An old secret was used.');
      used[tenant]?.add(version);
      expected.push(`${tenant} ${ACCOUNTS[tenant]} ${name}`);
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  const audited = services.audited.map((entry) => `${entry.tenant} ${entry.accountSid} ${entry.clientName}`);
  return {
    issued: expected.length,
    auditedOnce: JSON.stringify(audited.sort()) === JSON.stringify(expected.sort()),
    versions: Object.values(used).map((versions) => [...versions].sort()),
  };
}

async function refused(services: Services, ask: Ask): Promise<object> {
  const before = services.audited.length;
  const answers = [];
  for (const authorization of ['Bearer eve:acme:guest', 'Bearer eve:initech:agent', 'Basic x']) {
    const response = await ask(authorization);
    const { error, message } = (await response.json()) as Body;
    answers.push([response.status, error, message]);
  }
  const reported = services.reported.map((error) => (error as { code?: string }).code);
  return { answers, reported, audited: services.audited.length - before };
}

/** Uses one signer more than the cache keeps, and one of them twice. */
function overfillCache(): object {
  const signerOf = (n: number) => signerFor({ accountSid: `AC${n}`, authToken: 'fake-secret', version: 1 });
  const signers = Array.from({ length: LIMIT }, (_, n) => signerOf(n));
  signerOf(0);
  signerOf(LIMIT);
  const kept = [0, 2, LIMIT - 1].every((n) => signerOf(n) === signers[n]);
  return { kept, dropped: signerOf(1) !== signers[1] };
}

async function main(): Promise<void> {
  const results: Record<string, object> = {};
  const run = async (name: string, connect: (services: Services) => Promise<Ask> | Ask): Promise<void> => {
    const services = new Services();
    const ask = await connect(services);
    results[name] = { ...(await issueMany(services, ask)), ...(await refused(services, ask)) };
  };
  const init = (authorization: string) => ({ method: 'POST', headers: { authorization } });
  const request = (authorization: string) => new Request('https://example.com/token', init(authorization));

  await run('express', async (services) => {
    const server = createApp(services).listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.unref();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    return (authorization) => fetch(url, init(authorization));
  });
  await run('fastify', async (services) => {
    const app = createFastify(services);
    const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/token`;
    app.server.unref();
    return (authorization) => fetch(url, init(authorization));
  });
  await run('hono', (services) => {
    const app = createHono(services);
    return async (authorization) => app.fetch(request(authorization));
  });
  await run('next', (services) => {
    const POST = createRoute(services);
    return (authorization) => POST(request(authorization));
  });
  results['cache'] = overfillCache();
  process.stdout.write(JSON.stringify(results));
  process.exit();
}

await main();
