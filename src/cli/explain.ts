import { CapabilityError } from '../errors';
import { UsageError } from './terminal';

const VARIABLES: Readonly<Record<string, string>> = {
  accountSid: 'TWILIO_ACCOUNT_SID',
  authToken: 'TWILIO_AUTH_TOKEN',
  apiKeySid: 'TWILIO_API_KEY_SID',
  apiKeySecret: 'TWILIO_API_KEY_SECRET',
};

/** Where to mend it, for somebody who writes commands and not code; by the field of the error. */
const FLAGS: Readonly<Record<string, string>> = {
  clientName: '--allow-any-name takes other names',
  identity: 'the flag is --identity',
  applicationSid: 'the flag is --outgoing',
  params: 'the flag is --param',
  filters: 'the flag is --filter',
  ttl: 'the flag is --ttl',
  now: 'the flag is --now',
  region: 'the flag is --region',
  clockTolerance: 'the flag is --clock-tolerance',
};

const DROP = 'the flag is --drop-unmappable; see twilio-capability migrate';

/**
 * Says what is wrong with a call.
 *
 * @throws Whatever is no error of this library's own.
 */
export function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CapabilityError)) throw error;
  const { code, field = '', message } = error;
  const variable = VARIABLES[field];
  if (code === 'ERR_CONFIG_MISSING' && variable !== undefined) {
    return `${variable} is not set. Set it in the environment, or in a file given by --env-file.`;
  }
  const place = code === 'ERR_NOT_MAPPABLE' && field === 'scopes' ? DROP : (variable ?? FLAGS[field]);
  return place === undefined ? message : `${message} (${place})`;
}
