/** Measurements that need processes of their own. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import express from 'express';
import { CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import { accountSid, applicationSid, authToken, createWithTwilio, takeTurns, type Figures } from './speed';

/** Returns the milliseconds from the start of a process to its end. */
export async function measureColdStart(rounds: number, against?: string): Promise<Figures> {
  const credentials = `{ accountSid: '${accountSid}', authToken: '${authToken}' }`;
  const ours = (path: string) =>
    `new (require('${path}').Capability)(${credentials}).allowClientIncoming('alice').generate();`;
  const twilio = (path: string) => `const Twilio = ${path}; const capability = new Twilio(${credentials});
    capability.addScope(new Twilio.IncomingClientScope('alice')); capability.toJwt();`;
  const programs: Record<string, string> = {
    'start: twilio-capability': ours('twilio-capability'),
    'start: jsonwebtoken': `require('jsonwebtoken').sign({ iss: '${accountSid}', exp: 1 }, '${authToken}');`,
    'start: twilio/lib/jwt/ClientCapability': twilio("require('twilio/lib/jwt/ClientCapability').default"),
    'start: twilio': twilio("require('twilio').jwt.ClientCapability"),
    ...(against && { 'start: twilio-capability (against)': ours(against) }),
  };
  return takeTurns(Object.keys(programs), rounds, (name) => {
    const start = performance.now();
    execFileSync(process.execPath, ['-e', programs[name]!], { cwd: __dirname });
    return performance.now() - start;
  });
}

/** Returns the requests per second of each route. This process sends them, a child process answers. */
export async function measureEndpoint(rounds: number, duration: number): Promise<Figures> {
  const app = fork(__filename);
  const [port] = (await once(app, 'message')) as [number];
  const routes = ['endpoint: token', 'endpoint: async-token', 'endpoint: constant', 'endpoint: twilio'];
  const rates = await takeTurns(routes, rounds, async (route) => {
    const url = route.replace('endpoint: ', `http://127.0.0.1:${port}/`);
    const { requests, ...result } = await autocannon({ url, method: 'POST', duration, connections: 50 });
    if (result['2xx'] !== requests.total) throw new Error(`Not every request to ${url} succeeded.`);
    return requests.total / result.duration;
  });
  app.kill();
  return rates;
}

function serveApp(): void {
  const signer = new CapabilitySigner({ accountSid, authToken });
  const issue = () => {
    const outgoing = new OutgoingScope(applicationSid, { clientName: 'alice', params: { user_id: '42' } });
    return signer.issue([new IncomingScope('alice'), outgoing]);
  };
  const issueLater = async () => Promise.resolve().then(issue);
  const { token, clientName, ttl, expiresAt } = issue();
  const app = express();
  app.post('/token', tokenEndpoint(issue));
  app.post('/async-token', tokenEndpoint(issueLater));
  app.post('/constant', (_req, res) => void res.json({ token, identity: clientName, ttl, expiresAt }));
  app.post('/twilio', (_req, res) => {
    res.json({ token: createWithTwilio({ name: 'alice', id: '42' }), identity: 'alice', ttl, expiresAt });
  });
  const server = app.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
}

/** Returns the bytes that a signer takes, and by which the heap grows per token. Needs node --expose-gc. */
export async function measureMemory(tokens: number): Promise<Figures> {
  const signer = new CapabilitySigner({ accountSid, authToken });
  const verifier = new CapabilityVerifier({ accountSid, authToken });
  const signers: CapabilitySigner[] = [];
  return {
    // Keys are outside the heap. Only the resident set includes them.
    'memory: bytes per signer': await growth('rss', 50_000, (n) => {
      signers.push(new CapabilitySigner({ accountSid, authToken: `${authToken}${n}` }));
    }),
    'memory: heap bytes per token': await growth('heapUsed', tokens, (n) => {
      verifier.verify(signer.sign([new IncomingScope(`user_${n}`), new OutgoingScope(applicationSid)]));
    }),
  };
}

/** Returns the bytes of growth per call, after as many calls to warm up. */
async function growth(kind: 'heapUsed' | 'rss', calls: number, call: (n: number) => void): Promise<number> {
  const bytes: number[] = [];
  for (const start of [0, calls]) {
    for (let n = start; n < start + calls; n++) call(n);
    globalThis.gc!();
    // Native objects are freed one turn of the event loop later.
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc!();
    bytes.push(process.memoryUsage()[kind]);
  }
  return (bytes[1]! - bytes[0]!) / calls;
}

/** Returns the kilobytes that each package takes when installed, its dependencies included. */
export function measureInstall(): Figures {
  const folder = mkdtempSync(join(tmpdir(), 'install-'));
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder });
  run('npm', 'pack', '--silent', '--ignore-scripts', join(__dirname, '..'));
  const specs = [join(folder, readdirSync(folder)[0]!), 'jsonwebtoken@9.0.3', 'twilio@6.2.0'];
  const sizes = ['twilio-capability', 'jsonwebtoken', 'twilio'].map((name, index) => {
    run('npm', 'install', '--silent', '--no-audit', '--prefix', name, specs[index]!);
    return [`install: ${name}`, parseInt(run('du', '-sk', name).toString())];
  });
  rmSync(folder, { recursive: true });
  return Object.fromEntries(sizes) as Figures;
}

if (require.main === module) serveApp();
