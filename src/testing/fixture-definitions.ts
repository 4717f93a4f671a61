import { buildAccessToken } from '../access-token/access-token-signer';
import type { OtherGrants } from '../access-token/other-grants';
import { toVoiceGrant } from '../access-token/plan-voice-grant';
import type { ErrorCode } from '../errors';
import { MAX_TTL } from '../limits';
import { EventStreamScope } from '../scopes/event-stream-scope';
import { IncomingScope } from '../scopes/incoming-scope';
import { OutgoingScope } from '../scopes/outgoing-scope';
import type { Scope } from '../scopes/parse-scope';
import { createKey, signClaims } from '../tokens/jws';
import { testApiKey, testApplicationSid, testCredentials } from './credentials';

/** The name of a fixture of both kinds of token. */
export type CommonFixtureName =
  | 'valid'
  | 'incomingOnly'
  | 'outgoingOnly'
  | 'withParams'
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
  | 'notAJwt';

/** The name of a fixture for capability tokens. */
export type FixtureName = CommonFixtureName | 'eventStream' | 'noScopes' | 'accessToken';

/** The name of a fixture for Access Tokens. */
export type AccessTokenFixtureName =
  | CommonFixtureName
  | 'withPushCredential'
  | 'withRegion'
  | 'withOtherGrants'
  | 'wrongKey'
  | 'missingIdentity'
  | 'missingVoiceGrant'
  | 'missingContentType'
  | 'signedWithAuthToken'
  | 'capabilityToken';

type Kind = 'capability' | 'access-token';

/** What fixtures are made from. */
export interface FixtureInputs {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
  readonly scopes: readonly Scope[];
  readonly ttl: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly region: string | undefined;
  readonly pushCredentialSid: string | undefined;
  readonly grants: OtherGrants | undefined;
}

/** A token before it is signed. */
interface Draft {
  /** Members of the header besides `alg` and `typ`. */
  readonly header: object;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly secret: string;
}

type CreateDraft = (inputs: FixtureInputs) => Draft;

interface Definition {
  readonly kinds: readonly Kind[];
  readonly description: string;
  readonly outcome: 'valid' | ErrorCode;
  /** Creates the token. `draft` is the function of the kind: {@link draftCapability} or {@link draftAccessToken}. */
  readonly create: (inputs: FixtureInputs, draft: CreateDraft) => string;
}

const CLIENT_NAME = 'alice';

/** Scopes for fixtures that test something else. */
export const DEFAULT_SCOPES = [
  new IncomingScope(CLIENT_NAME),
  new OutgoingScope(testApplicationSid, { clientName: CLIENT_NAME }),
];

/** How far wrong times are off, in seconds: more than the largest clock tolerance, which is 300. */
const OFFSET = 600;

const BOTH: readonly Kind[] = ['capability', 'access-token'];
const CAPABILITY: readonly Kind[] = ['capability'];
const ACCESS_TOKEN: readonly Kind[] = ['access-token'];

/** Each token is a valid one with one thing changed. */
const DEFINITIONS: Readonly<Record<FixtureName | AccessTokenFixtureName, Definition>> = {
  valid: {
    kinds: BOTH,
    description: 'A valid token.',
    outcome: 'valid',
    create: (inputs, draft) => sign(draft(inputs)),
  },
  incomingOnly: {
    kinds: BOTH,
    description: 'Allows receiving calls as "alice", but not making calls.',
    outcome: 'valid',
    create: (inputs, draft) => sign(draft({ ...inputs, scopes: [new IncomingScope(CLIENT_NAME)] })),
  },
  outgoingOnly: {
    kinds: BOTH,
    description: 'Allows making calls through an application, but not receiving calls.',
    outcome: 'valid',
    create: (inputs, draft) => sign(draft({ ...inputs, scopes: [new OutgoingScope(testApplicationSid)] })),
  },
  withParams: {
    kinds: BOTH,
    description: 'Allows making calls as "alice", with params that contain a space, "&" and non-ASCII text.',
    outcome: 'valid',
    create: (inputs, draft) => {
      const params = { user_id: 42, name: 'Alice Smith', team: 'R&D café' };
      const scopes = [new OutgoingScope(testApplicationSid, { clientName: CLIENT_NAME, params })];
      return sign(draft({ ...inputs, scopes }));
    },
  },
  eventStream: {
    kinds: CAPABILITY,
    description: 'Allows subscribing to the events of completed calls.',
    outcome: 'valid',
    create: (inputs, draft) =>
      sign(draft({ ...inputs, scopes: [new EventStreamScope({ CallStatus: 'completed' })] })),
  },
  noScopes: {
    kinds: CAPABILITY,
    description: 'A valid token that allows nothing: its scope is the empty string, as some SDKs write it.',
    outcome: 'valid',
    create: (inputs, draft) => sign(draft({ ...inputs, scopes: [] })),
  },
  withPushCredential: {
    kinds: ACCESS_TOKEN,
    description: 'Names the push credential that notifies a mobile app of incoming calls.',
    outcome: 'valid',
    create: (inputs, draft) =>
      sign(draft({ ...inputs, pushCredentialSid: 'CRdeadbeefdeadbeefdeadbeefdeadbeef' })),
  },
  withRegion: {
    kinds: ACCESS_TOKEN,
    description: 'Has the Twilio region "ie1" in the twr of its header.',
    outcome: 'valid',
    create: (inputs, draft) => sign(draft({ ...inputs, region: 'ie1' })),
  },
  withOtherGrants: {
    kinds: ACCESS_TOKEN,
    description: 'Has a chat grant and a video grant next to the voice grant.',
    outcome: 'valid',
    create: (inputs, draft) => {
      const chat = { service_sid: 'ISdeadbeefdeadbeefdeadbeefdeadbeef' };
      return sign(draft({ ...inputs, grants: { chat, video: { room: 'lobby' } } }));
    },
  },
  expired: {
    kinds: BOTH,
    description: 'Expired ten minutes ago.',
    outcome: 'ERR_TOKEN_EXPIRED',
    create: (inputs, draft) => sign(draft({ ...inputs, now: inputs.now - (inputs.ttl + OFFSET) * 1000 })),
  },
  expiresThisSecond: {
    kinds: BOTH,
    description: 'Expires in the current second. A verifier without clock tolerance rejects it.',
    outcome: 'ERR_TOKEN_EXPIRED',
    create: (inputs, draft) => sign(draft({ ...inputs, now: inputs.now - inputs.ttl * 1000 })),
  },
  notYetValid: {
    kinds: BOTH,
    description: 'Valid in ten minutes: its nbf is in the future.',
    outcome: 'ERR_TOKEN_NOT_YET_VALID',
    create: (inputs, draft) =>
      sign(withClaims(draft(inputs), { nbf: Math.floor(inputs.now / 1000) + OFFSET })),
  },
  lifetimeTooLong: {
    kinds: BOTH,
    description: 'Expires 25 hours from now. Twilio accepts at most 24 hours.',
    outcome: 'ERR_TOKEN_LIFETIME',
    create: (inputs, draft) => sign(draft({ ...inputs, ttl: MAX_TTL + 3600 })),
  },
  tampered: {
    kinds: BOTH,
    description: 'Its expiry was moved by a minute after signing, so the signature does not match.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs, draft) => {
      const unchanged = draft(inputs);
      const { claims } = draft({ ...inputs, ttl: inputs.ttl + 60 });
      const [header, , signature] = sign(unchanged).split('.') as [string, string, string];
      return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    },
  },
  truncated: {
    kinds: BOTH,
    description: 'Cut off inside the payload, as by a log or a clipboard: two segments instead of three.',
    outcome: 'ERR_TOKEN_MALFORMED',
    create: (inputs, draft) => {
      const [header, payload] = sign(draft(inputs)).split('.') as [string, string];
      return `${header}.${payload.slice(0, payload.length / 2)}`;
    },
  },
  wrongSecret: {
    kinds: BOTH,
    description: 'Signed with the wrong secret.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs, draft) => {
      const right = draft(inputs);
      return sign({ ...right, secret: `not-${right.secret}` });
    },
  },
  wrongKey: {
    kinds: ACCESS_TOKEN,
    description: 'Names another API key, but is signed with the secret of this one.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs, draft) => {
      const other = 'SKfacefeedfacefeedfacefeedfacefeed';
      const apiKeySid = inputs.apiKeySid === other ? testApiKey.apiKeySid : other;
      return sign(draft({ ...inputs, apiKeySid }));
    },
  },
  wrongAccount: {
    kinds: BOTH,
    description: 'Names another account, but is signed with the secret of this one.',
    outcome: 'ERR_TOKEN_ISSUER',
    create: (inputs, draft) => {
      const other = 'ACfacefeedfacefeedfacefeedfacefeed';
      const accountSid = inputs.accountSid === other ? testCredentials.accountSid : other;
      return sign(draft({ ...inputs, accountSid }));
    },
  },
  unsigned: {
    kinds: BOTH,
    description: 'Has the alg "none" and an empty signature. Anyone could have written it.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    create: (inputs, draft) => sign(withHeader(draft(inputs), { alg: 'none' })),
  },
  wrongAlgorithm: {
    kinds: BOTH,
    description: 'Signed with the right secret, but with HS512. Twilio accepts only HS256.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    create: (inputs, draft) => sign(withHeader(draft(inputs), { alg: 'HS512' })),
  },
  missingExpiry: {
    kinds: BOTH,
    description: 'Has no exp, so it would never expire.',
    outcome: 'ERR_TOKEN_CLAIMS',
    create: (inputs, draft) => sign(withClaims(draft(inputs), { exp: undefined })),
  },
  missingIdentity: {
    kinds: ACCESS_TOKEN,
    description: 'Has no identity in its grants.',
    outcome: 'ERR_TOKEN_CLAIMS',
    create: (inputs, draft) => sign(withGrants(draft(inputs), { identity: undefined })),
  },
  missingVoiceGrant: {
    kinds: ACCESS_TOKEN,
    description: 'Has no voice grant. It may be a token for another Twilio product.',
    outcome: 'ERR_TOKEN_CLAIMS',
    create: (inputs, draft) => sign(withGrants(draft(inputs), { voice: undefined })),
  },
  missingContentType: {
    kinds: ACCESS_TOKEN,
    description: 'Has no cty in its header, as if a general JWT library had signed it.',
    outcome: 'ERR_TOKEN_HEADER',
    create: (inputs, draft) => sign(withHeader(draft(inputs), { cty: undefined })),
  },
  signedWithAuthToken: {
    kinds: ACCESS_TOKEN,
    description: 'Signed with the auth token of the account, which it names as the key.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs, draft) =>
      sign({ ...draft({ ...inputs, apiKeySid: inputs.accountSid }), secret: inputs.authToken }),
  },
  accessToken: {
    kinds: CAPABILITY,
    description: 'A valid Access Token for the same calls, which is not a capability token.',
    outcome: 'ERR_TOKEN_HEADER',
    create: (inputs) => sign(draftAccessToken(inputs)),
  },
  capabilityToken: {
    kinds: ACCESS_TOKEN,
    description: 'A valid capability token for the same calls, which is not an Access Token.',
    outcome: 'ERR_TOKEN_HEADER',
    create: (inputs) => sign(draftCapability(inputs)),
  },
  notAJwt: {
    kinds: BOTH,
    description: 'Not a token, but a word.',
    outcome: 'ERR_TOKEN_MALFORMED',
    create: () => 'not-a-token',
  },
};

/** A token and the expected result of verifying it. */
export interface CreatedFixture {
  readonly name: string;
  readonly description: string;
  readonly token: string;
  readonly outcome: 'valid' | ErrorCode;
}

/** Creates every fixture of a kind, in a fixed order. */
export function createTokens(kind: Kind, inputs: FixtureInputs): readonly CreatedFixture[] {
  const draft = kind === 'capability' ? draftCapability : draftAccessToken;
  return Object.entries(DEFINITIONS)
    .filter(([, { kinds }]) => kinds.includes(kind))
    .map(([name, { description, outcome, create }]) => ({
      name,
      description,
      token: create(inputs, draft),
      outcome,
    }));
}

function draftCapability({ accountSid, authToken, scopes, ttl, now }: FixtureInputs): Draft {
  const exp = Math.floor(now / 1000) + ttl;
  return { header: {}, claims: { scope: scopes.join(' '), iss: accountSid, exp }, secret: authToken };
}

function draftAccessToken({ apiKeySecret, scopes, ttl, now, ...rest }: FixtureInputs): Draft {
  const { identity, voice } = toVoiceGrant(scopes);
  const iat = Math.floor(now / 1000);
  const { header, claims } = buildAccessToken({
    ...rest,
    // An AccessTokenSigner appends a random UUID.
    jti: `${rest.apiKeySid}-fixture`,
    identity: identity ?? CLIENT_NAME,
    voice,
    lifetime: { iat, exp: iat + ttl },
  });
  return { header, claims, secret: apiKeySecret };
}

function withHeader(draft: Draft, members: object): Draft {
  return { ...draft, header: { ...draft.header, ...members } };
}

function withClaims(draft: Draft, members: object): Draft {
  return { ...draft, claims: { ...draft.claims, ...members } };
}

function withGrants(draft: Draft, members: object): Draft {
  return withClaims(draft, { grants: { ...(draft.claims['grants'] as object), ...members } });
}

function sign({ header, claims, secret }: Draft): string {
  return signClaims(claims, createKey(secret), header);
}
