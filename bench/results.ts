import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { ColdStart } from './cold-start';
import { linearity, type Growth } from './growth';
import type { InstallSize } from './install-size';
import type { Memory } from './memory';
import type { Profile } from './profile';
import type { Speed } from './speed';

/** All that one run measured, on one Node. */
export interface Results extends Speed {
  readonly node: string;
  readonly machine: string;
  readonly rounds: number;
  /** Milliseconds. */
  readonly coldStart: ColdStart;
  readonly profile: Profile;
  readonly growth: Growth;
  readonly memory: Memory;
  readonly install: InstallSize;
}

/** A figure, what it should be, and how it is written. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly target: { readonly atMost: number } | { readonly atLeast: number };
  /** Whether the target was set for this Node, too: most are for Node 20. */
  readonly binding: boolean;
  readonly digits: number;
}

export const thisMachine = `${cpus()[0]!.model.trim()}, ${cpus().length} cores`;

export function major({ node }: Results): number {
  return Number(/^v(\d+)/.exec(node)![1]);
}

/** The figures that have a target: ratios of medians of one run, where nothing else is said. */
export function rows(results: Results): Row[] {
  const { signing, verifying, refusing, coldStart, growth, memory, install } = results;
  const binding = major(results) < 22;
  const bareSign = signing['jsonwebtoken, JSON text and key'];
  const atMost = (what: string, value: number, limit: number, digits = 2): Row => ({
    what,
    value,
    target: { atMost: limit },
    binding,
    digits,
  });
  const atLeast = (what: string, value: number, limit: number, digits = 1): Row => ({
    what,
    value,
    target: { atLeast: limit },
    binding,
    digits,
  });
  return [
    {
      ...atLeast(
        '`Capability` built and generated: times as fast as twilio',
        signing['twilio ClientCapability'] / signing.Capability,
        binding ? 40 : 3,
      ),
      binding: true,
    },
    atMost(
      '`signer.sign`, ready scopes: to bare `jwt.sign`',
      signing['signer.sign, ready scopes'] / bareSign,
      1.2,
    ),
    atMost('scopes built anew and signed: to the same', signing['signer.sign, scopes anew'] / bareSign, 1.5),
    atMost(
      '`verifier.verify`: to bare `jwt.verify`',
      verifying['verifier.verify'] / verifying['jsonwebtoken, key'],
      1.35,
    ),
    atMost('refusing a string of 10 MB, µs', refusing['a string of 10 MB'] / 1000, 20, 1),
    atMost('cold start: to jsonwebtoken', coldStart.ours / coldStart.jsonwebtoken, 1.12),
    atMost(
      'cold start: to `twilio/lib/jwt/ClientCapability`',
      coldStart.ours / coldStart.ClientCapability,
      1.12,
    ),
    atMost('cold start: to twilio', coldStart.ours / coldStart.twilio, 0.65),
    atMost('memory for each signer kept, bytes', memory.signer, 2048, 0),
    atMost(
      `growth of the heap over ${memory.tokens.toLocaleString('en')} tokens, bytes a token`,
      memory.growth / memory.tokens,
      1,
    ),
    atMost('packages of a production install', install.packages, 17, 0),
    atMost('bytes of it: to those of jsonwebtoken and zod', install.bytes / install.reference, 1),
    ...Object.entries(growth).map(([name, points]) =>
      atLeast(`${name}: linear (R²)`, linearity(points), 0.99, 3),
    ),
  ];
}

export function missed({ value, target, binding, digits }: Row): boolean {
  const rounded = Number(value.toFixed(digits));
  return binding && ('atMost' in target ? rounded > target.atMost : rounded < target.atLeast);
}

const FOLDER = join(__dirname, 'results');

export function store(results: Results): void {
  writeFileSync(join(FOLDER, `node-${major(results)}.json`), `${JSON.stringify(results, null, 2)}\n`);
}

/** What was stored last for each Node, the oldest first. */
export function stored(): Results[] {
  return readdirSync(FOLDER)
    .map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Results)
    .sort((a, b) => major(a) - major(b));
}
