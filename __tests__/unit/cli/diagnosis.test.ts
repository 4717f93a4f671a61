import { describe, expect, jest, test } from '@jest/globals';
import { decodeToken } from '../../../src';
import { RULES } from '../../../src/cli/diagnosis';
import * as jws from '../../../src/tokens/jws';
import { createAccessTokenFixtures, createFixtures, type Fixture } from '../../../src/testing';
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
}

async function ask(command: 'inspect' | 'verify', input: string, env: object = ENV, at = AT) {
  const { status, stdout } = await runCommand([command, '-', '--json', ...at], { env, input });
  return { status, answer: JSON.parse(stdout) as Answer };
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
    const { answer, ...json } = await ask('verify', input);
    const text = await runCommand(['verify', '-', ...AT], { env: ENV, input });
    const lines = text.stdout.split('\n');
    expect([json.status, text.status, answer.verdict]).toEqual([status, status, verdict]);
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

test('the cases use each rule', async () => {
  await ask('verify', good, {});
  await ask('verify', good, { ...ENV, TWILIO_ACCOUNT_SID: 'x' });
  await ask('verify', goodAccessToken, { TWILIO_API_KEY: SK, TWILIO_API_SECRET: 'secret' });
  await ask('verify', good, { ...ENV, TWILIO_API_KEY_SECRET: ENV.TWILIO_AUTH_TOKEN });
  const unused = RULES.filter((_, index) => !used.has(index)).map(({ verdict, note }) =>
    String(verdict ?? note),
  );
  expect(unused).toEqual([]);
});

describe('no false alarm', () => {
  /** Verifies a token a minute before it expires. */
  async function expectGood(token: string, env: object): Promise<void> {
    const { kind, scopes, clientNames, outgoing, expiresAt } = decodeToken(token);
    const at = new Date(expiresAt!.getTime() - 60_000).toISOString();
    const { status, answer } = await ask('verify', token, env, ['--now', at]);
    expect([status, answer.code]).toEqual([0, null]);
    // The only faults that some of them have: Twilio refuses blanks in names, and no scope allows no calls.
    const hasBlank = [...clientNames, outgoing?.clientName].some((name) => name?.includes(' '));
    const good = `VALID ${kind === 'capability' ? 'capability token' : 'Access Token'}, expires in `;
    const empty = scopes.length === 0 ? 'VALID, but it allows no calls' : good;
    expect(answer.verdict).toMatch(hasBlank ? 'VALID, but Twilio refuses the name' : empty);
    expect(answer.notes.filter((note) => note.startsWith('Also'))).toEqual([]);
  }

  test.each(signedVectors)('on $id', async ({ accountSid, authToken, token }) => {
    await expectGood(token, { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken });
  });

  test.each(accessTokens)('on $id', async ({ accountSid, apiKeySid, apiKeySecret, token }) => {
    const apiKey = { TWILIO_API_KEY: apiKeySid, TWILIO_API_SECRET: apiKeySecret };
    await expectGood(token, { TWILIO_ACCOUNT_SID: accountSid, ...apiKey });
  });

  const fixtures: Fixture[] = [
    ...Object.values<Fixture>(createFixtures()),
    ...Object.values<Fixture>(createAccessTokenFixtures()),
  ];
  test.each(fixtures)('on the fixture $name: $description', async ({ token, outcome, name }) => {
    // A token of the other kind is not a fault here.
    if (outcome === 'valid' || name === 'accessToken' || name === 'capabilityToken') {
      await expectGood(token, ENV);
      return;
    }
    const { status, answer } = await ask('verify', token);
    // Of another API key, a token may be good for Twilio.
    expect([status, answer.code]).toEqual(name === 'wrongKey' ? [2, null] : [1, outcome]);
  });
});

describe('a token', () => {
  test.each([
    ['a token', good],
    ['an Access Token', goodAccessToken],
    ['JSON', JSON.stringify({ token: good })],
    ['another secret', capabilityToken({}, {}, 'other')],
  ])('is opened once: %s', async (_, input) => {
    const open = jest.spyOn(jws, 'openToken');
    await ask('inspect', input);
    expect(open).toHaveBeenCalledTimes(1);
    await ask('verify', input);
    expect(open).toHaveBeenCalledTimes(2);
    open.mockRestore();
  });

  const otherAccount = { iss: `AC${'f'.repeat(32)}` };
  test.each<[string, string, number[]]>([
    ['another account', capabilityToken(otherAccount, {}, 'other'), []],
    ['another account, same secret', capabilityToken(otherAccount), [31203, 31204]],
    ['two tokens', `${good} ${goodAccessToken}`, []],
    ['a path', './token.txt', []],
    ['HTML', '<html>', []],
    ['JSON', '{"error":"x"}', []],
    ['other text', 'hello', []],
    ['a cut token', good.slice(0, 50), [31204]],
    ['a cut token in a log', `log: ${good.slice(0, 50)}...`, [31204]],
    ['a damaged token', `eyJhbGci.${good}`, [31204]],
    ['null in JSON', '{"token":null}', [31204]],
    ['Bearer in JSON', JSON.stringify({ token: `Bearer ${good}` }), [31204]],
  ])('has numbers only if a page may pass it: %s', async (_, input, numbers) => {
    const { answer } = await ask('verify', input);
    expect(answer.numbers.map(({ gateway }) => gateway)).toEqual(numbers);
  });

  test.each([
    [
      'on the next line',
      {},
      'other',
      /\n {2}Twilio error 31202 or 31204 \(53000 or 20101 in @twilio\/voice-sdk\)\n/,
    ],
    [
      'on the first line',
      { scope: null },
      undefined,
      /^✗ .* {3}Twilio error 31204 \(20101 in @twilio\/voice-sdk\)\n/,
    ],
  ])('shows the numbers that a page sees %s', async (_, claims, secret, expected) => {
    const input = capabilityToken(claims, {}, secret);
    expect((await runCommand(['verify', '-', ...AT], { env: ENV, input })).stdout).toMatch(expected);
  });
});
