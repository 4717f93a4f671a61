import { describe, expect, jest, test } from '@jest/globals';
import { RULES } from '../../../src/cli/diagnosis';
import * as jws from '../../../src/tokens/jws';
import { createFixtures } from '../../../src/testing';
import { accessTokens, signedVectors } from '../../helpers/dialects';
import { good, goodAccessToken, TEXTS, TOKENS, USES, type Case } from './cases';
import { runCommand } from './run-command';
import { AC, capabilityToken, ENV, NOW, SK } from './tokens';

interface Answer {
  valid: boolean | null;
  verdict: string;
  code: string | null;
  numbers: { gateway: number }[];
  advice: string[];
  notes: string[];
}

async function ask(
  command: 'inspect' | 'verify',
  input: string,
  { env = ENV, at = NOW }: { env?: Record<string, string>; at?: string } = {},
): Promise<{ status: number; answer: Answer; lines: string[] }> {
  const args = [command, '-', '--now', at];
  const { status, stdout } = await runCommand([...args, '--json'], { env, input });
  const text = await runCommand(args, { env, input });
  expect(text.status).toBe(status);
  return { status, answer: JSON.parse(stdout) as Answer, lines: text.stdout.split('\n') };
}

/** The rows that the cases below have used. */
const used = new Set<number>();
const whens = RULES.map((rule, index) => {
  const when = rule.when as (subject: unknown) => string | boolean | undefined;
  return jest.spyOn(rule, 'when').mockImplementation(((subject: unknown) => {
    const found = when(subject);
    if (found !== undefined && found !== false) used.add(index);
    return found;
  }) as never);
});

describe.each<[string, readonly Case[]]>([
  ['text', TEXTS],
  ['a token', TOKENS],
  ['its use', USES],
])('%s', (_, cases) => {
  test.each(cases)('%s', async (_name, input, status, verdict, says) => {
    const result = await ask('verify', input);
    const { answer, lines } = result;
    expect([result.status, answer.verdict]).toEqual([status, verdict]);
    expect(verdict.length).toBeLessThanOrEqual(60);
    const mark = status === 0 ? '✓' : status === 1 ? '✗' : '?';
    expect(lines[0]!.startsWith(`${mark} ${verdict}`)).toBe(true);
    const said = [...answer.advice, ...answer.notes];
    expect(said.filter((text) => text.includes(says))).toHaveLength(1);
    for (const text of said) expect(lines).toContain(`  ${text}`);
    expect([answer.valid, answer.code !== null]).toEqual([[true, false, null][status], status === 1]);
    // A signature is the only thing that inspect does not know.
    const inspected = await ask('inspect', input, { env: {} });
    if (status === 0) expect([inspected.status, inspected.answer.valid]).toEqual([0, null]);
    if (status === 1 && answer.code !== 'ERR_TOKEN_SIGNATURE' && !verdict.includes('fits')) {
      expect(inspected.answer).toMatchObject({ valid: false, code: answer.code });
      expect(inspected.status).toBe(1);
    }
  });
});

describe('the rules', () => {
  test('are at hand in the cases, each of them', async () => {
    await ask('verify', good, { env: {} });
    await ask('verify', goodAccessToken, { env: {} });
    await ask('verify', goodAccessToken, { env: { TWILIO_API_KEY: SK, TWILIO_API_SECRET: 'secret' } });
    const unused = RULES.filter((_, index) => !used.has(index)).map(({ verdict, note }) =>
      String(verdict ?? note),
    );
    expect(unused).toEqual([]);
    expect(whens.length).toBeGreaterThan(68);
  });

  test('have a verdict with advice, or a note', () => {
    for (const { verdict, advice, note } of RULES) {
      expect([verdict === undefined, advice === undefined, note === undefined]).toEqual(
        verdict === undefined ? [true, true, false] : [false, false, true],
      );
    }
  });
});

describe('no false alarm', () => {
  const REFUSED = /^VALID, but Twilio refuses the name \(31105\)$/;

  test.each(signedVectors)('on $id', async ({ accountSid, authToken, token, exp, grant }) => {
    const env = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
    const at = new Date((exp - 60) * 1000).toISOString();
    const { status, answer } = await ask('verify', token, { env, at });
    expect([status, answer.code]).toEqual([0, null]);
    const names = [...grant.incoming, grant.outgoing?.clientName ?? ''];
    expect(answer.verdict).toMatch(
      names.some((name) => name.includes(' ')) ? REFUSED : /^VALID capability token, /,
    );
  });

  test.each(accessTokens)(
    'on $id',
    async ({ accountSid, apiKeySid, apiKeySecret, token, payload, identity }) => {
      const env = {
        TWILIO_ACCOUNT_SID: accountSid,
        TWILIO_API_KEY_SID: apiKeySid,
        TWILIO_API_KEY_SECRET: apiKeySecret,
      };
      const at = new Date((payload.exp - 60) * 1000).toISOString();
      const { status, answer } = await ask('verify', token, { env, at });
      expect([status, answer.code]).toEqual([0, null]);
      expect(answer.verdict).toMatch(identity.includes(' ') ? REFUSED : /^VALID Access Token, /);
    },
  );

  test.each(Object.values(createFixtures()))('on the fixture $name', async ({ token, outcome }) => {
    const { status, answer } = await ask('verify', token);
    if (outcome === 'valid')
      expect([status, answer.verdict]).toEqual([0, 'VALID capability token, expires in 1 hour']);
    // An Access Token is not a fault here.
    else if (answer.code !== null) expect([status, answer.code]).toEqual([1, outcome]);
    else expect(answer.verdict).toBe('VALID Access Token, expires in 1 hour');
  });
});

describe('a token', () => {
  test.each(['inspect', 'verify'])('is opened once by %s', async (command) => {
    const open = jest.spyOn(jws, 'openToken');
    for (const input of [
      good,
      goodAccessToken,
      JSON.stringify({ token: good }),
      capabilityToken({}, {}, 'other'),
    ]) {
      open.mockClear();
      await runCommand([command, '-', '--now', NOW], { env: ENV, input });
      expect(open).toHaveBeenCalledTimes(1);
    }
    open.mockRestore();
  });

  test('of another account has no code and no number', async () => {
    const token = capabilityToken({ iss: `AC${'f'.repeat(32)}` }, {}, 'other');
    const { status, answer } = await ask('verify', token);
    expect([status, answer.valid, answer.code, answer.numbers]).toEqual([2, null, null, []]);
  });

  test('of another account has two numbers if the signature fits', async () => {
    const { answer } = await ask('verify', capabilityToken({ iss: `AC${'f'.repeat(32)}` }));
    expect(answer.numbers.map(({ gateway }) => gateway)).toEqual([31203, 31204]);
  });

  test('shows what a page sees', async () => {
    const { answer, lines } = await ask('verify', capabilityToken({}, {}, 'other'));
    expect(answer.numbers).toEqual([
      { gateway: 31202, twilioClient: 31202, voiceSdk: 53000, voiceSdkPrecise: 31202 },
    ]);
    expect(lines[1]).toBe('  Twilio error 31202 (53000 in @twilio/voice-sdk)');
    expect((await ask('inspect', capabilityToken({ scope: undefined }))).lines[0]).toBe(
      '✗ NOT VALID: it has no scope   Twilio error 31204 (20101 in @twilio/voice-sdk)',
    );
    expect(AC).toMatch(/^AC/);
  });
});
