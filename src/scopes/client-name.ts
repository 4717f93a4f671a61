import { ConfigError, ScopeError, typeName } from '../errors';

/**
 * The strictest of Twilio's rules, which all of its SDKs accept.
 *
 * @see https://www.twilio.com/docs/voice/sdks/android/get-started (the mobile SDKs' rule)
 * @see https://www.twilio.com/docs/api/errors/31105 (a wider rule: up to 256 characters)
 */
const CLIENT_NAME = /^[A-Za-z0-9_]+$/;
const MAX_LENGTH = 121;
/** With `allowAnyName`: no control characters, which break logs and terminals, and no lone surrogates. */
const ANY_NAME = /^[^\p{Cc}\p{Cs}]+$/u;
const MAX_ANY_LENGTH = 256;

/**
 * Validates a client name.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`.
 */
export function validateClientName(name: unknown, allowAnyName: boolean): asserts name is string {
  const problem = clientNameProblem(name, allowAnyName);
  if (problem !== undefined) throw invalid(`Client name ${problem}`);
}

/**
 * Validates the option that relaxes the rule for names. Text such as "false" would count as true.
 *
 * @throws {ConfigError} `ERR_OPTIONS_INVALID`, field `allowAnyName`.
 */
export function validateAllowAnyName(value: unknown = false): boolean {
  if (typeof value === 'boolean') return value;
  throw new ConfigError('ERR_OPTIONS_INVALID', 'allowAnyName must be true or false.', 'allowAnyName');
}

/**
 * Returns what is wrong with a client name or an identity, as the rest of a sentence, or undefined.
 *
 * @param option - The option that relaxes the rule, for the message.
 */
export function clientNameProblem(
  name: unknown,
  allowAny: boolean,
  option = 'allowAnyName',
): string | undefined {
  if (typeof name !== 'string') return `must be a string. Received ${typeName(name)}.`;
  if (name === '') return 'must not be empty.';
  if (allowAny) {
    if (name.length <= MAX_ANY_LENGTH && ANY_NAME.test(name)) return undefined;
    return `must be at most ${MAX_ANY_LENGTH} characters, well formed and without control characters.`;
  }
  if (name.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters.`;
  if (CLIENT_NAME.test(name)) return undefined;
  return (
    'contains characters other than letters, digits and underscores. Use encodeClientName() for other text, ' +
    `or pass { ${option}: true } to send it unchanged.`
  );
}

/**
 * Encodes any text as a client name, in the form that Twilio Flex uses: each UTF-8 byte other than an ASCII letter or
 * digit becomes `_` and two upper-case hex digits. {@link decodeClientName} reverses it.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`: not well-formed text, empty, or longer than 121
 *   characters once encoded.
 * @example
 * encodeClientName('ann.veal@x.com'); // 'ann_2Eveal_40x_2Ecom'
 */
export function encodeClientName(identity: string): string {
  if (typeof identity !== 'string') {
    throw invalid(`Only text can be encoded as a client name. Received ${typeName(identity)}.`);
  }
  if (identity === '') throw invalid('Client name must not be empty.');
  // The encoded name is never shorter.
  if (identity.length > MAX_LENGTH) throw tooLong(`Text of ${identity.length} characters`);
  if (!identity.isWellFormed()) throw invalid('Only well-formed text can be encoded as a client name.');
  const encoded = encode(identity);
  if (encoded.length > MAX_LENGTH) {
    throw tooLong(`Text of ${identity.length} characters, which has ${encoded.length} once encoded,`);
  }
  return encoded;
}

function tooLong(text: string): ScopeError {
  return invalid(`${text} is too long for a client name. At most ${MAX_LENGTH} characters are allowed.`);
}

function encode(identity: string): string {
  return identity.replace(/[^A-Za-z0-9]+/g, (text) =>
    Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '_$&'),
  );
}

/**
 * Decodes a client name that {@link encodeClientName} wrote.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`: not an encoded name. A plain name with an underscore,
 *   such as `user_42`, is not one.
 * @example
 * decodeClientName('ann_2Eveal_40x_2Ecom'); // 'ann.veal@x.com'
 */
export function decodeClientName(clientName: string): string {
  if (clientNameProblem(clientName, false) === undefined) {
    const bytes = clientName.replace(/_([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const identity = Buffer.from(bytes, 'latin1').toString('utf8');
    // Each text has one encoding. A name that does not encode back to itself was not made by encodeClientName.
    if (encode(identity) === clientName) return identity;
  }
  throw invalid('Client name was not encoded by encodeClientName(). There is nothing to decode.');
}

function invalid(message: string): ScopeError {
  return new ScopeError('ERR_SCOPE_INVALID', message, 'clientName');
}
