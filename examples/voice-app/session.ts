import cookieSession from 'cookie-session';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { userNamed, visible, type User } from './user';

// Replace this file with your own login. There is no password here.

const EIGHT_HOURS = 8 * 60 * 60 * 1000;

/** Stores the name of the user in a signed cookie. */
export function sessionCookie(secret: string): RequestHandler {
  const options = { httpOnly: true, sameSite: 'strict', maxAge: EIGHT_HOURS } as const;
  return cookieSession({ name: 'voice-session', keys: [secret], ...options });
}

/** Returns the signed-in user, or null. */
export function currentUser(req: Request): User | null {
  const { name, since }: Partial<Record<string, unknown>> = req.session ?? {};
  // The cookie's maxAge is only a request to the browser. A copy of the cookie would never expire.
  if (typeof name !== 'string' || typeof since !== 'number') return null;
  return Date.now() - since > EIGHT_HOURS ? null : userNamed(name);
}

/** Routes to sign in and out. */
export function sessionRoutes(signInLimit: RequestHandler): Router {
  const router = express.Router();
  router.post('/', signInLimit, express.json({ limit: '2kb' }), (req, res) => {
    const { name }: { name?: unknown } = Object(req.body) as object;
    const text = typeof name === 'string' ? name : '';
    const user = userNamed(text);
    if (user === null) {
      const rule = 'A name has at least one letter, does not start with +, and is not too long.';
      const message = visible(text) === '' ? 'Enter a name.' : rule;
      res.status(422).json({ error: 'invalid_name', message });
      return;
    }
    req.session = { name: user.name, since: Date.now() };
    res.json({ user });
  });
  router.delete('/', (req, res) => {
    req.session = null;
    res.json({ user: null });
  });
  return router;
}
