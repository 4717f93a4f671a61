import { fork } from 'node:child_process';
import { once } from 'node:events';
import { CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } from 'twilio-capability';
import { accountSid, applicationSid } from './peers';

export interface Memory {
  /** Bytes for each signer that is kept, key and all. */
  readonly signer: number;
  /** How many tokens were signed and verified. */
  readonly tokens: number;
  /** Bytes by which the heap has grown over them. */
  readonly growth: number;
}

const SIGNERS = 50_000;

/** Measures in a process of its own, this very file with `--expose-gc`. */
export async function measureMemory(tokens: number): Promise<Memory> {
  const child = fork(__filename, [String(tokens)], { execArgv: [...process.execArgv, '--expose-gc'] });
  const [memory] = (await once(child, 'message')) as [Memory];
  return memory;
}

/** Lets go of everything that can go. */
async function collect(): Promise<NodeJS.MemoryUsage> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    // Native objects are let go of a turn later.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
}

function secret(serial: number): string {
  return `not-a-real-auth-token-${serial}`;
}

async function signerSize(): Promise<number> {
  const kept: CapabilitySigner[] = [];
  const keep = (from: number): void => {
    for (let n = from; n < from + SIGNERS; n++)
      kept.push(new CapabilitySigner({ accountSid, authToken: secret(n) }));
  };
  keep(0);
  const before = await collect();
  keep(SIGNERS);
  const after = await collect();
  if (kept.length !== 2 * SIGNERS) throw new Error('The signers were not kept.');
  // A key lies outside of the heap, where only the whole of the process's memory shows it.
  return (after.rss - before.rss) / SIGNERS;
}

async function heapGrowth(tokens: number): Promise<number> {
  const signer = new CapabilitySigner({ accountSid, authToken: secret(0) });
  const verifier = new CapabilityVerifier({ accountSid, authToken: secret(0) });
  const work = (from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      const clientName = `user_${n}`;
      const outgoing = new OutgoingScope(applicationSid, { clientName, params: { user_id: n } });
      verifier.verify(signer.sign([new IncomingScope(clientName), outgoing]));
    }
  };
  const warm = Math.ceil(tokens / 20);
  work(0, warm);
  const before = await collect();
  work(warm, warm + tokens);
  return (await collect()).heapUsed - before.heapUsed;
}

async function main(tokens: number): Promise<void> {
  const growth = await heapGrowth(tokens);
  const memory: Memory = { signer: await signerSize(), tokens, growth };
  process.send!(memory);
  process.disconnect();
}

if (require.main === module) void main(Number(process.argv[2]));
