import express, { type Request, type RequestHandler } from 'express';
import { AccessTokenSigner, CapabilitySigner, IncomingScope } from 'twilio-capability';
import * as entry from 'twilio-capability/express';
import { tokenEndpoint, type IssueToken, type TokenEndpointOptions } from 'twilio-capability/express';
import { check, type NoAny, type Same } from './check.js';

interface AuthedRequest extends Request {
  user: { name: string };
}

check<NoAny<[typeof entry, TokenEndpointOptions<AuthedRequest>]>>();
check<Same<ReturnType<typeof tokenEndpoint>, RequestHandler>>();

declare const timeout: number | undefined;
const signer = new CapabilitySigner();
const accessTokens = new AccessTokenSigner();
export const issue: IssueToken<AuthedRequest> = (req) => signer.issue(new IncomingScope(req.user.name));

export const app = express();
app.post(
  '/token',
  tokenEndpoint(issue, {
    timeout,
    methods: undefined,
    body: ({ token, scopes }, req) => {
      check<Same<typeof req, AuthedRequest>>();
      return { token, scopes };
    },
    onError: (error, req) => {
      check<Same<typeof error, unknown>>();
      check<Same<typeof req, AuthedRequest>>();
    },
  }),
);
app.all(
  '/access-token',
  tokenEndpoint(async (req, { signal }) => {
    check<Same<typeof req, Request>>();
    check<Same<typeof signal, AbortSignal>>();
    await Promise.resolve();
    return req.get('authorization') === undefined ? null : accessTokens.issue(new IncomingScope('alice'));
  }),
);

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- a token string has no expiry
    tokenEndpoint(() => signer.sign(new IncomingScope('alice'))),
    // @ts-expect-error -- no such property of a plain request
    tokenEndpoint((req) => signer.issue(new IncomingScope(req.user.name))),
  ];
}
