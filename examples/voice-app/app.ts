import path from 'node:path';
import express, { type Express } from 'express';
import { IncomingScope, OutgoingScope, type IssuedToken, type Scope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import { answerError } from './error-answer';
import { DEFAULT_LIMITS, limitRequests, type Limits } from './rate-limits';
import type { Redis } from './redis';
import { sameOriginOnly } from './same-origin';
import { securityHeaders } from './security-headers';
import { currentUser, sessionCookie, sessionRoutes } from './session';
import type { User } from './user';
import type { RecentCalls } from './voice-url/recent-calls';

export interface AppOptions {
  readonly signer: { issue(scopes: readonly Scope[]): IssuedToken };
  readonly applicationSid: string;
  readonly sessionSecret: string;
  /** Number of reverse proxies in front of the app. Default 0. */
  readonly trustProxy?: number | undefined;
  readonly limits?: Limits | undefined;
  /** Shares the rate limits with other processes. */
  readonly redis?: Redis | undefined;
  /** Where the page's SDK connects. Default Twilio. */
  readonly signalingHost?: string | undefined;
  readonly calls: RecentCalls;
}

/** The Express app of the page: static files, session and token endpoint. */
export function createApp(options: AppOptions): Express {
  const {
    signer,
    applicationSid,
    sessionSecret,
    signalingHost,
    calls,
    redis,
    limits = DEFAULT_LIMITS,
  } = options;
  const app = express();
  app.set('trust proxy', options.trustProxy ?? 0);
  app.use(securityHeaders(signalingHost));
  app.use(sameOriginOnly);
  app.use(sessionCookie(sessionSecret));

  app.get('/settings', (_req, res) => {
    res.json({ signalingHost: signalingHost ?? null });
  });
  app.use('/session', sessionRoutes(limitRequests('sign-in', limits.signIns, redis)));

  // All methods, so that the endpoint answers 405 in JSON.
  app.all(
    '/token',
    limitRequests('token', limits.tokens, redis),
    tokenEndpoint(
      (req) => {
        const user = currentUser(req);
        return user && signer.issue(scopesFor(user, applicationSid));
      },
      {
        onError: (error) => {
          console.error('No token could be issued:', error);
        },
      },
    ),
  );

  app.get('/calls/latest', (req, res) => {
    const user = currentUser(req);
    res.json({ call: (user && calls.latest(`client:${user.clientName}`)) ?? null });
  });

  app.use('/sdk/voice-sdk', browserBuild('@twilio/voice-sdk'));
  app.use('/sdk/twilio-client', browserBuild('twilio-client'));
  app.use(express.static(path.join(__dirname, 'public')));
  app.use(answerError);
  return app;
}

// Everything comes from the session. If it came from the request, a user could call as somebody else.
function scopesFor({ clientName, id }: User, applicationSid: string): Scope[] {
  return [
    new IncomingScope(clientName),
    new OutgoingScope(applicationSid, { clientName, params: { user_id: id } }),
  ];
}

// Both SDKs have a build for script tags next to the one that Node resolves.
function browserBuild(sdk: string): express.Handler {
  return express.static(path.join(require.resolve(sdk), '../../dist'));
}
