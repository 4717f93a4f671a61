import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { twiml, validateRequest } from 'twilio';
import { answerError, createProtectedApp } from './protect';
import type { Settings } from './settings';
import { isNumberLike, parsePhoneNumber, userNamed, userOfClientName, type User } from './user';

/** The form fields that Twilio posts. */
type Fields = Readonly<Record<string, string>>;

/** TwiML, and the reason if the call was refused. */
interface Answer {
  readonly twiml: string;
  readonly refusal?: string;
}

/** The latest call of each user, by client name. */
export type LatestCalls = Map<string, Answer & { readonly fields: Fields }>;

const MAX_LATEST_CALLS = 1000;
const RING_SECONDS = 25;
/** Limits what one call to a phone number can cost. */
const NUMBER_CALL_SECONDS = 30 * 60;

/**
 * Creates the Express app that Twilio asks what to do with each call. It has a port of its own, so that a tunnel
 * to that port exposes nothing else.
 *
 * @param publicUrl - Origin of the Voice URL in the Twilio console.
 * @param log - Gets one line for each call.
 */
export function createVoiceUrl(
  settings: Settings,
  publicUrl: string,
  latestCalls: LatestCalls,
  log: (line: string) => void,
): Express {
  const app = createProtectedApp(settings);
  const readForm = express.urlencoded({ extended: false, limit: '32kb' });
  app.use(helmet({ strictTransportSecurity: false }));

  app.post(
    '/voice',
    readForm,
    fromTwilioOnly(settings.authToken, publicUrl),
    (req: Request, res: Response) => {
      const fields = readFields(req.body);
      const caller = readCaller(fields);
      const answer = answerCall(caller, fields, settings);
      if (latestCalls.size >= MAX_LATEST_CALLS) latestCalls.clear();
      if (caller !== null && caller !== 'outside') latestCalls.set(caller.clientName, { ...answer, fields });
      // Names and numbers stay out of the log. In the Twilio console, the call SID leads to them.
      const sid = /^CA\w{32}$/.test(fields['CallSid'] ?? '') ? fields['CallSid'] : 'without a SID';
      log(`Call ${sid}: ${answer.refusal ?? 'connecting'}`);
      res.type('text/xml').send(answer.twiml);
    },
  );

  app.use(answerError);
  return app;
}

/**
 * Rejects requests that are not from Twilio with 403.
 *
 * Twilio signs the full address and all form fields with the auth token, so a signed request cannot be changed
 * or sent to another address. The address must be the one in the Twilio console. It cannot be taken from the
 * request, which only shows what the tunnel or proxy asked for.
 */
function fromTwilioOnly(authToken: string, publicUrl: string): RequestHandler {
  let loggedAt = -Infinity;
  return (req, res, next) => {
    const signature = req.get('X-Twilio-Signature') ?? '';
    const fields = (req.body ?? {}) as Record<string, unknown>;
    // A request line can also hold a whole URL. The `twilio` package throws if it cannot parse the address.
    const isPath = req.originalUrl.startsWith('/');
    if (isPath && validateRequest(authToken, signature, publicUrl + req.originalUrl, fields)) {
      next();
      return;
    }
    // Once a minute, so that strangers cannot fill the log.
    if (Date.now() - loggedAt >= 60_000) {
      loggedAt = Date.now();
      console.error(
        'Voice URL: rejected a request with a bad signature. If Twilio sent it, check TWILIO_AUTH_TOKEN, and that ' +
          `the Twilio console has exactly ${publicUrl + req.path}.`,
      );
    }
    res.status(403).type('text').send('Bad signature\n');
  };
}

/** Reads the form fields. A field that is repeated is left out. */
function readFields(body: unknown): Fields {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}

/**
 * Returns the user who makes a call, 'outside' for somebody who calls your Twilio number, or null for a user who
 * cannot be trusted.
 *
 * `From` and `user_id` both come from the token, where the server wrote them. A page can add form fields of its
 * own, so a `user_id` that does not belong to the name in `From` is refused.
 */
function readCaller({ From = '', user_id }: Fields): User | 'outside' | null {
  if (!From.startsWith('client:')) return 'outside';
  const user = userOfClientName(From.slice('client:'.length));
  return user?.id === user_id ? user : null;
}

/** Returns what Twilio should do with a call. */
function answerCall(caller: User | 'outside' | null, { To = '' }: Fields, settings: Settings): Answer {
  if (caller === null) return refuse('You are not allowed to make this call.');
  if (caller === 'outside') {
    const user = userNamed(settings.answerAs ?? '');
    return user ? ring(user) : refuse('Nobody answers this number at the moment. Goodbye.');
  }
  if (isNumberLike(To)) return callNumber(To, settings);
  const callee = userNamed(To);
  if (callee === null) return refuse('There is nobody by this name.');
  return callee.id === caller.id ? refuse('You cannot call yourself.') : ring(callee);
}

function ring(user: User): Answer {
  const response = new twiml.VoiceResponse();
  response.dial({ answerOnBridge: true, timeout: RING_SECONDS }).client(user.clientName);
  return { twiml: response.toString() };
}

function callNumber(text: string, { callerId, callablePrefixes }: Settings): Answer {
  const number = parsePhoneNumber(text);
  if (number === null) return refuse('This is not a phone number. Start with plus and the country code.');
  if (!callerId || !callablePrefixes.some((prefix) => number.startsWith(prefix))) {
    return refuse('This phone number cannot be called from here.');
  }
  const response = new twiml.VoiceResponse();
  const limits = { timeLimit: NUMBER_CALL_SECONDS, timeout: RING_SECONDS };
  response.dial({ answerOnBridge: true, callerId, ...limits }).number(number);
  return { twiml: response.toString() };
}

function refuse(refusal: string): Answer {
  const response = new twiml.VoiceResponse();
  response.say(refusal);
  response.hangup();
  return { twiml: response.toString(), refusal };
}
