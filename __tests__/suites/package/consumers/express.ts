import express, { type Request, type RequestHandler } from 'express';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import * as entry from 'twilio-capability/express';
import { tokenEndpoint, type IssueToken, type TokenEndpointOptions } from 'twilio-capability/express';
import { check, type AnyIn, type Same } from './check.js';

interface AuthedRequest extends Request {
  user: { name: string };
}

check<Same<AnyIn<typeof entry>, never>>();
check<Same<ReturnType<typeof tokenEndpoint>, RequestHandler>>();
check<Same<AnyIn<TokenEndpointOptions<AuthedRequest>>, never>>();

declare const timeout: number | undefined;
const signer = new CapabilitySigner();
const accessTokens = new AccessTokenSigner();
export const app = express();
app.post(
  '/token',
  (req, _res, next) => {
    Object.assign(req, { user: { name: 'alice' } });
    next();
  },
  tokenEndpoint(
    (req: AuthedRequest) => signer.issue([new IncomingScope(req.user.name), new OutgoingScope('AP123')]),
    {
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
    },
  ),
);
app.all(
  '/access-token',
  tokenEndpoint(
    async (req, { signal }) => {
      check<Same<typeof req, Request>>();
      check<Same<typeof signal, AbortSignal>>();
      await Promise.resolve();
      return req.get('authorization') === undefined ? null : accessTokens.issue(new IncomingScope('alice'));
    },
    { methods: ['GET', 'POST'] },
  ),
);

/** A function that only the types of the package check. */
export const issue: IssueToken<AuthedRequest> = (req) => signer.issue(new IncomingScope(req.user.name));
app.post('/again', tokenEndpoint(issue));

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- the function is missing
    tokenEndpoint({ signer }),
    // @ts-expect-error -- a token string has no expiry
    tokenEndpoint(() => signer.sign(new IncomingScope('alice'))),
    // @ts-expect-error -- no such property of a plain request
    tokenEndpoint((req) => signer.issue(new IncomingScope(req.user.name))),
    // @ts-expect-error -- HEAD never issues a token
    tokenEndpoint(issue, { methods: ['HEAD'] }),
  ];
}
