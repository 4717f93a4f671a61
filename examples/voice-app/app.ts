import path from 'node:path';
import express, { type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import { IncomingScope, OutgoingScope, type Scope } from 'twilio-capability';
import { tokenEndpoint, type TokenIssuer } from 'twilio-capability/express';
import type { VoiceUrlRequest } from './gateway/voice-url-request';
import { securityHeaders } from './security-headers';
import { currentUser, sessionCookie, sessionRoutes, type User } from './session';

export interface AppOptions {
  readonly signer: TokenIssuer;
  readonly applicationSid: string;
  readonly sessionSecret: string;
  /** The calls that the local gateway has seen; absent when the page uses Twilio itself. */
  readonly localCalls?: readonly VoiceUrlRequest[] | undefined;
}

/** The Express application: the page, who is signed in, and the token endpoint. */
export function createApp({ signer, applicationSid, sessionSecret, localCalls }: AppOptions): Express {
  const app = express();
  app.use(securityHeaders({ usesTwilio: localCalls === undefined }));
  app.use(sessionCookie(sessionSecret));

  app.get('/settings', (_req, res) => {
    res.json({ usesTwilio: localCalls === undefined });
  });
  app.use('/session', sessionRoutes());

  app.post(
    '/token',
    tokenLimit(),
    tokenEndpoint({
      signer,
      authorize: (req) => {
        const user = currentUser(req);
        return user && scopesFor(user, applicationSid);
      },
      onError: (error) => {
        console.error('No token could be issued:', error);
      },
    }),
  );

  app.get('/calls/latest', (req, res) => {
    const user = currentUser(req);
    const request = user && localCalls?.findLast((call) => call['From'] === `client:${user.clientName}`);
    res.json({ request: request ?? null });
  });

  app.use('/sdk/voice-sdk', browserBuild('@twilio/voice-sdk'));
  app.use('/sdk/twilio-client', browserBuild('twilio-client'));
  app.use(express.static(path.join(__dirname, 'public')));
  return app;
}

// All of it is from the session: were any of it from the request, a user could call as anybody.
function scopesFor({ clientName, id }: User, applicationSid: string): Scope[] {
  return [
    new IncomingScope(clientName),
    new OutgoingScope(applicationSid, { clientName, params: { user_id: id } }),
  ];
}

// A page asks once at sign-in and once a token: 30 a minute leaves room for reloads and several windows.
// The count is this process's own. For several machines behind one address, give it a shared store, such as
// `rate-limit-redis`, and set Express's `trust proxy` so that `req.ip` is the caller's, not the proxy's.
function tokenLimit() {
  return rateLimit({
    windowMs: 60_000,
    limit: 30,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: { error: 'too_many_requests', message: 'Too many tokens asked for. Wait a minute.' },
  });
}

// Both SDKs ship a build for script tags, in the same place beside the one that Node resolves.
function browserBuild(sdk: string): express.Handler {
  return express.static(path.join(require.resolve(sdk), '../../dist'));
}
