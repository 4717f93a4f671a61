import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import { CapabilitySigner, IncomingScope } from '../../src';
import { tokenHandler } from '../../src/endpoint/web';
import { config } from '../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = new IncomingScope('alice');
const url = 'https://example.com/token';

describe('tokenHandler', () => {
  test('hands the request to authorize as it came', async () => {
    const authorize = jest.fn((request: Request) => new IncomingScope(request.headers.get('x-user')!));
    const request = new Request(url, { headers: { 'x-user': 'alice' } });
    const response = await tokenHandler({ signer, authorize })(request);
    expect(await response.json()).toMatchObject({ identity: 'alice' });
    expect(authorize.mock.calls[0]![0]).toBe(request);
  });

  test('answers a request whose client has left already with 499, and asks nobody', async () => {
    const authorize = jest.fn(() => alice);
    const response = await tokenHandler({ signer, authorize })(
      new Request(url, { signal: AbortSignal.abort() }),
    );
    expect([response.status, await response.text()]).toEqual([499, '']);
    expect(authorize).not.toHaveBeenCalled();
  });

  test('leaves the signal of the request without a listener', async () => {
    const request = new Request(url);
    const added = jest.spyOn(request.signal, 'addEventListener');
    const removed = jest.spyOn(request.signal, 'removeEventListener');
    await tokenHandler({ signer, authorize: () => Promise.resolve(alice) })(request);
    expect(added.mock.calls).toEqual([['abort', expect.any(Function)]]);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });

  test('has a body that can be read once, as any other', async () => {
    const response = await tokenHandler({ signer, authorize: () => alice })(new Request(url));
    expect(response.bodyUsed).toBe(false);
    await response.text();
    expect(response.bodyUsed).toBe(true);
  });

  test('needs nothing of node:http, nor of Express', () => {
    const seen = new Set<string>();
    const read = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const source = readFileSync(`${file}.ts`, 'utf8');
      for (const [, imported] of source.matchAll(/^(?:import|export) (?!type)[^;]*? from '([^']+)';$/gm)) {
        if (imported!.startsWith('.')) read(join(dirname(file), imported!));
        else seen.add(imported!);
      }
    };
    read(join(__dirname, '../../src/endpoint/web'));
    expect([...seen].filter((name) => name.startsWith('node:')).toSorted()).toEqual(['node:util']);
    expect(seen).not.toContain('express');
  });

  test('has the types of a route handler', () => {
    interface RouteRequest extends Request {
      readonly user: string;
    }
    expectTypeOf(tokenHandler({ signer, authorize: () => alice })).toEqualTypeOf<
      (request: Request) => Promise<Response>
    >();
    expectTypeOf(
      tokenHandler({
        signer,
        authorize: async (request: RouteRequest) => Promise.resolve([new IncomingScope(request.user)]),
      }),
    ).toEqualTypeOf<(request: RouteRequest) => Promise<Response>>();
    // @ts-expect-error -- false is not how to refuse a client
    tokenHandler({ signer, authorize: () => false });
    // @ts-expect-error -- a signer has issue
    expect(() => tokenHandler({ signer: {}, authorize: () => null })).toThrow();
  });
});
