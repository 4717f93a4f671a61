import cookieSession from 'cookie-session';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { isPhoneNumberLike } from './phone-number';
import { userNamed, type User } from './user';

const EIGHT_HOURS = 8 * 60 * 60 * 1000;

/**
 * Stores the user in a signed cookie.
 *
 * `cookie-session` is maintained by the Express team and needs no store. The browser can read the name in the
 * cookie but cannot change it. Use `express-session` with a store if sessions must be revocable at once.
 */
export function sessionCookie(secret: string): RequestHandler {
  return cookieSession({
    name: 'voice-session',
    keys: [secret],
    httpOnly: true,
    sameSite: 'strict',
    maxAge: EIGHT_HOURS,
  });
}

/** Returns the signed-in user, or null. */
export function currentUser(req: Request): User | null {
  const { name, since }: Partial<Record<string, unknown>> = req.session ?? {};
  // The cookie's maxAge is only a request to the browser. A copy of the cookie would never expire.
  if (typeof name !== 'string' || typeof since !== 'number') return null;
  if (Date.now() - since > EIGHT_HOURS) return null;
  return userNamed(name);
}

/** Routes to read the session (GET), sign in (POST) and sign out (DELETE). */
export function sessionRoutes(signInLimit: RequestHandler): Router {
  const router = express.Router();

  router.get('/', (req, res) => {
    res.json({ user: publicUser(currentUser(req)) });
  });

  router.post('/', signInLimit, express.json({ limit: '2kb' }), (req, res) => {
    const name = readName(req.body);
    const user = userNamed(name);
    if (user === null) {
      res.status(422).json({ error: 'invalid_name', message: whyNoUserHas(name) });
      return;
    }
    req.session = { name: user.name, since: Date.now() };
    res.json({ user: publicUser(user) });
  });

  router.delete('/', (req, res) => {
    req.session = null;
    res.json({ user: null });
  });

  return router;
}

function readName(body: unknown): string {
  const isNamed =
    typeof body === 'object' && body !== null && 'name' in body && typeof body.name === 'string';
  return isNamed ? (body.name as string) : '';
}

function whyNoUserHas(name: string): string {
  if (name.trim() === '') return 'Enter a name.';
  if (isPhoneNumberLike(name)) return 'A name cannot start with +. Only phone numbers do.';
  if (!name.isWellFormed()) return 'This name contains invalid characters. Choose another name.';
  return 'This name is too long. Choose a shorter one.';
}

function publicUser(user: User | null): Pick<User, 'name' | 'clientName'> | null {
  return user && { name: user.name, clientName: user.clientName };
}
