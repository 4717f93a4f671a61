import { ScopeError } from '../errors';

/** Twilio's rule: https://www.twilio.com/docs/voice/sdks/javascript/get-started and the `<Client>` noun. */
export const CLIENT_NAME = /^[A-Za-z0-9_]{1,121}$/;
const MAX_LENGTH = 121;
/** With `allowAnyName`: what Twilio's servers take in practice, short of what breaks logs and terminals. */
const MAX_ANY_NAME_LENGTH = 256;
// eslint-disable-next-line no-control-regex -- finding them is the purpose
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Checks a client name: `[A-Za-z0-9_]{1,121}`, or with `allowAnyName` any well-formed text of 1 to 256
 * UTF-16 units without control characters.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`.
 */
export function checkClientName(name: unknown, allowAnyName: boolean): asserts name is string {
  if (isClientName(name) || (allowAnyName && isAnyName(name))) return;
  throw new ScopeError(
    'ERR_SCOPE_INVALID',
    allowAnyName
      ? 'A client name must be a string of 1 to 256 characters, well formed and without control characters.'
      : 'A client name must be 1 to 121 ASCII letters, digits or underscores. For other text, such as an ' +
          'e-mail address, use encodeClientName(text); to send it as it is, pass { allowAnyName: true }.',
    'clientName',
  );
}

/** Whether a value is a client name by Twilio's rule. */
export function isClientName(name: unknown): name is string {
  return typeof name === 'string' && CLIENT_NAME.test(name);
}

function isAnyName(name: unknown): boolean {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= MAX_ANY_NAME_LENGTH &&
    name.isWellFormed() &&
    !CONTROL_CHARACTER.test(name)
  );
}

/**
 * Turns any text into a client name, in the form that Twilio Flex uses: each UTF-8 byte other than an ASCII
 * letter or digit becomes `_` and two upper-case hex digits. {@link decodeClientName} reverses it.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`: not well-formed text, empty, or longer than
 *   121 characters once encoded.
 * @example
 * encodeClientName('ann.veal@x.com'); // 'ann_2Eveal_40x_2Ecom'
 */
export function encodeClientName(identity: string): string {
  if (typeof identity !== 'string' || !identity.isWellFormed()) {
    throw new ScopeError(
      'ERR_SCOPE_INVALID',
      'Only well-formed text can be made into a client name (no lone surrogates).',
      'clientName',
    );
  }
  // An encoding is never shorter than its text: what is too long is refused before the work.
  const encoded = identity.length > MAX_LENGTH ? '' : encode(identity);
  if (!CLIENT_NAME.test(encoded)) {
    throw new ScopeError(
      'ERR_SCOPE_INVALID',
      'Encoded, this text is empty or longer than the 121 characters that a client name can have.',
      'clientName',
    );
  }
  return encoded;
}

function encode(identity: string): string {
  return identity.replace(/[^A-Za-z0-9]+/g, (text) =>
    Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '_$&'),
  );
}

/**
 * Gives back the text that {@link encodeClientName} was given.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`: not the encoding of any text. A plain name
 *   with an underscore, such as `user_42`, is not one.
 * @example
 * decodeClientName('ann_2Eveal_40x_2Ecom'); // 'ann.veal@x.com'
 */
export function decodeClientName(clientName: string): string {
  if (isClientName(clientName)) {
    const bytes = clientName.replace(/_([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const identity = Buffer.from(bytes, 'latin1').toString('utf8');
    // One text has one encoding: whatever does not come back the same was not made by encodeClientName.
    if (isEncodingOf(clientName, identity)) return identity;
  }
  throw new ScopeError(
    'ERR_SCOPE_INVALID',
    'This client name was not made by encodeClientName, so there is nothing to decode.',
    'clientName',
  );
}

function isEncodingOf(clientName: string, identity: string): boolean {
  try {
    return encodeClientName(identity) === clientName;
  } catch {
    return false;
  }
}
