/**
 * Speed against the peers, as one table.
 *
 *   npm run bench                  all of it, about a minute
 *   npm run bench -- --smoke       only that it runs
 *   npm run bench -- --write       and puts the table into bench/README.md
 *
 * For another Node: `PATH_TO_NODE -r ts-node/register/transpile-only bench/run.ts`, after `npm run build`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import {
  Capability,
  CapabilitySigner,
  CapabilityVerifier,
  IncomingScope,
  OutgoingScope,
} from 'twilio-capability';
import { coldStart } from './cold-start';
import { compare, type Contestant, type Effort } from './measure';
import * as peers from './peers';

const { accountSid, authToken, applicationSid, claims, client } = peers;
const signer = new CapabilitySigner({ accountSid, authToken });
const verifier = new CapabilityVerifier({ accountSid, authToken });

function contestant<T>(prepare: (serial: number) => T, run: (input: T) => unknown): Contestant<never> {
  return { prepare, run } as unknown as Contestant<never>;
}

function scopesFor({ name, userId }: peers.Client) {
  return [
    new IncomingScope(name),
    new OutgoingScope(applicationSid, { clientName: name, params: { user_id: userId } }),
  ];
}

/** Scopes as they are after their first use. */
function readyScopes(serial: number) {
  const scopes = scopesFor(client(serial));
  scopes.forEach(String);
  return scopes;
}

/** A token as it comes in from the network: one flat string. */
function freshToken(serial: number): string {
  return Buffer.from(peers.floor(claims(serial))).toString('latin1');
}

const SIGNING = {
  floor: contestant(claims, peers.floor),
  'jsonwebtoken, JSON text and key': contestant(
    (n) => JSON.stringify(claims(n)),
    peers.sign.jsonwebtokenJson,
  ),
  'jsonwebtoken, key': contestant(claims, peers.sign.jsonwebtokenKey),
  'jsonwebtoken, string secret': contestant(claims, peers.sign.jsonwebtokenText),
  'fast-jwt': contestant(claims, peers.sign.fastJwt),
  jose: contestant(claims, peers.sign.jose),
  'twilio ClientCapability': contestant(client, peers.twilio),
  'signer.sign, ready scopes': contestant(readyScopes, (scopes) => signer.sign(scopes)),
  'signer.sign, scopes anew': contestant(client, (user) => signer.sign(scopesFor(user))),
  Capability: contestant(client, ({ name, userId }) => {
    const capability = new Capability({ accountSid, authToken });
    capability.allowClientIncoming(name);
    capability.allowClientOutgoing(applicationSid, { user_id: userId });
    return capability.generate();
  }),
};

const VERIFYING = {
  'jsonwebtoken, key': contestant(freshToken, peers.verify.jsonwebtoken),
  'fast-jwt': contestant(freshToken, peers.verify.fastJwt),
  jose: contestant(freshToken, peers.verify.jose),
  'verifier.verify': contestant(freshToken, (token) => verifier.verify(token)),
};

const REFUSING = {
  'a string of 10 MB': contestant(
    (() => {
      const huge = 'x'.repeat(10_000_000);
      return () => huge;
    })(),
    (token) => {
      try {
        return verifier.verify(token);
      } catch (error) {
        return error;
      }
    },
  ),
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { smoke: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  });
  const effort: Effort = values.smoke ? { rounds: 3, calls: 20 } : { rounds: 300, calls: 200 };
  const table = await measureAll(effort, values.smoke ? 1 : 25);
  console.log(table);
  if (values.write) writeTable(table);
}

async function measureAll(effort: Effort, starts: number): Promise<string> {
  const signing = await compare(SIGNING, effort);
  const verifying = await compare(VERIFYING, effort);
  const refusing = await compare(REFUSING, effort);
  const start = coldStart(starts);

  const bareSign = signing['jsonwebtoken, JSON text and key'];
  const bareVerify = verifying['jsonwebtoken, key'];
  const old = Number(process.versions.node.split('.')[0]) < 22;
  const twilio = signing['twilio ClientCapability'] / signing.Capability;
  return [
    `Node ${process.version}, ${cpus()[0]!.model.trim()}, ${cpus().length} cores. Medians of ${effort.rounds} rounds.`,
    '',
    '| what | measured | target | |',
    '| --- | ---: | ---: | --- |',
    atLeast('`Capability` built and generated, times as fast as twilio', twilio, old ? 40 : 3),
    atMost(
      '`signer.sign`, ready scopes, to bare `jwt.sign`',
      signing['signer.sign, ready scopes'] / bareSign,
      1.2,
    ),
    atMost('scopes built anew and signed, to the same', signing['signer.sign, scopes anew'] / bareSign, 1.5),
    atMost('`verifier.verify`, to bare `jwt.verify`', verifying['verifier.verify'] / bareVerify, 1.35),
    atMost('refusing a string of 10 MB, µs', refusing['a string of 10 MB'] / 1000, 20),
    atMost('cold start, to jsonwebtoken', start.ours / start.jsonwebtoken, 1.12),
    atMost('cold start, to twilio/lib/jwt/ClientCapability', start.ours / start.ClientCapability, 1.12),
    atMost('cold start, to twilio', start.ours / start.twilio, 0.65),
    '',
    '| signing | µs a token | tokens a second |',
    '| --- | ---: | ---: |',
    ...times(signing),
    '',
    '| verifying | µs a token | tokens a second |',
    '| --- | ---: | ---: |',
    ...times(verifying),
    '',
    '| cold start | ms |',
    '| --- | ---: |',
    ...Object.entries(start).map(([name, ms]) => `| ${name} | ${ms.toFixed(0)} |`),
  ].join('\n');
}

function atMost(what: string, value: number, target: number): string {
  return `| ${what} | ${value.toFixed(2)} | at most ${target} | ${value <= target ? 'met' : '**missed**'} |`;
}

function atLeast(what: string, value: number, target: number): string {
  return `| ${what} | ${value.toFixed(1)} | at least ${target} | ${value >= target ? 'met' : '**missed**'} |`;
}

function times(measured: Readonly<Record<string, number>>): string[] {
  return Object.entries(measured)
    .sort(([, a], [, b]) => a - b)
    .map(
      ([name, ns]) =>
        `| ${name} | ${(ns / 1000).toFixed(1)} | ${Math.round(1e9 / ns).toLocaleString('en')} |`,
    );
}

/** Replaces what stands between the two marks in bench/README.md. */
function writeTable(table: string): void {
  const file = `${__dirname}/README.md`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(<!-- table -->\n)[^]*(\n<!-- end -->)/, `$1\n${table}\n$2`));
}

void main();
