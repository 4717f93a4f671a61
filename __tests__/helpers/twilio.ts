import { afterAll, beforeAll, jest } from '@jest/globals';
import AccessToken from 'twilio/lib/jwt/AccessToken';
import ClientCapability from 'twilio/lib/jwt/ClientCapability';
import { accountSid, authToken, now } from './fixed';

// The main entry of twilio loads three times as many files.
export { AccessToken, ClientCapability };

export type TwilioScope = Parameters<InstanceType<typeof ClientCapability>['addScope']>[0];

/** Stops the clock for twilio, which has no option for it. */
export function freezeClock(): void {
  beforeAll(() => {
    jest.useFakeTimers({ now: now(), doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
}

/** Signs scopes with twilio. */
export function signWithTwilio(scopes: readonly TwilioScope[], options: object = {}): string {
  const capability = new ClientCapability({ accountSid, authToken, ...options });
  for (const scope of scopes) capability.addScope(scope);
  return capability.toJwt();
}
