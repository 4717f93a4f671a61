import { AccessTokenVerifier, CapabilityVerifier, IncomingScope, type ErrorCode } from 'twilio-capability';
import * as entry from 'twilio-capability/testing';
import {
  createAccessTokenFixtures,
  createFixtures,
  fixedClock,
  testApiKey,
  testCredentials,
  type AccessTokenFixtures,
  type Fixture,
  type Fixtures,
} from 'twilio-capability/testing';
import { check, type NoAny, type Same } from './check.js';

check<NoAny<[typeof entry, Fixtures, Fixture, AccessTokenFixtures]>>();
check<Same<AccessTokenFixtures['wrongKey']['name'], 'wrongKey'>>();
check<Same<Fixtures['expired']['outcome'], 'valid' | ErrorCode>>();

export const now = fixedClock('2026-01-01T00:00:00Z');
export const fixtures = createFixtures({ now, ttl: undefined, scopes: [new IncomingScope('alice')] });
export const verifier = new CapabilityVerifier({ ...testCredentials, now });
export const names = verifier.verify(fixtures.valid.token).clientNames;
export const accessTokens = createAccessTokenFixtures({ now, credentials: testApiKey });
export const { identity } = new AccessTokenVerifier({ ...testApiKey, now }).verify(accessTokens.valid.token);

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- a fixture of the other kind
    fixtures.wrongKey,
    // @ts-expect-error -- a fixture of the other kind
    accessTokens.eventStream,
    // @ts-expect-error -- a mistyped option
    createFixtures({ scope: [] }),
  ];
}
