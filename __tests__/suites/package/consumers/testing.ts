import { AccessTokenVerifier, CapabilityVerifier, IncomingScope, type ErrorCode } from 'twilio-capability';
import * as entry from 'twilio-capability/testing';
import {
  createAccessTokenFixtures,
  createFixtures,
  fixedClock,
  testApiKey,
  testCredentials,
  testNow,
  type AccessTokenFixtures,
  type Fixture,
  type Fixtures,
} from 'twilio-capability/testing';
import { check, type AnyIn, type Same } from './check.js';

check<Same<AnyIn<typeof entry>, never>>();
check<Same<AnyIn<Fixtures>, never>>();
check<Same<AnyIn<Fixture>, never>>();
check<Same<ReturnType<typeof createFixtures>, Fixtures>>();
check<Same<AnyIn<AccessTokenFixtures>, never>>();
check<Same<ReturnType<typeof createAccessTokenFixtures>, AccessTokenFixtures>>();
check<Same<AccessTokenFixtures['wrongKey']['name'], 'wrongKey'>>();
check<Same<Fixtures['expired']['outcome'], 'valid' | ErrorCode>>();
check<Same<typeof testNow, number>>();

declare const variable: string | undefined;
export const clock = fixedClock('2026-01-01T00:00:00Z');
export const fixtures = createFixtures({
  now: clock,
  ttl: undefined,
  scopes: [new IncomingScope('alice')],
});
export const verifier = new CapabilityVerifier({ ...testCredentials, now: clock });
export const names = verifier.verify(fixtures.valid.token).clientNames;
export const accessTokens = createAccessTokenFixtures({ now: clock, credentials: testApiKey });
export const identity: string = new AccessTokenVerifier({ ...testApiKey, now: clock }).verify(
  accessTokens.valid.token,
).identity;
export const later: number = clock.advance(60);
export const secret: string = variable ?? testCredentials.authToken;

/** Mistakes that must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- an unknown fixture
    fixtures.expierd,
    // @ts-expect-error -- a fixture of the other kind
    fixtures.wrongKey,
    // @ts-expect-error -- a fixture of the other kind
    accessTokens.eventStream,
    // @ts-expect-error -- a mistyped option
    createFixtures({ scope: [] }),
  ];
}
