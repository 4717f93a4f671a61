import { CapabilitySigner, CapabilityVerifier, IncomingScope, OutgoingScope } from 'twilio-capability';
import { compare, contestant, type Contestant, type Effort } from './measure';
import { accountSid, applicationSid, authToken } from './peers';

const signer = new CapabilitySigner({ accountSid, authToken });
const verifier = new CapabilityVerifier({ accountSid, authToken });

/** How the time grows with one thing: pairs of its size and nanoseconds a call. */
export type Growth = Readonly<Record<keyof typeof SERIES, readonly (readonly [size: number, ns: number])[]>>;

/** A scope with so many parameters, built and signed. */
function signParams(count: number): Contestant<never> {
  return contestant(
    (serial) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, `v${serial}`])),
    (params) => signer.sign(new OutgoingScope(applicationSid, { params })),
  );
}

/** So many scopes, built and signed. */
function signScopes(count: number): Contestant<never> {
  return contestant(
    (serial) => Array.from({ length: count }, (_, n) => `user_${serial}_${n}`),
    (names) => signer.sign(names.map((name) => new IncomingScope(name))),
  );
}

/** A token of about so many KB, verified. */
function verifySize(kilobytes: number): Contestant<never> {
  // Three quarters of a token's characters are its claims, and a letter of a value is one of them.
  const length = kilobytes * 765 - 260;
  return contestant(
    (serial) =>
      signer.sign(new OutgoingScope(applicationSid, { params: { text: `${serial}`.padEnd(length, 'x') } })),
    (token) => verifier.verify(token),
  );
}

const SERIES = {
  'signing, by parameters': { sizes: [1, 10, 25, 50, 75, 100], at: signParams },
  'signing, by scopes': { sizes: [1, 5, 10, 20, 30, 40, 50], at: signScopes },
  'verifying, by KB of token': { sizes: [1, 2, 3, 4, 5, 6, 7, 8], at: verifySize },
};

export async function measureGrowth(effort: Effort): Promise<Growth> {
  const grown = {} as Record<keyof typeof SERIES, [number, number][]>;
  for (const [name, { sizes, at }] of Object.entries(SERIES)) {
    const times = await compare(Object.fromEntries(sizes.map((size) => [size, at(size)])), effort);
    grown[name as keyof typeof SERIES] = sizes.map((size) => [size, times[size]!]);
  }
  return grown;
}

/** How much of the differences a straight line explains: 1 where the growth is linear. */
export function linearity(points: readonly (readonly [number, number])[]): number {
  const { slope, intercept } = line(points);
  const mean = average(points.map(([, y]) => y));
  const around = (center: (x: number) => number): number =>
    points.reduce((sum, [x, y]) => sum + (y - center(x)) ** 2, 0);
  return 1 - around((x) => intercept + slope * x) / around(() => mean);
}

/** The straight line with the least squares. */
export function line(points: readonly (readonly [number, number])[]): { slope: number; intercept: number } {
  const meanX = average(points.map(([x]) => x));
  const meanY = average(points.map(([, y]) => y));
  const slope =
    points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) /
    points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return { slope, intercept: meanY - slope * meanX };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
