import type { ErrorCode } from '../errors';
import { MAX_TOKEN_LENGTH, tooLarge } from '../tokens/jws';
import { claimsOf } from './forge';
import { RECIPES, type FixtureName } from './recipes';
import { openWorkshop, type FixtureOptions } from './workshop';

export type { FixtureName } from './recipes';
export type { FixtureCredentials, FixtureOptions } from './workshop';

/** One token, and what is to become of it. */
export interface Fixture<N extends FixtureName = FixtureName> {
  /** Under which name it is among the fixtures. */
  readonly name: N;
  /** What it is, in a sentence. */
  readonly description: string;
  /** The token itself. */
  readonly token: string;
  /** What a `CapabilityVerifier` of the same account and moment says: `valid`, or the code it refuses it with. */
  readonly outcome: 'valid' | ErrorCode;
  /** The payload; null where there is none to read. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

/** Every fixture, by its name. */
export type Fixtures = { readonly [N in FixtureName]: Fixture<N> };

/**
 * Makes a token of every kind a test may need: good ones, and wrong ones of each sort. The same options give
 * the same bytes, on any machine and any day.
 *
 * @param options - Default: {@link testCredentials} at {@link testNow}.
 * @throws {SignError} `ERR_OPTIONS_INVALID`, `ERR_TTL_INVALID`, `ERR_NO_SCOPES` or `ERR_DUPLICATE_SCOPE`.
 * @throws {ConfigError} `ERR_CONFIG_INVALID`; `ERR_CONFIG_MISSING`: half of a pair of credentials.
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`.
 * @throws {TokenError} `ERR_TOKEN_TOO_LARGE`: with these scopes one of them has more than 8,192 characters.
 * @example
 * const { valid, expired } = createFixtures();
 * const verifier = new CapabilityVerifier({ ...testCredentials, now: fixedClock() });
 * verifier.verify(valid.token); // good
 * verifier.verify(expired.token); // throws a TokenError with the code expired.outcome
 */
export function createFixtures(options?: FixtureOptions): Fixtures {
  const workshop = openWorkshop(options);
  const fixtures = Object.entries(RECIPES).map(([name, { description, outcome, make }]) => {
    const token = make(workshop);
    if (token.length > MAX_TOKEN_LENGTH) throw tooLarge();
    const claims = claimsOf(token);
    return [name, Object.freeze({ name, description, token, outcome, claims: deepFreeze(claims) })];
  });
  return Object.freeze(Object.fromEntries(fixtures)) as Fixtures;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
