import express, { type Request, type RequestHandler } from 'express';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import * as entry from 'twilio-capability/express';
import { tokenEndpoint, type TokenEndpointOptions } from 'twilio-capability/express';
import { check, type AnyIn, type Same } from './check.js';

interface AuthedRequest extends Request {
  user: { name: string };
}

check<Same<AnyIn<typeof entry>, never>>();
check<Same<ReturnType<typeof tokenEndpoint>, RequestHandler>>();
check<Same<AnyIn<TokenEndpointOptions<AuthedRequest>>, never>>();

declare const seconds: number | undefined;
const signer = new CapabilitySigner();
export const app = express();
app.post(
  '/token',
  (req, _res, next) => {
    Object.assign(req, { user: { name: 'alice' } });
    next();
  },
  tokenEndpoint({
    signer,
    ttl: seconds,
    timeout: undefined,
    authorize: (req: AuthedRequest) => [new IncomingScope(req.user.name), new OutgoingScope('AP123')],
    onError: (error, req) => {
      check<Same<typeof error, unknown>>();
      check<Same<typeof req, AuthedRequest>>();
    },
  }),
);
app.get(
  '/access-token',
  tokenEndpoint({
    signer: new AccessTokenSigner(),
    authorize: async (req, { signal }) => {
      check<Same<typeof req, Request>>();
      check<Same<typeof signal, AbortSignal>>();
      return Promise.resolve(req.get('authorization') === undefined ? null : new IncomingScope('alice'));
    },
  }),
);

/** What must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- nobody says who may have which token
    tokenEndpoint({ signer }),
    // @ts-expect-error -- text is no scope
    tokenEndpoint({ signer, authorize: () => 'scope:client:incoming?clientName=alice' }),
    // @ts-expect-error -- no such property of a plain request
    tokenEndpoint({ signer, authorize: (req) => new IncomingScope(req.user.name) }),
  ];
}
