/**
 * Tokens, credentials and a clock for tests: the same on any machine and any day.
 *
 * @module twilio-capability/testing
 */

export { testApiKey, testApplicationSid, testCredentials } from './credentials';

export { fixedClock, testNow } from './fixed-clock';
export type { FixedClock, Moment } from './fixed-clock';

export { createFixtures } from './fixtures';
export type { Fixture, FixtureCredentials, FixtureName, FixtureOptions, Fixtures } from './fixtures';
