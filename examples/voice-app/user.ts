import { createHash } from 'node:crypto';
import { CapabilityError, decodeClientName, encodeClientName } from 'twilio-capability';
import { isPhoneNumberLike } from './phone-number';

/** A person who can sign in and be called. */
export interface User {
  /** The application's own key for the user. */
  readonly id: string;
  /** The name that the user typed. */
  readonly name: string;
  /** The name that Twilio knows the user by. */
  readonly clientName: string;
}

/**
 * Returns the user with this name, or null if nobody can have it.
 *
 * Sign-in and the Voice URL both use this function, so a name that somebody types to make a call leads to the
 * user who typed the same name to sign in. Every name is encoded, also a name that Twilio would accept as it
 * is. Otherwise `ann_40x` could be a name or the encoded form of `ann@x`, and one user would get the other's
 * calls.
 */
export function userNamed(text: string): User | null {
  const name = text.trim().normalize('NFC');
  if (name === '' || isPhoneNumberLike(name)) return null;
  try {
    return { id: userId(name), name, clientName: encodeClientName(name) };
  } catch (error) {
    if (error instanceof CapabilityError) return null;
    throw error;
  }
}

/** Returns the user whom Twilio knows by this client name, or null. */
export function userOfClientName(clientName: string): User | null {
  try {
    return userNamed(decodeClientName(clientName));
  } catch (error) {
    if (error instanceof CapabilityError) return null;
    throw error;
  }
}

// A real application looks up the primary key in its database.
function userId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
