import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { CapabilitySigner, EventStreamScope, IncomingScope, OutgoingScope } from '../../../src';
import { vectors } from '../../helpers/dialects';
import { applicationSid, config } from '../../helpers/fixed';

const page = readFileSync(join(__dirname, '../../../docs/dialects.md'), 'utf8');

/** Returns the rows of the table under a heading, without code marks. */
function tableOf(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** Returns the vectors of an SDK, such as `twilio-node 6.2.0`. */
function vectorsOf(sdk: string) {
  const name = sdk.replace(' (community)', '');
  const found = vectors.filter((vector) => vector.sdk.startsWith(`${name} `));
  expect(found).not.toHaveLength(0);
  return found;
}

const decodeSegment = (segment: string): string => Buffer.from(segment, 'base64url').toString();

/** Returns the values that all vectors of an SDK agree on, in the order of the page. */
const unique = (values: readonly string[]): string[] => [...new Set(values)];

describe('header and claims', () => {
  const [ours, ...others] = tableOf('Header and claims');

  test('of this library', () => {
    const token = new CapabilitySigner(config).sign(new IncomingScope('alice'));
    const [header = '', payload = ''] = token.split('.').map(decodeSegment);
    const claims = Object.keys(JSON.parse(payload) as object).join(', ');
    expect(ours).toEqual(['twilio-capability', header, claims]);
  });

  test.each(others)('of %s', (sdk, header, claims) => {
    const tokens = vectorsOf(sdk).flatMap(({ token }) => (token === null ? [] : [token.split('.')]));
    expect(unique(tokens.map(([first]) => decodeSegment(first!)))).toEqual([header]);
    const keys = tokens.map(([, second]) => Object.keys(JSON.parse(decodeSegment(second!)) as object));
    expect(unique(keys.map((names) => names.join(', ')))).toEqual([claims]);
  });

  test('of every SDK with a token', () => {
    const signed = unique(vectors.filter(({ token }) => token !== null).map(({ sdk }) => sdk));
    expect(others).toHaveLength(signed.length);
  });
});

describe('scopes', () => {
  const [ours, ...others] = tableOf('Scopes');

  test('of this library', () => {
    const params = { a: ' &' };
    expect(String(new OutgoingScope(applicationSid, { clientName: 'alice', params }))).toBe(
      `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=a%3D${ours![2]!}${ours![3]!}`,
    );
    expect(String(new EventStreamScope(params))).toContain(`&${ours![4]!}=`);
  });

  test('of every SDK', () => {
    expect(others.map(([sdk]) => sdk)).toHaveLength(unique(vectors.map(({ sdk }) => sdk)).length);
  });

  test.each(others)('of %s', (sdk, order, space, ampersand, filters) => {
    const found = vectorsOf(sdk);
    const claims = found.map(({ scope }) => scope).join(' ');

    for (const [, query] of claims.matchAll(/scope:client:outgoing\?(\S+)/g)) {
      const keys = query!.split('&').map((part) => part.split('=')[0]!);
      expect(keys).toEqual(order.split(', ').filter((key) => keys.includes(key)));
    }
    // Parameters of the vectors: "Tier one support", "50% off + tax" and "a&b=c".
    const spaces = Array.from(claims.matchAll(/(?:Tier|off)(%2520|%2B|\+)/g), ([, text]) => text!);
    expect(unique(spaces)).toEqual([space]);
    const ampersands = Array.from(claims.matchAll(/q%3Da(%2526|%26)b/g), ([, text]) => text!);
    expect(unique(ampersands)).toEqual(ampersand === '' ? [] : [ampersand]);

    const streams = found.filter(({ grant }) => Object.keys(grant.eventStream ?? {}).length > 0);
    expect(streams.length > 0).toBe(filters !== 'none recorded');
    for (const { scope } of streams) {
      expect(scope).toMatch(filters === 'lost' ? /&params=$/ : new RegExp(`[?&]${filters.split(',')[0]!}=.`));
    }
  });

  test('the path of the event stream', () => {
    const unescaped = vectors.filter(({ scope }) => scope.includes('path=/2010-04-01/Events'));
    expect(unique(unescaped.map(({ sdk }) => sdk.split(' (')[0]!))).toEqual([
      'twilio-node 3.84.1',
      'twilio-node 6.2.0',
      'twilio-java 12.0.0',
      'twilio-csharp 7.14.9',
    ]);
  });
});

test('empty parameters of twilio-node and twilio-php', () => {
  const { OutgoingClientScope } = twilio.jwt.ClientCapability;
  expect(new OutgoingClientScope({ applicationSid }).payload()).not.toContain('appParams');
  expect(new OutgoingClientScope({ applicationSid, params: {} }).payload()).toMatch(/&appParams=$/);
  expect(vectorsOf('twilio-php 8.12.0').filter(({ scope }) => scope.endsWith('&appParams='))).toHaveLength(1);
});
