import { createHmac } from 'node:crypto';
import { signAccessToken } from '../access-token/access-token-signer';
import { toVoiceGrant } from '../access-token/plan-voice-grant';
import { CapabilitySigner } from '../capability/capability-signer';
import type { ErrorCode } from '../errors';
import { EventStreamScope } from '../scopes/event-stream-scope';
import { IncomingScope } from '../scopes/incoming-scope';
import { OutgoingScope } from '../scopes/outgoing-scope';
import type { Scope } from '../scopes/parse-scope';
import { MAX_TTL } from '../limits';
import { createKey, signClaims } from '../tokens/jws';
import { testApplicationSid, testCredentials } from './credentials';

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

const CLIENT_NAME = 'alice';

/** Scopes of the fixtures that are not about scopes. */
export const DEFAULT_SCOPES = [
  new IncomingScope(CLIENT_NAME),
  new OutgoingScope(testApplicationSid, { clientName: CLIENT_NAME }),
];

/** How far wrong times are off, in seconds: more than the largest clock tolerance, which is 300. */
const OFFSET = 600;

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
}

interface FixtureToken {
  readonly description: string;
  readonly outcome: 'valid' | ErrorCode;
  readonly create: (inputs: FixtureInputs) => string;
}

/** Each token is made as in production, with one thing changed. */
export const FIXTURE_TOKENS: Readonly<Record<FixtureName, FixtureToken>> = {
  valid: { description: 'A valid token.', outcome: 'valid', create: sign },
  incomingOnly: {
    description: 'Allows receiving calls as "alice".',
    outcome: 'valid',
    create: (inputs) => sign({ ...inputs, scopes: [new IncomingScope(CLIENT_NAME)] }),
  },
  outgoingOnly: {
    description: 'Allows making calls through an application, without a client name.',
    outcome: 'valid',
    create: (inputs) => sign({ ...inputs, scopes: [new OutgoingScope(testApplicationSid)] }),
  },
  withParams: {
    description: 'Allows making calls as "alice", with params that contain a space, "&" and non-ASCII text.',
    outcome: 'valid',
    create: (inputs) => {
      const params = { user_id: 42, name: 'Alice Smith', team: 'R&D café' };
      return sign({
        ...inputs,
        scopes: [new OutgoingScope(testApplicationSid, { clientName: CLIENT_NAME, params })],
      });
    },
  },
  eventStream: {
    description: 'Allows subscribing to the events of completed calls.',
    outcome: 'valid',
    create: (inputs) => sign({ ...inputs, scopes: [new EventStreamScope({ CallStatus: 'completed' })] }),
  },
  noScopes: {
    description: 'A valid token that allows nothing: its scope is the empty string, as some SDKs write it.',
    outcome: 'valid',
    create: (inputs) => signWith(inputs, { scope: '' }),
  },
  expired: {
    description: 'Expired ten minutes ago.',
    outcome: 'ERR_TOKEN_EXPIRED',
    create: (inputs) => sign({ ...inputs, now: inputs.now - (inputs.ttl + OFFSET) * 1000 }),
  },
  expiresThisSecond: {
    description: 'Expires in the current second. A token is rejected from the second in its exp.',
    outcome: 'ERR_TOKEN_EXPIRED',
    create: (inputs) => sign({ ...inputs, now: inputs.now - inputs.ttl * 1000 }),
  },
  notYetValid: {
    description: 'Valid in ten minutes: its nbf is in the future.',
    outcome: 'ERR_TOKEN_NOT_YET_VALID',
    create: (inputs) => signWith(inputs, { nbf: Math.floor(inputs.now / 1000) + OFFSET }),
  },
  lifetimeTooLong: {
    description: 'Expires 25 hours from now. Twilio accepts at most 24 hours.',
    outcome: 'ERR_TOKEN_LIFETIME',
    create: (inputs) => sign({ ...inputs, now: inputs.now + 3_600_000, ttl: MAX_TTL }),
  },
  tampered: {
    description: 'Its expiry was moved by a minute after signing, so the signature does not match.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs) => {
      const token = sign(inputs);
      const [header, , signature] = token.split('.') as [string, string, string];
      const claims = decodePayload(token) as { exp: number };
      return [header, encodeJson({ ...claims, exp: claims.exp + 60 }), signature].join('.');
    },
  },
  truncated: {
    description: 'Cut off inside the payload, as by a log or a clipboard: two segments instead of three.',
    outcome: 'ERR_TOKEN_MALFORMED',
    create: (inputs) => {
      const [header, payload] = sign(inputs).split('.') as [string, string];
      return `${header}.${payload.slice(0, payload.length / 2)}`;
    },
  },
  wrongSecret: {
    description: 'Signed with a secret that is not the auth token of the account.',
    outcome: 'ERR_TOKEN_SIGNATURE',
    create: (inputs) => sign({ ...inputs, authToken: `not-${inputs.authToken}` }),
  },
  wrongAccount: {
    description: 'Issued by another account, signed with the secret of this one.',
    outcome: 'ERR_TOKEN_ISSUER',
    create: (inputs) => sign({ ...inputs, accountSid: otherAccount(inputs.accountSid) }),
  },
  unsigned: {
    description: 'Has the alg "none" and an empty signature. Anyone could have written it.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    create: (inputs) => {
      const claims = decodePayload(sign(inputs));
      return `${encodeJson({ alg: 'none', typ: 'JWT' })}.${encodeJson(claims)}.`;
    },
  },
  wrongAlgorithm: {
    description: 'Signed with the right secret, but with HS512. Twilio accepts only HS256.',
    outcome: 'ERR_TOKEN_ALGORITHM',
    create: (inputs) => {
      const text = `${encodeJson({ alg: 'HS512', typ: 'JWT' })}.${encodeJson(decodePayload(sign(inputs)))}`;
      return `${text}.${createHmac('sha512', inputs.authToken).update(text).digest('base64url')}`;
    },
  },
  missingExpiry: {
    description: 'Has no exp, so it would never expire.',
    outcome: 'ERR_TOKEN_CLAIMS',
    create: (inputs) => signWith(inputs, { exp: undefined }),
  },
  accessToken: {
    description: 'A valid Access Token for the same calls, which is not a capability token.',
    outcome: 'ERR_TOKEN_HEADER',
    create: (inputs) => {
      const { identity, voice } = toVoiceGrant(inputs.scopes);
      const iat = Math.floor(inputs.now / 1000);
      const parts = {
        accountSid: inputs.accountSid,
        apiKeySid: inputs.apiKeySid,
        // An AccessTokenSigner ends it with a random part.
        jti: `${inputs.apiKeySid}-fixture`,
        identity: identity ?? CLIENT_NAME,
        voice,
        lifetime: { iat, exp: iat + inputs.ttl },
      };
      return signAccessToken(parts, createKey(inputs.apiKeySecret));
    },
  },
  notAJwt: {
    description: 'Not a token, but a word.',
    outcome: 'ERR_TOKEN_MALFORMED',
    create: () => 'not-a-token',
  },
};

/** Decodes the payload of a token. Null if there is none. */
export function decodePayload(token: string): Record<string, unknown> | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

function sign({ accountSid, authToken, ttl, scopes, now }: FixtureInputs): string {
  return new CapabilitySigner({ accountSid, authToken, ttl, now: () => now }).sign(scopes);
}

/** Signs the claims of a valid token with some of them replaced. */
function signWith(inputs: FixtureInputs, claims: object): string {
  return signClaims({ ...decodePayload(sign(inputs)), ...claims }, createKey(inputs.authToken));
}

function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function otherAccount(accountSid: string): string {
  const other = 'ACfacefeedfacefeedfacefeedfacefeed';
  return accountSid === other ? testCredentials.accountSid : other;
}
