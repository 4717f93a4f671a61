import { signAccessToken } from '../access-token/access-token-signer';
import type { ErrorCode } from '../errors';
import { hmacKeys } from '../tokens/jws';
import { MAX_TTL, planLifetime } from '../tokens/lifetime';
import { EventStreamScope, IncomingScope, OutgoingScope } from '../scopes/scope';
import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { testApplicationSid, testCredentials } from './credentials';
import { claimsOf, cutInPayload, forge, withClaims } from './forge';
import { CLIENT_NAME, type Workshop } from './workshop';

/** How one fixture is made. */
export interface Recipe {
  readonly description: string;
  readonly outcome: 'valid' | ErrorCode;
  readonly make: (workshop: Workshop) => string;
}

/** By how far wrong times are off: more than the 300 s of clock tolerance that a verifier can have. */
const WELL_OFF = 600;

/** The name of a fixture. */
export type FixtureName =
  | 'valid'
  | 'incomingOnly'
  | 'outgoingOnly'
  | 'withParams'
  | 'eventStream'
  | 'noScopes'
  | 'expired'
  | 'expiresThisSecond'
  | 'notYetValid'
  | 'lifetimeTooLong'
  | 'tampered'
  | 'truncated'
  | 'wrongSecret'
  | 'wrongAccount'
  | 'unsigned'
  | 'wrongAlgorithm'
  | 'missingExpiry'
  | 'accessToken'
  | 'notAJwt';

/** How each fixture is made, in the order they are listed: on the production path with one thing changed. */
export const RECIPES: Readonly<Record<FixtureName, Recipe>> = {
  valid: {
    description: 'A good token.',
    outcome: 'valid',
    make: ({ sign }) => sign(),
  },
  incomingOnly: {
    description: 'Allows to receive calls as "alice", and nothing else.',
    outcome: 'valid',
    make: ({ sign }) => sign({ scopes: [new IncomingScope(CLIENT_NAME)] }),
  },
  outgoingOnly: {
    description: 'Allows to place calls through an application, under no client name, and nothing else.',
    outcome: 'valid',
    make: ({ sign }) => sign({ scopes: [new OutgoingScope(testApplicationSid)] }),
  },
  withParams: {
    description:
      'Allows to place calls as "alice", with parameters that hold a space, "&" and text beyond ASCII.',
    outcome: 'valid',
    make: ({ sign }) =>
      sign({
        scopes: [
          new OutgoingScope(testApplicationSid, {
            clientName: CLIENT_NAME,
            params: { user_id: 42, name: 'Alice Smith', team: 'R&D café' },
          }),
        ],
      }),
  },
  eventStream: {
    description: 'Allows to subscribe to the events of completed calls, and nothing else.',
    outcome: 'valid',
    make: ({ sign }) => sign({ scopes: [new EventStreamScope({ CallStatus: 'completed' })] }),
  },
  noScopes: {
    description: 'A good token that allows nothing: its scope is the empty string, as some SDKs write it.',
    outcome: 'valid',
    make: ({ signClaims }) => signClaims({ scope: '' }),
  },
  expired: {
    description: 'Ended ten minutes ago.',
    outcome: 'ERR_TOKEN_EXPIRED',
    make: ({ sign, now, ttl }) => sign({ now: now - (ttl + WELL_OFF) * 1000 }),
  },
  expiresThisSecond: {
    description: 'Ends in this very second: at the moment of its exp a token is already refused.',
    outcome: 'ERR_TOKEN_EXPIRED',
    make: ({ sign, now, ttl }) => sign({ now: now - ttl * 1000 }),
  },
  notYetValid: {
    description: 'Counts from ten minutes from now: its nbf is in the future.',
    outcome: 'ERR_TOKEN_NOT_YET_VALID',
    make: ({ signClaims, now }) => signClaims({ nbf: Math.floor(now / 1000) + WELL_OFF }),
  },
  lifetimeTooLong: {
    description: 'Ends 25 hours from now: Twilio refuses whatever lives longer than 24.',
    outcome: 'ERR_TOKEN_LIFETIME',
    make: ({ sign, now }) => sign({ now: now + 3_600_000, ttl: MAX_TTL }),
  },
  tampered: {
    description: 'Made to live a minute longer after it was signed: the signature no longer fits.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    make: ({ sign }) => {
      const claims = claimsOf(sign()) as { exp: number };
      return withClaims(sign(), { ...claims, exp: claims.exp + 60 });
    },
  },
  truncated: {
    description:
      'Cut off amid the payload, as a log or a clipboard may leave it: two segments instead of three.',
    outcome: 'ERR_TOKEN_MALFORMED',
    make: ({ sign }) => cutInPayload(sign()),
  },
  wrongSecret: {
    description: 'Signed with a secret that is not the auth token of the account.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    make: ({ sign, authToken }) => sign({ authToken: `not-${authToken}` }),
  },
  wrongAccount: {
    description: 'Names another account as its issuer, though signed with the secret of this one.',
    outcome: 'ERR_TOKEN_ISSUER',
    make: ({ sign, accountSid }) => sign({ accountSid: otherAccount(accountSid) }),
  },
  unsigned: {
    description: 'Has the alg "none" and an empty signature: anybody could have written it.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    make: ({ sign, authToken }) => forge('none', claimsOf(sign())!, authToken),
  },
  wrongAlgorithm: {
    description: 'Signed with the right secret, but by HS512; Twilio takes HS256 only.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    make: ({ sign, authToken }) => forge('HS512', claimsOf(sign())!, authToken),
  },
  missingExpiry: {
    description: 'Has no exp: it would be good for ever.',
    outcome: 'ERR_TOKEN_CLAIMS',
    make: ({ signClaims }) => signClaims({ exp: undefined }),
  },
  accessToken: {
    description: 'A good Access Token for the same calls: the successor of capability tokens, and not one.',
    outcome: 'ERR_TOKEN_HEADER',
    make: ({ accountSid, apiKeySid, apiKeySecret, scopes, now, ttl }) => {
      const { identity, voice } = toVoiceGrant(scopes);
      return signAccessToken(
        {
          // The one thing changed: an AccessTokenSigner ends it with something random.
          jti: `${apiKeySid}-fixture`,
          accountSid,
          apiKeySid,
          identity: identity ?? CLIENT_NAME,
          voice,
          lifetime: planLifetime({ ttl }, { ttl, now: () => now }),
        },
        hmacKeys(apiKeySecret)[0],
      );
    },
  },
  notAJwt: {
    description: 'No token at all, but a word.',
    outcome: 'ERR_TOKEN_MALFORMED',
    make: () => 'not-a-token',
  },
};

function otherAccount(accountSid: string): string {
  const other = 'ACfacefeedfacefeedfacefeedfacefeed';
  return accountSid === other ? testCredentials.accountSid : other;
}
