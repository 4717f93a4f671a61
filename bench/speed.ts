import { createHmac, createSecretKey } from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import { jwtVerify, SignJWT } from 'jose';
import jwt from 'jsonwebtoken';
import { Bench } from 'tinybench';
import ClientCapability from 'twilio/lib/jwt/ClientCapability';

export type Figures = Record<string, number>;
export type Library = typeof import('twilio-capability');
type Contestants = Record<string, () => unknown>;
type User = (typeof users)[number];

export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const authToken = 'fedcba9876543210fedcba9876543210';
export const applicationSid = 'APabe7650f654fc34655fc81ae71caa3ff';

const key = createSecretKey(authToken, 'utf8');
const header = { alg: 'HS256', typ: 'JWT' } as const;
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const encodedHeader = base64url(header);
const algorithms: ['HS256'] = ['HS256'];

// Inputs are prepared in advance and differ from call to call, so that no cache can help.
const users = Array.from({ length: 1000 }, (_, n) => ({ name: `user_${n}`, id: String(n) }));
const claims = users.map(({ name, id }) => ({
  scope: `scope:client:incoming?clientName=${name} scope:client:outgoing?appSid=${applicationSid}&clientName=${name}&appParams=user_id%3D${id}`,
  iss: accountSid,
  exp: Math.floor(Date.now() / 1000) + 3600,
}));
const texts = claims.map((payload) => JSON.stringify(payload));
const tokens = texts.map((text) => jwt.sign(text, key, { header }));

function callWith<T>(inputs: readonly T[], call: (input: T) => unknown): () => unknown {
  let next = 0;
  return () => call(inputs[next++ % inputs.length]!);
}

/** Creates a token with only node:crypto: the limit for any library. */
function createWithCrypto(payload: object): string {
  const signed = `${encodedHeader}.${base64url(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

export function createWithTwilio({ name, id }: User): string {
  const capability = new ClientCapability({ accountSid, authToken });
  capability.addScope(new ClientCapability.IncomingClientScope(name));
  const outgoing = { applicationSid, clientName: name, params: { user_id: id } };
  capability.addScope(new ClientCapability.OutgoingClientScope(outgoing));
  return capability.toJwt();
}

/** Verifies a token and parses its scopes as an application without this library would. */
function verifyByHand(token: string): unknown {
  const { scope } = jwt.verify(token, key, { algorithms, issuer: accountSid }) as { scope: string };
  return scope.split(' ').map((uri) => {
    const [privilege, query] = uri.split('?');
    const { appParams, ...parts } = Object.fromEntries(new URLSearchParams(query));
    return { privilege, ...parts, params: Object.fromEntries(new URLSearchParams(appParams)) };
  });
}

const peers: Contestants = {
  'create: node:crypto only (limit)': callWith(claims, createWithCrypto),
  'create: jwt.sign, key object': callWith(texts, (text) => jwt.sign(text, key, { header })),
  'create: jwt.sign, string secret': callWith(claims, (payload) => jwt.sign(payload, authToken)),
  'create: fast-jwt': callWith(
    claims,
    createSigner({ key: authToken, algorithm: 'HS256', noTimestamp: true }),
  ),
  'create: jose': callWith(claims, (payload) => new SignJWT(payload).setProtectedHeader(header).sign(key)),
  'create: twilio': callWith(users, createWithTwilio),
  'verify: jwt.verify, key object': callWith(tokens, (token) => jwt.verify(token, key, { algorithms })),
  'verify: jwt.verify, URLSearchParams': callWith(tokens, verifyByHand),
  'verify: fast-jwt': callWith(tokens, createVerifier({ key: authToken, algorithms, cache: false })),
  'verify: jose': callWith(tokens, (token) => jwtVerify(token, key, { algorithms })),
};

function contestants(library: Library): Contestants {
  const { Capability, CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } = library;
  const signer = new CapabilitySigner({ accountSid, authToken });
  const verifier = new CapabilityVerifier({ accountSid, authToken });
  const scopesFor = ({ name, id }: User) => [
    new IncomingScope(name),
    new OutgoingScope(applicationSid, { clientName: name, params: { user_id: id } }),
  ];
  return {
    'create: Capability': callWith(users, ({ name, id }) => {
      const capability = new Capability({ accountSid, authToken });
      capability.allowClientIncoming(name).allowClientOutgoing(applicationSid, { user_id: id });
      return capability.generate();
    }),
    'create: signer.sign': callWith(users.map(scopesFor), (scopes) => signer.sign(scopes)),
    'create: signer.sign, new scopes': callWith(users, (user) => signer.sign(scopesFor(user))),
    'verify: verifier.verify': callWith(tokens, (token) => verifier.verify(token)),
  };
}

/** Returns nanoseconds per token. The names of a second build's contestants get the suffix `(against)`. */
export async function measureSpeed(rounds: number, library: Library, against?: Library): Promise<Figures> {
  const bench = new Bench({ time: 10, iterations: 1, throws: true, subtractTimerOverhead: true });
  const others = Object.entries(against ? contestants(against) : {});
  for (const [name, call] of Object.entries({ ...peers, ...contestants(library) })) bench.add(name, call);
  for (const [name, call] of others) bench.add(`${name} (against)`, call);
  const names = bench.tasks.map(({ name }) => name);
  return takeTurns(names, rounds, async (name) => {
    const task = bench.getTask(name)!;
    task.reset();
    await task.run();
    return task.result.state === 'completed' ? task.result.latency.mean * 1e6 : NaN;
  });
}

function median(figures: number[]): number {
  return figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)]!;
}

type MeasureOne = (name: string) => number | Promise<number>;

/** Measures contestants in turn, in random order, so that other load affects all. Returns medians. */
export async function takeTurns(names: string[], rounds: number, measureOne: MeasureOne): Promise<Figures> {
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const inOrder = [...samples].toSorted(() => Math.random() - 0.5);
    for (const [name, figures] of inOrder) figures.push(await measureOne(name));
  }
  return Object.fromEntries([...samples].map(([name, figures]) => [name, median(figures)]));
}
