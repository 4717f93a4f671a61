import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import express from 'express';
import { tokenEndpoint, type IssueToken, type TokenEndpointOptions } from '../../src/endpoint/express';
import { tokenEndpoint as webEndpoint } from '../../src/endpoint/web';

/** A server with a token endpoint at `/token`. */
export interface Endpoint {
  readonly ask: (method?: string, init?: RequestInit & { query?: string }) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export type Issue = IssueToken<unknown>;
export type Options = TokenEndpointOptions<unknown>;

/** Mounts an endpoint. The tests run with every framework, so they do not know the type of the request. */
export type Adapter = (issue: Issue, options?: Options) => Promise<Endpoint>;

/** Uses Express 4 with the types of Express 5, which are almost the same. */
export const express4 = jest.requireActual<typeof express>('express4');

function inExpress(create: typeof express): Adapter {
  return async (issue, options) => {
    const app = create();
    app.use(express.json(), express.urlencoded());
    app.all('/token', tokenEndpoint(issue, options));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    return {
      ask: (method = 'POST', { query = '', ...init } = {}) => fetch(url + query, { ...init, method }),
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
}

const inWeb: Adapter = (issue, options) => {
  const respond = webEndpoint(issue, options);
  return Promise.resolve({
    ask: (method = 'POST', { query = '', ...init } = {}) =>
      respond(new Request(`https://example.com/token${query}`, { ...init, method })),
    close: () => Promise.resolve(),
  });
};

/** The frameworks that each test of the endpoint runs in. The docs suite runs more of them. */
export const ADAPTERS: readonly (readonly [name: string, adapter: Adapter])[] = [
  ['Express 5', inExpress(express)],
  ['Express 4', inExpress(express4)],
  ['the web', inWeb],
];
