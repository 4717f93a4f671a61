import { afterAll, beforeAll, jest } from '@jest/globals';
import twilio from 'twilio';
import { accountSid, authToken, now } from './fixed';

const { ClientCapability } = twilio.jwt;
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
