import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { CapabilityError, ConfigError, ScopeError, TokenError } from '../../src/errors';

const TWILIO_CODES = {
  ERR_TOKEN_TOO_LARGE: 31204,
  ERR_TOKEN_MALFORMED: 31204,
  ERR_TOKEN_ALGORITHM: 31204,
  ERR_TOKEN_HEADER: 31204,
  ERR_TOKEN_SIGNATURE: 31202,
  ERR_TOKEN_ISSUER: 31203,
  ERR_TOKEN_EXPIRED: 31205,
  ERR_TOKEN_NOT_YET_VALID: 31204,
  ERR_TOKEN_LIFETIME: 31207,
  ERR_TOKEN_CLAIMS: 31204,
  ERR_TOKEN_SCOPE: 31204,
} as const;

describe.each([
  ['ConfigError', ConfigError, 'ERR_CONFIG_MISSING'],
  ['ScopeError', ScopeError, 'ERR_SCOPE_INVALID'],
  ['TokenError', TokenError, 'ERR_TOKEN_EXPIRED'],
] as const)('%s', (name, ErrorClass, code) => {
  const create = (field?: string) =>
    new (ErrorClass as typeof ConfigError)(code as 'ERR_CONFIG_MISSING', 'Why.', field);
  const error = create('ttl');

  test('is an Error of this library, with its name, code, field and message', () => {
    for (const Class of [Error, CapabilityError, ErrorClass]) expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ name, code, field: 'ttl', message: 'Why.' });
    expect(Object.hasOwn(create(), 'field')).toBe(false);
    for (const part of [`${name}: Why.\n`, `code: '${code}'`]) expect(inspect(error)).toContain(part);
  });

  test('has a twilioCode only if it is a TokenError', () => {
    expect(error.twilioCode).toBe(ErrorClass === TokenError ? 31205 : undefined);
    expect(Object.hasOwn(error, 'twilioCode')).toBe(ErrorClass === TokenError);
  });
});

test.each(Object.entries(TWILIO_CODES))('%s has the Twilio error number %d', (code, twilioCode) => {
  expect(new TokenError(code as keyof typeof TWILIO_CODES, '').twilioCode).toBe(twilioCode);
});
