import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createAccessTokenFixtures, createFixtures } from '../../../src/testing';
import { runCommand } from './run-command';

const folder = mkdtempSync(join(tmpdir(), 'twilio-capability-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  authToken: string;
  fixtures: Record<string, { token: string }>;
}

describe('fixtures', () => {
  test('can be read in any language', async () => {
    const { status, stdout } = await runCommand(['fixtures']);
    expect(status).toBe(0);
    const file = join(folder, 'fixtures.json');
    expect((await runCommand(['fixtures', '--out', file])).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(stdout);

    const read = JSON.parse(stdout) as Written;
    const names = 'format now nowSeconds accountSid authToken apiKeySid apiKeySecret fixtures';
    expect(Object.keys(read)).toEqual(names.split(' '));
    expect(read).toMatchObject({ format: 'twilio-capability-fixtures/1', now: '2026-01-01T00:00:00.000Z' });
    const { token } = read.fixtures['valid']!;
    const signed = token.slice(0, token.lastIndexOf('.'));
    const signature = createHmac('sha256', read.authToken).update(signed).digest('base64url');
    expect(token).toBe(`${signed}.${signature}`);
    expect(read.fixtures).toEqual(JSON.parse(JSON.stringify(createFixtures())));
  });

  test('can be Access Tokens', async () => {
    const { stdout } = await runCommand(['fixtures', '--access-token', '--now', '2026-02-01T00:00:00Z']);
    const expected = createAccessTokenFixtures({ now: Date.UTC(2026, 1, 1) });
    expect((JSON.parse(stdout) as Written).fixtures).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test('names a file that cannot be written', async () => {
    const stderr = 'twilio-capability fixtures: The file given with --out cannot be written: EISDIR.\n';
    expect(await runCommand(['fixtures', '--out', folder])).toEqual({ status: 2, stdout: '', stderr });
  });
});
