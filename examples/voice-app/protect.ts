import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Settings } from './settings';

/**
 * Creates an Express app that answers only under its own host names, except for the health check.
 *
 * Under another name, a website could reach this server through a DNS record of its own. To the browser, its page
 * and this server would then have the same origin (DNS rebinding).
 */
export function createProtectedApp({ hosts, trustProxy }: Settings): Express {
  const app = express();
  app.set('trust proxy', trustProxy);
  app.disable('x-powered-by');
  app.get('/healthz', (_req, res) => {
    res.type('text').send('ok\n');
  });
  app.use((req, res, next) => {
    const url = `http://${req.headers.host ?? ''}`;
    if (URL.canParse(url) && hosts.includes(new URL(url).hostname)) next();
    else res.status(421).json({ error: 'unknown_host', message: 'Add this host name to PUBLIC_HOSTS.' });
  });
  return app;
}

/**
 * Rejects requests that another site makes the browser send.
 *
 * The cookie is `SameSite=Strict`, but browsers count all ports of `localhost`, and all subdomains of a domain,
 * as one site. Browsers send `Sec-Fetch-Site` with every request, and pages cannot change it. Older browsers
 * send only `Origin`. A client that sends neither is not a browser and carries nobody's cookie by accident.
 */
export const sameOriginOnly: RequestHandler = (req, res, next) => {
  const site = req.get('Sec-Fetch-Site');
  const origin = req.get('Origin');
  const isSameOrigin = site ? site === 'same-origin' : !origin || hostOf(origin) === req.headers.host;
  if (isSameOrigin || req.method === 'GET' || req.method === 'HEAD') next();
  else
    res.status(403).json({ error: 'cross_origin', message: 'Requests from other sites are not accepted.' });
};

const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).host : null);

/** Answers errors in JSON, without a stack trace. */
export const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const { status, text } = readError(error);
  if (res.headersSent) {
    next(text);
  } else if (status >= 400 && status < 500) {
    res.status(status).json({ error: 'bad_request', message: 'The request cannot be read.' });
  } else {
    console.error(`Request failed: ${text}`);
    res.status(500).json({ error: 'internal', message: 'Something went wrong on the server.' });
  }
};

/** Anything can be thrown. body-parser and Express mark the client's errors with a status. */
function readError(error: unknown): { status: number; text: string } {
  try {
    const { status, stack } = error as { status?: unknown; stack?: unknown };
    return { status: typeof status === 'number' ? status : 500, text: String(stack ?? error) };
  } catch {
    return { status: 500, text: 'an error that cannot be printed' };
  }
}
