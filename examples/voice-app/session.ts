import { createHash } from 'node:crypto';
import cookieSession from 'cookie-session';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { CapabilityError, encodeClientName } from 'twilio-capability';

/** Who is signed in. Everything that a token says about a user comes from here. */
export interface User {
  /** The application's own key for the user. */
  readonly id: string;
  /** As the user typed it. */
  readonly name: string;
  /** As Twilio knows the user. */
  readonly clientName: string;
}

const EIGHT_HOURS = 8 * 60 * 60 * 1000;

/**
 * Remembers the user in a signed cookie.
 *
 * `cookie-session` is kept by the Express team and needs no store. The browser holds the name in the open,
 * which is no secret, and cannot change it. What must not be readable, or must be revocable at once, belongs
 * in `express-session` with a store.
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

/** The signed-in user, or null. */
export function currentUser(req: Request): User | null {
  const { name, since }: Partial<Record<string, unknown>> = req.session ?? {};
  // The cookie's own maxAge is only a request to the browser: a copy of the cookie would never end.
  if (typeof name !== 'string' || typeof since !== 'number') return null;
  if (Date.now() - since > EIGHT_HOURS) return null;
  return { id: userId(name), name, clientName: encodeClientName(name) };
}

/**
 * GET, POST and DELETE `/`: who is signed in, sign in, sign out.
 *
 * POST takes JSON only. An HTML form of another site cannot send that, so nobody can be signed in under a
 * name that is not their own choice.
 */
export function sessionRoutes(): Router {
  const router = express.Router();

  router.get('/', (req, res) => {
    res.json({ user: publicUser(req) });
  });

  router.post('/', express.json({ limit: '2kb' }), (req, res) => {
    const name = readName(req.body);
    const problem = checkName(name);
    if (problem !== null) {
      res.status(422).json({ error: 'invalid_name', message: problem });
      return;
    }
    req.session = { name, since: Date.now() };
    res.json({ user: publicUser(req) });
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
  return isNamed ? (body.name as string).trim().normalize('NFC') : '';
}

// Every name is encoded, even one that Twilio would take as it is: otherwise `ann_40x` could be either the
// user of that name or the encoded form of `ann@x`, and one would get the other's calls.
function checkName(name: string): string | null {
  if (name === '') return 'Please enter a name.';
  try {
    encodeClientName(name);
    return null;
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    return 'That name is too long, or holds a character that cannot be part of a name.';
  }
}

function publicUser(req: Request): Pick<User, 'name' | 'clientName'> | null {
  const user = currentUser(req);
  return user && { name: user.name, clientName: user.clientName };
}

// Stands in for the primary key that a real application has in its database.
function userId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
