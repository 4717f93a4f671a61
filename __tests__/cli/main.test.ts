import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/run';
import type { Output } from '../../src/cli/terminal';
import { createFixtures, testApiKey, testApplicationSid, testCredentials } from '../../src/testing';
import vectors from '../interop/dialects.json';

const ROOT = join(__dirname, '..', '..');
const CLI = join(ROOT, 'dist', 'cli', 'main.js');
const NOW = '2026-01-01T00:00:00Z';
const SECRET = testCredentials.authToken;
const ENV = { TWILIO_ACCOUNT_SID: testCredentials.accountSid, TWILIO_AUTH_TOKEN: SECRET };
const KEY_ENV = {
  ...ENV,
  TWILIO_API_KEY_SID: testApiKey.apiKeySid,
  TWILIO_API_KEY_SECRET: testApiKey.apiKeySecret,
};
const fixtures = createFixtures();
const folder = mkdtempSync(join(tmpdir(), 'twilio-capability-'));

beforeAll(() => {
  // Other suites read what is built, so it is built once, before all of them.
  if (!existsSync(CLI)) throw new Error('There is no dist: npm test builds it first.');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Done {
  status: number;
  stdout: string;
  stderr: string;
}

/** The command in this process, with standard streams and an environment of its own. */
async function cli(
  args: string[],
  env: object = ENV,
  input: string | null = '',
  isTTY = false,
): Promise<Done> {
  const done = { status: -1, stdout: '', stderr: '' };
  const to = (name: 'stdout' | 'stderr'): Output => ({ isTTY, write: (text) => (done[name] += text) });
  const before = process.env;
  process.env = { ...env };
  try {
    done.status = await run(args, {
      stdin: Object.assign(Readable.from(input === null ? [] : [Buffer.from(input)]), {
        isTTY: input === null,
      }),
      stdout: to('stdout'),
      stderr: to('stderr'),
      env: process.env,
    });
  } finally {
    process.env = before;
  }
  return done;
}

/** The command as its users have it. */
function spawned(args: string[], env: object = ENV, input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    input,
  });
}

async function json(args: string[], env?: object, input?: string): Promise<Record<string, unknown>> {
  return JSON.parse((await cli([...args, '--json'], env, input)).stdout) as Record<string, unknown>;
}

describe('twilio-capability mint', () => {
  const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, '--now', NOW];

  test('writes the token to standard output, and nothing else', async () => {
    const { status, stdout, stderr } = await cli(args);
    expect([status, stdout, stderr]).toEqual([0, `${fixtures.valid.token}\n`, '']);
  });

  test('with --json tells what it issued', async () => {
    expect(
      await json([...args, '--ttl', '600', '--param', 'a=b=c', '--event-stream', '--filter', 'x=']),
    ).toEqual({
      token: expect.stringMatching(/^eyJ/),
      accountSid: testCredentials.accountSid,
      scopes: [
        'scope:client:incoming?clientName=alice',
        `scope:client:outgoing?appSid=${testApplicationSid}&clientName=alice&appParams=a%3Db%253Dc`,
        'scope:stream:subscribe?path=%2F2010-04-01%2FEvents&params=x%3D',
      ],
      clientName: 'alice',
      ttl: 600,
      expiresAt: '2026-01-01T00:10:00.000Z',
    });
  });

  test('makes Access Tokens', async () => {
    const { stdout } = await cli([...args, '--access-token'], KEY_ENV);
    expect((await cli(['verify', '--now', NOW, '-'], KEY_ENV, stdout)).stdout).toMatch(
      /^Valid: a good Access Token\.$/m,
    );
    const stream = [...args, '--access-token', '--event-stream'];
    expect((await cli(stream, KEY_ENV)).stderr).toContain('the flag is --drop-unmappable');
    expect((await cli([...stream, '--drop-unmappable', '--region', 'au1'], KEY_ENV)).status).toBe(0);
  });

  test('takes the credentials of --env-file, and none from the environment', async () => {
    const file = join(folder, 'env');
    writeFileSync(file, `TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN="of-the-file"\n`);
    expect((await json([...args, '--env-file', file]))['accountSid']).toBe('AC1');
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\n');
    const { status, stdout, stderr } = await cli([...args, '--env-file', file]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'twilio-capability mint: TWILIO_AUTH_TOKEN is not set. Set it in the environment, or in a file given by --env-file.\n',
    );
    expect((await cli([...args, '--env-file', join(folder, 'none')])).stderr).toBe(
      'twilio-capability mint: The file given by --env-file cannot be read: ENOENT.\n',
    );
  });

  test.each<[string[], string]>([
    [['--incomming', 'alice'], 'There is no flag --incomming. Did you mean --incoming?'],
    [['--t0ken-like', 'x'], 'There is no flag. Did you mean --env-file?'],
    [['-i', 'alice'], 'There is no flag -i. Did you mean --ttl?'],
    [[], 'A token that allows nothing is of no use: give --incoming, --outgoing or --event-stream.'],
    [['--incoming'], '--incoming needs a value.'],
    [['--incoming', '--json'], '--incoming needs a value.'],
    [['--json=yes'], '--json takes no value.'],
    [['--ttl', '1', '--ttl', '2'], '--ttl is there twice.'],
    [['--incoming', 'a', '--ttl', '10m'], '--ttl takes a whole number of seconds.'],
    [['--outgoing', 'AP1', '--param', 'a'], '--param takes KEY=VALUE.'],
    [['--outgoing', 'AP1', '--param', 'a=1', '--param', 'a=2'], '--param has one key twice.'],
    [['--param', 'a=1'], '--param and --client-name go with --outgoing.'],
    [['--filter', 'a=1'], '--filter goes with --event-stream.'],
    [
      ['--incoming', 'a', '--identity', 'b'],
      '--identity, --region and --drop-unmappable go with --access-token.',
    ],
    [['alice'], 'There is an argument too many: this command takes flags only.'],
    [
      ['--incoming', 'a', '--ttl', '0'],
      "A ttl is a whole number of seconds from 1 to 86400 (24 hours, which is Twilio's limit). (the flag is --ttl)",
    ],
  ])('of %j is wrong usage', async (flags, message) => {
    const { status, stdout, stderr } = await cli(['mint', ...flags]);
    expect([status, stdout, stderr]).toEqual([2, '', `twilio-capability mint: ${message}\n`]);
  });

  test.each(['--auth-token', '--authToken', '--api-key-secret', '--secret', '--password', '--api_key'])(
    'refuses %s, and does not repeat what follows',
    async (flag) => {
      for (const args of [[flag, 'hunter2hunter2'], [`${flag}=hunter2hunter2`]]) {
        const { status, stdout, stderr } = await cli(['mint', '--incoming', 'alice', ...args]);
        expect([status, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(
          /^twilio-capability mint: Secrets are not taken from flags.*TWILIO_AUTH_TOKEN/,
        );
        expect(stderr).not.toContain('hunter2');
      }
    },
  );
});

describe('twilio-capability verify', () => {
  test.each(Object.values(fixtures).map(({ name, outcome }) => [name, outcome] as const))(
    'says of the fixture %s: %s',
    async (name, outcome) => {
      const { token } = fixtures[name];
      const { status, stdout } = await cli(['verify', '--json', '--now', NOW], ENV, `${token}\n`);
      expect(status).toBe(outcome === 'valid' ? 0 : 1);
      expect(JSON.parse(stdout)).toMatchObject(
        outcome === 'valid' ? { valid: true, kind: 'capability' } : { valid: false, code: outcome },
      );
    },
  );

  test('gives the code, the number of Twilio, and what to do', async () => {
    expect((await cli(['verify', fixtures.expired.token, '--now', NOW])).stdout).toBe(
      "Not valid: ERR_TOKEN_EXPIRED (Twilio's own number: 31205)\n\n  The token has expired.\n" +
        '  Fetch a new token; let the client do so before the old one ends.\n',
    );
    expect(
      (await cli(['verify', fixtures.expiresThisSecond.token, '--now', NOW, '--clock-tolerance', '1']))
        .status,
    ).toBe(0);
    expect((await cli(['verify', fixtures.accessToken.token, '--now', NOW], KEY_ENV)).status).toBe(0);
  });

  test('without credentials, or with two tokens, is wrong usage', async () => {
    expect((await cli(['verify', fixtures.valid.token], {})).status).toBe(2);
    expect((await cli(['verify', 'a', 'b'])).stderr).toBe(
      'twilio-capability verify: There is more than one token: give one at a time.\n',
    );
  });
});

describe('twilio-capability inspect', () => {
  test('shows who, what and until when', async () => {
    const { status, stdout } = await cli(['inspect', '--now', NOW, '-'], {}, fixtures.withParams.token);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'Capability token, UNVERIFIED: its signature is not checked, so anybody can have written it.',
        '',
        '  account     ACdeadbeefdeadbeefdeadbeefdeadbeef',
        '  outgoing    calls from alice through APdeadbeefdeadbeefdeadbeefdeadbeef',
        '                user_id = 42',
        '                name    = "Alice Smith"',
        '                team    = "R&D café"',
        '  expires     2026-01-01 01:00:00 UTC, in 1 hour',
        '  written by  this library',
        '              told by: header alg,typ; claims scope,iss,exp; outgoing appSid,clientName,appParams; in params as %2520',
        '',
      ].join('\n'),
    );
  });

  test('names every fault there is to see, and reads what it can', async () => {
    const codes = async (name: keyof typeof fixtures): Promise<unknown[]> =>
      (
        (await json(['inspect', '--now', NOW, fixtures[name].token], {}))['problems'] as { code: string }[]
      ).map(({ code }) => code);
    expect(await codes('valid')).toEqual([]);
    expect(await codes('expired')).toEqual(['ERR_TOKEN_EXPIRED']);
    expect(await codes('lifetimeTooLong')).toEqual(['ERR_TOKEN_LIFETIME']);
    expect(await codes('unsigned')).toEqual(['ERR_TOKEN_ALGORITHM', 'ERR_TOKEN_SIGNATURE']);
    expect(await codes('missingExpiry')).toEqual(['ERR_TOKEN_CLAIMS']);
    expect(await codes('truncated')).toEqual(['ERR_TOKEN_MALFORMED']);
    expect((await cli(['inspect', fixtures.truncated.token], {})).status).toBe(1);
    expect(await json(['inspect', fixtures.accessToken.token], {})).toMatchObject({
      verified: false,
      kind: 'access-token',
      identity: 'alice',
    });
  });

  test('shows a name with terminal escape codes harmless, as text and as JSON', async () => {
    const name = '\u001b[31mred\u009b2J\u202e';
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = [
      { alg: 'HS256', typ: 'JWT' },
      { scope: `scope:video:join?room=${encodeURIComponent(name)}`, iss: name, exp: 1 },
    ]
      .map(encode)
      .join('.');
    const token = `${input}.${createHmac('sha256', 'x').update(input).digest('base64url')}`;
    for (const args of [
      ['inspect', token],
      ['inspect', '--json', token],
      ['migrate', token],
    ]) {
      const { stdout } = await cli(args, {});
      // eslint-disable-next-line no-control-regex -- finding them is the purpose
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    expect((await cli(['inspect', token], {})).stdout).toContain(
      'account     "\\u001b[31mred\\u009b2J\\u202e"',
    );
  });

  test.each(
    vectors.vectors.filter(({ token }) => token !== null).map(({ id, token }) => [id, token!] as const),
  )('tells who wrote %s', async (id, token) => {
    const names: Record<string, string> = {
      'node-1': 'twilio-node 1',
      'node-2': 'twilio-node 2',
      'node-3': 'twilio-node 3 or newer',
      'node-6': 'twilio-node 3 or newer',
      'ruby-4': 'twilio-ruby 4 or older',
      'ruby-7': 'twilio-ruby 5 or newer',
      'python-5': 'twilio-python 5 or older',
      'python-9': 'twilio-python 6 or newer',
      'php-8': 'twilio-php',
      'go-community-2': 'the community Go module',
    };
    const { writers, notes } = (await json(['inspect', token], {}))['dialect'] as {
      writers: string[];
      notes: string[];
    };
    expect(writers).toContain(names[/^.*?-\d+/.exec(id)![0]]);
    const once = notes.includes(
      'The params are encoded once, not twice: values with "&" or "=" in them may be cut.',
    );
    expect([id, once]).toEqual([id, /^ruby-(7.*(params|filter)|4.*filter)/.test(id)]);
  });
});

describe('twilio-capability migrate', () => {
  test('shows what a token becomes, and what has no counterpart', async () => {
    const { stdout } = await cli([
      'mint',
      '--incoming',
      'alice',
      '--incoming',
      'bob',
      '--outgoing',
      'AP1',
      '--param',
      'a=1',
    ]);
    const { status, stdout: text } = await cli(['migrate'], {}, stdout);
    expect(status).toBe(0);
    expect(text).toMatch(/^ {2}identity {2}alice$/m);
    expect(text).toMatch(/^ {2}outgoing {2}through AP1\n {14}a = 1$/m);
    expect(text).toMatch(/^ {2}dropped {3}scope:client:incoming\?clientName=bob$/m);
    expect(await json(['migrate', stdout.trim()], {})).toMatchObject({
      verified: false,
      identity: 'alice',
      voice: { incoming: { allow: true }, outgoing: { application_sid: 'AP1', params: { a: '1' } } },
      dropped: [
        { scope: 'scope:client:incoming?clientName=bob', part: 'scope' },
        { scope: 'scope:client:outgoing?appSid=AP1&clientName=bob&appParams=a%3D1', part: 'clientName' },
      ],
    });
  });

  test('refuses an Access Token, and what cannot be read', async () => {
    expect((await cli(['migrate', fixtures.accessToken.token], {})).status).toBe(1);
    expect((await json(['migrate', 'x'], {}))['problem']).toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
  });
});

describe('twilio-capability fixtures', () => {
  test("is read by a stranger's suite, and is the same in every time zone", async () => {
    const { status, stdout } = await cli(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect(status).toBe(0);
    expect((await cli(['fixtures', '--now', NOW], { TZ: 'America/New_York', ...ENV })).stdout).toBe(stdout);
    const file = join(folder, 'fixtures.json');
    expect((await cli(['fixtures', '--out', file])).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(stdout);

    const read = JSON.parse(stdout) as {
      nowSeconds: number;
      authToken: string;
      accountSid: string;
      fixtures: Record<string, { token: string; outcome: string; claims: { exp: number } | null }>;
    };
    expect(Object.keys(read)).toEqual([
      'format',
      'now',
      'nowSeconds',
      'accountSid',
      'authToken',
      'apiKeySid',
      'apiKeySecret',
      'fixtures',
    ]);
    expect(read).toMatchObject({ format: 'twilio-capability-fixtures/1', now: '2026-01-01T00:00:00.000Z' });
    const signed = Object.entries(read.fixtures).filter(([, { token, claims }]) => {
      const [header, payload, signature] = token.split('.');
      const good = createHmac('sha256', read.authToken).update(`${header!}.${payload!}`).digest('base64url');
      return signature === good && claims !== null && claims.exp > read.nowSeconds;
    });
    expect(signed.map(([name]) => name)).toEqual([
      'valid',
      'incomingOnly',
      'outgoingOnly',
      'withParams',
      'eventStream',
      'noScopes',
      'notYetValid',
      'lifetimeTooLong',
      'wrongAccount',
    ]);
    expect(read.fixtures).toEqual(JSON.parse(JSON.stringify(fixtures)));
  });

  test('cannot write where it may not, nor at no time', async () => {
    expect((await cli(['fixtures', '--out', folder])).stderr).toBe(
      'twilio-capability fixtures: The file given by --out cannot be written: EISDIR.\n',
    );
    expect((await cli(['fixtures', '--now', 'tomorrow'])).stderr).toContain('(the flag is --now)');
  });
});

describe('twilio-capability', () => {
  test('has help for itself and each command, with an example, and a version', async () => {
    for (const args of [
      ['--help'],
      ['-h'],
      ['help'],
      ...['mint', 'inspect', 'verify', 'migrate', 'fixtures'].flatMap((name) => [
        [name, '--help'],
        ['help', name],
      ]),
    ]) {
      const { status, stdout, stderr } = await cli(args, {});
      expect([args, status, stderr]).toEqual([args, 0, '']);
      expect(stdout).toMatch(/\nExample:\n {2}(export TWILIO|twilio-capability )/);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(105);
    }
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect((await cli(['--version'], {})).stdout).toBe(`${version}\n`);
  });

  test('without a command, or with a wrong one, is wrong usage', async () => {
    expect(await cli([], {})).toMatchObject({ status: 2, stdout: '' });
    expect((await cli(['mnit'], {})).stderr).toBe(
      'twilio-capability: There is no command mnit. Did you mean mint?\nSee twilio-capability --help.\n',
    );
    expect((await cli([fixtures.valid.token], {})).stderr).not.toContain('eyJ');
  });

  test('has colour on a terminal, unless NO_COLOR or a dumb terminal says otherwise', async () => {
    const shown = async (env: object): Promise<string> =>
      (await cli(['inspect', fixtures.expired.token, '--now', NOW], env, '', true)).stdout;
    expect(await shown({})).toContain('\u001b[31mThe token has expired.\u001b[39m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) expect(await shown(env)).not.toContain('\u001b');
    expect(await shown({ NO_COLOR: '' })).toContain('\u001b');
  });

  test('asks for a token where there is none, nor a pipe', async () => {
    expect(await cli(['verify'], ENV, null)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'twilio-capability verify: There is no token: give it as the argument, or pipe it in.\n',
    });
    const endless = 'x'.repeat(200_000);
    expect((await cli(['verify', '-'], ENV, endless)).stdout).toContain('ERR_TOKEN_TOO_LARGE');
  });
});

describe('what the command says', () => {
  const unsigned = (claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string =>
    [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.AA';
  const text = async (...args: string[]): Promise<string> =>
    (await cli([...args, '--now', NOW], KEY_ENV)).stdout;

  test('of a token with every time, in words', async () => {
    const now = 1_767_225_600;
    const scope = 'scope:client:outgoing?appSid=AP1 scope:stream:subscribe?path=%2F2010-04-01%2FEvents';
    const shown = await text(
      'inspect',
      unsigned({ scope, iss: 'AC1', exp: now + 90_061, nbf: now, iat: now - 61 }),
    );
    expect(shown).toMatch(/^ {2}outgoing {5}calls from no client name through AP1$/m);
    expect(shown).toMatch(/^ {2}events {7}all$/m);
    expect(shown).toMatch(/^ {2}made {9}2025-12-31 23:58:59 UTC, 1 minute 1 second ago$/m);
    expect(shown).toMatch(/^ {2}counts from {2}2026-01-01 00:00:00 UTC, this very second$/m);
    expect(shown).toMatch(/^ {2}expires {6}2026-01-02 01:01:01 UTC, in 1 day 1 hour$/m);
    expect(shown).toMatch(/^ {2}written by {3}no SDK known to this command$/m);
  });

  test('of a token without account, scopes and expiry', async () => {
    const shown = await text('inspect', unsigned({ scope: '' }));
    expect(shown).toMatch(/^ {2}account {5}none$/m);
    expect(shown).toMatch(/^ {2}allows {6}nothing$/m);
    expect(shown).toMatch(/^ {2}expires {5}never, or nobody can tell$/m);
  });

  test('of an Access Token', async () => {
    const shown = await text('inspect', fixtures.accessToken.token);
    expect(shown).toMatch(/^Access Token, UNVERIFIED: /);
    expect(shown).toMatch(/^ {2}API key {3}SKdeadbeefdeadbeefdeadbeefdeadbeef$/m);
    expect(shown).toMatch(/^ {2}identity {2}alice$/m);
    const region = unsigned(
      { ...fixtures.accessToken.claims, iss: 'AC1' },
      { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1', twr: 'au1' },
    );
    expect(await text('inspect', region)).toMatch(/^ {2}region {4}au1$/m);
    expect(await text('inspect', region)).toMatch(
      /^ {2}problem {2}The token names no API key: its iss is not a SID of one\.$/m,
    );
  });

  test('of Java and C#, which can only be told by their scopes', async () => {
    const scope = (uri: string): string => unsigned({ iss: 'AC1', exp: 1_767_225_700, scope: uri });
    const events = scope('scope:stream:subscribe?path=/2010-04-01/Events&appParams=a%3Db');
    expect(await text('inspect', events)).toContain('twilio-java or twilio-csharp');
    const shown = await text('inspect', scope('scope:client:incoming?clientName=support agent'));
    expect(shown).toContain('calls to "support agent"');
    expect(shown).toContain('A client name is written as it is, not percent-encoded.');
  });

  test('of the move of tokens that allow little', async () => {
    const stream = (await cli(['migrate', unsigned({ scope: '' })], {})).stdout;
    expect(stream).toMatch(/^ {2}identity {2}none: give one when you sign$/m);
    expect(stream).toMatch(/^ {2}incoming {2}not allowed$/m);
    expect(stream).toMatch(/^ {2}outgoing {2}not allowed$/m);
    expect((await cli(['migrate', fixtures.incomingOnly.token], {})).stdout).toMatch(
      /^ {2}dropped {3}nothing$/m,
    );
  });

  test('of input at fault, with the flag or the variable to mend', async () => {
    const said = async (...args: string[]): Promise<string> => (await cli(args, ENV)).stderr;
    expect(await said('mint', '--incoming', 'a b')).toContain('(--allow-any-name takes other names)');
    expect(await said('mint', '--incoming', 'a', '--incoming', 'a')).toBe(
      'twilio-capability mint: The same scope is there twice.\n',
    );
    const swapped = { TWILIO_ACCOUNT_SID: SECRET, TWILIO_AUTH_TOKEN: testCredentials.accountSid };
    const { stderr } = await cli(['mint', '--incoming', 'a'], swapped);
    expect(stderr).toContain('(TWILIO_ACCOUNT_SID)');
    expect(stderr).not.toContain(SECRET);
  });
});

describe('the process', () => {
  test('writes the token alone, and reads it from a pipe or the command line', () => {
    const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, '--now', NOW];
    const { status, stdout, stderr } = spawned(args);
    expect([status, stdout, stderr]).toEqual([0, `${fixtures.valid.token}\n`, '']);
    expect(spawned(['verify', '--now', NOW], ENV, stdout).status).toBe(0);
    expect(spawned(['verify', '--now', NOW, '-'], ENV, stdout).status).toBe(0);
    expect(spawned(['inspect', '--json', stdout.trim()], {}).status).toBe(0);
    expect(spawned(['migrate'], {}, stdout).status).toBe(0);
    expect(spawned(['--help'], {}).status).toBe(0);
  });

  test('ends with 1 for a token that is not good, and with 2 for wrong usage', () => {
    expect(spawned(['verify', fixtures.expired.token, '--now', NOW]).status).toBe(1);
    expect(spawned(['verify', fixtures.valid.token], {}).status).toBe(2);
  });

  test('gives the same fixtures in every time zone', () => {
    const here = spawned(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect([here.status, JSON.parse(here.stdout)]).toEqual([
      0,
      expect.objectContaining({ nowSeconds: 1_767_225_600 }),
    ]);
    expect(spawned(['fixtures', '--now', NOW], { TZ: 'America/New_York' }).stdout).toBe(here.stdout);
  });

  test('has no colour off a terminal, nor a stack trace for a closed pipe', () => {
    // eslint-disable-next-line no-control-regex -- finding them is the purpose
    expect(spawned(['inspect', fixtures.valid.token], { FORCE_COLOR: '1' }).stdout).not.toMatch(/\u001b/);
    const { stdout, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" fixtures | head -1`], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['{\n', '']);
  });

  test('shows no secret in its command line', async () => {
    const child = spawn(process.execPath, [CLI, 'verify'], { env: ENV, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.once('spawn', resolve));
    const [shown] =
      process.platform === 'linux'
        ? [readFileSync(`/proc/${child.pid!}/cmdline`, 'utf8')]
        : [child.spawnargs.join('\0')];
    child.stdin.end(fixtures.valid.token);
    await ended;
    expect(shown).toContain('verify');
    expect(shown).not.toContain(SECRET);
  });
});
