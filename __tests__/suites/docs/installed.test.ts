import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { install, pack, remove, run, temporaryFolder } from '../../helpers/pack';
import {
  ALICE,
  compile,
  CREDENTIALS,
  expectTokens,
  namesIn,
  pages,
  readPage,
  withServer,
  writeBlocks,
} from './support';

/** The blocks whose packages are not installed in this project, in one where they are. */

jest.setTimeout(240_000);

const page = readPage('docs/token-endpoint.md');
const installed = page.blocks.filter(({ kind }) => kind === 'installed');
const next = page.blocks.find(({ kind }) => kind === 'next')!;
const auth = page.blocks.find(({ path }) => path === 'auth.ts')!;
const SESSION_APPS = ['server.cjs', 'express-session.cjs'];

/** The JavaScript block whose first line names this file. */
const scriptOf = (path: string): string =>
  [...page.text.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].find(([, name]) => name === path)![2]!;

/** What Twilio provides to a Function, as its documentation describes it. */
const ASK_FUNCTION = `
  globalThis.Runtime = { getFunctions: () => ({ auth: { path: require.resolve('./auth.private.js') } }) };
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
  }`;
const FIND_USER = `exports.findUser = async (authorization) =>
  authorization === '${ALICE.authorization}' ? { name: 'alice' } : undefined;`;

let folder: string;
let app: string;
let nextApp: string;

const problemsOf = (directory: string, paths: readonly string[], noEmit: boolean): string[] =>
  compile(
    paths.map((path) => join(directory, path)),
    {
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      noEmit,
      typeRoots: [join(app, 'node_modules/@types')],
    },
  );

beforeAll(async () => {
  folder = await temporaryFolder();
  app = join(folder, 'app');
  nextApp = join(folder, 'next');
  const { tarball } = await pack(folder);
  await install(nextApp, {
    'twilio-capability': `file:${tarball}`,
    '@types/node': '20.19.43',
    '@types/react': '19.2.2',
    next: '16.4.6',
    react: '19.2.0',
    'react-dom': '19.2.0',
    typescript: '5.9.3',
  });
  writeBlocks(nextApp, [next]);
  const dependencies = {
    'twilio-capability': `file:${tarball}`,
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/platform-express': '12.5.1',
    '@types/cors': '2.8.19',
    '@types/express': '5.0.6',
    '@types/express-session': '1.19.0',
    '@types/koa': '3.0.3',
    '@types/node': '20.19.43',
    'cookie-session': '2.1.1',
    cors: '2.8.6',
    express: '5.3.0',
    'express-session': '1.19.0',
    koa: '3.3.0',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
    vitest: '4.1.12',
  };
  await install(app, dependencies, { type: 'module' });
  writeBlocks(app, [
    auth,
    ...installed,
    ...SESSION_APPS.map((path) => ({ path, code: scriptOf(path) })),
    { path: 'functions/package.json', code: '{"type":"commonjs"}' },
    { path: 'functions/token.js', code: scriptOf('functions/token.js') },
    { path: 'functions/auth.private.js', code: FIND_USER },
    { path: 'functions/ask.js', code: ASK_FUNCTION },
  ]);
});

afterAll(() => remove(folder));

describe('docs/token-endpoint.md', () => {
  test.each(installed)('$title issues tokens', async ({ path }) => {
    expect(problemsOf(app, [path], false)).toEqual([]);
    await withServer(app, [path.replace(/ts$/, 'js')], async (address) => {
      await expectTokens(address);
      if (path !== 'cors.ts') return;
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

  test.each(SESSION_APPS)('the app with a session issues tokens: %s', async (path) => {
    await withServer(app, [path], async (address) => {
      expect((await fetch(`${address}/token`, { method: 'POST' })).status).toBe(401);
      const login = await fetch(`${address}/login`, { method: 'POST' });
      const cookies = login.headers.getSetCookie();
      for (const cookie of cookies) expect(cookie.toLowerCase()).toContain('samesite=strict');
      const cookie = cookies.map((text) => text.split(';')[0]).join('; ');
      const granted = await fetch(`${address}/token`, { method: 'POST', headers: { cookie } });
      expect(namesIn(((await granted.json()) as { token: string }).token)).toEqual(['alice']);

      const logout = await fetch(`${address}/logout`, { method: 'POST', headers: { cookie } });
      expect(logout.status).toBe(204);
      // cookie-session has the session in the cookie and replaces it, express-session forgets the session.
      const left = logout.headers.getSetCookie().map((text) => text.split(';')[0]);
      const after = { cookie: left.length > 0 ? left.join('; ') : cookie };
      expect((await fetch(`${address}/token`, { method: 'POST', headers: after })).status).toBe(401);
    });
  });

  test('the declaration for express-session compiles', () => {
    const [, declaration] = /`(declare module 'express-session' .*)`/.exec(page.text)!;
    const code = `import 'express-session';
      import { tokenEndpoint } from 'twilio-capability/express';
      ${declaration}
      export const endpoint = tokenEndpoint(({ session }) => {
        const name: string | undefined = session.name;
        return name === undefined ? null : undefined;
      });`;
    writeBlocks(app, [{ path: 'session-data.ts', code }]);
    expect(problemsOf(app, ['session-data.ts'], true)).toEqual([]);
  });

  test('the route of Next.js issues tokens', async () => {
    const program = 'node_modules/next/dist/bin/next';
    const environment = { ...CREDENTIALS, NEXT_TELEMETRY_DISABLED: '1' };
    const { code, stdout } = await run(process.execPath, [program, 'build'], nextApp, environment);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('/token') });
    await withServer(nextApp, [program, 'start'], expectTokens);
  });

  test('the Twilio Function answers an event', async () => {
    const { stdout } = await run(process.execPath, ['functions/ask.js'], app);
    const [refused, granted] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: number; headers: object; body: { token: string } });
    expect([refused!.status, granted!.status]).toEqual([401, 200]);
    expect(granted!.headers).toEqual({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    expect(namesIn(granted!.body.token)).toEqual(['alice']);
  });
});

const withVitest = pages.filter(({ blocks }) => blocks.some(({ kind }) => kind === 'vitest'));
test.each(withVitest)('the tests of $path compile and pass under vitest', async ({ name, blocks }) => {
  const directory = join(app, name);
  const own = blocks.filter(({ kind }) => kind === 'vitest');
  writeBlocks(directory, own);
  const paths = own.map(({ path }) => path);
  expect(problemsOf(directory, paths, true)).toEqual([]);
  const tests = paths.filter((path) => path.endsWith('.test.ts'));
  const vitest = join(app, 'node_modules/vitest/vitest.mjs');
  const { code, stdout } = await run(process.execPath, [vitest, 'run', ...tests], directory, CREDENTIALS);
  expect({ code, stdout }).toMatchObject({ code: 0 });
});
