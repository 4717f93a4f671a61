/** Measurements that need processes of their own. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import { accountSid, applicationSid, authToken, createWithTwilio, takeTurns, type Figures } from './speed';

/** Returns the milliseconds of CPU that a process takes to load a library and sign once, less those of an empty process. */
export async function measureStart(rounds: number, against?: string): Promise<Figures> {
  const ours = (path: string) => `const { CapabilitySigner, IncomingScope } = require('${path}');
    new CapabilitySigner({ accountSid: '${accountSid}', authToken: '${authToken}' }).sign(new IncomingScope('alice'));`;
  const programs: Record<string, string> = {
    'start: empty': '',
    'start: twilio-capability': ours('twilio-capability'),
    'start: jsonwebtoken': `const key = require('node:crypto').createSecretKey('${authToken}', 'utf8');
      require('jsonwebtoken').sign({ iss: '${accountSid}', exp: 1 }, key);`,
    'start: twilio': `const { ClientCapability } = require('twilio').jwt;
      const capability = new ClientCapability({ accountSid: '${accountSid}', authToken: '${authToken}' });
      capability.addScope(new ClientCapability.IncomingClientScope('alice'));
      capability.toJwt();`,
    ...(against && { 'start: twilio-capability (against)': ours(against) }),
  };
  const print = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);';
  const figures = await takeTurns(Object.keys(programs), rounds, (name) =>
    Number(execFileSync(process.execPath, ['-e', `{ ${programs[name]!} }; ${print}`], { cwd: __dirname })),
  );
  const { 'start: empty': empty = NaN, ...others } = figures;
  return Object.fromEntries(Object.entries(others).map(([name, figure]) => [name, figure - empty]));
}

/**
 * Returns the requests per second of each route, and the bytes by which the heap of the app grows per request. This
 * process sends the requests, a child process answers.
 */
export async function measureEndpoint(rounds: number, seconds: number): Promise<Figures> {
  const app = fork(__filename);
  const [port] = (await once(app, 'message')) as [number];
  const routes = ['endpoint: token', 'endpoint: async-token', 'endpoint: constant', 'endpoint: twilio'];
  const load = async (path: string, duration: number) => {
    const counts = await Promise.all(Array.from({ length: 50 }, () => sendRequests(port, path, duration)));
    return counts.reduce((sum, count) => sum + count);
  };
  const rates = await takeTurns(routes, rounds, async (route) => {
    const start = performance.now();
    const count = await load(route.replace('endpoint: ', '/'), seconds);
    return (count / (performance.now() - start)) * 1000;
  });
  const readHeap = async () => {
    app.send('heap');
    const [bytes] = (await once(app, 'message')) as [number];
    return bytes;
  };
  const before = await readHeap();
  const count = await load('/async-token', seconds * 10);
  const bytes = (await readHeap()) - before;
  app.kill();
  return { ...rates, 'memory: heap bytes per request': bytes / count };
}

/** Sends one request after another over a connection, and returns their number. */
async function sendRequests(port: number, path: string, seconds: number): Promise<number> {
  const request = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`;
  const end = performance.now() + seconds * 1000;
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let count = 0;
  let received = '';
  socket.write(request);
  for await (const chunk of socket) {
    received += String(chunk);
    const [, status, length] = /^HTTP\/1.1 (\d+).*?\r\nContent-Length: (\d+)/is.exec(received) ?? [];
    const bodyStart = received.indexOf('\r\n\r\n') + 4;
    if (bodyStart < 4 || received.length < bodyStart + Number(length)) continue;
    if (status !== '200') throw new Error(`POST ${path} was answered with ${String(status)}.`);
    count += 1;
    received = '';
    if (performance.now() >= end) break;
    socket.write(request);
  }
  return count;
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
  process.on('message', () => void measureUsage('heapUsed').then((bytes) => process.send!(bytes)));
}

/** Returns the bytes that a signer takes, and by which the heap grows per token. */
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
    bytes.push(await measureUsage(kind));
  }
  return (bytes[1]! - bytes[0]!) / calls;
}

/** Returns the bytes in use after garbage collection. Needs node --expose-gc. */
async function measureUsage(kind: 'heapUsed' | 'rss'): Promise<number> {
  globalThis.gc!();
  // Native objects are freed one turn of the event loop later.
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc!();
  return process.memoryUsage()[kind];
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
