/**
 * Tokens, credentials and a clock for tests: the same on any machine and any day.
 *
 * @module twilio-capability/testing
 */

export { testApiKey, testApplicationSid, testCredentials } from './credentials';

export { fixedClock, testNow } from './fixed-clock';
export type { FixedClock, Moment } from './fixed-clock';

export { createAccessTokenFixtures, createFixtures } from './fixtures';
export type {
  AccessTokenFixtureName,
  AccessTokenFixtures,
  CommonFixtureName,
  Fixture,
  FixtureCredentials,
  FixtureName,
  FixtureOptions,
  Fixtures,
} from './fixtures';
