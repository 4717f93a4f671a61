import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Everything that the page does not need is off. The microphone is on for the page itself. */
const PERMISSIONS = [
  'microphone=(self)',
  'autoplay=(self)',
  'camera=()',
  'display-capture=()',
  'geolocation=()',
  'payment=()',
  'usb=()',
].join(', ');

/**
 * Limits what the page can load and connect to.
 *
 * @param signalingHost - Where the SDK connects, if not to Twilio. Twilio also needs its events and sounds.
 */
export function securityHeaders(signalingHost: string | undefined): RequestHandler {
  const sdk =
    signalingHost === undefined
      ? { connect: ['wss://*.twilio.com', 'https://*.twilio.com'], media: ['https://sdk.twilio.com'] }
      : { connect: [`wss://${signalingHost}`], media: [] };

  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", ...sdk.connect],
        mediaSrc: ["'self'", ...sdk.media],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // On `localhost`, the browser would require a trusted certificate for every other project too.
    strictTransportSecurity: signalingHost === undefined,
  });

  return (req, res, next) => {
    res.set('Permissions-Policy', PERMISSIONS);
    headers(req, res, next);
  };
}
