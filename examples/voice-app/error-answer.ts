import type { ErrorRequestHandler } from 'express';
import { RateLimitUnavailable } from './rate-limits';

/** Answers errors in JSON, without a stack trace. */
export const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  if (error instanceof RateLimitUnavailable) {
    res
      .status(503)
      .set('Retry-After', '5')
      .json({ error: 'unavailable', message: 'The service is unavailable. Try again in a few seconds.' });
    return;
  }
  const status = clientErrorStatus(error);
  if (status !== undefined) {
    res.status(status).json({ error: 'bad_request', message: 'The request cannot be read.' });
    return;
  }
  console.error('Request failed:', error);
  res.status(500).json({ error: 'internal', message: 'Something went wrong on the server.' });
};

/** body-parser and Express mark the client's errors with a status. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
