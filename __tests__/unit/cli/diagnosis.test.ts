import { describe, expect, jest, test } from '@jest/globals';
import { RULES } from '../../../src/cli/diagnosis';
import * as jws from '../../../src/tokens/jws';
import { createAccessTokenFixtures, createFixtures } from '../../../src/testing';
import { accessTokens, signedVectors } from '../../helpers/dialects';
import { TEXTS, TOKENS, USES, type Case } from './cases';
import { AT, runCommand } from './run-command';
import { capabilityToken, ENV, good, goodAccessToken, SK } from './tokens';

interface Answer {
  valid: boolean | null;
  verdict: string;
  code: string | null;
  numbers: { gateway: number }[];
  advice: string[];
  notes: string[];
  token: { scopes: object[] } | null;
}

/** Runs a command twice, for its JSON and its text. */
async function ask(command: 'inspect' | 'verify', input: string, env: object = ENV, at = AT) {
  const args = [command, '-', ...at];
  const { status, stdout } = await runCommand([...args, '--json'], { env, input });
  const text = await runCommand(args, { env, input });
  expect(text.status).toBe(status);
  return { status, answer: JSON.parse(stdout) as Answer, lines: text.stdout.split('\n') };
}

/** The rows that the cases below have used. */
const used = new Set<number>();
RULES.forEach((rule, index) => {
  const { when } = rule;
  jest.spyOn(rule, 'when').mockImplementation((subject) => {
    const found = when(subject);
    if (found) used.add(index);
    return found;
  });
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
    const inspected = await ask('inspect', input, {});
    if (status === 0) expect([inspected.status, inspected.answer.valid]).toEqual([0, null]);
    if (status === 1 && answer.code !== 'ERR_TOKEN_SIGNATURE' && !verdict.includes('fits')) {
      expect(inspected.answer).toMatchObject({ valid: false, code: answer.code });
      expect(inspected.status).toBe(1);
    }
  });
});

describe('the rules', () => {
  test('are at hand in the cases, each of them', async () => {
    await ask('verify', good, {});
    await ask('verify', good, { ...ENV, TWILIO_ACCOUNT_SID: 'x' });
    await ask('verify', goodAccessToken, { TWILIO_API_KEY: SK, TWILIO_API_SECRET: 'secret' });
    const unused = RULES.filter((_, index) => !used.has(index)).map(({ verdict, note }) =>
      String(verdict ?? note),
    );
    expect(unused).toEqual([]);
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
  /** A minute before the token expires. */
  const before = (exp: number): string[] => ['--now', new Date((exp - 60) * 1000).toISOString()];
  const expectGood = async (
    token: string,
    kind: string,
    env: object,
    at: string[],
    names: string[],
  ): Promise<void> => {
    const { status, answer } = await ask('verify', token, env, at);
    expect([status, answer.code]).toEqual([0, null]);
    // The only faults that some of them have: Twilio refuses blanks in names, and no scope allows no calls.
    const hasBlank = names.some((name) => name.includes(' '));
    const isEmpty = answer.token?.scopes.length === 0;
    const fault = hasBlank ? 'Twilio refuses the name' : 'it allows no calls';
    expect(answer.verdict).toMatch(
      hasBlank || isEmpty ? `VALID, but ${fault}` : `VALID ${kind}, expires in `,
    );
    expect(answer.notes.filter((note) => note.startsWith('Also'))).toEqual([]);
  };

  test.each(signedVectors)('on $id', async ({ accountSid, authToken, token, exp, grant }) => {
    const env = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
    const names = [...grant.incoming, grant.outgoing?.clientName ?? ''];
    await expectGood(token, 'capability token', env, before(exp), names);
  });

  test.each(accessTokens)(
    'on $id',
    async ({ accountSid, apiKeySid, apiKeySecret, token, payload, identity }) => {
      const env = {
        TWILIO_ACCOUNT_SID: accountSid,
        TWILIO_API_KEY: apiKeySid,
        TWILIO_API_SECRET: apiKeySecret,
      };
      await expectGood(token, 'Access Token', env, before(payload.exp), [identity]);
    },
  );

  const fixtures = [
    ...Object.values(createFixtures()).map((each) => ({ ...each, kind: 'capability token' })),
    ...Object.values(createAccessTokenFixtures()).map((each) => ({ ...each, kind: 'Access Token' })),
  ];
  test.each(fixtures)('on the $kind fixture $name', async ({ token, outcome, kind, name }) => {
    // A token of the other kind is not a fault here.
    const others = new Map<string, string>([
      ['accessToken', 'Access Token'],
      ['capabilityToken', 'capability token'],
    ]);
    if (outcome === 'valid' || others.has(name)) {
      await expectGood(token, others.get(name) ?? kind, ENV, AT, []);
      return;
    }
    const { status, answer } = await ask('verify', token);
    // Of another account or API key, a token may be good for Twilio.
    const isOther = ['wrongAccount', 'wrongKey'].includes(name) && answer.code === null;
    expect([status, answer.code]).toEqual(isOther ? [2, null] : [1, outcome]);
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
      await runCommand([command, '-', ...AT], { env: ENV, input });
      expect(open).toHaveBeenCalledTimes(1);
    }
    open.mockRestore();
  });

  test('of another account has no code and no number, unless the signature fits', async () => {
    const other = { iss: `AC${'f'.repeat(32)}` };
    const { status, answer } = await ask('verify', capabilityToken(other, {}, 'other'));
    expect([status, answer.valid, answer.code, answer.numbers]).toEqual([2, null, null, []]);
    const fitting = await ask('verify', capabilityToken(other));
    expect(fitting.answer.numbers.map(({ gateway }) => gateway)).toEqual([31203, 31204]);
  });

  test('shows numbers only for what a page may pass', async () => {
    const numbersOf = async (input: string): Promise<number[]> =>
      (await ask('verify', input)).answer.numbers.map(({ gateway }) => gateway);
    for (const input of [`${good} ${goodAccessToken}`, './token.txt', '<html>', '{"error":"x"}', 'hello']) {
      expect(await numbersOf(input)).toEqual([]);
    }
    for (const input of [
      good.slice(0, 50),
      `log: ${good.slice(0, 50)}...`,
      `eyJhbGci.${good}`,
      '{"token":null}',
      JSON.stringify({ token: `Bearer ${good}` }),
    ]) {
      expect(await numbersOf(input)).toEqual([31204]);
    }
  });

  test('shows the numbers that a page sees, on the first line if they fit', async () => {
    const { answer, lines } = await ask('verify', capabilityToken({}, {}, 'other'));
    expect(answer.numbers).toEqual([
      { gateway: 31202, twilioClient: 31202, voiceSdk: 53000, voiceSdkPrecise: 31202 },
    ]);
    expect(lines[1]).toBe('  Twilio error 31202 (53000 in @twilio/voice-sdk)');
    expect((await ask('inspect', capabilityToken({ scope: null }))).lines[0]).toBe(
      '✗ NOT VALID: its scope is null   Twilio error 31204 (20101 in @twilio/voice-sdk)',
    );
  });
});
