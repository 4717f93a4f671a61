import path from 'node:path';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { AccessTokenSigner, CapabilitySigner, IncomingScope, OutgoingScope } from 'twilio-capability';
import { tokenEndpoint } from 'twilio-capability/express';
import { answerError, createProtectedApp, sameOriginOnly } from './protect';
import { currentUser, sessionCookie, sessionRoutes } from './session';
import type { Settings } from './settings';
import type { LatestCalls } from './voice-url';

/** Creates the Express app of the page: session, token endpoint and static files. */
export function createApp(settings: Settings, latestCalls: LatestCalls): Express {
  const { accountSid, authToken, applicationSid, apiKey, ttl, limits } = settings;
  const signer = apiKey
    ? new AccessTokenSigner({ accountSid, apiKeySid: apiKey.sid, apiKeySecret: apiKey.secret, ttl })
    : new CapabilitySigner({ accountSid, authToken, ttl });

  const app = createProtectedApp(settings);
  app.use(securityHeaders(), sameOriginOnly, sessionCookie(settings.sessionSecret));

  app.get('/session', (req, res) => {
    res.set('Cache-Control', 'no-store').json({ user: currentUser(req) });
  });
  app.use('/session', sessionRoutes(limitRequests(limits.signIns)));

  // All methods, so that the endpoint answers 405 in JSON.
  app.all(
    '/token',
    limitRequests(limits.tokens),
    tokenEndpoint((req) => {
      // Everything comes from the session. If it came from the request, a user could call as somebody else.
      const user = currentUser(req);
      if (user === null) return null; // 401
      const { id, clientName } = user;
      return signer.issue([
        new IncomingScope(clientName),
        new OutgoingScope(applicationSid, { clientName, params: { user_id: id } }),
      ]);
    }),
  );

  // What the Voice URL got and answered for the user's own latest call.
  app.get('/calls/latest', (req, res) => {
    const user = currentUser(req);
    res.set('Cache-Control', 'no-store').json({ call: (user && latestCalls.get(user.clientName)) ?? null });
  });

  app.use(compression());
  app.use('/sdk', express.static(path.join(require.resolve('@twilio/voice-sdk'), '../../dist')));
  app.use('/twilio-capability', express.static(path.dirname(require.resolve('twilio-capability/browser'))));
  app.use(express.static(path.join(__dirname, 'public')));
  app.use(answerError);
  return app;
}

/** Limits what the page can load and connect to. Everything that it does not need is off. */
function securityHeaders(): RequestHandler {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", 'wss://*.twilio.com', 'https://*.twilio.com'],
        mediaSrc: ["'self'", 'https://sdk.twilio.com'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // For the reverse proxy to decide, which has the certificate.
    strictTransportSecurity: false,
  });
  return (req, res, next) => {
    res.set('Permissions-Policy', 'microphone=(self), autoplay=(self), camera=(), geolocation=(), usb=()');
    headers(req, res, next);
  };
}

/** Counts in memory. docs/production.md of twilio-capability shows a limit that several processes share. */
function limitRequests(limit: number): RequestHandler {
  const message = { error: 'too_many_requests', message: 'Too many requests. Try again in a minute.' };
  return rateLimit({ windowMs: 60_000, limit, standardHeaders: 'draft-8', legacyHeaders: false, message });
}
