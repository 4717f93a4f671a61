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

/** Limits what the page can load and connect to. With Twilio, this includes its signaling, events and sounds. */
export function securityHeaders({ usesTwilio }: { readonly usesTwilio: boolean }): RequestHandler {
  const twilio = usesTwilio
    ? { connect: ['wss://*.twilio.com', 'https://*.twilio.com'], media: ['https://sdk.twilio.com'] }
    : { connect: [], media: [] };

  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", ...twilio.connect],
        mediaSrc: ["'self'", ...twilio.media],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The local certificate is self-signed. With this header, the browser would require a trusted certificate
    // for every other project on `localhost` too.
    strictTransportSecurity: usesTwilio,
  });

  return (req, res, next) => {
    res.set('Permissions-Policy', PERMISSIONS);
    headers(req, res, next);
  };
}
