import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { CapabilityVerifier } from '../src';
import { accountSid, authToken } from './helpers/fixed';

/**
 * Every TypeScript block of the README, compiled as a reader's own strict project would and run against the
 * built package. What follows `ts run` says how: a program, or a server that is asked for a token.
 */

const ROOT = join(__dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...README.matchAll(/^```ts(.*)\n([\s\S]*?)^```$/gm)].map(([, how, code], index) => ({
  how: how!.trim(),
  code: code!,
  name: `${index + 1}`,
}));

const STRICT: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
};

const env = {
  PATH: process.env['PATH'],
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_API_KEY_SID: 'SK0123456789abcdef0123456789abcdef',
  TWILIO_API_KEY_SECRET: 'an-api-key-secret',
};

let folder: string;
const at = (file: string): string => join(folder, file);

beforeAll(() => {
  // Inside the project, where the package can be imported by its own name.
  folder = mkdtempSync(join(ROOT, '.readme-'));
  for (const { name, code } of blocks) writeFileSync(at(`${name}.mts`), code);
  // Takes any free port in place of the one in the README, and says which.
  writeFileSync(
    at('free-port.mjs'),
    `import { Server } from 'node:net';
     const { listen } = Server.prototype;
     Server.prototype.listen = function (port, ...rest) {
       this.once('listening', () => console.log('PORT ' + this.address().port));
       return listen.call(this, typeof port === 'object' ? { ...port, port: 0 } : 0, ...rest);
     };`,
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the README says how to run each of its blocks', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(8);
  expect(
    blocks
      .map(({ how }) => how)
      .filter((how) => !/^run( endpoint| web| fastify| lambda| shutdown| jest)?$/.test(how)),
  ).toEqual([]);
});

test('every block compiles', () => {
  const files = blocks.map(({ name }) => at(`${name}.mts`));
  const program = ts.createProgram(files, STRICT);
  const { diagnostics } = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(
    ({ file, messageText }) =>
      `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
  expect(problems).toEqual([]);
}, 60_000);

function start(name: string, ...flags: string[]): ChildProcess {
  return spawn(process.execPath, [...flags, at(`${name}.mjs`)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('every block runs', () => {
  const verifier = new CapabilityVerifier({ accountSid, authToken });

  test.each(blocks.filter(({ how }) => how === 'run'))('$name as a program', async ({ name }) => {
    const child = start(name);
    let errors = '';
    child.stderr!.on('data', (text) => (errors += String(text)));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, errors]).toEqual([0, '']);
  });

  test.each(blocks.filter(({ how }) => /endpoint|fastify/.test(how)))(
    '$name as a server',
    async ({ name }) => {
      const child = start(name, '--import', at('free-port.mjs'));
      try {
        const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
        const address = `http://127.0.0.1:${/^PORT (\d+)$/.exec(line)![1]!}/token`;
        const refused = await fetch(address, { method: 'POST' });
        expect(refused.status).toBe(401);
        const granted = await fetch(address, {
          method: 'POST',
          headers: { authorization: 'Bearer session-of-alice' },
        });
        expect(granted.headers.get('cache-control')).toBe('no-store');
        const { token } = (await granted.json()) as { token: string };
        expect(verifier.verify(token).clientNames).toEqual(['alice']);
      } finally {
        child.kill();
      }
    },
  );

  test.each(blocks.filter(({ how }) => how === 'run web'))('$name as a route handler', async ({ name }) => {
    writeFileSync(
      at('ask.mjs'),
      `import { POST } from './${name}.mjs';
       const ask = (headers) => POST(new Request('http://localhost/token', { method: 'POST', headers }));
       console.log((await ask({})).status);
       console.log((await (await ask({ authorization: 'Bearer session-of-alice' })).json()).token);`,
    );
    const child = start('ask');
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout!)) lines.push(line);
    expect(lines[0]).toBe('401');
    expect(verifier.verify(lines[1]!).clientNames).toEqual(['alice']);
  });

  test.each(blocks.filter(({ how }) => how === 'run lambda'))('$name as a function', async ({ name }) => {
    writeFileSync(
      at('invoke.mjs'),
      `import { handler } from './${name}.mjs';
       console.log((await handler({ headers: {} })).statusCode);
       console.log((await handler({ headers: { authorization: 'Bearer session-of-alice' } })).body);`,
    );
    const lines: string[] = [];
    for await (const line of createInterface(start('invoke').stdout!)) lines.push(line);
    expect(lines[0]).toBe('401');
    const { token } = JSON.parse(lines[1]!) as { token: string };
    expect(verifier.verify(token).clientNames).toEqual(['alice']);
  });

  test.each(blocks.filter(({ how }) => how === 'run shutdown'))(
    '$name ends when told to',
    async ({ name }) => {
      const child = start(name, '--import', at('free-port.mjs'));
      const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
      // A client that keeps its connection.
      await fetch(`http://127.0.0.1:${/^PORT (\d+)$/.exec(line)![1]!}/`);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );
});

test('every npm script that the README names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...README.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g)].map(([, run, bare]) => run ?? bare!);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  expect(named.length).toBeGreaterThan(0);
});
