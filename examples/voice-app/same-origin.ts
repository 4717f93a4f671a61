import type { RequestHandler } from 'express';

/**
 * Rejects requests that another site makes the browser send.
 *
 * The cookie is `SameSite=Strict`, but browsers count all ports of `localhost`, and all subdomains of a domain,
 * as one site. Browsers send `Sec-Fetch-Site` with every request, and pages cannot change it. Older browsers
 * send only `Origin`. A client that sends neither is not a browser and carries nobody's cookie by accident.
 */
export const sameOriginOnly: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD' || isSameOrigin(req)) {
    next();
    return;
  }
  res.status(403).json({ error: 'cross_origin', message: 'Requests from other sites are not accepted.' });
};

function isSameOrigin(req: Parameters<RequestHandler>[0]): boolean {
  const site = req.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin';
  const origin = req.get('Origin');
  return origin === undefined || origin === `${req.protocol}://${req.get('Host') ?? ''}`;
}
