import { accountSid, authToken } from '../../helpers/fixed';

/** The environment variables that the examples read. */
export const CREDENTIALS = {
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_API_KEY_SID: 'SK0123456789abcdef0123456789abcdef',
  TWILIO_API_KEY_SECRET: 'an-api-key-secret',
};

/** The environment of the examples. */
export const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...CREDENTIALS };
