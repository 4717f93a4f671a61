import { createHash } from 'node:crypto';
import { CapabilityError, decodeClientName, encodeClientName } from 'twilio-capability';

/** A person who can sign in and be called. `id` is the application's key, `clientName` is Twilio's name. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly clientName: string;
}

/**
 * Returns the user with this name, or null if nobody can have it.
 *
 * Sign-in and the Voice URL both use this function, so a call to a name leads to the user who signed in with it.
 * Every name is encoded, also one that Twilio would accept as it is. Otherwise `ann_40x` could be a name or the
 * encoded form of `ann@x`, and one user would get the other's calls.
 */
export function userNamed(text: string): User | null {
  const name = visible(text);
  if (name.startsWith('+') || !/\p{L}/u.test(name)) return null;
  const clientName = unlessInvalid(() => encodeClientName(name));
  if (clientName === null) return null;
  // A real application looks the user up in its database.
  return { id: createHash('sha256').update(name).digest('hex').slice(0, 12), name, clientName };
}

/** Returns the user whom Twilio knows by this client name, or null. */
export function userOfClientName(clientName: string): User | null {
  const name = unlessInvalid(() => decodeClientName(clientName));
  return name === null ? null : userNamed(name);
}

function unlessInvalid(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CapabilityError) return null;
    throw error;
  }
}

/** Whether a text is meant as a phone number: it starts with `+`, or has digits and no letters. */
export function isNumberLike(text: string): boolean {
  return /^\+|^\P{L}*\p{N}\P{L}*$/u.test(visible(text));
}

/** Returns `+1 (555) 010-0123` as `+15550100123`, or null for anything that is not an E.164 number. */
export function parsePhoneNumber(text: string): string | null {
  const number = visible(text).replaceAll(/[\s().\p{Pd}]/gu, '');
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null;
}

/** Removes invisible characters, some of which reverse the direction of text, and extra spaces. */
export function visible(text: string): string {
  const spaced = text.normalize('NFC').replaceAll(/\s+/g, ' ');
  return spaced.replaceAll(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, '').trim();
}
