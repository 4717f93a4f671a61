import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import ts from 'typescript';
import { AccessTokenVerifier } from '../../../src';
import { install, pack, remove, run, temporaryFolder } from '../../helpers/pack';
import { CREDENTIALS, env } from './credentials';
import { addressOf, freePortFlags, writeFreePort } from './free-port';
import { readPage } from './pages';
import { copyStandIns } from './stand-ins';

/** The blocks of docs/token-endpoint.md whose packages are not installed in this project. */

jest.setTimeout(240_000);

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

const ALICE = { authorization: 'Bearer session-of-alice' };

const verifier = new AccessTokenVerifier({
  accountSid: CREDENTIALS.TWILIO_ACCOUNT_SID,
  apiKeySid: CREDENTIALS.TWILIO_API_KEY_SID,
  apiKeySecret: CREDENTIALS.TWILIO_API_KEY_SECRET,
});

const page = readPage('docs/token-endpoint.md');
const installed = page.blocks.filter(({ kind }) => kind === 'installed');
const [next] = page.blocks.filter(({ kind }) => kind === 'next');

/** The JavaScript block whose first line names this file. */
const scriptOf = (path: string): string =>
  [...page.text.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].find(([, name]) => name === path)![2]!;

let folder: string;
let app: string;

function write(path: string, code: string): void {
  mkdirSync(dirname(join(app, path)), { recursive: true });
  writeFileSync(join(app, path), code);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  app = join(folder, 'app');
  const { tarball } = await pack(folder);
  const dependencies = {
    'twilio-capability': `file:${tarball}`,
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/platform-express': '12.5.1',
    '@types/cors': '2.8.19',
    '@types/express': '5.0.6',
    '@types/koa': '3.0.3',
    '@types/node': '20.19.43',
    'cookie-session': '2.1.1',
    cors: '2.8.6',
    esbuild: '0.28.2',
    express: '5.3.0',
    'express-session': '1.19.0',
    koa: '3.3.0',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
  };
  await install(app, dependencies, { type: 'module' });
  writeFreePort(app);
  copyStandIns(app);
  const auth = page.blocks.find(({ path }) => path === 'auth.ts');
  for (const { path, code } of [auth!, ...installed, next!]) write(path, code);
});

afterAll(() => remove(folder));

/** Runs a server and calls a function with its address. */
async function withServer(script: string, use: (address: string) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [...freePortFlags(app), script], {
    cwd: app,
    env: { ...env, SESSION_SECRET: 'a-session-secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await use(await addressOf(child));
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

async function identityIn(response: Response): Promise<string> {
  const { token, ttl } = (await response.json()) as { token: string; ttl: number };
  expect(ttl).toBe(600);
  return verifier.verify(token).identity;
}

describe('docs/token-endpoint.md', () => {
  test.each(installed)('$title issues tokens', async ({ path }) => {
    const program = ts.createProgram([join(app, path)], {
      ...OPTIONS,
      types: ['node'],
      typeRoots: [join(app, 'node_modules/@types')],
    });
    const problems = ts.getPreEmitDiagnostics(program);
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
    program.emit();
    await withServer(path.replace(/ts$/, 'js'), async (address) => {
      const refused = await fetch(`${address}/token`, { method: 'POST' });
      expect(refused.status).toBe(401);
      const granted = await fetch(`${address}/token`, { method: 'POST', headers: ALICE });
      expect([granted.status, granted.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(await identityIn(granted)).toBe('alice');
    });
  });

  test('cors.ts answers a preflight request', async () => {
    await withServer('cors.js', async (address) => {
      const { status, headers } = await fetch(`${address}/token`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example.com',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(headers.get('access-control-allow-headers')).toBe('authorization');
    });
  });

  test.each(['server.cjs', 'express-session.cjs'])(
    'the app with a session issues tokens: %s',
    async (path) => {
      write(path, scriptOf(path));
      await withServer(path, async (address) => {
        expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
        const login = await fetch(`${address}/login`, { method: 'POST' });
        const cookies = login.headers.getSetCookie();
        for (const cookie of cookies) expect(cookie.toLowerCase()).toContain('samesite=strict');
        const cookie = cookies.map((text) => text.split(';')[0]).join('; ');
        const granted = await fetch(`${address}/token`, { method: 'POST', headers: { cookie } });
        expect(await identityIn(granted)).toBe('alice');
      });
    },
  );

  test('the route of Next.js answers a Request', async () => {
    const esbuild = join(app, 'node_modules/esbuild/bin/esbuild');
    const flags = [
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      '--outfile=route.mjs',
    ];
    const { code } = await run(process.execPath, [esbuild, next!.path, ...flags], app);
    expect(code).toBe(0);
    const ask = `const { POST } = await import('./route.mjs');
      const request = (headers) => new Request('http://localhost/token', { method: 'POST', headers });
      console.log((await POST(request({}))).status, await (await POST(request(${JSON.stringify(ALICE)}))).text());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', ask], app, CREDENTIALS);
    expect(stdout.slice(0, 4)).toBe('401 ');
    expect(await identityIn(new Response(stdout.slice(4)))).toBe('alice');
  });

  test('the Twilio Function answers an event', async () => {
    write('functions/package.json', '{"type":"commonjs"}');
    write('functions/token.js', scriptOf('functions/token.js'));
    write(
      'functions/auth.private.js',
      `exports.findUser = async (authorization) =>
         authorization === '${ALICE.authorization}' ? { name: 'alice' } : undefined;`,
    );
    // What Twilio provides, as its documentation describes it.
    write(
      'functions/ask.js',
      `globalThis.Runtime = { getFunctions: () => ({ auth: { path: require.resolve('./auth.private.js') } }) };
       globalThis.Twilio = { Response: class {
         status = 200;
         headers = {};
         appendHeader(name, value) { this.headers[name] = value; }
         setStatusCode(status) { this.status = status; }
         setBody(body) { this.body = body; }
       } };
       const { handler } = require('./token.js');
       const { TWILIO_ACCOUNT_SID: ACCOUNT_SID, ...variables } = ${JSON.stringify(CREDENTIALS)};
       for (const headers of [{}, ${JSON.stringify(ALICE)}]) {
         handler({ ACCOUNT_SID, ...variables }, { request: { headers, cookies: {} } }, (error, response) => {
           console.log(JSON.stringify(error ?? response));
         });
       }`,
    );
    const { stdout } = await run(process.execPath, ['functions/ask.js'], app);
    const [refused, granted] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: number; headers: object; body: object });
    expect([refused!.status, granted!.status]).toEqual([401, 200]);
    expect(granted!.headers).toEqual({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    expect(await identityIn(Response.json(granted!.body))).toBe('alice');
  });
});
