import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFixtures, testApiKey, testApplicationSid, testCredentials } from '../src/testing';
import vectors from './vectors/dialects.json';

const ROOT = join(__dirname, '..');
const CLI = join(ROOT, 'dist', 'cli.js');
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
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0 || !existsSync(CLI))
    throw new Error(`The build failed: ${built.stdout}${built.stderr}`);
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function cli(args: string[], env: object = ENV, input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    input,
  });
}

function json(args: string[], env?: object, input?: string): Record<string, unknown> {
  return JSON.parse(cli([...args, '--json'], env, input).stdout) as Record<string, unknown>;
}

describe('twilio-capability mint', () => {
  const args = ['mint', '--incoming', 'alice', '--outgoing', testApplicationSid, '--now', NOW];

  test('writes the token to standard output, and nothing else', () => {
    const { status, stdout, stderr } = cli(args);
    expect([status, stdout, stderr]).toEqual([0, `${fixtures.valid.token}\n`, '']);
  });

  test('with --json tells what it issued', () => {
    expect(json([...args, '--ttl', '600', '--param', 'a=b=c', '--event-stream', '--filter', 'x='])).toEqual({
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

  test('makes Access Tokens', () => {
    const { stdout } = cli([...args, '--access-token'], KEY_ENV);
    expect(cli(['verify', '--now', NOW, '-'], KEY_ENV, stdout).stdout).toMatch(
      /^Valid: a good Access Token\.$/m,
    );
    const stream = [...args, '--access-token', '--event-stream'];
    expect(cli(stream, KEY_ENV).stderr).toContain('the flag is --drop-unmappable');
    expect(cli([...stream, '--drop-unmappable', '--region', 'au1'], KEY_ENV).status).toBe(0);
  });

  test('takes the credentials of --env-file, and none from the environment', () => {
    const file = join(folder, 'env');
    writeFileSync(file, `TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN="of-the-file"\n`);
    expect(json([...args, '--env-file', file])['accountSid']).toBe('AC1');
    writeFileSync(file, 'TWILIO_ACCOUNT_SID=AC1\n');
    const { status, stdout, stderr } = cli([...args, '--env-file', file]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'twilio-capability mint: TWILIO_AUTH_TOKEN is not set. Set it in the environment, or in a file given by --env-file.\n',
    );
    expect(cli([...args, '--env-file', join(folder, 'none')]).stderr).toBe(
      'twilio-capability mint: The file given by --env-file cannot be read: ENOENT.\n',
    );
  });

  test.each<[string[], string]>([
    [['--incomming', 'alice'], 'There is no flag --incomming. Did you mean --incoming?'],
    [['--t0ken-like', 'x'], 'There is no flag. Did you mean --access-token?'],
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
  ])('of %j is wrong usage', (flags, message) => {
    const { status, stdout, stderr } = cli(['mint', ...flags]);
    expect([status, stdout, stderr]).toEqual([2, '', `twilio-capability mint: ${message}\n`]);
  });

  test.each(['--auth-token', '--authToken', '--api-key-secret', '--secret', '--password', '--api_key'])(
    'refuses %s, and does not repeat what follows',
    (flag) => {
      for (const args of [[flag, 'hunter2hunter2'], [`${flag}=hunter2hunter2`]]) {
        const { status, stdout, stderr } = cli(['mint', '--incoming', 'alice', ...args]);
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
    (name, outcome) => {
      const { token } = fixtures[name];
      const { status, stdout } = cli(['verify', '--json', '--now', NOW], ENV, `${token}\n`);
      expect(status).toBe(outcome === 'valid' ? 0 : 1);
      expect(JSON.parse(stdout)).toMatchObject(
        outcome === 'valid' ? { valid: true, kind: 'capability' } : { valid: false, code: outcome },
      );
    },
  );

  test('gives the code, the number of Twilio, and what to do', () => {
    expect(cli(['verify', fixtures.expired.token, '--now', NOW]).stdout).toBe(
      "Not valid: ERR_TOKEN_EXPIRED (Twilio's own number: 31205)\n\n  The token has expired.\n" +
        '  Fetch a new token; let the client do so before the old one ends.\n',
    );
    expect(
      cli(['verify', fixtures.expiresThisSecond.token, '--now', NOW, '--clock-tolerance', '1']).status,
    ).toBe(0);
    expect(cli(['verify', fixtures.accessToken.token, '--now', NOW], KEY_ENV).status).toBe(0);
  });

  test('without credentials, or with two tokens, is wrong usage', () => {
    expect(cli(['verify', fixtures.valid.token], {}).status).toBe(2);
    expect(cli(['verify', 'a', 'b']).stderr).toBe(
      'twilio-capability verify: There is more than one token: give one at a time.\n',
    );
  });
});

describe('twilio-capability inspect', () => {
  test('shows who, what and until when', () => {
    const { status, stdout } = cli(['inspect', '--now', NOW, '-'], {}, fixtures.withParams.token);
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

  test('names every fault there is to see, and reads what it can', () => {
    const codes = (name: keyof typeof fixtures): unknown[] =>
      (json(['inspect', '--now', NOW, fixtures[name].token], {})['problems'] as { code: string }[]).map(
        ({ code }) => code,
      );
    expect(codes('valid')).toEqual([]);
    expect(codes('expired')).toEqual(['ERR_TOKEN_EXPIRED']);
    expect(codes('lifetimeTooLong')).toEqual(['ERR_TOKEN_LIFETIME']);
    expect(codes('unsigned')).toEqual(['ERR_TOKEN_ALGORITHM', 'ERR_TOKEN_SIGNATURE']);
    expect(codes('missingExpiry')).toEqual(['ERR_TOKEN_CLAIMS']);
    expect(codes('truncated')).toEqual(['ERR_TOKEN_MALFORMED']);
    expect(cli(['inspect', fixtures.truncated.token], {}).status).toBe(1);
    expect(json(['inspect', fixtures.accessToken.token], {})).toMatchObject({
      verified: false,
      kind: 'access-token',
      identity: 'alice',
    });
  });

  test('shows a name with terminal escape codes harmless, as text and as JSON', () => {
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
      const { stdout } = cli(args, {});
      // eslint-disable-next-line no-control-regex -- finding them is the purpose
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    expect(cli(['inspect', token], {}).stdout).toContain('account     "\\u001b[31mred\\u009b2J\\u202e"');
  });

  test.each(
    vectors.vectors.filter(({ token }) => token !== null).map(({ id, token }) => [id, token!] as const),
  )('tells who wrote %s', (id, token) => {
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
    const { writers, notes } = json(['inspect', token], {})['dialect'] as {
      writers: string[];
      notes: string[];
    };
    expect(writers).toContain(names[/^.*?-\d+/.exec(id)![0]]);
    const once = notes.includes(
      'The params are encoded once, not twice: values with "&" or "=" in them may be cut.',
    );
    expect([id, once]).toEqual([id, /^ruby-7.*(params|filter)/.test(id)]);
  });
});

describe('twilio-capability migrate', () => {
  test('shows what a token becomes, and what has no counterpart', () => {
    const { stdout } = cli([
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
    const { status, stdout: text } = cli(['migrate'], {}, stdout);
    expect(status).toBe(0);
    expect(text).toMatch(/^ {2}identity {2}alice$/m);
    expect(text).toMatch(/^ {2}outgoing {2}through AP1\n {14}a = 1$/m);
    expect(text).toMatch(/^ {2}dropped {3}scope:client:incoming\?clientName=bob$/m);
    expect(json(['migrate', stdout.trim()], {})).toMatchObject({
      verified: false,
      identity: 'alice',
      voice: { incoming: { allow: true }, outgoing: { application_sid: 'AP1', params: { a: '1' } } },
      dropped: [
        { scope: 'scope:client:incoming?clientName=bob', part: 'scope' },
        { scope: 'scope:client:outgoing?appSid=AP1&clientName=bob&appParams=a%3D1', part: 'clientName' },
      ],
    });
  });

  test('refuses an Access Token, and what cannot be read', () => {
    expect(cli(['migrate', fixtures.accessToken.token], {}).status).toBe(1);
    expect(json(['migrate', 'x'], {})['problem']).toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
  });
});

describe('twilio-capability fixtures', () => {
  test("is read by a stranger's suite, and is the same in every time zone", () => {
    const { status, stdout } = cli(['fixtures'], { TZ: 'Pacific/Auckland' });
    expect(status).toBe(0);
    expect(cli(['fixtures', '--now', NOW], { TZ: 'America/New_York', ...ENV }).stdout).toBe(stdout);
    const file = join(folder, 'fixtures.json');
    expect(cli(['fixtures', '--out', file]).stdout).toBe('');
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

  test('cannot write where it may not, nor at no time', () => {
    expect(cli(['fixtures', '--out', folder]).stderr).toBe(
      'twilio-capability fixtures: The file given by --out cannot be written: EISDIR.\n',
    );
    expect(cli(['fixtures', '--now', 'tomorrow']).stderr).toContain('(the flag is --now)');
  });
});

describe('twilio-capability', () => {
  test('has help for itself and each command, with an example, and a version', () => {
    for (const args of [
      ['--help'],
      ['-h'],
      ['help'],
      ...['mint', 'inspect', 'verify', 'migrate', 'fixtures'].flatMap((name) => [
        [name, '--help'],
        ['help', name],
      ]),
    ]) {
      const { status, stdout, stderr } = cli(args, {});
      expect([args, status, stderr]).toEqual([args, 0, '']);
      expect(stdout).toMatch(/\nExample:\n {2}(export TWILIO|twilio-capability )/);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(105);
    }
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(cli(['--version'], {}).stdout).toBe(`${version}\n`);
  });

  test('without a command, or with a wrong one, is wrong usage', () => {
    expect(cli([], {})).toMatchObject({ status: 2, stdout: '' });
    expect(cli(['mnit'], {}).stderr).toBe(
      'twilio-capability: There is no command mnit. Did you mean mint?\nSee twilio-capability --help.\n',
    );
    expect(cli([fixtures.valid.token], {}).stderr).not.toContain('eyJ');
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

  test('has no colour off a terminal, nor a stack trace for a closed pipe', () => {
    // eslint-disable-next-line no-control-regex -- finding them is the purpose
    expect(cli(['inspect', fixtures.valid.token], { FORCE_COLOR: '1' }).stdout).not.toMatch(/\u001b/);
    const { stdout, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" fixtures | head -1`], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['{\n', '']);
  });
});
