import express, { type Express } from 'express';
import helmet from 'helmet';
import { answerError } from '../error-answer';
import { answerCall, type CallRules } from './answer-call';
import { readFields, type Fields } from './fields';
import type { RecentCalls } from './recent-calls';
import { fromTwilioOnly } from './signature';

export interface VoiceUrlOptions {
  readonly authToken: string;
  /** Origin of the Voice URL in the Twilio console. */
  readonly publicUrl: string;
  readonly rules: CallRules;
  readonly calls: RecentCalls;
  /** Gets one line for each call that ended. */
  readonly log: (line: string) => void;
}

/** Paths of the Voice URL and of the status callback URL. */
export const VOICE_PATH = '/voice';
export const STATUS_PATH = '/voice/status';

/**
 * The Express app that Twilio asks what to do with each call.
 *
 * It listens on a port of its own, so that a tunnel to that port exposes nothing else of the application.
 */
export function createVoiceUrl({ authToken, publicUrl, rules, calls, log }: VoiceUrlOptions): Express {
  const app = express();
  app.use(helmet());
  const signed = [
    express.urlencoded({ extended: false, limit: '32kb' }),
    fromTwilioOnly(authToken, publicUrl),
  ];

  app.post(VOICE_PATH, signed, (req: express.Request, res: express.Response) => {
    const request = readFields(req.body);
    const twiml = answerCall(request, rules).toString();
    calls.add({ request, twiml });
    res.type('text/xml').send(twiml);
  });

  app.post(STATUS_PATH, signed, (req: express.Request, res: express.Response) => {
    log(describeEnd(readFields(req.body)));
    res.sendStatus(204);
  });

  app.use(answerError);
  return app;
}

// JSON escapes the characters that control a terminal.
function describeEnd(fields: Fields): string {
  const shown = ['From', 'To', 'CallStatus', 'CallDuration'].filter((name) => fields[name] !== undefined);
  return `Call ended: ${shown.map((name) => `${name} ${JSON.stringify(fields[name])}`).join(', ')}`;
}
