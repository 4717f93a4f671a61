import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What the page may load and connect to. With Twilio itself, also Twilio's signalling, events and sounds. */
export function securityHeaders({ usesTwilio }: { readonly usesTwilio: boolean }): RequestHandler {
  const twilio = usesTwilio
    ? { connect: ['wss://*.twilio.com', 'https://*.twilio.com'], media: ['https://sdk.twilio.com'] }
    : { connect: [], media: [] };

  return helmet({
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
    // Locally the app runs on `localhost` with a certificate of its own making. A browser that once saw this
    // header there would insist on a trusted certificate for every other project on `localhost` too.
    strictTransportSecurity: usesTwilio,
  });
}
