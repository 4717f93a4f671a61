import { describe, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { CapabilitySigner, EventStreamScope, IncomingScope, OutgoingScope } from '../../../src';
import { vectors } from '../../helpers/dialects';
import { applicationSid, config } from '../../helpers/fixed';
import { readPage, tableAfter } from './support';

const page = readPage('docs/dialects.md');
const tokens = vectors.filter(({ token }) => token !== null);

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Returns the vectors of an SDK, such as `twilio-node 6.2.0`. */
function vectorsOf(sdk: string): typeof vectors {
  const found = vectors.filter((vector) => vector.sdk.startsWith(`${sdk.replace(' (community)', '')} `));
  expect(found).not.toHaveLength(0);
  return found;
}

/** Returns the header and the names of the claims. */
function partsOf(token: string): string {
  const [header = '', payload = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  return `${header} ${Object.keys(JSON.parse(payload) as object).join(', ')}`;
}

describe('header and claims', () => {
  const [ours, ...others] = tableAfter(page, '## Header and claims');

  test.each(others)('of %s', (sdk, header, claims) => {
    const written = vectorsOf(sdk).flatMap(({ token }) => (token === null ? [] : [partsOf(token)]));
    expect(unique(written)).toEqual([`${header} ${claims}`]);
  });

  test('of this library, and of every SDK with a token', () => {
    const token = new CapabilitySigner(config).sign(new IncomingScope('alice'));
    expect(ours!.slice(1).join(' ')).toBe(partsOf(token));
    expect(others).toHaveLength(unique(tokens.map(({ sdk }) => sdk)).length);
  });
});

describe('scopes', () => {
  const [ours, ...others] = tableAfter(page, '## Scopes');

  test('of this library, and of every SDK', () => {
    expect(others).toHaveLength(unique(vectors.map(({ sdk }) => sdk)).length);
    const params = { a: ' &' };
    const [, , space, ampersand, filters] = ours!;
    expect(String(new OutgoingScope(applicationSid, { clientName: 'alice', params }))).toBe(
      `scope:client:outgoing?appSid=${applicationSid}&clientName=alice&appParams=a%3D${space}${ampersand}`,
    );
    expect(String(new EventStreamScope(params))).toContain(`&${filters}=`);
  });

  test.each(others)('of %s', (sdk, order, space, ampersand, filters) => {
    const found = vectorsOf(sdk);
    const claims = found.map(({ scope }) => scope).join(' ');

    for (const [, query] of claims.matchAll(/scope:client:outgoing\?(\S+)/g)) {
      const keys = query!.split('&').map((part) => part.split('=')[0]!);
      expect(keys).toEqual(order.split(', ').filter((key) => keys.includes(key)));
    }
    // Parameters of the vectors: "Tier one support", "50% off + tax" and "a&b=c".
    const written = (pattern: RegExp): string[] =>
      unique(Array.from(claims.matchAll(pattern), ([, text]) => text!));
    expect(written(/(?:Tier|off)(%2520|%2B|\+)/g)).toEqual([space]);
    expect(written(/q%3Da(%2526|%26)b/g)).toEqual(ampersand === '' ? [] : [ampersand]);

    const streams = found.filter(({ grant }) => Object.keys(grant.eventStream ?? {}).length > 0);
    expect(streams.length > 0).toBe(filters !== 'none recorded');
    for (const { scope } of streams) {
      expect(scope).toMatch(filters === 'lost' ? /&params=$/ : new RegExp(`[?&]${filters.split(',')[0]!}=.`));
    }
  });

  test('the path of the event stream', () => {
    const unescaped = vectors.filter(({ scope }) => scope.includes('path=/2010-04-01/Events'));
    const sdks = ['twilio-node 3.84.1', 'twilio-node 6.2.0', 'twilio-java 12.0.0', 'twilio-csharp 7.14.9'];
    expect(unique(unescaped.map(({ sdk }) => sdk.split(' (')[0]!))).toEqual(sdks);
  });
});

test('empty parameters of twilio-node and twilio-php', () => {
  const { OutgoingClientScope } = twilio.jwt.ClientCapability;
  expect(new OutgoingClientScope({ applicationSid }).payload()).not.toContain('appParams');
  expect(new OutgoingClientScope({ applicationSid, params: {} }).payload()).toMatch(/&appParams=$/);
  const ofPhp = vectorsOf('twilio-php 8.12.0').map(({ scope }) => scope);
  expect(ofPhp.filter((scope) => scope.endsWith('&appParams='))).toHaveLength(1);
  expect(ofPhp.filter((scope) => scope.endsWith('&params='))).toHaveLength(1);
});
